import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { deliverOutbox, openRegistry, type Registry } from '../../core/registry/index.ts'
import type { ModelVersion } from '../../core/registry/types.ts'
import type { ServiceState } from '../../core/service-protocol.ts'
import { digestFolder } from '../../core/storage/digest.ts'
import {
  createDeployer,
  createReceiver,
  DEFAULT_MODEL,
  DEFAULT_POLICY,
  type DeploymentPolicy,
  type LocalTarget,
  listen,
  localTarget,
  type ModelPolicy,
  observeService,
  type ReconcileEvent,
  reconcile,
  type ServiceProcessOptions,
  type Target,
} from '../../webhook/index.ts'
import { eventually } from '../support/eventually.ts'
import type { Fault } from '../support/fake-service.ts'
import { sealHeadlines } from '../support/models.ts'
import { tempFolder } from '../support/temp.ts'

const FAKE = fileURLToPath(new URL('../support/fake-service.ts', import.meta.url))
const REAL = fileURLToPath(new URL('../../serving/main.ts', import.meta.url))
const SECRET = 'a secret for tests'

function faulty(fault: Fault | undefined, options: Partial<ServiceProcessOptions> = {}): LocalTarget {
  return localTarget({ main: FAKE, args: fault === undefined ? [] : [fault], ...options })
}

/** Registers a model as the next version of `name` and makes it champion. */
async function promote(registry: Registry, name: string, folder: string): Promise<string> {
  const { version } = await registry.registerVersion({ name, folder, digest: await digestFolder(folder) })
  await registry.setAlias(name, 'champion', version.version)
  return version.version
}

/** Seals the n-th of different models and rewrites its golden examples, which no digest covers. */
async function seal(folder: string, n: number, golden = (examples: Golden[]) => examples): Promise<string> {
  await sealHeadlines(folder, undefined, n)
  const path = join(folder, 'pressroom.json')
  const info = JSON.parse(await readFile(path, 'utf8'))
  await writeFile(path, JSON.stringify({ ...info, golden: golden(info.golden) }))
  return folder
}

interface Golden {
  readonly label: string
}

const noGolden = () => []
const swapped = (examples: Golden[]) =>
  examples.map(example => ({ ...example, label: example.label === 'Sports' ? 'Business' : 'Sports' }))

/** Resolves once nothing answers there any more. */
async function gone(url: string): Promise<void> {
  await eventually(() =>
    fetch(url).then(
      () => false,
      () => true,
    ),
  )
}

/** The process number of a fake service. */
async function pidOf(target: LocalTarget): Promise<number> {
  const { url } = await target.start()
  return Number(await (await fetch(url)).text())
}

/** Keeps what is reported. */
function watching() {
  const events: ReconcileEvent[] = []
  const lines = () => events.filter(({ kind }) => kind !== 'unchanged').map(({ line }) => line)
  return {
    events,
    report: (event: ReconcileEvent) => void events.push(event),
    /** What was reported, but for passes with nothing to do: how many there are depends on how events fall together. */
    lines,
    until: (line: RegExp) =>
      eventually(
        () => events.some(event => line.test(event.line)),
        () => lines().join('\n'),
      ),
  }
}

