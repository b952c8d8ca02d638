import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { observedModel } from '../../webhook/plan/plan.ts'
import type { ObservedModel } from '../../webhook/plan/state.ts'
import {
  type CloudRunTarget,
  cloudRunTarget,
  parseCloudRunSettings,
} from '../../webhook/targets/cloud-run/index.ts'
import { revisionName, serviceId, tagOf } from '../../webhook/targets/cloud-run/names.ts'
import type { TargetStep } from '../../webhook/targets/target.ts'
import { type CloudRunServer, cloudRunServer } from '../support/cloud-run-server.ts'
import { testRollout } from '../support/google-rollout.ts'
import { type MonitoringServer, monitoringServer } from '../support/monitoring-server.ts'
import * as fc from '../support/properties.ts'
import { testTargetContract } from '../support/target-contract.ts'
import { disposeOf, IMAGE, QUICK, SEED, sourceIn } from '../support/vertex/bench.ts'
import { type Fault, firstCalls, killedAt } from '../support/vertex/faults.ts'
import { Refusal } from '../support/vertex/refusal.ts'

testTargetContract('Cloud Run', async () => {
  const server = await cloudRunServer()
  const settings = parseCloudRunSettings({ apiEndpoint: server.endpoint }, SEED)
  const open: CloudRunTarget[] = []
  return {
    open() {
      const target = cloudRunTarget(settings, QUICK)
      open.push(target)
      return target
    },
    source: sourceIn('gs://models/news'),
    [Symbol.asyncDispose]: () => disposeOf(...open, server),
  }
})

testRollout('Cloud Run', async stagingUri => {
  const server = await cloudRunServer()
  const monitoring = await monitoringServer('newsroom-test')
  const given = { apiEndpoint: server.endpoint, monitoringEndpoint: monitoring.url, stagingUri }
  const target = cloudRunTarget(parseCloudRunSettings(given, SEED), QUICK)
  return {
    target,
    monitoring,
    answer(labelOf) {
      server.run.labelOf = labelOf
    },
    [Symbol.asyncDispose]: () => disposeOf(target, server, monitoring),
  }
})

