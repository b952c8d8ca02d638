import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { load } from 'js-yaml'
import { PressroomError } from '../../core/errors.ts'
import { formatEvent } from '../../core/registry/event-body.ts'
import { openRegistry, signEvent } from '../../core/registry/index.ts'
import { digestFolder } from '../../core/storage/digest.ts'
import { DEFAULT_MODEL, DEFAULT_POLICY } from '../../webhook/deployment/policy.ts'
import { listenOn } from '../../webhook/http.ts'
import {
  type DeployerServiceOptions,
  parseDeployerSettings,
  startDeployerService,
  structuredLog,
  type Workplace,
} from '../../webhook/index.ts'
import { createAccess } from '../../webhook/operator/access.ts'
import { inspect } from '../../webhook/operator/inspect.ts'
import { createJournal } from '../../webhook/operator/journal.ts'
import { createDeployerMetrics } from '../../webhook/operator/metrics.ts'
import { statusPage } from '../../webhook/operator/status-page.ts'
import type { Receipt } from '../../webhook/receive/receiver.ts'
import type { Target } from '../../webhook/targets/target.ts'
import { answeringTarget } from '../support/answering-target.ts'
import { classicScene } from '../support/classic-receiver.ts'
import { eventually } from '../support/eventually.ts'
import { expectUnpolluted, junk, placesIn, spoilt } from '../support/junk.ts'
import { memoryRegistry } from '../support/memory-registry.ts'
import { memoryTarget } from '../support/memory-target.ts'
import { sealHeadlines } from '../support/models.ts'
import * as fc from '../support/properties.ts'
import { tempFolder } from '../support/temp.ts'

const SECRET = 'a secret for tests'
const TOKEN = 'a-token-of-operators'
const CLASSIC = {
  MLFLOW_WEBHOOK_SECRET: SECRET,
  MLFLOW_TRACKING_URI: 'http://mlflow.internal:5000',
  PROJECT_ID: 'newsroom',
  LOCATION: 'europe-west1',
  CONTAINER_IMAGE_URI: 'europe-west1-docker.pkg.dev/newsroom/models/serving:1',
}

