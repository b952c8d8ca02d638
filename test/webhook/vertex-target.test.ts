import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { openRegistry } from '../../core/registry/index.ts'
import { digestFolder } from '../../core/storage/digest.ts'
import { observedModel } from '../../webhook/plan/plan.ts'
import type { ObservedModel } from '../../webhook/plan/state.ts'
import { fromLabel, toLabel } from '../../webhook/targets/google/fitted.ts'
import { readRollout, rolloutLabels } from '../../webhook/targets/google/state.ts'
import { rolloutIn } from '../../webhook/targets/kept-rollout.ts'
import type { TargetStep, VersionSource } from '../../webhook/targets/target.ts'
import {
  parseVertexSettings,
  type VertexSettings,
  type VertexTarget,
  vertexTarget,
} from '../../webhook/targets/vertex/index.ts'
import {
  aliasOf,
  deployedId,
  descriptionOf,
  fittedAlias,
  idOfModel,
  idOfProbe,
  modelOf,
} from '../../webhook/targets/vertex/names.ts'
import { gcsServer } from '../support/gcs-server.ts'
import { testRollout } from '../support/google-rollout.ts'
import { expectOurs, expectUnpolluted } from '../support/junk.ts'
import { spoiling, withJunk } from '../support/junk-answers.ts'
import { sealHeadlines } from '../support/models.ts'
import { type MonitoringServer, monitoringServer } from '../support/monitoring-server.ts'
import { pressroom } from '../support/pressroom.ts'
import * as fc from '../support/properties.ts'
import { testTargetContract } from '../support/target-contract.ts'
import { tempFolder } from '../support/temp.ts'
import { disposeOf, IMAGE, QUICK, SEED, sourceIn } from '../support/vertex/bench.ts'
import { type Fault, firstCalls, killedAt } from '../support/vertex/faults.ts'
import { Refusal } from '../support/vertex/refusal.ts'
import { type VertexServer, vertexServer } from '../support/vertex-server.ts'

testTargetContract('Vertex AI', async () => {
  const server = await vertexServer()
  const settings = parseVertexSettings({ apiEndpoint: server.endpoint }, SEED)
  const open: VertexTarget[] = []
  return {
    open() {
      const target = vertexTarget(settings, QUICK)
      open.push(target)
      return target
    },
    source: sourceIn('gs://models/news'),
    [Symbol.asyncDispose]: () => disposeOf(...open, server),
  }
})

testRollout('Vertex AI', async stagingUri => {
  const server = await vertexServer()
  const monitoring = await monitoringServer('newsroom-test')
  const given = { apiEndpoint: server.endpoint, monitoringEndpoint: monitoring.url, stagingUri }
  const target = vertexTarget(parseVertexSettings(given, SEED), QUICK)
  return {
    target,
    monitoring,
    answer(labelOf) {
      server.endpoints.labelOf = labelOf
    },
    [Symbol.asyncDispose]: () => disposeOf(target, server, monitoring),
  }
})

