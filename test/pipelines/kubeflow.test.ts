import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PressroomError } from '../../core/errors.ts'
import { aPod, aPodEvent, diagnosePod } from '../../core/kubernetes/pods.ts'
import { type Cluster, openCluster } from '../../pipelines/runners/kubeflow/cluster.ts'
import { toKubeflowCron } from '../../pipelines/runners/kubeflow/cron.ts'
import { readFailure } from '../../pipelines/runners/kubeflow/failure.ts'
import {
  type Connection,
  KubeflowClient,
  type KubeflowRunRequest,
  type KubeflowRunResult,
  logsOfRun,
  runOnKubeflow,
  scheduleOnKubeflow,
  specOfRun,
  waitForRun,
} from '../../pipelines/runners/kubeflow/index.ts'
import { readTasks } from '../../pipelines/runners/kubeflow/nodes.ts'
import { aRun } from '../../pipelines/runners/kubeflow/records.ts'
import type { RunEvent } from '../../pipelines/runners/local/types.ts'
import { aServedSpec } from '../../pipelines/runners/served-spec.ts'
import type { ComponentSpec, PipelineSpec, TaskSpec } from '../../pipelines/specification.ts'
import { expectOurs, expectUnpolluted } from '../support/junk.ts'
import { spoiling, withJunk } from '../support/junk-answers.ts'
import type { Fate } from '../support/kubeflow/argo.ts'
import { type Exchange, recorded } from '../support/kubeflow/recorded.ts'
import { outline, Replay } from '../support/kubeflow/replay.ts'
import { RECURRING_FIELDS, RUN_FIELDS } from '../support/kubeflow/runs.ts'
import { type Fault, type KubeflowServer, kubeflowServer } from '../support/kubeflow-server.ts'
import { pressroom } from '../support/pressroom.ts'
import * as fc from '../support/properties.ts'
import { tempFolder } from '../support/temp.ts'

const exchanges = recorded<Exchange[]>('kfp-recorded/rest.json')

describe('the test server answers as the recorded one', () => {
  if (exchanges === undefined) return test.skip('the recordings are not here', () => {})
  /** What the test server leaves out: version 1 of the API, and the scheduler. */
  const LEFT_OUT = ['report metrics (v1)', 'list v1 runs', 'a run that a recurring run started']
  /** Runs that were there before the recording, or came to be between two exchanges. */
  const RUNS = {
    '56d1e9bc-ebad-4ccc-90bc-0323eae4fd4d': { state: 'RUNNING', runtime_config: { parameters: {} } },
    'eac12915-a83a-4efd-8da8-25126a0fe270': { state: 'RUNNING', runtime_config: { parameters: {} } },
    'f50da374-d2e4-402c-be70-520557eec3d1': { state: 'FAILED' },
    '5d340d6f-dbb6-47cb-bfad-89b713e839d8': { state: 'RUNNING' },
    'dd053aee-d7e8-437d-ac97-54ca8f5d7c3e': { state: 'FAILED' },
    '694101d2-abed-46af-b8e1-2b32a3270f9d': { state: 'RUNNING' },
    '4db2af8b-1cb9-46f3-8c3f-3b3529965302': { state: 'RUNNING' },
    '7509fdfd-ed1a-439b-a74c-01bc6c4c1df1': { state: 'SUCCEEDED', display_name: 'run-1' },
  }
  /** How runs had gone on in the meantime. */
  const MEANWHILE: Readonly<Record<string, readonly [id: string, state: string]>> = {
    'terminate a finished run': ['c78936c7-c80d-4503-ac6e-34a7cdeb2612', 'SUCCEEDED'],
    'retry a failed run': ['f50da374-d2e4-402c-be70-520557eec3d1', 'FAILED'],
    'retry a terminated run': ['eac12915-a83a-4efd-8da8-25126a0fe270', 'FAILED'],
  }
  const ids = new Map<string, string>()
  let server: KubeflowServer
  let replay: Replay
  const spec = exchanges.flatMap(({ name, responseBody }) =>
    name === 'upload_version' ? (responseBody as { pipeline_spec: PipelineSpec }).pipeline_spec : [],
  )[0] as PipelineSpec
  beforeAll(async () => {
    server = await kubeflowServer()
    replay = new Replay(server.url, spec, ids)
  })
  afterAll(async () => server[Symbol.asyncDispose]())

  function seed() {
    for (const [id, item] of Object.entries(RUNS)) {
      const experiment = ids.get('30a162c4-f0ee-4b1d-8f74-50185ee65369')
      const run = server.store.addRun(
        { display_name: 'seeded', pipeline_spec: {}, experiment_id: experiment },
        spec,
      )
      Object.assign(run.item, item)
      ids.set(id, String(run.item.run_id))
    }
    for (const { path, responseBody } of exchanges ?? []) {
      const [, node = ''] = /nodes\/([^/]+)\/log$/.exec(path) ?? []
      if (typeof responseBody === 'string') server.store.logs.set(node, responseBody)
    }
  }

  test.each(
    exchanges
      .filter(({ name }) => !LEFT_OUT.includes(name))
      .map((each, i) => [`${i} ${each.part}: ${each.name}`, each] as const),
  )('%s', async (_, exchange) => {
    if (exchange.name === 'terminate at once') seed()
    const [id = '', state] = MEANWHILE[exchange.name] ?? []
    const run = server.store.runs.get(ids.get(id) ?? '')
    if (run !== undefined) run.item.state = state
    const { status, contentType, responseBody: body } = exchange
    expect(outline(exchange, await replay.send(exchange))).toEqual(
      outline(exchange, { status, contentType, body }),
    )
  })
})