describe('settings', () => {
  test('the five variables of the classic receiver are enough', () => {
    expect(parseDeployerSettings({ ...CLASSIC, PORT: '8080' })).toEqual({
      host: '0.0.0.0',
      port: 8080,
      secrets: [SECRET],
      registry: 'http://mlflow.internal:5000',
      deployment: undefined,
      target: 'vertex',
      operator: { port: undefined, token: undefined, oidc: undefined },
      every: 60,
      throttled: false,
      slack: undefined,
      github: undefined,
    })
  })

  test('a secret alone deploys on this machine, and listens to nobody else', () => {
    expect(parseDeployerSettings({ MLFLOW_WEBHOOK_SECRET: SECRET, PROJECT_ID: '' })).toMatchObject({
      host: '127.0.0.1',
      registry: '.pressroom/registry',
      target: 'local',
    })
  })

  test('a deployment file names the target, which may want only some of the variables', () => {
    const env = { MLFLOW_WEBHOOK_SECRET: SECRET, CONTAINER_IMAGE_URI: 'serving:1' }
    expect(parseDeployerSettings({ ...env, PRESSROOM_DEPLOYMENT: 'deploy.yaml' })).toMatchObject({
      deployment: 'deploy.yaml',
    })
  })

  test('everything else', () => {
    const settings = parseDeployerSettings({
      ...CLASSIC,
      MLFLOW_WEBHOOK_SECRET_PREVIOUS: 'the one before',
      PRESSROOM_OPERATOR_PORT: '9090',
      PRESSROOM_OPERATOR_TOKEN: TOKEN,
      PRESSROOM_SCHEDULER_AUDIENCE: 'https://deployer.example',
      PRESSROOM_SCHEDULER_ACCOUNT: 'cron@newsroom.example',
      PRESSROOM_RECONCILE_EVERY: '300',
      PRESSROOM_THROTTLED: 'true',
      PRESSROOM_SLACK_WEBHOOK_URL: 'https://hooks.example/x',
      PRESSROOM_GITHUB_REPOSITORY: 'newsroom/models',
      PRESSROOM_GITHUB_TOKEN: 'ghs_x',
      PRESSROOM_GITHUB_API: 'https://github.example/api/v3/',
    })
    expect(settings).toMatchObject({
      secrets: [SECRET, 'the one before'],
      operator: {
        port: 9090,
        token: TOKEN,
        oidc: { audience: 'https://deployer.example', account: 'cron@newsroom.example' },
      },
      every: 300,
      throttled: true,
      slack: 'https://hooks.example/x',
      github: { repository: 'newsroom/models', ref: 'main', api: 'https://github.example/api/v3' },
    })
  })

  test.each<[string, Record<string, string>, RegExp]>([
    ['no secret', { MLFLOW_WEBHOOK_SECRET: '' }, /MLFLOW_WEBHOOK_SECRET is not set/],
    ['a secret with its newline', { MLFLOW_WEBHOOK_SECRET: 'hidden\n' }, /begins or ends with white space/],
    ['half of Vertex AI', { LOCATION: '' }, /PROJECT_ID and CONTAINER_IMAGE_URI needs LOCATION/],
    ['a port beyond the last', { PORT: '65536' }, /PORT is "65536", not a whole number from 0 to 65535/],
    ['a port with a unit', { PORT: '80a' }, /PORT is "80a"/],
    ['a pause of nothing', { PRESSROOM_RECONCILE_EVERY: '0' }, /from 1 to 86400/],
    ['a boolean with a slip', { PRESSROOM_THROTTLED: 'ture' }, /"ture", neither true nor false/],
    ['throttled, and nobody may call', { PRESSROOM_THROTTLED: 'true' }, /PRESSROOM_OPERATOR_TOKEN, or/],
    ['a token that is guessed', { PRESSROOM_OPERATOR_TOKEN: 'hidden' }, /fewer than 16/],
    ['a token with a space', { PRESSROOM_OPERATOR_TOKEN: 'hidden hidden hidden' }, /visible ASCII/],
    [
      'a repository without owner',
      { PRESSROOM_GITHUB_REPOSITORY: 'm', PRESSROOM_GITHUB_TOKEN: 'x' },
      /owner\/name/,
    ],
    ['a repository without token', { PRESSROOM_GITHUB_REPOSITORY: 'o/m' }, /needs PRESSROOM_GITHUB_TOKEN/],
    [
      'an address that is none',
      { PRESSROOM_SLACK_WEBHOOK_URL: 'hidden' },
      /SLACK_WEBHOOK_URL is not an https/,
    ],
  ])('%s is refused, and no secret quoted', (_what, env, message) => {
    const wrong = () => parseDeployerSettings({ ...CLASSIC, ...env })
    expect(wrong).toThrow(
      expect.objectContaining({ code: 'invalid-setting', message: expect.stringMatching(message) }),
    )
    expect(wrong).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hidden') }))
  })

  test('all faults are told at once', () => {
    expect(() => parseDeployerSettings({ PORT: 'x', PROJECT_ID: 'p', PRESSROOM_THROTTLED: 'x' })).toThrow(
      /PORT is[\s\S]*SECRET is not set[\s\S]*PROJECT_ID needs[\s\S]*PRESSROOM_THROTTLED/,
    )
  })
})

test('a log entry is one line in the fields of Cloud Logging, whatever it says', () => {
  const lines: string[] = []
  const log = structuredLog(
    line => lines.push(line),
    () => 0,
  )
  log('ERROR', 'news\n"}\u2028{', { model: 'a\nb', event: undefined })
  log('INFO', 'plain')
  expect(lines.map(line => [...line.matchAll(/\n/g)].length)).toEqual([1, 1])
  expect(lines.map(line => JSON.parse(line))).toEqual([
    {
      severity: 'ERROR',
      message: 'news\n"}\u2028{',
      time: '1970-01-01T00:00:00.000Z',
      'logging.googleapis.com/labels': { model: 'a\nb' },
    },
    { severity: 'INFO', message: 'plain', time: '1970-01-01T00:00:00.000Z' },
  ])
})