describe('from a registry to the real service', () => {
  test('champions are served, a worse one is not', async () => {
    await using folder = await tempFolder()
    await using registry = await openRegistry(join(folder.path, 'registry'))
    await using target = localTarget({ main: REAL, args: ['--port', '0'] })
    const { report, events, lines } = watching()
    await using deployer = createDeployer({ registry, target, report })
    await using server = await listen(createReceiver({ secrets: [SECRET], wake: () => deployer.wake() }))
    const deliver = async () => {
      events.length = 0
      const { signal } = new AbortController()
      await deliverOutbox(registry, { url: `${server.url}/webhook`, secret: SECRET, signal })
      await deployer.settled()
      return lines()
    }
    const answer = async () => {
      const { url } = await target.start()
      const response = await fetch(`${url}/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: 'Striker wins the cup' }),
      })
      return `${response.status} ${await response.text()}`
    }

    await promote(registry, 'news', await seal(join(folder.path, 'one'), 1))
    expect(await deliver()).toEqual([
      'local: news 1 is loaded',
      'local: news 1 answers its golden examples',
      'local: news 1 is noted as good',
      'local: news 1 is given 100 %',
      'local: news 1 takes 100 %',
    ])
    expect(await answer()).toMatch(/^200 .*Sports/)

    await promote(registry, 'news', await seal(join(folder.path, 'two'), 2))
    expect((await deliver()).slice(-2)).toEqual(['local: news 1 is unloaded', 'local: news 2 takes 100 %'])

    await promote(registry, 'news', await seal(join(folder.path, 'three'), 3, swapped))
    const said = await deliver()
    expect(said.find(line => line.includes('failed its check'))).toMatch(
      /^local: news 3 failed its check; news 2 goes on serving\n {2}it fails 12 of its 12 golden examples\n {2}".+" is \w+ now and was \w+ when/,
    )
    // A later pass says that it is held.
    expect(said).toEqual(expect.arrayContaining(['local: news 3 is unloaded', 'local: news 2 takes 100 %']))
    expect((await registry.getVersion('news', '3'))?.tags).toMatchObject({
      'pressroom.rejected': expect.stringMatching(/^it fails 12 of its 12 golden examples: ".+" is \w+ now/),
    })
    expect((await target.observe()).models.news?.traffic).toEqual({ 2: 100 })
    expect(await answer()).toMatch(/^200 .*Sports/)

    await registry.setAlias('news', 'champion', '2')
    expect(await deliver()).toEqual([])
    await registry.setAlias('news', 'champion', '2')
    expect(await deliver()).toEqual([])

    // What the registry no longer wants is left as it is: an alias on its way is no reason to take a model down.
    await registry.deleteAlias('news', 'champion')
    expect(await deliver()).toEqual([])
    expect(await answer()).toMatch(/^200 /)
  })

  test('only a deployment file that says so takes a model down, whatever the registry has of it', async () => {
    await using folder = await tempFolder()
    await using registry = await openRegistry(join(folder.path, 'registry'))
    await using target = localTarget({ main: REAL, args: ['--port', '0'] })
    for (const [n, name] of ['news', 'sports', 'weather'].entries())
      await promote(registry, name, await seal(join(folder.path, name), n + 1))
    await reconcile({ registry, target })
    await registry.deleteAlias('weather', 'champion')
    const without = { ...DEFAULT_POLICY, others: undefined, models: new Map([['sports', DEFAULT_MODEL]]) }
    const { report, lines } = watching()
    await reconcile({ registry, target, policy: without, report })
    expect(lines()).toEqual([])
    const policy = { ...DEFAULT_POLICY, retired: new Set(['news', 'weather', 'never']) }
    const passes = [watching(), watching()]
    for (const pass of passes) await reconcile({ registry, target, policy, report: pass.report })
    expect(passes.map(pass => pass.lines())).toEqual([
      ['local: news is taken down', 'local: weather is taken down'],
      [],
    ])
    expect(await target.observe()).toEqual({ models: { sports: { versions: ['1'], traffic: { 1: 100 } } } })
    const { url } = await target.start()
    const answered = await fetch(`${url}/v2/models/news`)
    expect(answered.status).toBe(404)
    // It comes back when the file no longer says so.
    await reconcile({ registry, target })
    expect((await target.observe()).models.news?.traffic).toEqual({ 1: 100 })
  })

  test('a version comes in by steps, is measured, and goes when it is bad; another is shadowed; no request fails', async () => {
    await using folder = await tempFolder()
    await using registry = await openRegistry(join(folder.path, 'registry'))
    await using target = localTarget({ main: REAL, args: ['--port', '0'] })
    await promote(registry, 'news', await seal(join(folder.path, 'one'), 1))
    await reconcile({ registry, target })
    const { url } = await target.start()
    const ask = async () => {
      const response = await fetch(`${url}/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: 'Striker wins the cup' }),
      })
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
      return ((await response.json()) as { model_version: string }).model_version
    }
    /** Clients that ask without a pause while something is done; one that gets no answer fails the test. */
    const asking = async <T>(work: () => Promise<T>): Promise<T> => {
      const done = new AbortController()
      const clients = Array.from({ length: 4 }, async () => {
        do await ask()
        while (!done.signal.aborted)
      })
      const result = await work().finally(() => done.abort())
      await Promise.all(clients)
      return result
    }
    const asked = async (times: number) => {
      const answers: string[] = []
      for (let i = 0; i < times; i++) answers.push(await ask())
      return answers.filter(version => version === '2').length
    }
    const measured = () => target.measure!('news', '2', { from: 0, to: Date.now() })
    const policyWith = (change: Partial<ModelPolicy>): DeploymentPolicy => {
      return { ...DEFAULT_POLICY, others: { ...DEFAULT_MODEL, ...change } }
    }

    await promote(registry, 'news', await seal(join(folder.path, 'two'), 2))
    const policy = policyWith({
      steps: [
        { share: 10, wait: 3_600_000 },
        { share: 100, wait: 0 },
      ],
      // No request takes no time, so that those that came show that the version is bad.
      limits: { p99: 0, requests: 10, within: 0 },
    })
    const { wakeAt } = await reconcile({ registry, target, policy })
    expect((await target.observe()).models.news).toEqual({
      versions: ['1', '2'],
      traffic: { 1: 90, 2: 10 },
      rollout: { version: '2', share: 10, since: wakeAt! - 3_600_000, before: '1' },
    })
    // Its golden examples were no requests.
    expect(await measured()).toBeUndefined()
    expect(await asked(100)).toBe(10)
    expect(await measured()).toEqual({ requests: 10, errorRate: 0, p99: expect.any(Number) })
    const { failures } = await asking(() => reconcile({ registry, target, policy }))
    expect(failures).toMatchObject([{ model: 'news', rejected: true }])
    expect((await target.observe()).models.news).toEqual({ versions: ['1'], traffic: { 1: 100 } })

    // In again, and what somebody says of its answers is bad, though it is quick.
    await registry.deleteVersionTag('news', '2', 'pressroom.rejected')
    const judged = policyWith({
      steps: policy.others!.steps,
      limits: { accuracy: 0.8, requests: 10, within: 3_600_000 },
    })
    await reconcile({ registry, target, policy: judged })
    const say = (label: string) =>
      fetch(`${url}/feedback`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: 'Striker wins the cup', label }),
      }).then(response => response.json())
    expect(await say('Sports')).toEqual({ right: ['1', '2'], wrong: [] })
    for (let i = 0; i < 2; i++) expect(await say('Business')).toEqual({ right: [], wrong: ['1', '2'] })
    expect(await measured()).toEqual({ requests: 0, labelled: 3, accuracy: 1 / 3 })
    expect((await reconcile({ registry, target, policy: judged })).failures).toEqual([])
    await say('Business')
    const [wrong] = (await reconcile({ registry, target, policy: judged })).failures
    expect(wrong?.error.message).toContain(
      '25 % of its labelled requests were right, the limit is 80 %; of 4 labelled requests',
    )
    expect((await target.observe()).models.news).toEqual({ versions: ['1'], traffic: { 1: 100 } })

    await registry.deleteVersionTag('news', '2', 'pressroom.rejected')
    await registry.setAlias('news', 'champion', '1')
    await registry.setAlias('news', 'challenger', '2')
    const shadowed = policyWith({ beside: { alias: 'challenger', as: 'shadow', share: 50 } })
    await asking(() => reconcile({ registry, target, policy: shadowed }))
    const shadow = { versions: ['1', '2'], traffic: { 1: 100 }, shadow: { 2: 50 } }
    expect((await target.observe()).models.news).toEqual(shadow)
    const before = (await measured())?.requests ?? 0
    expect(await asked(100)).toBe(0)
    await eventually(async () => ((await measured())?.requests ?? 0) >= before + 50)
    await asking(() => reconcile({ registry, target }))
    expect((await target.observe()).models.news).toEqual({ versions: ['1'], traffic: { 1: 100 } })
  })

  test('a damaged or missing version of one model does not hold up another', async () => {
    await using folder = await tempFolder()
    await using registry = await openRegistry(join(folder.path, 'registry'))
    await using target = localTarget({ main: REAL, args: ['--port', '0'] })
    await promote(registry, 'broken', await seal(join(folder.path, 'one'), 1))
    await promote(registry, 'news', await seal(join(folder.path, 'two'), 2))
    await promote(registry, 'unlisted', await seal(join(folder.path, 'three'), 3))
    await truncate(join(await registry.download('broken', '1'), 'model.bin'), 10)

    const { report, lines } = watching()
    const models = new Map(['broken', 'news', 'absent'].map(name => [name, DEFAULT_MODEL]))
    const policy = { ...DEFAULT_POLICY, models, others: undefined }
    const { failures } = await reconcile({ registry, target, report, policy })
    expect(failures.map(({ model }) => model)).toEqual(['broken'])
    // The two are worked on at once.
    expect(lines().find(line => line.includes('broken'))).toMatch(
      /^local: broken 1 could not be loaded; no version of broken serves\n/,
    )
    expect(lines()).toContain('local: news 1 takes 100 %')
    expect(Object.keys((await target.observe()).models)).toEqual(['news'])
  })

  test('a port in use is said as the service says it', async () => {
    await using first = localTarget({ main: REAL, args: ['--port', '0'] })
    const { port } = new URL((await first.start()).url)
    await using second = localTarget({ main: REAL, args: ['--port', port] })
    await expect(second.start()).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining(port),
    })
  })
})