/** A connection that does not wait long. */
function quick(server: { readonly url: string }, more: Partial<Connection> = {}): Connection {
  return { endpoint: server.url, pauseSeconds: 0.005, attempts: 4, timeoutSeconds: 2, ...more }
}

const TIMING = { pollSeconds: 0.002, outageSeconds: 1 }

const task = (component: string, more: Partial<TaskSpec> = {}): TaskSpec => ({
  taskInfo: { name: component },
  componentRef: { name: component },
  ...more,
})

/** Tasks of containers, by name, beside groups. */
function pipelineOf(
  tasks: Readonly<Record<string, TaskSpec>>,
  groups: Readonly<Record<string, ComponentSpec>> = {},
): PipelineSpec {
  const all = [tasks, ...Object.values(groups).map(group => group.dag?.tasks ?? {})].flatMap(
    Object.values,
  ) as TaskSpec[]
  const leaves = all.map(({ componentRef }) => componentRef.name).filter(name => !(name in groups))
  return {
    pipelineInfo: { name: 'news' },
    schemaVersion: '2.1.0',
    root: {
      dag: { tasks },
      inputDefinitions: {
        parameters: {
          source: { parameterType: 'STRING' },
          seed: { parameterType: 'NUMBER_INTEGER', defaultValue: 7 },
        },
      },
    },
    components: {
      ...groups,
      ...Object.fromEntries(leaves.map(name => [name, { executorLabel: `exec-${name}` }])),
    },
    deploymentSpec: {
      executors: Object.fromEntries(
        leaves.map(name => [
          `exec-${name}`,
          { container: { image: 'example/stages:1', command: ['pressroom', name] } },
        ]),
      ),
    },
  }
}

const LINE = pipelineOf({ ingest: task('ingest'), train: task('train', { dependentTasks: ['ingest'] }) })

const GROUPS = pipelineOf(
  {
    ingest: task('ingest'),
    'condition-1': task('comp-if'),
    'condition-2': task('comp-else'),
    'for-loop-3': task('comp-loop', { parameterIterator: { itemInput: 'item', items: { raw: '[1, 2]' } } }),
  },
  {
    'comp-if': { dag: { tasks: { promote: task('promote') } } },
    'comp-else': { dag: { tasks: { reject: task('reject') } } },
    'comp-loop': { dag: { tasks: { score: task('score') } } },
  },
)

async function runs(server: KubeflowServer, more: Partial<KubeflowRunRequest> = {}) {
  const events: RunEvent[] = []
  const result: KubeflowRunResult = await runOnKubeflow({
    spec: LINE,
    connection: quick(server),
    parameters: { source: 'news.csv' },
    timing: TIMING,
    onEvent: event => events.push(event),
    ...more,
  })
  const ends = events.flatMap(event =>
    event.type === 'task-finished' ? [[event.task, event.state, event.summary]] : [],
  )
  return { result, events, ends }
}

async function failureOf(promise: Promise<unknown>): Promise<PressroomError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof PressroomError) return error
  throw new Error('no PressroomError was thrown', { cause: error })
}