describe('who may pass', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  test.each<[string | undefined, page: boolean, program: boolean]>([
    [undefined, false, false],
    [`Bearer ${TOKEN}`, true, true],
    [`bearer ${TOKEN}`, true, true],
    [`Bearer ${TOKEN}x`, false, false],
    [`Bearer ${TOKEN.slice(1)}`, false, false],
    ['Bearer ', false, false],
    // A browser sends these by itself, also when another site's page asks.
    [basic(`anybody:${TOKEN}`), true, false],
    [basic(`${TOKEN}:`), false, false],
    [basic(TOKEN), false, false],
    [`Digest ${TOKEN}`, false, false],
    [TOKEN, false, false],
  ])('%s', async (authorization, page, program) => {
    const access = createAccess({ token: TOKEN, oidc: undefined })
    const headers = authorization === undefined ? {} : { authorization }
    expect([await access(headers, false), await access(headers, true)]).toEqual([page, program])
  })

  test('an identity token of Google, for our address and from our account', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256')
    const stranger = await generateKeyPair('RS256')
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }
    await using server = await listenOn((_request, response) => response.end(JSON.stringify({ keys: [jwk] })))
    const oidc = { audience: 'https://deployer.example', account: 'cron@newsroom.example' }
    const access = createAccess({ token: undefined, oidc }, server.url)
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: 'https://accounts.google.com',
      aud: oidc.audience,
      email: oidc.account,
      email_verified: true,
      exp: now + 60,
    }
    const sign = (changed: object, key = privateKey) => {
      return new SignJWT({ ...claims, ...changed }).setProtectedHeader({ alg: 'RS256', kid: 'one' }).sign(key)
    }
    const none = [{ alg: 'none' }, claims].map(part =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    )
    const cases: readonly [what: string, token: string, passes: boolean][] = [
      ['right', await sign({}), true],
      ['for somebody else', await sign({ aud: 'https://other.example' }), false],
      ['from another account', await sign({ email: 'eve@newsroom.example' }), false],
      ['unverified', await sign({ email_verified: false }), false],
      ['expired', await sign({ exp: now - 60 }), false],
      ['without end', await sign({ exp: undefined }), false],
      ['of another issuer', await sign({ iss: 'https://accounts.example' }), false],
      ['signed by a stranger', await sign({}, stranger.privateKey), false],
      ['unsigned', `${none.join('.')}.`, false],
      ['no token', 'a.b.c', false],
    ]
    for (const [what, token, passes] of cases) {
      expect([what, await access({ authorization: `Bearer ${token}` }, true)]).toEqual([what, passes])
    }
    expect(await access({ authorization: `Bearer ${cases[0]![1]}` }, false)).toBe(false)
  })
})