describe('the target on Vertex AI', () => {
  let server: VertexServer
  let monitoring: MonitoringServer
  let target: VertexTarget
  const source = sourceIn('gs://models/news')
  const settings = (more: object = {}): VertexSettings =>
    parseVertexSettings({ apiEndpoint: server.endpoint, monitoringEndpoint: monitoring.url, ...more }, SEED)
  beforeAll(async () => {
    server = await vertexServer()
    monitoring = await monitoringServer('newsroom-test')
    target = vertexTarget(settings(), QUICK)
  })
  afterAll(() => disposeOf(target, server, monitoring))
  beforeEach(() => {
    server.fault = () => undefined
    server.operations.ending = () => undefined
    server.operations.looks = 1
    server.endpoints.lag = 0
    server.seen.length = 0
  })

  const seen = async (model: string) => observedModel(await target.observe(), model)
  async function take(
    step: TargetStep,
    { by = target, from = source, signal = AbortSignal.timeout(60_000) } = {},
    observed?: ObservedModel,
  ): Promise<void> {
    const given = step.do === 'load' ? from(step.model, step.version) : undefined
    await by.apply(step, { observed: observed ?? (await seen(step.model)), source: given, signal })
  }
  const load = (model: string, version: string) => take({ do: 'load', model, version })
  const serve = async (model: string, version: string) => {
    await load(model, version)
    await take({ do: 'shift', model, split: { [version]: 100 } })
  }
  const calls = (method: string) => server.seen.filter(each => each.method === method).length
  const endpointOf = (model: string) =>
    server.endpoints.endpoints.get(
      `projects/newsroom-test/locations/europe-west4/endpoints/${idOfModel(model)}`,
    )
  const uploads = (model: string) => server.models.models.get(idOfModel(model)) ?? []

  test('deploys what its settings say', async () => {
    const by = vertexTarget(
      settings({
        machineType: 'n1-standard-8',
        accelerator: { type: 'NVIDIA_TESLA_T4', count: 2 },
        minReplicas: 2,
        maxReplicas: 5,
        autoscaling: { cpu: 70 },
        dedicatedEndpoint: true,
        serviceAccount: 'serving@newsroom-test.iam.gserviceaccount.com',
        env: { LOG_LEVEL: 'debug' },
        labels: { team: 'news' },
        deployTimeoutMinutes: 30,
      }),
      QUICK,
    )
    const from = (model: string, version: string): VersionSource => ({
      ...source(model, version),
      aliases: ['champion', 'Prod 1'],
    })
    await take({ do: 'load', model: 'settings', version: '1' }, { by, from })
    await by[Symbol.asyncDispose]()
    expect(endpointOf('settings')).toMatchObject({
      displayName: 'settings',
      dedicatedEndpointEnabled: true,
      labels: { team: 'news', 'managed-by': 'pressroom' },
      trafficSplit: {},
      deployedModels: [
        {
          displayName: 'version 1',
          serviceAccount: 'serving@newsroom-test.iam.gserviceaccount.com',
          dedicatedResources: {
            machineSpec: {
              machineType: 'n1-standard-8',
              acceleratorType: 'NVIDIA_TESLA_T4',
              acceleratorCount: 2,
            },
            minReplicaCount: 2,
            maxReplicaCount: 5,
            autoscalingMetricSpecs: [
              { metricName: 'aiplatform.googleapis.com/prediction/online/cpu/utilization', target: 70 },
            ],
          },
        },
      ],
    })
    const [uploaded] = uploads('settings')
    expect(uploaded).toMatchObject({
      artifactUri: source('settings', '1').uri,
      containerSpec: {
        imageUri: IMAGE,
        healthRoute: '/health',
        predictRoute: '/predict',
        ports: [{ containerPort: 8080 }],
        startupProbe: { httpGet: { path: '/health', port: 8080 }, failureThreshold: 30 },
        healthProbe: { httpGet: { path: '/health', port: 8080 } },
      },
      labels: { 'pressroom-version': '1', team: 'news' },
    })
    expect(uploaded!.versionAliases).toEqual(
      expect.arrayContaining(['champion', fittedAlias('Prod 1'), 'default']),
    )
  })

  test('uploads further versions into the same model', async () => {
    for (const version of ['1', '2']) await load('versions', version)
    expect(uploads('versions').map(({ versionId }) => versionId)).toEqual(['1', '2'])
  })

  test('copies files that are not in Cloud Storage to the staging place, and needs one', async () => {
    await using gcs = await gcsServer()
    await using folder = await tempFolder()
    await mkdir(join(folder.path, 'deep'))
    await writeFile(join(folder.path, 'deep/model.onnx'), 'graph')
    const from = (model: string, version: string): VersionSource => ({
      ...source(model, version),
      uri: 'mlflow-artifacts:/1/2',
      files: async () => folder.path,
    })
    const step = { do: 'load', model: 'staged', version: '1' } as const
    await expect(take(step, { from })).rejects.toMatchObject({
      code: 'invalid-setting',
      fix: expect.stringContaining('stagingUri'),
    })
    const before = process.env.PRESSROOM_GCS_ENDPOINT
    process.env.PRESSROOM_GCS_ENDPOINT = gcs.url
    const by = vertexTarget(settings({ stagingUri: 'gs://models/staging/' }), QUICK)
    try {
      await take(step, { by, from })
    } finally {
      await by[Symbol.asyncDispose]()
      if (before === undefined) delete process.env.PRESSROOM_GCS_ENDPOINT
      else process.env.PRESSROOM_GCS_ENDPOINT = before
    }
    const place = `staging/${source('staged', '1').digest.replace(':', '-')}`
    expect([...gcs.objects.keys()]).toEqual([`${place}/deep/model.onnx`])
    expect(uploads('staged')[0]?.artifactUri).toBe(`gs://models/${place}`)
  })

  test.each<[method: string, fault: Fault]>([
    ['CreateEndpoint', 'dropped'],
    ['CreateEndpoint', 'unanswered'],
    ['UploadModel', 'dropped'],
    ['UploadModel', 'unanswered'],
    ['DeployModel', 'dropped'],
    ['DeployModel', 'unanswered'],
    ['GetOperation', 'dropped'],
    ['GetEndpoint', new Refusal('UNAVAILABLE', 'The service is currently unavailable.')],
    ['DeployModel', new Refusal('RESOURCE_EXHAUSTED', 'Quota exceeded for requests a minute.')],
    ['UploadModel', { delay: 20 }],
  ])('loads once although the first %s is %j', async (method, fault) => {
    const model = `once-${method}-${JSON.stringify(fault)}`
    server.fault = firstCalls(method, 1, fault)
    await load(model, '1')
    expect(uploads(model).length).toBe(1)
    expect(endpointOf(model)?.deployedModels.length).toBe(1)
  })

  test('finds the shift done whose answer was lost, one look later', async () => {
    await serve('lost', '1')
    await load('lost', '2')
    server.fault = firstCalls('UpdateEndpoint', 1, 'unanswered')
    const shift = take({ do: 'shift', model: 'lost', split: { 2: 100 } })
    await expect(shift).rejects.toMatchObject({ code: 'deployment-conflict' })
    expect((await seen('lost')).traffic).toEqual({ 2: 100 })
  })

  test.each<[what: string, method: string, refusal: Refusal, code: string, says: RegExp[]]>([
    [
      'a quota',
      'DeployModel',
      new Refusal(
        'RESOURCE_EXHAUSTED',
        'The following quotas are exceeded: CustomModelServingT4GPUsPerProject',
      ),
      'deployment-failed',
      [/^quota 2: a quota of newsroom-test is used up/, /iam-admin\/quotas\?project=newsroom-test/],
    ],
    [
      'an image that cannot be pulled',
      'UploadModel',
      new Refusal('INVALID_ARGUMENT', `Failed to pull image ${IMAGE}: denied`),
      'deployment-failed',
      [
        /^image 2: the image europe-docker.* cannot be pulled/,
        /console\.cloud\.google\.com\/artifacts/,
        /artifactregistry\.reader/,
      ],
    ],
    [
      'a permission',
      'DeployModel',
      new Refusal('PERMISSION_DENIED', 'Permission aiplatform.endpoints.deploy denied'),
      'not-signed-in',
      [/^permission 2: Google Cloud does not allow this/, /iam-admin\/iam\?project=newsroom-test/],
    ],
    [
      'a container that does not become healthy',
      'DeployModel',
      new Refusal('FAILED_PRECONDITION', 'Model server never became ready. Please validate your model.'),
      'deployment-failed',
      [/^container 2: its container did not become healthy/, /vertex-ai\/locations\/europe-west4\/endpoints/],
    ],
  ])('explains %s, and goes on serving', async (what, method, refusal, code, says) => {
    const model = what.match(/quota|image|permission|container/)![0]
    await serve(model, '1')
    server.operations.ending = each => (each === method ? refusal : undefined)
    const error = await load(model, '2').catch(each => each)
    expect(error).toMatchObject({ code })
    expect(error.what).not.toContain('\n')
    for (const each of says) expect(error.message).toMatch(each)
    expect(await seen(model)).toMatchObject({ versions: ['1'], traffic: { 1: 100 } })
    server.operations.ending = () => undefined
    await load(model, '2')
    expect((await seen(model)).versions).toEqual(['1', '2'])
  })

  test('notices a deployment that was said to be done and was not', async () => {
    server.operations.ending = method => (method === 'DeployModel' ? 'nothing' : undefined)
    await expect(load('nothing', '1')).rejects.toMatchObject({
      code: 'deployment-failed',
      message: expect.stringContaining('says that nothing 1 is deployed, and it is not'),
    })
  })

  test('waits for lists and lookups that are behind', async () => {
    server.endpoints.lag = 2
    await serve('lag', '1')
    expect((await seen('lag')).traffic).toEqual({ 1: 100 })
  })

  test('goes on where a deployer was killed, at every call of a load', async () => {
    let at = 0
    for (let finished = false; !finished; ) {
      at += 1
      const model = `killed ${at}`
      const nothing = { versions: [], traffic: {} }
      finished = await killedAt(at, server, signal => {
        return take({ do: 'load', model, version: '1' }, { signal }, nothing)
      })
      await load(model, '1')
      expect({ at, uploads: uploads(model).length }).toEqual({ at, uploads: 1 })
      expect(endpointOf(model)?.deployedModels.map(({ displayName }) => displayName)).toEqual(['version 1'])
    }
    expect(at).toBeGreaterThan(8)
  })

  test.each<[step: string, TargetStep]>([
    [
      'shift',
      {
        do: 'shift',
        model: '',
        split: { 1: 90, 2: 10 },
        rollout: { version: '2', share: 10, since: 7 },
      },
    ],
    ['unload', { do: 'unload', model: '', version: '2' }],
    ['retirement', { do: 'retire', model: '' }],
  ])('goes on where a deployer was killed, at every call of a %s', async (name, step) => {
    let at = 0
    for (let finished = false; !finished; ) {
      at += 1
      const model = `killed ${name} ${at}`
      await serve(model, '1')
      await load(model, '2')
      const before = await seen(model)
      finished = await killedAt(at, server, signal => take({ ...step, model }, { signal }, before))
      await take({ ...step, model })
      expect(await seen(model)).toMatchObject(
        step.do === 'shift'
          ? { versions: ['1', '2'], traffic: step.split, rollout: step.rollout }
          : step.do === 'retire'
            ? { versions: [], traffic: {} }
            : { versions: ['1'], traffic: { 1: 100 } },
      )
      if (step.do === 'retire') expect(endpointOf(model)).toBeUndefined()
    }
    expect(at).toBeGreaterThan(1)
  })

  test('shows what another deployer is loading, and what it left behind as nothing', async () => {
    await serve('loading', '1')
    server.operations.looks = 50
    const loading = load('loading', '2')
    for (;;) {
      const state = await seen('loading')
      if (state.loading === undefined) continue
      expect(state).toMatchObject({ versions: ['1'], loading: ['2'], traffic: { 1: 100 } })
      break
    }
    server.operations.ending = () => new Refusal('INTERNAL', 'An internal error occurred.')
    await expect(loading).rejects.toThrow()
    expect(await seen('loading')).not.toHaveProperty('loading')
  })

  test('gives two deployers that load at once one deployed model', async () => {
    const other = vertexTarget(settings(), QUICK)
    await Promise.all([load('two', '1'), take({ do: 'load', model: 'two', version: '1' }, { by: other })])
    await other[Symbol.asyncDispose]()
    expect(endpointOf('two')?.deployedModels.length).toBe(1)
  })

  test('takes traffic back from a model that was deployed by hand, and leaves it there', async () => {
    await serve('hand', '1')
    const { name } = endpointOf('hand')!
    server.endpoints.deployByHand(name, 'projects/newsroom-test/locations/europe-west4/models/other', 30)
    expect(await seen('hand')).toMatchObject({ versions: ['1'], traffic: { 1: 70, 'deployed model 77': 30 } })
    await take({ do: 'shift', model: 'hand', split: { 1: 100 } })
    expect(endpointOf('hand')).toMatchObject({ trafficSplit: { [deployedId('hand', '1')]: 100 } })
    expect(endpointOf('hand')?.deployedModels.length).toBe(2)
  })

  test('leaves an endpoint to a model that was deployed by hand when its own is taken down', async () => {
    await serve('shared', '1')
    const { name } = endpointOf('shared')!
    server.endpoints.deployByHand(name, 'projects/newsroom-test/locations/europe-west4/models/other', 30)
    await take({ do: 'retire', model: 'shared' })
    expect(endpointOf('shared')).toMatchObject({ trafficSplit: { 77: 100 }, deployedModels: [{ id: '77' }] })
    expect(await seen('shared')).toMatchObject({ versions: [], foreign: true })
    await serve('alone', '1')
    await take({ do: 'retire', model: 'alone' })
    expect(endpointOf('alone')).toBeUndefined()
  })

  test('asks a version without traffic through an endpoint that is gone afterwards', async () => {
    await serve('asked', '1')
    await load('asked', '2')
    expect(await target.ask('asked', '2', ['rates rise'])).toEqual(['2: rates rise'])
    expect(calls('DeployModel')).toBe(3)
    expect([...server.endpoints.endpoints.keys()].filter(name => name.includes('probe-'))).toEqual([])
    server.seen.length = 0
    expect(await target.ask('asked', '1', ['rates rise'])).toEqual(['1: rates rise'])
    expect(server.seen.map(({ method }) => method)).toEqual(['GetEndpoint', 'Predict'])
  })

  test('takes away what a killed deployer asked through, when the version goes', async () => {
    await serve('orphan', '1')
    await load('orphan', '2')
    server.fault = seenCall =>
      ['Predict', 'UndeployModel', 'DeleteEndpoint'].includes(seenCall.method)
        ? new Refusal('PERMISSION_DENIED', 'killed')
        : undefined
    await expect(target.ask('orphan', '2', ['x'])).rejects.toThrow()
    server.fault = () => undefined
    const left = () =>
      [...server.endpoints.endpoints.keys()].filter(name => name.endsWith(idOfProbe('orphan', '2')))
    expect(left().length).toBe(1)
    await take({ do: 'unload', model: 'orphan', version: '2' })
    expect(left()).toEqual([])
    expect(endpointOf('orphan')?.deployedModels.length).toBe(1)
  })

  test('looks at a thousand models with ten calls, and leaves other endpoints alone', async () => {
    await using many = await vertexServer()
    for (let i = 0; i < 1001; i++) {
      const model = `model ${i}`
      const name = `projects/newsroom-test/locations/europe-west4/endpoints/${i === 1000 ? 'theirs' : idOfModel(model)}`
      many.endpoints.endpoints.set(name, {
        name,
        displayName: model,
        description: i === 1000 ? '' : descriptionOf(model),
        etag: 'e',
        labels: i === 1000 ? {} : { 'managed-by': 'pressroom' },
        trafficSplit: {},
        deployedModels: [],
        dedicatedEndpointEnabled: false,
      })
    }
    const by = vertexTarget(settings({ apiEndpoint: many.endpoint }), QUICK)
    expect(Object.keys((await by.observe()).models).length).toBe(1000)
    await by[Symbol.asyncDispose]()
    expect(many.seen.length).toBe(10)
  })

  test('measures a version by Cloud Monitoring', async () => {
    const window = { from: Date.parse('2027-01-31T02:00:00Z'), to: Date.parse('2027-01-31T02:05:00Z') }
    monitoring.made = {
      of: [
        `resource.labels.endpoint_id="${idOfModel('measured')}"`,
        `metric.labels.deployed_model_id="${deployedId('measured', '2')}"`,
      ],
      codes: { 200: 950, 404: 10, 500: 30, 503: 10 },
      p99: 12_500,
    }
    expect(await target.measure!('measured', '2', window)).toEqual({
      requests: 1000,
      errorRate: 0.04,
      p99: 12.5,
    })
    expect(await target.measure!('measured', '1', window)).toBeUndefined()
    const [query] = monitoring.queries
    expect(query!.get('interval.startTime')).toBe('2027-01-31T02:00:00.000Z')
    expect(query!.get('aggregation.alignmentPeriod')).toBe('300s')
    monitoring.status = 403
    await expect(target.measure!('measured', '2', window)).rejects.toMatchObject({
      code: 'not-signed-in',
      fix: expect.stringContaining('roles/monitoring.viewer'),
    })
    monitoring.status = 200
    const property = fc.asyncProperty(fc.constantFrom(200, 403), spoiling(2), async (status, spoilt) => {
      monitoring.status = status
      const error = await withJunk(spoilt, () => target.measure!('measured', '2', window))
      if (error !== undefined) expectOurs(error)
      expectUnpolluted()
    })
    await fc.assert(property, { numRuns: 60 })
    monitoring.status = 200
  })

  test('a rollout that somebody edited into nonsense is none', () => {
    const rollout = { version: '2', share: 12.5, since: 1_700_000_000_000, before: '1', bad: 'slow' }
    const labels = rolloutLabels(rollout)
    expect(readRollout(labels)).toEqual(rollout)
    const since = Object.keys(labels).find(key => labels[key] === String(rollout.since))!
    for (const value of ['9'.repeat(60), '-1', '8640000000000001', 'soon']) {
      expect(readRollout({ ...labels, [since]: value })).toBeUndefined()
    }
    for (const kept of [null, [], { ...rollout, since: 1e300 }, { ...rollout, bad: { toString: [] } }]) {
      expect(rolloutIn(kept)).toBeUndefined()
    }
  })

  test('is what a deployment file names: pressroom deploy shows its plan, and says what is wrong', async () => {
    await using folder = await tempFolder()
    const model = join(folder.path, 'model')
    await sealHeadlines(model)
    {
      await using registry = await openRegistry(join(folder.path, 'registry'))
      await registry.registerVersion({ name: 'named', folder: model, digest: await digestFolder(model) })
      await registry.setAlias('named', 'champion', '1')
    }
    const file = join(folder.path, 'deployment.yaml')
    const deploy = async (more: string, flags = ['--dry-run']) => {
      await writeFile(file, `target:\n  kind: vertex\n  apiEndpoint: ${server.endpoint}\n${more}`)
      const args = ['deploy', ...flags, '--file', file, '--registry', join(folder.path, 'registry')]
      return pressroom(folder.path, args, SEED)
    }
    expect(await deploy('')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/named {3}nothing serves, 1 is to serve\n.*load/),
    })
    expect(endpointOf('named')).toBeUndefined()
    expect(await deploy('  machine: n1\n')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('vertex has an unknown field "machine"'),
    })
    await serve('named', '1')
    server.operations.looks = 0
    expect(await deploy('retired: [named]\n')).toMatchObject({
      stdout: 'named   1 (100 %) serves, nothing is to serve\n  named is to be taken down\n',
    })
    expect(await deploy('retired: [named]\n', [])).toMatchObject({
      status: 0,
      stdout: 'vertex: named is taken down\n',
    })
    server.operations.looks = 1
    expect(endpointOf('named')).toBeUndefined()
  })

  test('shadows nothing', async () => {
    const step = { do: 'shadow', model: 'm', version: '1', share: 10 } as const
    await expect(take(step)).rejects.toMatchObject({ code: 'deployment-failed' })
  })
})