describe('the target on Cloud Run', () => {
  let server: CloudRunServer
  let monitoring: MonitoringServer
  let target: CloudRunTarget
  const settings = (more: object = {}) =>
    parseCloudRunSettings({ apiEndpoint: server.endpoint, monitoringEndpoint: monitoring.url, ...more }, SEED)
  beforeAll(async () => {
    server = await cloudRunServer()
    monitoring = await monitoringServer('newsroom-test')
    target = cloudRunTarget(settings(), QUICK)
  })
  afterAll(() => disposeOf(target, server, monitoring))
  beforeEach(() => {
    server.fault = () => undefined
    server.operations.ending = () => undefined
    server.operations.looks = 1
    server.seen.length = 0
  })

  const source = sourceIn('gs://models/news')
  const seen = async (model: string) => observedModel(await target.observe(), model)
  async function take(
    step: TargetStep,
    { by = target, signal = AbortSignal.timeout(60_000) } = {},
    observed?: ObservedModel,
  ): Promise<void> {
    const given = step.do === 'load' ? source(step.model, step.version) : undefined
    await by.apply(step, { observed: observed ?? (await seen(step.model)), source: given, signal })
  }
  const load = (model: string, version: string) => take({ do: 'load', model, version })
  const serve = async (model: string, version: string) => {
    await load(model, version)
    await take({ do: 'shift', model, split: { [version]: 100 } })
  }
  const serviceOf = (model: string) =>
    server.run.services.get(`projects/newsroom-test/locations/europe-west4/services/${serviceId(model)}`)
  const revisionsOf = (model: string) =>
    [...server.run.revisions.keys()].filter(name => name.startsWith(serviceId(model)))

  test('deploys what its settings say', async () => {
    const by = cloudRunTarget(
      settings({
        cpu: '2',
        memory: '1Gi',
        minInstances: 1,
        concurrency: 20,
        env: { LOG_LEVEL: 'debug' },
        labels: { team: 'news' },
        serviceAccount: 'serving@newsroom-test.iam.gserviceaccount.com',
      }),
      QUICK,
    )
    await take({ do: 'load', model: 'settings', version: '3' }, { by })
    await by[Symbol.asyncDispose]()
    const { uri } = source('settings', '3')
    expect(serviceOf('settings')).toMatchObject({
      labels: { team: 'news', 'managed-by': 'pressroom' },
      template: {
        serviceAccount: 'serving@newsroom-test.iam.gserviceaccount.com',
        maxInstanceRequestConcurrency: 20,
        scaling: { minInstanceCount: 1, maxInstanceCount: 10 },
        volumes: [{ name: 'models', gcs: { bucket: 'models', readOnly: true } }],
        containers: [
          {
            image: IMAGE,
            ports: [{ containerPort: 8080 }],
            resources: { limits: { cpu: '2', memory: '1Gi' } },
            volumeMounts: [{ name: 'models', mountPath: '/mnt/models' }],
            env: expect.arrayContaining([
              expect.objectContaining({
                name: 'PRESSROOM_MODEL',
                value: `settings@3=${uri.replace('gs://models', '/mnt/models')}`,
              }),
              expect.objectContaining({ name: 'LOG_LEVEL', value: 'debug' }),
            ]),
          },
        ],
      },
    })
  })

  test('counts the traffic that Cloud Run gives a first revision only once it was decided', async () => {
    await load('first', '1')
    expect(serviceOf('first')?.trafficStatuses).toMatchObject([{ percent: 100 }])
    expect(await seen('first')).toMatchObject({ versions: ['1'], traffic: {} })
    await take({ do: 'shift', model: 'first', split: { 1: 100 } })
    expect((await seen('first')).traffic).toEqual({ 1: 100 })
  })

  test('takes a version away that was loaded first and found bad: with its service, or for another one', async () => {
    await load('bad', '1')
    await take({ do: 'unload', model: 'bad', version: '1' })
    expect(serviceOf('bad')).toBeUndefined()
    await load('bad', '1')
    await load('bad', '2')
    await take({ do: 'unload', model: 'bad', version: '1' })
    expect(await seen('bad')).toMatchObject({ versions: ['2'], traffic: {} })
    expect(serviceOf('bad')?.trafficStatuses).toMatchObject([{ percent: 100, tag: 'v-2' }])
  })

  test('lets everybody in with the first shift, where the settings say so', async () => {
    const by = cloudRunTarget(settings({ public: true }), QUICK)
    await take({ do: 'load', model: 'public', version: '1' }, { by })
    expect(serviceOf('public')?.invokerIamDisabled).toBe(false)
    await take({ do: 'shift', model: 'public', split: { 1: 100 } }, { by })
    await by[Symbol.asyncDispose]()
    expect(serviceOf('public')?.invokerIamDisabled).toBe(true)
    await serve('private', '1')
    expect(serviceOf('private')?.invokerIamDisabled).toBe(false)
  })

  test('deletes the revision of a version that goes, where Cloud Run lets it', async () => {
    await serve('unload', '1')
    await load('unload', '2')
    await load('unload', '3')
    await take({ do: 'unload', model: 'unload', version: '2' })
    expect(revisionsOf('unload').length).toBe(2)
    // The one that was made last stays, without a tag.
    await take({ do: 'unload', model: 'unload', version: '3' })
    expect(revisionsOf('unload').length).toBe(2)
    expect(serviceOf('unload')?.traffic.length).toBe(1)
    await load('unload', '3')
    expect((await seen('unload')).versions).toEqual(['1', '3'])
  })

  test.each<[method: string, fault: Fault]>([
    ['CreateService', 'dropped'],
    ['CreateService', 'unanswered'],
    ['GetOperation', 'dropped'],
    ['GetService', new Refusal('UNAVAILABLE', 'The service is currently unavailable.')],
    ['CreateService', new Refusal('RESOURCE_EXHAUSTED', 'Quota exceeded for write requests a minute.')],
  ])('loads once although the first %s is %j', async (method, fault) => {
    const model = `once-${method}-${JSON.stringify(fault)}`
    server.fault = firstCalls(method, 1, fault)
    await load(model, '1')
    expect(revisionsOf(model).length).toBe(1)
  })

  test('takes no service down whose traffic somebody else gave away', async () => {
    await serve('shared', '1')
    const there = serviceOf('shared')!
    const [own] = there.trafficStatuses
    const statuses = [
      { ...own!, percent: 90 },
      { ...own!, revision: 'by-hand', tag: '', percent: 10 },
    ]
    server.run.services.set(there.name, { ...there, trafficStatuses: statuses })
    const retired = take({ do: 'retire', model: 'shared' })
    await expect(retired).rejects.toThrow(
      /did not give\n {2}revision by-hand of the service pressroom-shared/,
    )
    expect(serviceOf('shared')).toBeDefined()
  })

  test('finds the update done whose answer was lost, one look later', async () => {
    await serve('lost', '1')
    server.fault = firstCalls('UpdateService', 1, 'unanswered')
    await expect(load('lost', '2')).rejects.toMatchObject({ code: 'deployment-conflict' })
    await load('lost', '2')
    expect(revisionsOf('lost').length).toBe(2)
    expect((await seen('lost')).versions).toEqual(['1', '2'])
  })

  test.each<[what: string, refusal: Refusal, says: RegExp[]]>([
    [
      'quota',
      new Refusal('RESOURCE_EXHAUSTED', 'Quota exceeded for total allowable CPU per project per region.'),
      [/^quota 2: a quota of newsroom-test is used up/, /iam-admin\/quotas\?project=newsroom-test/],
    ],
    [
      'image',
      new Refusal('INVALID_ARGUMENT', `Image '${IMAGE}' not found.`),
      [/^image 2: the image europe-docker.* cannot be pulled/, /console\.cloud\.google\.com\/artifacts/],
    ],
    [
      'container',
      new Refusal(
        'FAILED_PRECONDITION',
        'The user-provided container failed to start and listen on the port.',
      ),
      [/^container 2: its container did not become healthy/, /run\/detail\/europe-west4\/.*\/logs/],
    ],
  ])(
    'explains a fault of the %s, goes on serving, and tries a new revision the next time',
    async (model, refusal, says) => {
      await serve(model, '1')
      server.operations.ending = () => refusal
      const error = await load(model, '2').catch(each => each)
      for (const each of says) expect(error.message).toMatch(each)
      expect(error.what).not.toContain('\n')
      server.operations.ending = () => undefined
      expect(await seen(model)).toMatchObject({ versions: ['1'], traffic: { 1: 100 } })
      await load(model, '2')
      expect((await seen(model)).versions).toEqual(['1', '2'])
      expect(revisionsOf(model).length).toBe(3)
    },
  )

  test.each<[step: string, TargetStep]>([
    ['load', { do: 'load', model: '', version: '2' }],
    [
      'shift',
      { do: 'shift', model: '', split: { 1: 90, 2: 10 }, rollout: { version: '2', share: 10, since: 7 } },
    ],
    ['unload', { do: 'unload', model: '', version: '2' }],
    ['retirement', { do: 'retire', model: '' }],
  ])('goes on where a deployer was killed, at every call of a %s', async (name, step) => {
    let at = 0
    for (let finished = false; !finished; ) {
      at += 1
      const model = `${name} ${at}`
      await serve(model, '1')
      if (step.do !== 'load') await load(model, '2')
      const before = await seen(model)
      finished = await killedAt(at, server, signal => take({ ...step, model }, { signal }, before))
      await take({ ...step, model })
      const state = await seen(model)
      if (step.do === 'retire') {
        expect(state).toEqual({ versions: [], traffic: {} })
        continue
      }
      expect({ at, versions: state.versions }).toEqual({
        at,
        versions: step.do === 'unload' ? ['1'] : ['1', '2'],
      })
      expect(state.traffic).toEqual(step.do === 'shift' ? step.split : { 1: 100 })
    }
    expect(at).toBeGreaterThan(3)
  })

  test('shows what another deployer is loading', async () => {
    await serve('loading', '1')
    server.operations.looks = 50
    const loading = load('loading', '2')
    for (;;) {
      const state = await seen('loading')
      if (state.loading === undefined) continue
      expect(state).toMatchObject({ versions: ['1'], loading: ['2'], traffic: { 1: 100 } })
      break
    }
    await loading
    expect(await seen('loading')).not.toHaveProperty('loading')
  })

  test('gives two deployers that load at once one revision', async () => {
    const other = cloudRunTarget(settings(), QUICK)
    const step = { do: 'load', model: 'two', version: '1' } as const
    await Promise.all([take(step), take(step, { by: other })])
    await other[Symbol.asyncDispose]()
    expect(revisionsOf('two').length).toBe(1)
  })

  test('looks at a thousand models with eleven calls, and leaves other services alone', async () => {
    await serve('copied', '1')
    const copied = serviceOf('copied')!
    await using many = await cloudRunServer()
    for (let i = 0; i < 1001; i++) {
      const model = `model ${i}`
      const name = `projects/newsroom-test/locations/europe-west4/services/${serviceId(model)}`
      const annotations = { pressroom: JSON.stringify({ model, revisions: {}, open: true }) }
      many.run.services.set(name, { ...copied, name, annotations: i === 1000 ? {} : annotations })
    }
    const by = cloudRunTarget(settings({ apiEndpoint: many.endpoint }), QUICK)
    expect(Object.keys((await by.observe()).models).length).toBe(1000)
    await by[Symbol.asyncDispose]()
    expect(many.seen.length).toBe(11)
  })

  test('measures a version by Cloud Monitoring', async () => {
    await serve('measured', '2')
    const [revision] = revisionsOf('measured')
    monitoring.made = {
      of: [`service_name="${serviceId('measured')}"`, `revision_name="${revision}"`],
      codes: { 200: 98, 500: 2 },
      p99: 45,
    }
    const window = { from: Date.now() - 60_000, to: Date.now() }
    expect(await target.measure!('measured', '2', window)).toEqual({
      requests: 100,
      errorRate: 0.02,
      p99: 45,
    })
    expect(await target.measure!('measured', '9', window)).toBeUndefined()
  })
})