describe('a run', () => {
  test('is uploaded, created with its parameters, watched and told', async () => {
    await using server = await kubeflowServer(name => (name === 'ingest' ? 'is-cached' : 'succeeds'))
    const { result, events, ends } = await runs(server, {
      pipelineRoot: 'gs://bucket/root',
      serviceAccount: 'trainer',
    })
    expect(result).toMatchObject({ state: 'succeeded', url: `${server.url}/#/runs/details/${result.id}` })
    expect(result.error).toBeUndefined()
    expect(ends).toEqual([
      ['ingest', 'cached', ''],
      ['train', 'succeeded', ''],
    ])
    expect(events.map(({ type }) => type)).toEqual([
      'run-started',
      'task-started',
      'task-finished',
      'task-started',
      'task-finished',
      'run-finished',
    ])
    const run = server.store.runs.get(result.id)?.item
    expect(run).toMatchObject({
      display_name: expect.stringMatching(/^news [0-9a-f]{8}$/),
      service_account: 'trainer',
      runtime_config: { parameters: { source: 'news.csv' }, pipeline_root: 'gs://bucket/root' },
    })
    const [version] = [...server.store.versions.values()]
    expect(version?.content.spec).toEqual(LINE)
    expect(run?.pipeline_version_reference).toEqual({
      pipeline_id: version?.item.pipeline_id,
      pipeline_version_id: version?.item.pipeline_version_id,
    })
  })

  test('beside others makes one pipeline, version and experiment, and a run each', async () => {
    await using server = await kubeflowServer()
    const results = await Promise.all(Array.from({ length: 5 }, () => runs(server, { experiment: 'new' })))
    const { pipelines, versions, experiments, runs: made } = server.store
    expect(new Set(results.map(({ result }) => result.id)).size).toBe(5)
    expect([pipelines.size, versions.size, made.size]).toEqual([1, 1, 5])
    expect([...experiments.values()].filter(({ display_name: name }) => name === 'new')).toHaveLength(1)
  })

  test('of the same pipeline uploads nothing again; of a changed one a new version', async () => {
    await using server = await kubeflowServer()
    await runs(server)
    await runs(server)
    expect([server.store.pipelines.size, server.store.versions.size, server.store.runs.size]).toEqual([
      1, 1, 2,
    ])
    await runs(server, {
      platform: {
        platforms: {
          kubernetes: {
            deploymentSpec: { executors: { 'exec-train': { imagePullPolicy: 'Always\u0085' } } },
          },
        },
      },
    })
    expect([server.store.pipelines.size, server.store.versions.size]).toEqual([1, 2])
    const platform = [...server.store.versions.values()].at(-1)?.content.platform
    expect(platform?.platforms.kubernetes?.deploymentSpec?.executors['exec-train']).toEqual({
      imagePullPolicy: 'Always\u0085',
    })
  })

  test('tells of conditions, loops and nested groups by the paths of their tasks', async () => {
    await using server = await kubeflowServer(name => (name === 'condition-2' ? 'is-skipped' : 'succeeds'))
    const { ends, events } = await runs(server, { spec: GROUPS })
    expect(ends.map(([name, state]) => `${name} ${state}`).toSorted()).toEqual([
      'condition-1/promote succeeded',
      'condition-2/reject skipped',
      'for-loop-3/0/score succeeded',
      'for-loop-3/1/score succeeded',
      'ingest succeeded',
    ])
    expect(events[0]).toMatchObject({
      tasks: [{ task: 'ingest' }, { task: 'condition-1/promote' }, { task: 'condition-2/reject' }],
    })
  })

  test.each([
    ['fails', 'failed to execute component: exit status 3', ['train works', 'boom: no such column']],
    ['driver-fails', 'the resolved input parameter is null: s', []],
  ] as const)('whose task %s is told with the reason from its log', async (fate, what, lines) => {
    await using server = await kubeflowServer(name => (name === 'train' ? fate : 'succeeds'))
    const { result, ends } = await runs(server)
    expect(ends).toEqual([
      ['ingest', 'succeeded', ''],
      ['train', 'failed', what],
    ])
    expect(result.state).toBe('failed')
    expect(result.error).toMatchObject({
      code: 'run-failed',
      fix: expect.stringContaining(`pressroom kubeflow retry ${result.id}`),
    })
    for (const line of [what, ...lines]) expect(result.error?.message).toContain(line)
    expect(result.error?.message).not.toContain('goroutine')
    await new KubeflowClient(quick(server)).retry(result.id)
    const again = await waitForRun({ connection: quick(server), timing: TIMING }, result.id, LINE)
    expect(again.state).toBe('failed')
  })

  test('tells what its tasks print, each line once, and nothing of the launcher', async () => {
    await using server = await kubeflowServer(name => (name === 'train' ? 'fails' : 'succeeds'))
    const { events } = await runs(server, { logs: true })
    const lines = events.flatMap(event => (event.type === 'task-log' ? [`${event.task}: ${event.line}`] : []))
    expect(lines).toEqual(['ingest: ingest works', 'train: train works', 'train: boom: no such column'])
  })

  test('whose log Kubeflow has lost is told from its pod', async () => {
    await using server = await kubeflowServer(name => (name === 'train' ? 'fails' : 'succeeds'))
    const lost = '{"error_message": "BadRequestError: Failed to read logs", "error_details": ""}'
    server.fault = ({ path }) =>
      path.endsWith('/log') && path.includes('/nodes/')
        ? { status: 200, type: 'text/plain', body: lost }
        : path.includes('/pods/')
          ? { status: 200, type: 'text/plain', body: `rows: 12\nboom in ${path.split('/')[6]}\n` }
          : undefined
    const cluster: Cluster = {
      ...openCluster({ server: server.url, namespace: 'kubeflow' }),
      async pods() {
        const [run] = server.store.runs.values()
        const [, node = ''] = [...(run?.timeline.pods ?? [])].find(([name]) => name === 'train') ?? []
        const name = `news-system-container-impl-${node.slice(node.lastIndexOf('-') + 1)}`
        return [{ metadata: { name }, status: { phase: 'Failed' } }] as never
      },
    }
    const { ends } = await runs(server, { cluster })
    expect(ends.at(-1)).toEqual([
      'train',
      'failed',
      expect.stringMatching(/^boom in news-system-container-impl-\d+$/),
    ])
  })

  test('whose own driver fails is told as the pipeline', async () => {
    await using server = await kubeflowServer(name => (name === '' ? 'driver-fails' : 'succeeds'))
    const { result, ends } = await runs(server)
    expect(ends[0]).toEqual(['root', 'failed', 'the resolved input parameter is null: s'])
    expect(result.error?.message).toContain('root, before it started: the resolved input parameter is null')
  })

  test('that another client terminates ends cancelled, though the server says FAILED', async () => {
    await using server = await kubeflowServer(() => 'waits')
    const { result, ends } = await runs(server, {
      onEvent: ({ type }) => {
        const [id] = server.store.runs.keys()
        if (type === 'task-started') void new KubeflowClient(quick(server)).terminate(String(id))
      },
    })
    expect(server.store.runs.get(result.id)?.item.state).toBe('FAILED')
    expect(result).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } })
    expect(ends).toEqual([])
    expect((await failureOf(new KubeflowClient(quick(server)).terminate(result.id))).message).toContain(
      'has ended already: FAILED',
    )
  })

  test.each([
    [false, 'RUNNING'],
    [true, 'CANCELING'],
  ])('is terminated by Ctrl-C only when asked: %s', async (terminateOnCancel, state) => {
    await using server = await kubeflowServer(() => 'waits')
    const controller = new AbortController()
    const onEvent = ({ type }: RunEvent) => type === 'task-started' && controller.abort()
    const error = await failureOf(runs(server, { signal: controller.signal, terminateOnCancel, onEvent }))
    expect(error.code).toBe('cancelled')
    expect([...server.store.runs.values()].map(({ item }) => item.state)).toEqual([state])
  })

  test('outlives an outage of the server', async () => {
    await using server = await kubeflowServer()
    let asked = 0
    server.fault = ({ path }) => (/runs\/[^/]+$/.test(path) && asked++ % 7 < 5 ? 'lost' : undefined)
    expect((await runs(server)).result.state).toBe('succeeded')
  })

  test('with wrong parameters creates nothing', async () => {
    await using server = await kubeflowServer()
    const error = await failureOf(runs(server, { parameters: { seed: '7', sauce: 1 } }))
    expect(error.code).toBe('invalid-parameter')
    for (const part of ['"sauce" is not an input', '"seed" must be a whole number', '"source" is missing'])
      expect(error.message).toContain(part)
    expect(server.seen).toEqual([])
  })
})