/** A registry with a champion, a target in memory, and the service between them. */
async function deploying(
  env: Record<string, string> = {},
  change: (place: Workplace) => Workplace = place => place,
  more: Partial<DeployerServiceOptions> = {},
) {
  await using made = new AsyncDisposableStack()
  const folder = made.use(await tempFolder())
  const registry = made.use(await openRegistry(join(folder.path, 'registry')))
  await sealHeadlines(join(folder.path, 'news'))
  const digest = await digestFolder(join(folder.path, 'news'))
  await registry.registerVersion({ name: 'news', folder: join(folder.path, 'news'), digest })
  const target = answeringTarget()
  const entries: { severity: string; message: string }[] = []
  const lines: string[] = []
  const service = made.use(
    await startDeployerService({
      settings: parseDeployerSettings({
        MLFLOW_WEBHOOK_SECRET: SECRET,
        PRESSROOM_OPERATOR_PORT: '0',
        PRESSROOM_OPERATOR_TOKEN: TOKEN,
        PRESSROOM_HOST: '127.0.0.1',
        PORT: '0',
        ...env,
      }),
      open: async () => change({ registry, target }),
      lastStep: 50,
      ...more,
      log: structuredLog(line => {
        lines.push(line)
        entries.push(JSON.parse(line))
      }),
    }),
  )
  const kept = made.move()
  return {
    registry,
    target,
    service,
    entries,
    lines,
    promote: () => registry.setAlias('news', 'champion', '1'),
    event: () => fetch(`${service.url}/webhook`, delivery()),
    reconcile: (url = service.url) => {
      return fetch(`${url}/reconcile`, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` } })
    },
    serves: () =>
      eventually(
        () => target.traffic('news')['1'] === 100,
        () => lines.join(''),
      ),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

function delivery(name = 'news'): RequestInit {
  return signed(
    formatEvent('model_version_alias.created', { name, alias: 'champion', version: '1' }, Date.now()),
  )
}

function signed(body: string): RequestInit {
  const id = { deliveryId: randomUUID(), timestamp: Math.floor(Date.now() / 1000), body }
  return { method: 'POST', headers: { 'content-type': 'application/json', ...signEvent(id, SECRET) }, body }
}

describe('the service', () => {
  test('looks when it starts, at an event, when asked, and every so often', async () => {
    {
      await using running = await deploying({ PRESSROOM_RECONCILE_EVERY: '86400' })
      await eventually(() => running.lines.some(line => line.includes('nothing to do')))
      await running.promote()
      expect((await running.event()).status).toBe(202)
      await running.serves()
    }
    {
      await using running = await deploying({ PRESSROOM_RECONCILE_EVERY: '86400' })
      await eventually(() => running.lines.some(line => line.includes('nothing to do')))
      await running.promote()
      const answer = await running.reconcile()
      expect([answer.status, await answer.json()]).toEqual([200, { outcome: 'done', failures: [] }])
      expect(running.target.traffic('news')).toEqual({ 1: 100 })
    }
    await using running = await deploying({ PRESSROOM_RECONCILE_EVERY: '1' })
    await eventually(() => running.lines.some(line => line.includes('nothing to do')))
    await running.promote()
    await running.serves()
  })

  test('takes or refuses a signed event whatever is in any place of it, and its page tells it', async () => {
    await using running = await deploying({ PRESSROOM_RECONCILE_EVERY: '86400' })
    const head = { entity: 'prompt', action: 'created', timestamp: '2026-11-27T23:00:00Z' }
    const events = [
      { ...head, data: { name: 'news', tags: [{ key: 'a', value: 'b' }] } },
      JSON.parse(
        formatEvent(
          'model_version.created',
          { name: 'news', version: '1', source: null, run_id: null, tags: { a: 'b' }, description: '' },
          Date.now(),
        ),
      ),
    ]
    const places = events.flatMap(event => placesIn(event).map(place => [event, place] as const))
    const ask = async (body: string) => {
      const { status } = await fetch(`${running.service.url}/webhook`, signed(body))
      return status
    }
    for (const name of [{ toString: [] }, { toString: null, valueOf: 1 }, ['news'], 7, null]) {
      expect(await ask(JSON.stringify({ ...head, data: { name } }))).toBe(202)
    }
    const property = fc.asyncProperty(fc.constantFrom(...places), junk, async ([event, place], value) => {
      expect([202, 400]).toContain(await ask(spoilt(event, place, value)))
      expectUnpolluted()
    })
    await fc.assert(property, { numRuns: 40 })
    const headers = { authorization: `Bearer ${TOKEN}` }
    const page = await fetch(`${running.service.operatorUrl}/status`, { headers })
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('prompt.created')])
  })

  test('throttled, works inside of POST /reconcile and nowhere else', async () => {
    await using running = await deploying({ PRESSROOM_THROTTLED: 'true', PRESSROOM_RECONCILE_EVERY: '1' })
    await running.promote()
    expect((await running.event()).status).toBe(202)
    await sleep(1200)
    expect(running.target.observations).toBe(0)
    const answer = await running.reconcile()
    expect([answer.status, await answer.json()]).toEqual([200, { outcome: 'done', failures: [] }])
    expect(running.target.traffic('news')).toEqual({ 1: 100 })
    const before = running.target.observations
    await sleep(300)
    expect(running.target.observations).toBe(before)
  })

  test('throttled, answers after 240 s though a pass goes on, which the next call finds and waits for', async () => {
    const gate = Promise.withResolvers<void>()
    const steps: string[] = []
    const waits: { readonly milliseconds: number; readonly end: () => void }[] = []
    await using running = await deploying(
      { PRESSROOM_THROTTLED: 'true' },
      place => {
        const apply: Target['apply'] = async (step, context) => {
          steps.push(step.do)
          if (step.do === 'load') await gate.promise
          return place.target.apply(step, context)
        }
        return { ...place, target: { ...place.target, apply } }
      },
      { after: milliseconds => new Promise<void>(end => waits.push({ milliseconds, end })) },
    )
    await running.promote()
    const first = running.reconcile()
    await eventually(() => steps.length > 0)
    expect(waits[0]?.milliseconds).toBe(240_000)
    waits[0]!.end()
    const answer = await first
    expect([answer.status, await answer.json()]).toEqual([202, { outcome: 'under-way', failures: [] }])
    expect(running.target.traffic('news')).toEqual({})
    const second = running.reconcile()
    await eventually(() => waits.length === 2)
    gate.resolve()
    const end = await second
    expect([end.status, await end.json()]).toEqual([200, { outcome: 'done', failures: [] }])
    expect(steps).toEqual(['load', 'shift'])
    expect(running.target.traffic('news')).toEqual({ 1: 100 })
  })

  test('throttled, logs what fails after its answer, and the next call tries again', async () => {
    const gate = Promise.withResolvers<void>()
    let tries = 0
    const ends: (() => void)[] = []
    await using running = await deploying(
      { PRESSROOM_THROTTLED: 'true' },
      place => {
        const apply: Target['apply'] = async (step, context) => {
          tries += 1
          if (tries > 1) return place.target.apply(step, context)
          await gate.promise
          throw new PressroomError('deployment-failed', 'the processor was away')
        }
        return { ...place, target: { ...place.target, apply } }
      },
      { after: () => new Promise<void>(end => ends.push(end)) },
    )
    await running.promote()
    const first = running.reconcile()
    await eventually(() => tries === 1)
    ends[0]!()
    expect((await first).status).toBe(202)
    gate.resolve()
    await eventually(() => running.lines.some(line => line.includes('the processor was away')))
    expect(running.target.traffic('news')).toEqual({})
    expect((await running.reconcile()).status).toBe(200)
    expect(running.target.traffic('news')).toEqual({ 1: 100 })
  })

  test('says what failed, to whom asked and in the log', async () => {
    await using running = await deploying({ PRESSROOM_THROTTLED: 'true' }, place => {
      const apply = async () => {
        throw new PressroomError('deployment-failed', 'the quota is used up')
      }
      return { ...place, target: { ...place.target, apply } }
    })
    await running.promote()
    const answer = await running.reconcile()
    expect([answer.status, await answer.json()]).toEqual([
      500,
      { outcome: 'failed', failures: [expect.stringMatching(/news 1 could not be loaded[\s\S]*quota/)] },
    ])
    expect(running.entries).toContainEqual(
      expect.objectContaining({ severity: 'ERROR', message: expect.stringContaining('quota') }),
    )
    // A deployer of its own time would have tried again by now.
    await sleep(300)
    expect(running.entries.filter(({ severity }) => severity === 'ERROR')).toHaveLength(1)
    const page = await fetch(`${running.service.operatorUrl}/status`)
    expect(await page.text()).toMatch(/Last error[\s\S]*quota/)
  })

  test('is public with its receiving route only', async () => {
    await using running = await deploying()
    const { url, operatorUrl } = running.service
    const asked: readonly [string, RequestInit, number][] = [
      [`${url}/healthz`, {}, 200],
      [`${url}/`, {}, 404],
      [`${url}/status`, {}, 401],
      [`${url}/metrics`, {}, 401],
      [`${url}/reconcile`, { method: 'POST' }, 401],
      [`${url}/status`, { headers: { authorization: `Bearer ${TOKEN}` } }, 200],
      [`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } }, 200],
      [`${operatorUrl}/status`, {}, 200],
      [`${operatorUrl}/status`, { method: 'POST' }, 405],
      [`${operatorUrl}/metrics`, {}, 200],
      [`${operatorUrl}/reconcile`, {}, 405],
      [`${operatorUrl}/reconcile`, { method: 'POST' }, 200],
      [`${operatorUrl}/reconcile`, { method: 'POST', headers: { origin: 'https://evil.example' } }, 403],
      [`${operatorUrl}/webhook`, delivery(), 404],
    ]
    for (const [address, init, status] of asked) {
      const answer = await fetch(address, init)
      await answer.text()
      expect([init.method, address, answer.status]).toEqual([init.method, address, status])
    }
  })

  test('without token and second port, has no routes for operators', async () => {
    await using running = await deploying({ PRESSROOM_OPERATOR_TOKEN: '', PRESSROOM_OPERATOR_PORT: '' })
    expect(running.service.operatorUrl).toBeUndefined()
    for (const path of ['/status', '/metrics', '/reconcile']) {
      expect((await fetch(running.service.url + path, { method: 'POST' })).status).toBe(404)
    }
  })

  test('counts what it does under the documented names', async () => {
    await using running = await deploying()
    await running.promote()
    await running.event()
    await running.serves()
    await fetch(`${running.service.url}/webhook`, { ...delivery(), body: '{}' })
    await eventually(() => running.lines.some(line => line.includes('takes 100 %')))
    const text = await (await fetch(`${running.service.operatorUrl}/metrics`)).text()
    expect(text).toMatch(/^pressroom_deliveries_total\{outcome="accepted"\} 1$/m)
    expect(text).toMatch(/^pressroom_deliveries_total\{outcome="forged"\} 1$/m)
    expect(text).toMatch(/^pressroom_acknowledgement_seconds_count 2$/m)
    expect(text).toMatch(/^pressroom_deployment_events_total\{kind="serving"\} 1$/m)
    expect(running.lines.join('')).not.toContain(SECRET)
  })

  test('waits for a registry that is away, and ends when its settings are wrong', async () => {
    let tries = 0
    await using running = await deploying({}, place => {
      tries += 1
      if (tries === 1) throw new PressroomError('server-unreachable', 'MLflow does not answer')
      return place
    })
    await running.promote()
    await running.serves()
    expect(running.lines.join('')).toContain('MLflow does not answer')

    await using wrong = await deploying({}, () => {
      throw new PressroomError('package-missing', 'not installed')
    })
    await expect(wrong.service.failed).rejects.toMatchObject({ code: 'package-missing' })
  })

  test('ends in time when a step does not', async () => {
    const running = await deploying({ PRESSROOM_THROTTLED: 'true' }, place => {
      const apply = () => new Promise<never>(() => {})
      return { ...place, target: { ...place.target, apply } }
    })
    await running.promote()
    const answer = running.reconcile().catch(() => undefined)
    await eventually(() => running.target.observations > 0)
    await running[Symbol.asyncDispose]()
    expect((await answer)?.status).toBe(202)
  })
})