describe('settings', () => {
  test('are complete with those of a webhook receiver on Cloud Run', () => {
    expect(parseVertexSettings(undefined, SEED)).toMatchObject({
      project: 'newsroom-test',
      location: 'europe-west4',
      image: IMAGE,
      machineType: 'n1-standard-2',
      minReplicas: 1,
      maxReplicas: 1,
    })
  })

  test.each<[value: unknown, env: Record<string, string>, says: string]>([
    [undefined, {}, 'project (or PROJECT_ID), location (or LOCATION), image (or CONTAINER_IMAGE_URI)'],
    [undefined, { ...SEED, CONTAINER_IMAGE_URI: '' }, 'image (or CONTAINER_IMAGE_URI)'],
    [undefined, { ...SEED, LOCATION: 'europe-west4-a' }, 'its region is europe-west4'],
    [undefined, { ...SEED, PROJECT_ID: 'News' }, '"News" is not a project'],
    [{ image: 'serving' }, SEED, 'image is "serving"'],
    [{ minReplicas: 0 }, SEED, 'vertex.minReplicas must be a whole number from 1 up'],
    [{ minReplicas: 3, maxReplicas: 2 }, SEED, 'maxReplicas is 2'],
    [{ deployTimeoutMinutes: 121 }, SEED, '120 at most'],
    [{ labels: { team: 'News' } }, SEED, 'vertex.labels.team must be lower-case letters'],
    [{ machinetype: 'n1-standard-2' }, SEED, 'unknown field "machinetype"'],
    [{ stagingUri: 's3://models' }, SEED, 'stagingUri must be gs://'],
    [[], SEED, 'vertex must be an object'],
  ])('%j are refused', (value, env, says) => {
    expect(() => parseVertexSettings(value, env)).toThrow(
      expect.objectContaining({ code: 'invalid-setting', message: expect.stringContaining(says) }),
    )
  })
})

describe('names', () => {
  const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 1100 }))

  test('fit what Vertex AI allows, whatever the registry has', () => {
    fc.assert(
      fc.property(anyText, anyText, (name, version) => {
        expect(idOfModel(name)).toMatch(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/)
        expect(idOfProbe(name, version)).toMatch(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/)
        expect(deployedId(name, version)).toMatch(/^[1-9][0-9]{9}$/)
        expect(aliasOf(version, name)).toMatch(/^[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]$/)
        expect(fittedAlias(name)).toMatch(/^[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]$/)
      }),
    )
  })

  test('are read back, or given up', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        expect(modelOf(idOfModel(text), descriptionOf(text))).toBe(text)
        const label = toLabel(text)
        if (label === undefined) expect(Buffer.byteLength(text)).toBeGreaterThan(30)
        else {
          expect(label).toMatch(/^[a-z0-9_-]{1,63}$/)
          expect(fromLabel(label)).toBe(text)
        }
      }),
    )
  })

  test('of models that look alike are kept apart', () => {
    const names = ['news', 'News', 'news.', 'news-', ' news', 'néws']
    expect(new Set(names.map(idOfModel)).size).toBe(names.length)
  })
})