describe('a run that waits for ever', () => {
  const waits = (name: string): Fate => (name === 'train' ? 'waits' : 'succeeds')
  const pod = (container: object, conditions: readonly object[] = []) => ({
    metadata: { name: 'news-system-container-impl-1' },
    status: { phase: 'Pending', conditions, containerStatuses: [{ name: 'main', state: container }] },
  })
  const missing = 'secret "db" not found'

  test.each([
    [
      'an image',
      pod({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "nosuch:1"' } }),
      [],
      'push the image',
    ],
    [
      'a secret',
      pod({ waiting: { reason: 'CreateContainerConfigError', message: missing } }),
      [],
      'create the secret "db"',
    ],
    [
      "a volume's secret",
      pod({ waiting: { reason: 'ContainerCreating' } }),
      [{ reason: 'FailedMount', message: `MountVolume.SetUp failed: ${missing}` }],
      'create the secret "db"',
    ],
    [
      'a node',
      pod({}, [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'Unschedulable',
          message: '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.',
        },
      ]),
      [],
      'ask for less',
    ],
  ])('for %s is told with the cause and what to do', async (_, waiting, events, fix) => {
    await using server = await kubeflowServer(waits)
    server.store.pods = [waiting]
    server.store.events = events
    const cluster = openCluster({ server: server.url, namespace: 'kubeflow' })
    const { result } = await runs(server, { cluster, timing: { ...TIMING, patienceSeconds: 0.02 } })
    expect(result).toMatchObject({
      state: 'running',
      error: { code: 'run-stuck', fix: expect.stringContaining(fix) },
    })
    expect(
      server.seen.some(({ query }) => query.get('labelSelector') === `pipeline/runid=${result.id}`),
    ).toBe(true)
  })

  test('for a quota is told by Argo, since there is no pod', async () => {
    await using server = await kubeflowServer(waits)
    server.fault = ({ path }) =>
      path.endsWith('/workflows')
        ? {
            status: 200,
            type: 'application/json',
            body: JSON.stringify({
              items: [
                {
                  status: {
                    nodes: {
                      a: { displayName: 'train', phase: 'Pending', message: 'forbidden: exceeded quota: q' },
                    },
                  },
                },
              ],
            }),
          }
        : undefined
    const cluster = openCluster({ server: server.url, namespace: 'kubeflow' })
    const { result } = await runs(server, { cluster, timing: { ...TIMING, patienceSeconds: 0.02 } })
    expect(result.error).toMatchObject({
      code: 'run-stuck',
      where: expect.stringContaining('exceeded quota: q'),
      fix: expect.stringContaining('free or raise the quota'),
    })
  })

  test('ends also when nobody may look at its pods, and is terminated when asked', async () => {
    await using server = await kubeflowServer(waits)
    server.fault = ({ path }) =>
      path.endsWith('/pods')
        ? {
            status: 403,
            type: 'application/json',
            body: '{"kind":"Status","status":"Failure","message":"pods is forbidden","reason":"Forbidden","code":403}',
          }
        : undefined
    const cluster = openCluster({ server: server.url, namespace: 'kubeflow' })
    const warnings: string[] = []
    const { result } = await runs(server, {
      cluster,
      terminateOnCancel: true,
      timing: { ...TIMING, stuckAfterSeconds: 0.05 },
      onWarning: text => warnings.push(text),
    })
    expect(warnings).toEqual([expect.stringContaining('let it get and list pods, pods/log and events')])
    expect(result.error).toMatchObject({
      code: 'run-stuck',
      message: expect.stringContaining('the pod of "train" does not start'),
    })
    expect(result.error?.message).toContain('pods is forbidden')
    expect(server.store.runs.get(result.id)?.item.state).toBe('CANCELING')
  })
})

describe('an answer that is lost', () => {
  const created = (fault: Fault) => {
    let first = true
    return ({ method, path }: { readonly method: string; readonly path: string }) => {
      if (method !== 'POST' || !/\/(runs|recurringruns)$/.test(path) || !first) return undefined
      first = false
      return fault
    }
  }
  const html = { status: 504, type: 'text/html', body: '<html>Gateway Timeout</html>' }

  test.each<[string, Fault]>([
    ['before the server saw the request', 'lost'],
    ['after the server did it', 'unanswered'],
    ['while the server still does it', 'late'],
    ['half way', 'half'],
    ['because nothing came', 'silent'],
    ['to a gateway', html],
    [
      'to a gateway that speaks JSON',
      { status: 503, type: 'application/json', body: '{"message":"no healthy upstream"}' },
    ],
  ])('%s never makes a second run or schedule', async (_, fault) => {
    await using server = await kubeflowServer()
    server.fault = created(fault)
    const connection = quick(server, { timeoutSeconds: 0.2, pauseSeconds: 0.008 })
    const { result } = await runs(server, { connection })
    expect([...server.store.runs.keys()]).toEqual([result.id])
    server.fault = created(fault)
    const schedule = await scheduleOnKubeflow({
      connection,
      spec: LINE,
      parameters: { source: 'x' },
      cron: '0 2 * * *',
    })
    expect([...server.store.recurringRuns.keys()]).toEqual([schedule.id])
  })

  test('costs nothing where asking twice does no harm', async () => {
    await using server = await kubeflowServer()
    const faults: Fault[] = [
      'lost',
      'unanswered',
      'half',
      { status: 503, type: 'text/plain', body: 'busy', headers: { 'retry-after': '0' } },
    ]
    const left = new Map<string, Fault[]>()
    server.fault = ({ method, path }) => {
      const key = path.includes('/runs/') ? 'run' : `${method} ${path}`
      if (key === 'POST /apis/v2beta1/runs') return undefined
      if (!left.has(key)) left.set(key, faults.slice(0, 3))
      return left.get(key)?.shift()
    }
    expect((await runs(server)).result.state).toBe('succeeded')
    expect([server.store.pipelines.size, server.store.versions.size, server.store.runs.size]).toEqual([
      1, 1, 1,
    ])
    server.fault = () => faults.shift()
    const told: string[] = []
    const onRetry = (text: string) => told.push(text)
    expect(await new KubeflowClient(quick(server, { attempts: 5, onRetry })).health()).toEqual({
      version: 'unknown',
      multiUser: false,
    })
    const host = server.url.replace('http://', '').replaceAll('.', '\\.')
    expect(told).toHaveLength(4)
    expect(told[3]).toMatch(new RegExp(`^${host} answered 503; trying again in 0\\.0 s$`))
  })

  test('to every try is an error in the end', async () => {
    await using server = await kubeflowServer()
    server.fault = ({ method, path }) => (method === 'POST' && path.endsWith('/runs') ? 'lost' : undefined)
    expect(
      await failureOf(runs(server, { connection: quick(server, { pauseSeconds: 0.001 }) })),
    ).toMatchObject({ code: 'server-unreachable' })
    expect(server.store.runs.size).toBe(0)
  })
})

describe('a server that is not Kubeflow', () => {
  const json = (status: number, body: object): Fault => ({
    status,
    type: 'application/json',
    body: JSON.stringify(body),
  })
  const html = (status: number): Fault => ({
    status,
    type: 'text/html; charset=utf-8',
    body: '<!DOCTYPE html><title>Sign in</title>',
  })
  const stack = 'Failed to create a run: no such table\ngithub.com/kubeflow/pipelines/backend.go:1\n\tmore'

  test.each<[string, Fault, string, string]>([
    ['a login page', html(200), 'not-signed-in', 'a web page came'],
    ['a page of a gateway', html(404), 'server-answer', 'try the endpoint with /pipeline'],
    [
      'a redirect',
      { status: 302, type: 'text/html', body: '', headers: { location: 'https://login.example' } },
      'not-signed-in',
      'https://login.example',
    ],
    [
      '401',
      json(401, { code: 16, message: 'Request header error' }),
      'not-signed-in',
      'Request header error',
    ],
    ['403 without a body', { status: 403, type: '', body: '' }, 'not-signed-in', 'does not allow'],
    ['409 and a stack', json(409, { code: 10, message: stack }), 'server-refused', 'no such table'],
    [
      'the error form of uploads, as text',
      {
        status: 400,
        type: 'text/plain',
        body: JSON.stringify({ error_message: stack, error_details: stack }),
      },
      'server-refused',
      'no such table',
    ],
    [
      'plain text',
      { status: 404, type: 'text/plain', body: '404 page not found\n' },
      'server-answer',
      '404 page not found',
    ],
    ['another JSON', json(200, { hello: 1 }), 'server-answer', 'it.run_id must be a string'],
    ['a list', json(200, []), 'server-answer', 'it must be an object'],
    [
      'half a body of JSON',
      { status: 200, type: 'application/json', body: '{"run_id": "7' },
      'server-answer',
      'cut short',
    ],
    ['an empty body', { status: 200, type: 'application/json', body: '' }, 'server-answer', 'cut short'],
    [
      'JSON as plain text',
      { status: 200, type: 'text/plain', body: '{"run_id": "7"}' },
      'server-answer',
      'answered 200 text/plain',
    ],
    [
      'compressed bytes that it does not call so',
      { status: 200, type: 'application/json', body: gzipSync('{"run_id": "7"}').toString('latin1') },
      'server-answer',
      'cut short or broken',
    ],
    ['half a body', 'half', 'server-unreachable', ''],
    ['nothing', 'silent', 'server-unreachable', 'nothing came within 0.1 s'],
  ])('but sends %s', async (_, fault, code, part) => {
    await using server = await kubeflowServer()
    server.fault = () => fault
    const client = new KubeflowClient(
      quick(server, { timeoutSeconds: 0.1, attempts: 2, auth: { token: 'hush-hush', cookie: 'hush-hush' } }),
    )
    const error = await failureOf(client.run('7'))
    expect(error.code).toBe(code)
    expect(error.message).toContain(part)
    expect(error.message).not.toMatch(/hush|\.go:1/)
  })

  test('that is not there, or not an address', async () => {
    const closed = createServer()
    await new Promise<void>(done => closed.listen(0, '127.0.0.1', done))
    const { port } = closed.address() as { port: number }
    await new Promise(done => closed.close(done))
    const gone = new KubeflowClient({
      endpoint: `http://127.0.0.1:${port}`,
      attempts: 2,
      pauseSeconds: 0.001,
    })
    expect(await failureOf(gone.health())).toMatchObject({
      code: 'server-unreachable',
      where: expect.stringContaining('ECONNREFUSED'),
    })
    for (const endpoint of [
      'kubeflow',
      'ftp://kubeflow',
      'http://me:hush@kubeflow',
      'http://kubeflow/?a=1',
    ]) {
      expect(() => new KubeflowClient({ endpoint })).toThrow(PressroomError)
      expect(() => new KubeflowClient({ endpoint })).not.toThrow('hush')
    }
  })
})

test('whatever is in any place of an answer is read, or refused as no answer of Kubeflow', async () => {
  await using server = await kubeflowServer()
  const connection = quick(server)
  const client = new KubeflowClient(connection)
  const { result } = await runs(server, { spec: GROUPS })
  const works: readonly (() => Promise<unknown>)[] = [
    () => runs(server, { spec: GROUPS }),
    async () => {
      const spec = await specOfRun(client, await client.run(result.id))
      await waitForRun({ connection, timing: TIMING }, result.id, spec)
    },
    () => logsOfRun({ client, runId: result.id }),
    () => client.experiment('Default'),
    async () => client.recurringRuns(await client.experiment('Default')),
    () => client.retry(result.id),
  ]
  const property = fc.asyncProperty(fc.constantFrom(...works), spoiling(8), async (work, spoilt) => {
    const error = await withJunk(spoilt, work)
    if (error !== undefined) expectOurs(error)
    expectUnpolluted()
  })
  await fc.assert(property, { numRuns: 25 })
})

test.each<[string, object, string]>([
  [
    'a task without a component',
    { root: { dag: { tasks: { a: {} } } } },
    'it.root.dag.tasks.a.taskInfo must',
  ],
  [
    'a component in itself',
    {
      root: { dag: { tasks: { a: task('comp') } } },
      components: { comp: { dag: { tasks: { b: task('comp') } } } },
    },
    'it.components.comp contains itself',
  ],
])('a pipeline with %s is not followed', (_, parts, why) => {
  expect(() => aServedSpec({ pipelineInfo: { name: 'news' }, ...parts }, 'it')).toThrow(why)
})

describe('the client', () => {
  test('signs in by token, token file, cookie and user id', async () => {
    await using server = await kubeflowServer()
    await using folder = await tempFolder()
    const tokenFile = join(folder.path, 'token')
    const headersFor = async (auth: Connection['auth']) => {
      await new KubeflowClient(quick(server, { ...(auth && { auth }) })).health()
      const {
        authorization,
        cookie,
        'kubeflow-userid': user,
        'x-user': other,
      } = server.seen.at(-1)?.headers ?? {}
      return [authorization, cookie, user, other]
    }
    await writeFile(tokenFile, 'first\n')
    expect(await headersFor({ token: 't' })).toEqual(['Bearer t', undefined, undefined, undefined])
    expect(await headersFor({ tokenFile })).toEqual(['Bearer first', undefined, undefined, undefined])
    await writeFile(tokenFile, 'second')
    expect(await headersFor({ tokenFile })).toEqual(['Bearer second', undefined, undefined, undefined])
    expect(await headersFor({ cookie: 'session=1', userId: 'a@b.c' })).toEqual([
      undefined,
      'session=1',
      'a@b.c',
      undefined,
    ])
    expect(await headersFor({ userId: 'a@b.c', userIdHeader: 'x-user' })).toEqual([
      undefined,
      undefined,
      undefined,
      'a@b.c',
    ])
    for (const auth of [{ token: 'hush\nhush' }, { tokenFile: join(folder.path, 'none') }]) {
      const error = await failureOf(new KubeflowClient(quick(server, { auth })).health())
      expect(['invalid-setting', 'not-readable']).toContain(error.code)
      expect(error.message).not.toContain('hush')
    }
  })

  test('reads all pages of a list', async () => {
    await using server = await kubeflowServer()
    const experiment = server.store.defaultExperiment()
    for (let i = 0; i < 230; i++) server.store.addRun({ display_name: `run ${i}` }, LINE)
    const names: unknown[] = []
    for await (const run of new KubeflowClient(quick(server)).runs(experiment)) names.push(run.display_name)
    expect(names).toEqual(Array.from({ length: 230 }, (_, i) => `run ${229 - i}`))
  })
})

describe('a schedule', () => {
  const request = (server: KubeflowServer) => ({
    connection: quick(server),
    spec: LINE,
    parameters: { source: 'news.csv' },
    cron: '0 2 * * *',
    retries: { count: 2, delaySeconds: 300 },
  })

  test('is made once, kept when it says the same, and replaced when not', async () => {
    await using server = await kubeflowServer()
    const first = await scheduleOnKubeflow(request(server))
    expect(first).toEqual({ id: expect.any(String), name: 'news', cron: '0 0 2 * * *', outcome: 'created' })
    expect(server.store.recurringRuns.get(first.id)).toMatchObject({
      trigger: { cron_schedule: { cron: '0 0 2 * * *' } },
      max_concurrency: '1',
      no_catchup: true,
      mode: 'ENABLE',
      runtime_config: { parameters: { source: 'news.csv' } },
    })
    const policies = [...server.store.versions.values()].flatMap(({ content }) =>
      Object.values(content.spec.root.dag?.tasks ?? {}),
    )
    expect(policies.map(({ retryPolicy }) => retryPolicy)).toEqual(
      Array(2).fill({
        maxRetryCount: 2,
        backoffDuration: '300s',
        backoffFactor: 1,
        backoffMaxDuration: '3600s',
      }),
    )
    expect(await scheduleOnKubeflow(request(server))).toEqual({ ...first, outcome: 'unchanged' })
    const changed = await scheduleOnKubeflow({ ...request(server), cron: '30 2 * * *' })
    expect(changed.outcome).toBe('replaced')
    expect([...server.store.recurringRuns.keys()]).toEqual([changed.id])
  })

  test.each([
    ['0 2 * * *', '0 0 2 * * *'],
    ['*/15 9-17 * * mon-fri', '0 */15 9-17 * * mon-fri'],
    ['0 0 * * 7', '0 0 0 * * 0'],
    ['0 0 * * 5-7', '0 0 0 * * 0,5,6'],
    ['0 0 29 2 *', '0 0 0 29 2 *'],
    ['30 0 2 * * *', '30 0 2 * * *'],
    ['@daily', '@daily'],
  ])('%s is %s to Kubeflow', (given, wanted) => {
    expect(toKubeflowCron(given)).toBe(wanted)
  })

  test.each([
    '',
    'every day',
    '0 2 * *',
    '0 24 * * *',
    '60 2 * * *',
    '0 2 0 * *',
    '0 2 31 2,4 *',
    '0 2 * * 8',
    '5-1 * * * *',
    '*/0 * * * *',
    '*-5 * * * *',
    'a * * * *',
    '@often',
  ])('"%s" is refused', cron => {
    expect(() => toKubeflowCron(cron)).toThrow(expect.objectContaining({ code: 'invalid-setting' }))
  })
})

describe('the command line', () => {
  test('runs a pipeline on Kubeflow, lists it and shows its logs', async () => {
    await using server = await kubeflowServer(name => (name === 'train' ? 'fails' : 'succeeds'))
    await using folder = await tempFolder()
    // The command line looks every three seconds.
    server.store.pace = 50
    const file = join(folder.path, 'line.yaml')
    await writeFile(file, JSON.stringify(LINE))
    const env = { KF_PIPELINES_ENDPOINT: server.url, KUBEFLOW_TOKEN: 'hush-hush' }
    const run = await pressroom(folder.path, ['run', file, '--on', 'kubeflow', '--set', 'source=a.csv'], env)
    expect(run).toMatchObject({ status: 1, stdout: expect.stringContaining('news · kubeflow · run ') })
    expect(run.stderr).toContain(
      'train: failed to execute component: exit status 3\n    train works\n    boom: no such column',
    )
    expect(server.seen.every(({ headers }) => headers.authorization === 'Bearer hush-hush')).toBe(true)
    const [id = ''] = server.store.runs.keys()
    const list = await pressroom(folder.path, ['kubeflow', 'runs', '--json'], env)
    expect(JSON.parse(list.stdout)).toMatchObject({ runs: [{ id, state: 'FAILED' }] })
    const logs = await pressroom(folder.path, ['kubeflow', 'logs', id, '--task', 'trian'], env)
    expect(logs.stderr).toContain('did you mean "train"?')
  }, 30_000)

  test.each([
    [['kubeflow', 'runs'], 2, 'no way to Kubeflow is named'],
    [['kubeflow', 'wait', '--endpoint', 'http://127.0.0.1:9'], 2, 'needs the id of a run'],
  ])('%s is told what is wrong', async (args, status, part) => {
    await using folder = await tempFolder()
    expect(await pressroom(folder.path, args, { KF_PIPELINES_ENDPOINT: '' })).toMatchObject({
      status,
      stderr: expect.stringContaining(part),
    })
  })
})

test('the last own lines of a log and the fatal one are the reason', () => {
  const log =
    'I1121 07:55:09.062678      15 main.go:139] start\nrows: 12\nValueError: no\nF1121 07:55:09.1 15 main.go:175] failed: exit status 1\ngoroutine 1 [running]:\nmain.main()'
  expect(readFailure(log)).toEqual({ what: 'failed: exit status 1', lines: ['rows: 12', 'ValueError: no'] })
  expect(readFailure('one\ntwo\n')).toEqual({ what: 'two', lines: ['one', 'two'] })
  expect(readFailure('')).toBeUndefined()
})

describe('the recordings', () => {
  const snapshots = recorded<{ snapshots: { case: string; moment: string; run: object }[] }>(
    'kfp-recorded/runs.json',
  )?.snapshots
  const pods = recorded<{ case: string; pod: { metadata: { name: string } } }[]>(
    'kubernetes-recorded/pods.json',
  )
  const events = recorded<{ object: string }[]>('kubernetes-recorded/events.json')
  const swagger = recorded<{ definitions: Record<string, { properties: object }> }>(
    'kfp-recorded/kfp_api_v2beta1.swagger.json',
  )
  if (snapshots === undefined || pods === undefined || events === undefined || swagger === undefined) {
    return test.skip('are not here', () => {})
  }
  const always = { triggerPolicy: { strategy: 'ALL_UPSTREAM_TASKS_COMPLETED' } } as const
  const group = (...names: string[]): ComponentSpec => ({
    dag: { tasks: Object.fromEntries(names.map(name => [name, task(name)])) },
  })
  const loop = { parameterIterator: { itemInput: 'item', items: { inputParameter: 'items' } } }

  test.each<[string, PipelineSpec, string[]]>([
    [
      'two-step, succeeds t+21s',
      pipelineOf({ make: task('make'), use: task('use') }),
      ['make running waiting', 'use pending'],
    ],
    [
      'two-step, succeeds t+42s',
      pipelineOf({ make: task('make'), use: task('use') }),
      ['make running 1', 'use pending'],
    ],
    [
      'two-step, succeeds t+94s',
      pipelineOf({ make: task('make'), use: task('use') }),
      ['make succeeded 1', 'use succeeded 1'],
    ],
    [
      'a task fails (exit code 3) t+42s',
      pipelineOf({ fail: task('fail'), slow: task('slow') }),
      ['fail failed 1', 'slow pending'],
    ],
    [
      'retry of the failed run t+3s',
      pipelineOf({ fail: task('fail'), slow: task('slow') }),
      ['fail running waiting 1', 'slow pending'],
    ],
    [
      'terminated inside an exit handler final or at the time of recording',
      pipelineOf(
        { 'exit-handler-1': task('eh'), say: task('say', { dependentTasks: ['exit-handler-1'], ...always }) },
        { eh: group('slow') },
      ),
      ['exit-handler-1 failed', 'exit-handler-1/slow failed 1', 'say failed driver 1'],
    ],
    [
      'ignore_upstream_failure after a failure: the run SUCCEEDED final or at the time of recording',
      pipelineOf({
        fail: task('fail'),
        say: task('say', { dependentTasks: ['fail'], ...always }),
        'say-2': task('say-2'),
      }),
      ['fail failed 1', 'say succeeded 1', 'say-2 pending'],
    ],
    [
      'driver refuses an absent optional in a condition final or at the time of recording',
      pipelineOf({ 'condition-1': task('c') }, { c: group('say') }),
      ['condition-1 failed driver 1', 'condition-1/say pending'],
    ],
    [
      'missing config map: RUNNING for ever final or at the time of recording',
      pipelineOf({ showenv: task('showenv') }),
      ['showenv running waiting 1'],
    ],
    [
      'cached: same inputs again final or at the time of recording',
      pipelineOf({ give: task('give'), say: task('say') }),
      ['give cached', 'say succeeded 1'],
    ],
    [
      'loop over two items final or at the time of recording',
      pipelineOf(
        { 'for-loop-1': task('l1', loop), 'for-loop-3': task('l3', loop), 'use-list': task('use-list') },
        { l1: group('mk'), l3: group('dk') },
      ),
      [
        'for-loop-1 succeeded',
        'for-loop-1/0/mk succeeded 1',
        'for-loop-1/1/mk succeeded 1',
        'for-loop-3 succeeded',
        'for-loop-3/0/dk cached',
        'for-loop-3/1/dk cached',
        'use-list succeeded 1',
      ],
    ],
  ])('%s is read as it was', (name, spec, wanted) => {
    const found = snapshots.find(each => `${each.case} ${each.moment}` === name)
    const run = aRun(found?.run, 'run')
    const tasks = readTasks(spec, run.run_details?.task_details ?? [])
    const lines = tasks.map(view => [
      view.task,
      view.state,
      view.waiting ? 'waiting' : '',
      view.driverFailed ? 'driver' : '',
      view.nodes.length || '',
    ])
    expect(lines.map(line => line.filter(Boolean).join(' '))).toEqual(wanted)
  })

  test('of pods are told apart: those that wait in vain or were ended, and those that are well', () => {
    const faults = pods.map(({ case: name, pod }) => {
      const own = events
        .filter(({ object }) => object === `Pod/${pod.metadata.name}`)
        .map(event => aPodEvent(event, 'event'))
      return [name, diagnosePod(aPod(pod, 'pod'), own)?.fix]
    })
    expect(Object.fromEntries(faults.filter(([, fix]) => fix !== undefined))).toEqual({
      'command not found': "correct the component's command; it must exist in the image",
      'image name that is not valid': "correct the component's image",
      'activeDeadlineSeconds passed': "raise the task's time-out",
      'config map is missing':
        'create the config map "absent" in the run\'s namespace, or correct its name in the pipeline',
      'runAsNonRoot, root image':
        'use an image with a user of its own, or set a user id in the security context',
      'image cannot be pulled': 'push the image, correct its name, or set a pull secret',
      'node selector matches no node':
        "correct the task's node selector, affinity and tolerations, or label a node",
      'secret of a volume is missing':
        'create the secret "absent" in the run\'s namespace, or correct its name in the pipeline',
      'memory limit passed: OOMKilled': "raise the task's memory limit",
      'pod of the stuck Deployment': 'push the image, correct its name, or set a pull secret',
      'asks for a GPU that no node has': 'ask for less, or add nodes that have it',
    })
  })

  test('of the API have the fields that the test server knows', () => {
    const fieldsOf = (name: string) => Object.keys(swagger.definitions[name]?.properties ?? {}).toSorted()
    expect(RUN_FIELDS.toSorted()).toEqual(fieldsOf('v2beta1Run'))
    expect(RECURRING_FIELDS.toSorted()).toEqual(fieldsOf('v2beta1RecurringRun'))
  })
})