describe('the process', () => {
  const MAIN = fileURLToPath(new URL('../../webhook/main.ts', import.meta.url))
  const start = (env: Record<string, string>) => {
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    const lines: { severity: string; message: string }[] = []
    createInterface(child.stdout).on('line', line => lines.push(JSON.parse(line)))
    const ended = once(child, 'close') as Promise<[number | null]>
    return { child, lines, ended, [Symbol.dispose]: () => void child.kill('SIGKILL') }
  }

  test('receives, and ends well at SIGTERM', async () => {
    const env = {
      MLFLOW_WEBHOOK_SECRET: SECRET,
      PRESSROOM_OPERATOR_TOKEN: TOKEN,
      PRESSROOM_THROTTLED: 'true',
    }
    const { child, lines, ended } = start({ ...env, PORT: '0', PRESSROOM_HOST: '127.0.0.1' })
    const [, url] = await eventually(() => /received at (http:\S+)$/.exec(lines[0]?.message ?? ''))
    expect((await fetch(url!, delivery())).status).toBe(202)
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(lines.at(-1)).toMatchObject({ severity: 'NOTICE', message: 'stopping' })
  })

  test('is configured by the five variables of seed 000: a signed event, and the version has all traffic on Vertex AI', async () => {
    await using scene = await classicScene()
    // PORT is what Cloud Run sets by itself; no deployment file, no sources, no folder for staging.
    const env = { ...scene.variables, ...scene.places, PORT: '0' }
    using started = start(env)
    const { child, lines, ended } = started
    const heard = await eventually(() => /received at (http:\S+)\/webhook$/.exec(lines[0]?.message ?? ''))
    const url = heard[1]!.replace('0.0.0.0', '127.0.0.1')
    for (const version of [1, 2]) {
      await scene.promote(version)
      expect((await fetch(`${url}/webhook`, scene.delivery(version))).status).toBe(202)
      await eventually(
        () => scene.traffic()?.[version] === 100,
        () => JSON.stringify(lines),
      )
    }
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(lines.filter(({ severity }) => severity === 'ERROR')).toEqual([])
    expect(JSON.stringify(lines)).not.toContain(scene.variables.MLFLOW_WEBHOOK_SECRET)
  })

  test('says in its log why it cannot start', async () => {
    using started = start({ PORT: 'eighty' })
    const { lines, ended } = started
    expect(await ended).toEqual([1, null])
    expect(lines).toMatchObject([
      {
        severity: 'ERROR',
        message: expect.stringMatching(/PORT is "eighty"[\s\S]*MLFLOW_WEBHOOK_SECRET is not set/),
      },
    ])
  })
})