describe('settings', () => {
  test('are complete with those of a webhook receiver on Cloud Run', () => {
    expect(parseCloudRunSettings(undefined, SEED)).toMatchObject({
      image: IMAGE,
      minInstances: 0,
      maxInstances: 10,
    })
  })

  test.each<[value: object, says: string]>([
    [{ cpu: 2 }, 'cloud-run.cpu must be whole CPUs'],
    [{ memory: '512M' }, 'cloud-run.memory'],
    [{ minInstances: 5, maxInstances: 2 }, 'maxInstances is 2'],
    [{ timeoutSeconds: 3601 }, '3600 at most'],
    [{ machineType: 'n1-standard-2' }, 'unknown field "machineType"'],
  ])('%j are refused', (value, says) => {
    expect(() => parseCloudRunSettings(value, SEED)).toThrow(
      expect.objectContaining({ code: 'invalid-setting', message: expect.stringContaining(says) }),
    )
  })
})

test('names fit what Cloud Run allows, whatever the registry has', () => {
  const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 1100 }))
  fc.assert(
    fc.property(anyText, anyText, anyText, (model, version, etag) => {
      const service = serviceId(model)
      const tag = tagOf(version)
      expect(service).toMatch(/^[a-z]([a-z0-9-]{0,47}[a-z0-9])$/)
      expect(tag).toMatch(/^[a-z][a-z0-9-]{1,}[a-z0-9]$/)
      expect(service.length + tag.length).toBeLessThanOrEqual(46)
      expect(revisionName(service, version, etag)).toMatch(/^[a-z][a-z0-9-]{1,61}[a-z0-9]$/)
    }),
  )
})