describe('a service that fails', () => {
  /** Champions 1 of the models, without golden examples: the fake service cannot know them. */
  async function champions(...models: string[]) {
    const folder = await tempFolder()
    const registry = await openRegistry(join(folder.path, 'registry'))
    const files = await seal(join(folder.path, 'files'), 1, noGolden)
    for (const model of models) await promote(registry, model, files)
    return {
      registry,
      folder: folder.path,
      async [Symbol.asyncDispose]() {
        await registry[Symbol.asyncDispose]()
        await folder[Symbol.asyncDispose]()
      },
    }
  }

  test.each<[Fault, string, RegExp]>([
    ['dies-at-start', 'deployment-failed', /^the service ended \(exit code 3\)\n {2}no more memory$/],
    ['port-in-use', 'port-in-use', /^port 80 is in use\n {2}stop what uses it$/],
    ['never-ready', 'deployment-failed', /^the service did not listen within 0.4 s$/],
  ])('%s: starting says so, and leaves no process', async (fault, code, message) => {
    // Only what never comes may be given up soon: a busy machine starts slowly.
    await using target = faulty(fault, { startTimeout: fault === 'never-ready' ? 400 : 30_000 })
    const error = expect.objectContaining({ code, message: expect.stringMatching(message) })
    await expect(target.start()).rejects.toEqual(error)
    await expect(target.observe()).rejects.toEqual(error)
  })

  test('no such service', async () => {
    await using target = localTarget({ main: join(FAKE, 'nowhere.ts') })
    await expect(target.start()).rejects.toMatchObject({ code: 'deployment-failed' })
  })

  test('dies while loading: it is said, and the next pass starts another', async () => {
    await using setting = await champions('news')
    await using target = faulty('dies-on-2')
    await reconcile({ registry: setting.registry, target })
    const first = await pidOf(target)
    await promote(setting.registry, 'news', await seal(join(setting.folder, 'two'), 2, noGolden))
    const {
      failures: [failure],
    } = await reconcile({ registry: setting.registry, target })
    expect(failure?.error.message).toBe(
      'news 2 could not be loaded; no version of news serves\n  the service ended (exit code 7)',
    )
    await setting.registry.setAlias('news', 'champion', '1')
    expect((await reconcile({ registry: setting.registry, target })).failures).toEqual([])
    expect((await target.observe()).models.news).toEqual({ versions: ['1'], traffic: { 1: 100 } })
    expect(await pidOf(target)).not.toBe(first)
  })

  test('does not answer a load: it is said in time, and what serves is not touched', async () => {
    await using setting = await champions('news')
    await using target = faulty('mute-on-load', { answerTimeout: 200 })
    const {
      failures: [failure],
    } = await reconcile({ registry: setting.registry, target })
    expect(failure?.error.message).toMatch(
      /no version of news serves\n {2}the service did not answer "load" within 0.2 s/,
    )
  })

  test('answers nothing at all: it is replaced', async () => {
    await using target = faulty('mute', { answerTimeout: 200 })
    const first = await pidOf(target)
    await expect(target.observe()).rejects.toMatchObject({ message: expect.stringContaining('"observe"') })
    expect(await pidOf(target)).not.toBe(first)
  })

  test('shows from outside what its deployer sees', async () => {
    await using folder = await tempFolder()
    await using target = localTarget({ main: REAL, args: ['--port', '0'] })
    const { url } = await target.start()
    const signal = new AbortController().signal
    const outside = () => observeService(url, ['news', 'other'], signal)
    expect(await outside()).toEqual({ models: {} })
    for (const version of ['1', '2']) {
      const files = await seal(join(folder.path, version), Number(version))
      const source = { uri: files, digest: '', aliases: [], tags: {}, files: async () => files }
      const observed = { versions: [], traffic: {} }
      await target.apply({ do: 'load', model: 'news', version }, { observed, source, signal })
    }
    const rollout = { version: '2', share: 0, since: 7, before: '1', bad: 'p99 900 of 50' }
    const steps = [
      { do: 'shift', model: 'news', split: { 1: 100 }, rollout },
      { do: 'shadow', model: 'news', version: '2', share: 20 },
    ] as const
    for (const step of steps) {
      await target.apply(step, { observed: { versions: [], traffic: {} }, source: undefined, signal })
    }
    const inside = await target.observe()
    expect(inside.models.news).toMatchObject({ rollout, shadow: { 2: 20 } })
    expect(await outside()).toEqual(inside)
    await target[Symbol.asyncDispose]()
    expect(await outside()).toBeUndefined()
  })

  test('says yes and does nothing: it is found out', async () => {
    await using setting = await champions('news')
    await using target = faulty('liar')
    const { report, lines } = watching()
    const {
      failures: [failure],
    } = await reconcile({ registry: setting.registry, target, report })
    expect(failure?.error).toMatchObject({
      code: 'deployment-failed',
      where: 'still to do: load, check, shift',
    })
    expect(lines().at(-1)).toMatch(/^local: .*without effect/)
  })

  test('is killed: the deployer starts another, which serves what the first did', async () => {
    await using setting = await champions('news', 'sports')
    await using target = faulty(undefined)
    const { report, events, until } = watching()
    await using deployer = createDeployer({ registry: setting.registry, target, report })
    deployer.wake()
    await deployer.settled()
    const before = await target.observe()
    events.length = 0
    process.kill(await pidOf(target), 'SIGKILL')
    await until(/sports 1 takes 100 %/)
    expect(events[0]?.line).toBe('local: the service ended (SIGKILL)')
    expect(await target.observe()).toEqual(before)
  })

  test('does not end when asked: it is killed', async () => {
    const target = faulty('stubborn', { stopTimeout: 200 })
    const { url } = await target.start()
    await target[Symbol.asyncDispose]()
    await gone(url)
    await expect(target.observe()).rejects.toMatchObject({ code: 'cancelled' })
  })

  test.each([
    ['the fake service', FAKE, []],
    ['the real service', REAL, ['--port', '0']],
  ])('outlives no deployer: %s ends when that is killed', async (_what, main, args) => {
    const script = fileURLToPath(new URL('../support/deployer-process.ts', import.meta.url))
    const deployer = spawn(process.execPath, [script, main, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [url] = (await once(createInterface({ input: deployer.stdout }), 'line')) as [string]
    expect((await fetch(url)).status).toBeLessThan(600)
    deployer.kill('SIGKILL')
    await gone(url)
  })
})

describe('the deployer', () => {
  /** A target in memory that can be held before it is observed. */
  function memoryTarget() {
    let state: ServiceState = { models: {} }
    let gate = Promise.resolve()
    const target: Target = {
      name: 'memory',
      can: { canary: true, shadow: false, measure: [] },
      async observe() {
        await gate
        return state
      },
      async apply(step) {
        if (step.do === 'unload' || step.do === 'shadow' || step.do === 'retire') return
        const versions = step.do === 'load' ? [step.version] : Object.keys(step.split)
        const traffic = step.do === 'shift' ? step.split : {}
        state = { models: { ...state.models, [step.model]: { versions, traffic } } }
      },
      ask: async () => [],
    }
    return {
      target,
      hold() {
        const { promise, resolve } = Promise.withResolvers<void>()
        gate = promise
        return resolve
      },
    }
  }

  function made(name: string, version: string, tags = {}): ModelVersion {
    const nothing = { digest: '', source: '/models/1', runId: undefined, aliases: [], description: '' }
    return { name, version, stage: 'None', ...nothing, tags, createdAt: 0 }
  }

  /** A registry that counts how often it is read, and can be away. */
  function countingRegistry(files: string, champion: () => string | Error) {
    let reads = 0
    const tags: Record<string, string> = {}
    const read = async () => {
      reads++
      const serve = champion()
      if (typeof serve !== 'string') throw serve
      return { name: 'news', aliases: { champion: serve }, latestVersion: serve, createdAt: 0 }
    }
    return {
      reads: () => reads,
      tags,
      registry: {
        searchModels: async () => [await read()],
        getModel: read,
        location: '/models',
        searchVersions: async (name: string) => [made(name, champion() as string, tags)],
        getRun: async () => undefined,
        setVersionTag: async (_name: string, _version: string, key: string, value: string) => {
          tags[key] = value
        },
        getDownloadUri: async () => '/models/1',
        download: async () => files,
      },
    }
  }

  test('a source that leads on to a place that is not allowed is not fetched', async () => {
    const { registry } = countingRegistry('/nowhere', () => '1')
    const download = () => Promise.reject(new Error('it was fetched'))
    const led = { ...registry, getDownloadUri: async () => 's3://bucket-of-others/model', download }
    const { target } = memoryTarget()
    const { failures } = await reconcile({ registry: led, target })
    expect(failures.map(({ error }) => error.message).join()).toMatch(/s3:\/\/bucket-of-others\/model/)
    expect(await target.observe()).toEqual({ models: {} })
  })

  test('many events during a pass lead to one more, which sees the newest champion', async () => {
    await using folder = await tempFolder()
    const files = await seal(join(folder.path, 'files'), 1, noGolden)
    let champion = 1
    const { registry, reads } = countingRegistry(files, () => String(champion))
    const { target, hold } = memoryTarget()
    const { report, lines } = watching()
    await using deployer = createDeployer({ registry, target, report })
    const release = hold()
    deployer.wake()
    expect(reads()).toBe(0)
    await eventually(() => reads() > 0)
    for (; champion < 50; champion++) deployer.wake()
    release()
    await deployer.settled()
    // A pass looks once, and once more whether its steps had their effect.
    expect(reads()).toBeLessThanOrEqual(4)
    expect(
      lines()
        .filter(line => line.includes('takes'))
        .at(-1),
    ).toBe('memory: news 50 takes 100 %')
    const settled = reads()
    await sleep(100)
    expect(reads()).toBe(settled)
  })

  test('tries again by itself while the registry is away', async () => {
    await using folder = await tempFolder()
    const files = await seal(join(folder.path, 'files'), 1, noGolden)
    let failures = 2
    const { registry, reads } = countingRegistry(files, () =>
      failures-- > 0 ? new Error('the registry is away') : '1',
    )
    const { target } = memoryTarget()
    const { report, events, until } = watching()
    await using deployer = createDeployer({ registry, target, report })
    deployer.wake()
    await until(/takes 100 %/)
    expect(events.slice(0, 2).map(({ line }) => line.split('\n')[0])).toEqual(
      Array(2).fill('memory: the registry is away'),
    )
    expect(reads()).toBe(4)
  })

  test('does not try a rejected version again by itself', async () => {
    await using folder = await tempFolder()
    const files = await seal(join(folder.path, 'files'), 1)
    const { registry, reads, tags } = countingRegistry(files, () => '1')
    const { target } = memoryTarget()
    const { report, lines } = watching()
    await using deployer = createDeployer({ registry, target, report })
    deployer.wake()
    await deployer.settled()
    expect(lines().at(-1)).toMatch(/news 1 failed its check; .*\n.*\n {2}".*" is nothing now/)
    expect(tags).toEqual({ 'pressroom.rejected': expect.stringMatching(/^it fails/) })
    const looked = reads()
    await sleep(250)
    expect(reads()).toBe(looked)
  })

  test('stops between two steps when it is disposed, and is not woken again', async () => {
    const { registry, reads } = countingRegistry('', () => '1')
    const { target, hold } = memoryTarget()
    const { report, events } = watching()
    const deployer = createDeployer({ registry, target, report })
    const release = hold()
    deployer.wake()
    await eventually(() => reads() > 0)
    const disposed = deployer[Symbol.asyncDispose]()
    release()
    await disposed
    deployer.wake()
    await deployer.settled()
    expect([reads(), events, await target.observe()]).toEqual([1, [], { models: {} }])
  })
})