describe('deploy/cloud-run', () => {
  const services = ['deployer', 'deployer-throttled'].map(name => {
    const file = new URL(`../../deploy/cloud-run/${name}.yaml`, import.meta.url)
    return [name, load(readFileSync(file, 'utf8')) as CloudRunService] as const
  })
  interface CloudRunService {
    readonly spec: {
      readonly template: {
        readonly metadata: { readonly annotations: Readonly<Record<string, string>> }
        readonly spec: {
          readonly containers: readonly [
            { readonly env: readonly { readonly name: string; readonly value?: string }[] },
          ]
        }
      }
    }
  }

  test.each(services)('%s is a deployer with settings that fit its processor', (name, { spec }) => {
    const { metadata, spec: pod } = spec.template
    const env = pod.containers[0].env.map(({ name, value = 'from-secret-manager' }) => [name, value])
    const settings = parseDeployerSettings(Object.fromEntries([...env, ['PORT', '8080']]))
    const throttled = name.endsWith('throttled')
    expect(settings).toMatchObject({ host: '0.0.0.0', target: 'vertex', throttled })
    expect(metadata.annotations).toMatchObject({
      'run.googleapis.com/cpu-throttling': `${throttled}`,
      'autoscaling.knative.dev/minScale': throttled ? '0' : '1',
      'autoscaling.knative.dev/maxScale': '1',
    })
  })
})

test('docs/webhook.md lists the variables and metrics that there are, and no others', async () => {
  const page = readFileSync(new URL('../../docs/webhook.md', import.meta.url), 'utf8')
  const listed = (pattern: RegExp) => [...page.matchAll(pattern)].map(([, found]) => found).sort()
  const asked = new Set<string>()
  const env = new Proxy<Record<string, string>>({}, { get: (_, key) => void asked.add(String(key)) })
  expect(() => parseDeployerSettings(env)).toThrow('cannot start')
  expect(listed(/^\| `([A-Z_]+)` \|/gm)).toEqual([...asked].sort())
  const { registry } = createDeployerMetrics(createJournal())
  const own = (await registry.getMetricsAsJSON())
    .map(({ name }) => name)
    .filter(name => /^pressroom_/.test(name))
  expect(listed(/^\| `(pressroom_[a-z_]+)` \|/gm)).toEqual(own.sort())
})

function aliasDeleted(name: string): Receipt {
  return {
    outcome: 'accepted',
    status: 202,
    reason: 'looked at',
    seconds: 0,
    event: {
      kind: 'model_version_alias.deleted',
      entity: 'model_version_alias',
      action: 'deleted',
      timestamp: '',
      data: { name, alias: 'champion' },
    },
  }
}

describe('the status page', () => {
  const hostile = '"><script>alert(1)</script>'
  const failure = { model: hostile, rejected: true, error: new PressroomError('deployment-failed', 'x') }
  const page = (journal = createJournal(() => 0)) => {
    return statusPage({
      registry: 'http://mlflow:5000',
      target: 'vertex',
      inspection: {
        models: [
          {
            model: hostile,
            desired: ['2 takes 100 %'],
            observed: ['1 takes 100 %'],
            versions: ['2', hostile],
            plan: ['load 2'],
            held: [hostile],
            measured: [hostile],
          },
          {
            model: 'x'.repeat(1024),
            desired: [],
            observed: [],
            versions: [],
            plan: [],
            held: [],
            measured: [],
          },
        ],
      },
      journal,
      now: 0,
    })
  }

  test('escapes whatever a model, an event or an error is called', () => {
    const journal = createJournal(() => 0)
    for (const version of ['1', hostile]) {
      journal.happened({ kind: 'step', step: { do: 'check', model: hostile, version }, line: 'right' })
    }
    journal.happened({ kind: 'failed', failure, line: `vertex: ${hostile} failed\n  why: ${hostile}` })
    journal.received(aliasDeleted(hostile))
    const text = page(journal)
    expect(text).not.toMatch(/<script/i)
    expect(text.match(/&#60;script/g)?.length).toBeGreaterThanOrEqual(6)
    expect(text).not.toContain('x'.repeat(200))
    expect(text).toContain('1 to change')
  })

  test('says how a challenger does: its golden examples, and what was measured', async () => {
    const registry = memoryRegistry()
    for (const version of ['1', '2']) registry.add('news', version)
    registry.point('news', 'champion', '1')
    registry.point('news', 'challenger', '2')
    const measured = { requests: 120, errorRate: 0.0083, p99: 12.4, accuracy: 0.9, labelled: 7 }
    const target = memoryTarget({ measured: () => measured })
    target.edit('news', { versions: ['1', '2'], traffic: { 1: 100 }, shadow: { 2: 20 } })
    const beside = { alias: 'challenger', as: 'shadow' as const, share: 20 }
    const limits = { ...DEFAULT_MODEL.limits, errorRate: 0.02, accuracy: 0.8 }
    const policy = { ...DEFAULT_POLICY, others: { ...DEFAULT_MODEL, beside, limits } }
    const inspection = await inspect({ registry, target, policy })
    const journal = createJournal(() => 0)
    journal.happened({ kind: 'step', step: { do: 'check', model: 'news', version: '2' }, line: 'right' })
    const text = statusPage({ registry: 'r', target: 't', inspection, journal, now: 0 })
    expect(text).toContain(
      '2, copies in the last hour: 120 requests, 0.8 % failed, p99 12 ms, 90.0 % of 7 labelled right: too few to judge it by',
    )
    expect(text).toMatch(/2 gave the right answers at <time datetime="1970/)
  })

  test('shows what serves, and what is to be taken back, while the registry does not answer', async () => {
    const registry = {
      ...memoryRegistry(),
      searchModels: () => Promise.reject(new PressroomError('server-unreachable', 'MLflow is away')),
    }
    const target = memoryTarget({ measured: () => ({ requests: 100, errorRate: 0.5 }) })
    target.edit('calm', { versions: ['7'], traffic: { 7: 100 } })
    const rollout = { version: '2', share: 10, since: Date.now(), before: '1' }
    target.edit('news', { versions: ['1', '2'], traffic: { 1: 90, 2: 10 }, rollout })
    const limits = { ...DEFAULT_MODEL.limits, errorRate: 0.02 }
    const policy = { ...DEFAULT_POLICY, others: { ...DEFAULT_MODEL, limits } }
    const inspection = await inspect({ registry, target, policy })
    const text = statusPage({ registry: 'r', target: 't', inspection, journal: createJournal(), now: 0 })
    expect(text).toContain('MLflow is away')
    expect(text.match(/not known: the registry does not answer/g)).toHaveLength(2)
    expect(text).toContain('<dt>There</dt><dd>7 takes 100 %</dd>')
    expect(text).toContain('1 takes 90 %, 2 takes 10 %')
    expect(text).toMatch(/news 1 is to be given 100 %/)
    expect(text).not.toContain('class="right"')
  })

  test('does not wait for a registry that is silent', async () => {
    const registry = { ...memoryRegistry(), searchModels: () => new Promise<never>(() => {}) }
    const target = memoryTarget()
    target.edit('calm', { versions: ['7'], traffic: { 7: 100 } })
    expect(await inspect({ registry, target, policy: DEFAULT_POLICY, patience: 10 })).toMatchObject({
      models: [{ model: 'calm', observed: ['7 takes 100 %'] }],
      failed: expect.stringContaining('the registry has not answered'),
    })
  })

  test('does not say that all is well of a model whose version is held, or that could not be looked at', async () => {
    const registry = memoryRegistry()
    registry.add('news', '1')
    registry.point('news', 'champion', '1')
    const policy = {
      ...DEFAULT_POLICY,
      others: { ...DEFAULT_MODEL, gates: { ...DEFAULT_MODEL.gates, approval: 'approved_by' } },
    }
    const shown = async (from: typeof registry) => {
      const inspection = await inspect({ registry: from, target: memoryTarget(), policy })
      return statusPage({ registry: 'r', target: 't', inspection, journal: createJournal(), now: 0 })
    }
    expect(await shown(registry)).toContain('<p>1 model, 1 with a version that is held.</p>')
    const broken = { ...registry, searchVersions: () => Promise.reject(new Error('no versions today')) }
    const text = await shown(broken)
    expect(text).toContain('<p>1 model, 1 that could not be looked at.</p>')
    expect(text).toContain('not known: it could not be looked at: no versions today')
  })

  test('says when nothing can be looked at', () => {
    const journal = createJournal(() => 0)
    const inspection = { models: [], failed: 'MLflow does not answer <now>' }
    const text = statusPage({ registry: 'r', target: 't', inspection, journal, now: 0 })
    expect(text).toContain('MLflow does not answer &#60;now&#62;')
  })

  test('keeps of a delivery a short name in one line', () => {
    const journal = createJournal(() => 0)
    journal.received(aliasDeleted(`a\n${'b'.repeat(1000)}`))
    const short = `a ${'b'.repeat(97)}…`
    expect(journal.deliveries[0]!.line).toBe(`accepted: model_version_alias.deleted ${short} (looked at)`)
  })

  test('keeps the last events of each model, newest first', () => {
    let now = 0
    const journal = createJournal(() => now)
    for (; now < 30; now++) journal.happened({ kind: 'serving', model: 'news', version: '1', line: `${now}` })
    journal.happened({ kind: 'unchanged', line: 'nothing' })
    expect(journal.of('news').map(({ line }) => line)).toEqual(
      Array.from({ length: 20 }, (_, i) => `${29 - i}`),
    )
    expect(journal.of(undefined)).toEqual([])
    for (let again = 0; again < 3; again++) {
      journal.happened({ kind: 'serving', model: 'news', version: '1', line: 'the same' })
    }
    expect(journal.of('news').slice(0, 2)).toMatchObject([
      { line: 'the same', times: 3 },
      { line: '29', times: 1 },
    ])
    expect(journal.settledAt).toBe(30)
  })
})
