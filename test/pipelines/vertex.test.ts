import { writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { grpc } from 'google-gax'
import { vertexCommand } from '../../cli/commands/vertex/run.ts'
import type { PressroomError } from '../../core/errors.ts'
import { GoogleCalls } from '../../core/google/calls.ts'
import { openGoogleClients } from '../../core/google/clients.ts'
import { parseEndpoint } from '../../core/google/endpoint.ts'
import { fromStruct, toStruct } from '../../core/google/struct.ts'
import type { RunEvent } from '../../pipelines/runners/local/types.ts'
import { withCaching } from '../../pipelines/runners/vertex/caching.ts'
import { toVertexCron } from '../../pipelines/runners/vertex/cron.ts'
import {
  openVertex,
  runOnVertex,
  scheduleOnVertex,
  type VertexConnection,
  type VertexRunRequest,
  type VertexRunResult,
  type VertexSchedule,
  type VertexScheduleRequest,
  type VertexWaitRequest,
  waitForJob,
} from '../../pipelines/runners/vertex/index.ts'
import { labelFaults } from '../../pipelines/runners/vertex/labels.ts'
import { readTasks } from '../../pipelines/runners/vertex/tasks.ts'
import type { PipelineSpec } from '../../pipelines/specification.ts'
import { eventually } from '../support/eventually.ts'
import { pressroom, start } from '../support/pressroom.ts'
import * as fc from '../support/properties.ts'
import { constant, input, leaf, specOf, task } from '../support/specs.ts'
import { tempFolder } from '../support/temp.ts'
import { type Fault, firstCalls } from '../support/vertex/faults.ts'
import { type Detail, Refusal } from '../support/vertex/refusal.ts'
import { type VertexServer, vertexServer } from '../support/vertex-server.ts'

const INPUTS = {
  parameters: {
    source: { parameterType: 'STRING' },
    seed: { parameterType: 'NUMBER_INTEGER', defaultValue: 7 },
    share: { parameterType: 'NUMBER_DOUBLE', isOptional: true },
    strict: { parameterType: 'BOOLEAN', isOptional: true },
    columns: { parameterType: 'LIST', isOptional: true },
    options: { parameterType: 'STRUCT', isOptional: true },
  },
} as const

const LEAVES = { ingest: leaf('ingest', ['source']), train: leaf('train', []), tell: leaf('tell', []) }

/** Three tasks, one after the other. */
const LINE: PipelineSpec = specOf(
  {
    dag: {
      tasks: {
        ingest: task('ingest', { source: input('source') }),
        train: task('train', {}, { dependentTasks: ['ingest'] }),
        tell: task('tell', {}, { dependentTasks: ['train'] }),
      },
    },
    inputDefinitions: INPUTS,
  },
  LEAVES,
)

let server: VertexServer
beforeAll(async () => {
  server = await vertexServer()
})
afterAll(async () => server[Symbol.asyncDispose]())
beforeEach(() => {
  server.fault = () => undefined
  server.pipelines.fate = () => 'succeeds'
  server.pipelines.pace = 1
  server.pipelines.jobs.clear()
  server.schedules.schedules.clear()
  server.seen.length = 0
})

/** A connection that does not wait long. */
function quick(more: Partial<VertexConnection> = {}): VertexConnection {
  const { project, location } = server.home
  return { project, location, apiEndpoint: server.endpoint, pauseSeconds: 0.002, timeoutSeconds: 5, ...more }
}

function request(more: Partial<VertexRunRequest> = {}): VertexRunRequest {
  return {
    connection: quick(),
    spec: LINE,
    parameters: { source: 'gs://newsroom/news.csv' },
    pipelineRoot: 'gs://newsroom/runs',
    timing: { pollSeconds: 0.002, outageSeconds: 2 },
    ...more,
  }
}

/** How often a method was called. */
function calls(method: string): number {
  return server.seen.filter(seen => seen.method === method).length
}

async function failure(promise: Promise<unknown>): Promise<PressroomError> {
  const outcome = await promise.then(
    value => ({ value }),
    error => error as PressroomError,
  )
  if (outcome instanceof Error) return outcome
  throw new Error(`it did not fail: ${JSON.stringify(outcome)}`)
}

/** Events as short texts. */
function recorder() {
  const told: string[] = []
  const onEvent = (event: RunEvent) => {
    if (event.type === 'run-started') told.push(`${event.pipeline} on ${event.place}: ${event.tasks.length}`)
    if (event.type === 'task-started') told.push(`${event.task} starts`)
    if (event.type === 'task-finished') told.push(`${event.task} ${event.state} ${event.summary}`.trim())
    if (event.type === 'run-finished') told.push(event.state)
  }
  return { told, onEvent }
}

describe('a job', () => {
  test('is created as it was asked for, watched and told', async () => {
    const { told, onEvent } = recorder()
    const result: VertexRunResult = await runOnVertex(
      request({
        onEvent,
        jobId: 'nightly-7',
        name: 'Nightly news',
        labels: { env: 'prod', équipe: '' },
        parameters: {
          source: 'a.csv',
          seed: 3,
          share: 0.25,
          strict: false,
          columns: ['text', 1],
          options: { deep: { list: [null, true] } },
        },
        serviceAccount: 'runner@newsroom-test.iam.gserviceaccount.com',
        network: 'projects/12345/global/networks/news',
        encryptionKey: 'projects/newsroom-test/locations/europe-west4/keyRings/r/cryptoKeys/k',
        failurePolicy: 'fast',
      }),
    )
    expect(result).toMatchObject({
      id: 'nightly-7',
      state: 'succeeded',
      url: 'https://console.cloud.google.com/vertex-ai/locations/europe-west4/pipelines/runs/nightly-7?project=newsroom-test',
    })
    expect(told).toEqual([
      'trial on vertex: 3',
      'ingest starts',
      'ingest succeeded',
      'train starts',
      'train succeeded',
      'tell starts',
      'tell succeeded',
      'succeeded',
    ])
    const [{ sent }] = [...server.pipelines.jobs.values()] as unknown as [{ sent: Record<string, never> }]
    expect(sent).toMatchObject({
      displayName: 'Nightly news',
      labels: { env: 'prod', équipe: '', 'pressroom-digest': expect.stringMatching(/^[0-9a-f]{40}$/) },
      serviceAccount: 'runner@newsroom-test.iam.gserviceaccount.com',
      network: 'projects/12345/global/networks/news',
      encryptionSpec: {
        kmsKeyName: 'projects/newsroom-test/locations/europe-west4/keyRings/r/cryptoKeys/k',
      },
      runtimeConfig: {
        gcsOutputDirectory: 'gs://newsroom/runs',
        failurePolicy: 'PIPELINE_FAILURE_POLICY_FAIL_FAST',
      },
    })
    const { runtimeConfig, pipelineSpec } = sent as never as {
      runtimeConfig: { parameterValues: never }
      pipelineSpec: never
    }
    expect(fromStruct({ fields: runtimeConfig.parameterValues })).toEqual({
      source: 'a.csv',
      seed: 3,
      share: 0.25,
      strict: false,
      columns: ['text', 1],
      options: { deep: { list: [null, true] } },
    })
    expect(fromStruct(pipelineSpec)).toEqual(LINE)
    // Nothing is said of who asks where nothing is encrypted.
    expect(server.seen.map(({ metadata }) => metadata.authorization)).not.toContainEqual(expect.anything())
  })

  test('takes the root of the pipeline, and an id that tells its name and nobody else has', async () => {
    const spec = { ...LINE, defaultPipelineRoot: 'gs://newsroom/default' }
    const { pipelineRoot: _, ...rest } = request({ spec, name: '7 News & Views!', wait: false })
    const [one, two] = await Promise.all([runOnVertex(rest), runOnVertex(rest)])
    expect(one).toEqual({ id: one.id, url: expect.any(String), state: 'running', tasks: [] })
    expect(one.id).toMatch(/^news-views-\d{14}-[0-9a-f]{8}$/)
    expect(one.id).not.toBe(two.id)
    const roots = [...server.pipelines.jobs.values()].map(
      ({ sent }) => sent.runtimeConfig?.gcsOutputDirectory,
    )
    expect(roots).toEqual(['gs://newsroom/default', 'gs://newsroom/default'])
  })

  test('tells conditions, loops, nested groups, cached tasks and tasks not triggered', async () => {
    const loop = { itemInput: 'item', items: { raw: '["a","b"]' } }
    const spec = specOf(
      {
        dag: {
          tasks: {
            ingest: task('ingest'),
            'condition-1': task('inner', {}, { dependentTasks: ['ingest'] }),
            'for-loop-1': task('loop', {}, { dependentTasks: ['ingest'], parameterIterator: loop }),
          },
        },
      },
      {
        ...LEAVES,
        inner: { dag: { tasks: { train: task('train') } } },
        loop: { dag: { tasks: { tell: task('tell', { source: constant('x') }) } } },
      },
    )
    server.pipelines.fate = path =>
      path === 'ingest' ? 'is-cached' : path === 'condition-1' ? 'is-not-triggered' : 'succeeds'
    const { told, onEvent } = recorder()
    const { parameters: _, ...rest } = request({ spec, onEvent })
    const { tasks, state } = await runOnVertex(rest)
    expect(state).toBe('succeeded')
    expect(told).toEqual([
      'trial on vertex: 2',
      'ingest cached',
      'condition-1/train skipped its condition does not hold',
      'for-loop-1/tell starts',
      'for-loop-1/tell succeeded',
      'for-loop-1/tell-1 starts',
      'for-loop-1/tell-1 succeeded',
      'succeeded',
    ])
    expect(tasks.filter(({ group }) => group).map(each => each.task)).toEqual(['condition-1', 'for-loop-1'])
  })

  test('that fails names each failed task in one line, and the page of the job', async () => {
    server.pipelines.fate = path => (path === 'train' ? 'fails' : 'succeeds')
    const { told, onEvent } = recorder()
    const { state, error, url } = await runOnVertex(request({ onEvent }))
    const reason =
      'The replica workerpool0-0 exited with a non-zero status of 1. To find out more, look at the logs. (custom job 10027)'
    expect(state).toBe('failed')
    expect(error).toMatchObject({
      code: 'run-failed',
      what: 'trial: 1 task failed',
      where: `train: ${reason}\n  ${url}`,
    })
    expect(told.slice(-4)).toEqual([
      'train starts',
      `train failed ${reason}`,
      'tell skipped not run',
      'failed',
    ])
  })

  test('goes on beside a failed task, or starts nothing new when it is to fail fast', async () => {
    const spec = specOf({ dag: { tasks: { ingest: task('ingest'), train: task('train') } } }, LEAVES)
    server.pipelines.fate = path => (path === 'ingest' ? 'fails' : 'succeeds')
    const statesUnder = async (failurePolicy: 'slow' | 'fast') => {
      const { parameters: _, ...rest } = request({ spec, failurePolicy })
      return (await runOnVertex(rest)).tasks.map(each => `${each.task} ${each.state}`)
    }
    expect(await statesUnder('slow')).toEqual(['ingest failed', 'train succeeded'])
    expect(await statesUnder('fast')).toEqual(['ingest failed', 'train pending'])
  })

  test('that another client cancels ends cancelled', async () => {
    server.pipelines.fate = path => (path === 'train' ? 'waits' : 'succeeds')
    const { told, onEvent } = recorder()
    const running = runOnVertex(request({ jobId: 'long', onEvent }))
    await eventually(() => told.includes('train starts'))
    await using client = await openVertex(quick())
    await client.cancel('long')
    expect(await running).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } })
    expect(told.slice(-3)).toEqual(['train cancelled cancelled', 'tell cancelled not run', 'cancelled'])
    // Once more is no harm; a job that succeeded is another matter.
    await client.cancel('long')
    server.pipelines.fate = () => 'succeeds'
    await runOnVertex(request({ jobId: 'short' }))
    expect(await failure(client.cancel('short'))).toMatchObject({
      code: 'server-refused',
      what: 'job short cannot be cancelled',
      where: 'it is SUCCEEDED',
    })
  })

  test('that is paused ends the wait and says how to go on', async () => {
    server.pipelines.fate = () => 'waits'
    const running = runOnVertex(request({ jobId: 'held' }))
    const job = await eventually(() => server.pipelines.jobs.values().next().value)
    job.paused = true
    expect(await running).toMatchObject({
      state: 'running',
      error: { code: 'run-stuck', fix: 'resume it there; pressroom vertex wait held then waits on' },
    })
    job.paused = false
    server.pipelines.jobs.set(job.name, { ...job, cancelledAt: 1 })
    const again: VertexWaitRequest = request()
    expect((await waitForJob(again, job.name)).state).toBe('cancelled')
  })

  test('outlives an outage of the server, and a wait that is stopped', async () => {
    let asked = 0
    const away = new Refusal('UNAVAILABLE', 'The service is currently unavailable.')
    server.fault = ({ method }) => (method === 'GetPipelineJob' && asked++ % 9 < 7 ? away : undefined)
    expect((await runOnVertex(request())).state).toBe('succeeded')

    server.fault = () => undefined
    server.pipelines.fate = () => 'waits'
    for (const terminateOnCancel of [false, true]) {
      const stop = new AbortController()
      const jobId = `stopped-${terminateOnCancel}`
      const { told, onEvent } = recorder()
      const running = failure(
        runOnVertex(request({ jobId, onEvent, terminateOnCancel, signal: stop.signal })),
      )
      await eventually(() => told.includes('ingest starts'))
      stop.abort(new Error('Ctrl-C'))
      expect(await running).toMatchObject({
        code: 'cancelled',
        what: terminateOnCancel
          ? 'job stopped-true is being cancelled'
          : 'stopped waiting; job stopped-false goes on',
      })
    }
    const states = [...server.pipelines.jobs.values()].map(({ cancelledAt }) => cancelledAt !== undefined)
    expect(states).toEqual([false, false, true])
  })
})

test.each<[what: string, details: [id: string, parent: string | undefined, name: string][], paths: string[]]>(
  [
    [
      'under a job that is listed',
      [
        ['1', undefined, 'the-job'],
        ['2', '1', 'ingest'],
      ],
      ['ingest', 'train', 'tell'],
    ],
    ['under one that is not', [['2', '1', 'train']], ['train', 'ingest', 'tell']],
    [
      'without parents',
      [
        ['2', undefined, 'ingest'],
        ['3', undefined, 'new'],
      ],
      ['ingest', 'new', 'train', 'tell'],
    ],
    [
      'that name each other',
      [
        ['2', '3', 'ingest'],
        ['3', '2', 'train'],
      ],
      expect.anything() as never,
    ],
  ],
)('tasks %s have the paths of the pipeline', (_, details, paths) => {
  const none = {
    state: 'RUNNING',
    startedAt: undefined,
    endedAt: undefined,
    error: undefined,
    customJob: undefined,
  }
  const tasks = details.map(([id, parent, name]) => ({ id, parent, name, ...none }))
  expect(readTasks(LINE, { id: 'the-job', tasks }).map(({ task }) => task)).toEqual(paths)
})

describe('what is wrong with a job', () => {
  const KUBERNETES = {
    platforms: { kubernetes: { deploymentSpec: { executors: { train: { secretAsEnv: [] } } } } },
  }

  test.each<[name: string, more: Partial<VertexRunRequest>, code: string, ...says: string[]]>([
    [
      'parameters',
      { parameters: { sourc: 'x', seed: '7', strict: 1, columns: {} } },
      'invalid-parameter',
      'trial: 5 inputs are wrong',
      '"sourc" is not an input of the pipeline; did you mean "source"?',
      '"source" is missing',
      '"seed" must be a whole number, not "7"',
      '"strict" must be true or false, not 1',
      '"columns" must be a list, not {}',
    ],
    [
      'a whole number',
      { parameters: { source: 'x', seed: 1.5 } },
      'invalid-parameter',
      'a whole number, not 1.5',
    ],
    ['no root', { pipelineRoot: '' }, 'invalid-setting', 'artifacts cannot be kept in ""'],
    ['another root', { pipelineRoot: 's3://b/x' }, 'invalid-setting', 'give gs://BUCKET/FOLDER'],
    [
      'settings',
      {
        jobId: 'Nightly',
        labels: { Env: 'Prod!', '1st': 'x' },
        serviceAccount: 'me',
        network: 'projects/newsroom-test/global/networks/n',
        encryptionKey: 'projects/p/locations/us-central1/keyRings/r/cryptoKeys/k',
        name: 'x'.repeat(129),
      },
      'invalid-setting',
      '7 settings of the job are wrong',
      'write env=prod-',
      'write st=x',
      'job id "Nightly" must begin with a lower-case letter',
      '"me" is not a service account',
      "with the project's number",
      'projects/PROJECT/locations/europe-west4/keyRings',
      'must have 1 to 128 characters',
    ],
    [
      'a platform document',
      { platform: KUBERNETES },
      'invalid-pipeline',
      'kubernetes() of train',
      'Vertex AI reads one document',
    ],
    ['an empty one', { platform: { platforms: {} } }, 'invalid-pipeline', 'leave out the platform document'],
  ])('is said before anything is sent: %s', async (_, more, code, ...says) => {
    const error = await failure(runOnVertex(request(more)))
    expect(error.code).toBe(code)
    for (const part of says) expect(error.message).toContain(part)
    expect(server.seen).toEqual([])
  })

  test('is said by the test server too, of which the checks are not ours', async () => {
    await using client = await openVertex(quick())
    const value = {
      fields: { pipelineSpec: { structValue: toStruct(LINE) }, platforms: { boolValue: true } },
    }
    const job = {
      displayName: 'x'.repeat(129),
      labels: { Env: 'x' },
      pipelineSpec: value,
      network: 'default',
      runtimeConfig: {
        gcsOutputDirectory: 's3://b',
        parameterValues: { seed: { stringValue: '7' } },
        failurePolicy: 'PIPELINE_FAILURE_POLICY_FAIL_SLOW',
      },
    }
    const error = await failure(client.createJob(job as never, '-7'))
    expect(error.code).toBe('server-refused')
    for (const field of [
      'pipeline_job_id: It must match',
      'pipeline_job.display_name: It is longer',
      'pipeline_job.labels: Label "Env: x" is invalid',
      'runtime_config.gcs_output_directory: Invalid Cloud Storage path: s3://b',
      'pipeline_job.network: Invalid network name: default',
      'pipeline_spec: The pipeline spec must be one document',
      'schema_version: Unsupported',
      'parameter_values: Unknown parameter "seed"',
    ])
      expect(error.where).toContain(field)
    expect(server.pipelines.jobs.size).toBe(0)
  })

  test.each([
    ['europe-west4-a', 'that is a zone; its region is europe-west4'],
    ['Europe', 'give a region such as europe-west4'],
    ['europ-west4', undefined],
  ])('is said of the region %s', async (location, fix) => {
    const error = await failure(openVertex({ ...quick(), location, apiEndpoint: '' }))
    expect(error.code).toBe('invalid-setting')
    if (fix !== undefined) expect(error.fix).toBe(fix)
  })

  test('is said of a project that is none', async () => {
    expect((await failure(openVertex(quick({ project: 'News Room' })))).what).toBe(
      '"News Room" is not a project',
    )
    const { project: _, ...without } = quick()
    expect((await failure(openVertex(without))).what).toBe('no Google Cloud project is named')
  })
})

describe('an answer that is lost', () => {
  test.each<[name: string, fault: Fault]>([
    ['a gateway gives up', 'unanswered'],
    ['the connection drops', 'dropped'],
    ['nothing comes in time', 'silent'],
    ['the server is away', new Refusal('UNAVAILABLE', 'no')],
    ['there are too many requests', new Refusal('RESOURCE_EXHAUSTED', 'no')],
  ])('makes no second job or schedule: %s', async (_, fault) => {
    const connection = quick({ timeoutSeconds: fault === 'silent' ? 0.2 : 5 })
    server.fault = firstCalls('CreatePipelineJob', 2, fault)
    expect((await runOnVertex(request({ connection }))).state).toBe('succeeded')
    // What was carried out is refused the second time, and known again.
    expect(calls('CreatePipelineJob')).toBe(fault === 'unanswered' || fault === 'dropped' ? 2 : 3)
    expect(server.pipelines.jobs.size).toBe(1)
    server.fault = firstCalls('CreateSchedule', 1, fault)
    const { id, outcome } = await scheduleOnVertex({ ...request({ connection }), cron: '0 2 * * *' })
    expect(outcome).toBe('created')
    expect([...server.schedules.schedules.keys()].map(name => name.split('/').at(-1))).toEqual([id])
  })

  test('by a process that was killed is found by the next with the same job id', async () => {
    const parameters = { source: 'a.csv', seed: 1 }
    const labels = { team: 'news', env: 'prod' }
    const asked = { jobId: 'nightly', parameters, labels }
    const first = await runOnVertex(request({ ...asked, wait: false }))
    const reordered = { parameters: { seed: 1, source: 'a.csv' }, labels: { env: 'prod', team: 'news' } }
    const again = await runOnVertex(request({ ...asked, ...reordered }))
    expect([again.id, again.state]).toEqual([first.id, 'succeeded'])
    expect(server.pipelines.jobs.size).toBe(1)
    const other = request({ jobId: 'nightly', parameters: { source: 'other.csv' } })
    expect(await failure(runOnVertex(other))).toMatchObject({
      code: 'server-refused',
      what: 'there is another job "nightly" already',
      fix: 'give another --job-id, or none',
    })
  })

  test('to every try says that the job may be there all the same', async () => {
    const told: string[] = []
    const onRetry = (text: string) => void told.push(text)
    server.fault = firstCalls('CreatePipelineJob', 99, new Refusal('UNAVAILABLE', 'no'))
    const error = await failure(
      runOnVertex(request({ connection: quick({ attempts: 3, onRetry }), jobId: 'perhaps' })),
    )
    expect(error.code).toBe('server-unreachable')
    expect(error.where).toContain('the job may have been created all the same: pressroom vertex wait perhaps')
    expect(calls('CreatePipelineJob')).toBe(3)
    expect(told).toEqual(Array(2).fill(expect.stringMatching(/: UNAVAILABLE; trying again in 0\.0 s$/)))
  })

  test('of a deletion is not taken for a job that never was', async () => {
    await runOnVertex(request({ jobId: 'old' }))
    server.fault = firstCalls('DeletePipelineJob', 1, 'unanswered')
    await using client = await openVertex(quick())
    await client.deleteJob('old')
    expect(await failure(client.deleteJob('old'))).toMatchObject({
      code: 'server-refused',
      what: expect.stringContaining('does not exist'),
    })
  })
})

describe('a refusal', () => {
  const info = (reason: string): Detail => ({
    type: 'ErrorInfo',
    fields: { reason, domain: 'googleapis.com' },
  })

  test.each<[name: string, status: Refusal, code: string, ...says: string[]]>([
    [
      'permission',
      new Refusal('PERMISSION_DENIED', "Permission 'aiplatform.pipelineJobs.create' denied"),
      'not-signed-in',
      'Google Cloud does not allow this',
      'check the project "newsroom-test"; it needs roles/aiplatform.user',
    ],
    [
      'API turned off',
      new Refusal('PERMISSION_DENIED', 'Vertex AI API has not been used', [info('SERVICE_DISABLED')]),
      'not-signed-in',
      'gcloud services enable aiplatform.googleapis.com --project newsroom-test',
    ],
    [
      'actAs',
      new Refusal(
        'PERMISSION_DENIED',
        'You do not have permission to act as service account: iam.serviceAccounts.actAs',
      ),
      'not-signed-in',
      'roles/iam.serviceAccountUser',
    ],
    [
      'credentials',
      new Refusal('UNAUTHENTICATED', 'Request had invalid authentication credentials.'),
      'not-signed-in',
      'gcloud auth application-default login',
    ],
    [
      'quota',
      new Refusal('RESOURCE_EXHAUSTED', 'Quota exceeded for quota metric "Create requests"', [
        { type: 'RetryInfo', fields: { retryDelay: { seconds: 0 } } },
      ]),
      'server-refused',
      'a quota of newsroom-test is used up: Quota exceeded',
      'https://console.cloud.google.com/iam-admin/quotas?project=newsroom-test',
    ],
    [
      'method',
      new Refusal('UNIMPLEMENTED', 'no such method'),
      'server-answer',
      'is not Vertex AI',
      'check the endpoint',
    ],
    [
      'internal',
      new Refusal('INTERNAL', 'Internal error encountered.'),
      'server-refused',
      'answered INTERNAL to CreatePipelineJob',
    ],
    ['deadline', new Refusal('DEADLINE_EXCEEDED', 'late'), 'server-unreachable', 'does not answer in time'],
    [
      'precondition',
      new Refusal('FAILED_PRECONDITION', 'The bucket is in\nanother region.'),
      'server-refused',
      'in another region.',
    ],
  ])('says what, where and what to do: %s', async (_, fault, code, ...says) => {
    server.fault = firstCalls('CreatePipelineJob', 99, fault)
    const error = await failure(runOnVertex(request({ connection: quick({ attempts: 2 }) })))
    expect(error.code).toBe(code)
    for (const part of says) expect(error.message).toContain(part)
    expect(error.message).toMatch(/(was asked|answered [A-Z_]+) to CreatePipelineJob/)
  })

  test('by the credentials themselves is no fault of ours', async () => {
    const place = { service: 's', endpoint: 'e', project: 'p', unreachable: '', roles: '', api: '' }
    const calls = new GoogleCalls(place)
    const send = (message: string) => () => Promise.reject(new Error(message))
    expect((await failure(calls.repeat('Get', send('invalid_grant')))).code).toBe('not-signed-in')
    expect(await failure(calls.repeat('Get', send('x is not a function')))).not.toHaveProperty('code')
  })

  test('names another project and another region than the server has', async () => {
    const project = await failure(runOnVertex(request({ connection: quick({ project: 'another-room' }) })))
    expect(project).toMatchObject({ code: 'not-signed-in', fix: expect.stringContaining('"another-room"') })
    const region = await failure(runOnVertex(request({ connection: quick({ location: 'europe-west1' }) })))
    expect(region.message).toContain('Expected location europe-west4, got europe-west1')
  })
})

describe('a server that is not Vertex AI', () => {
  const ask = (endpoint: string) =>
    failure(
      runOnVertex(
        request({ connection: quick({ apiEndpoint: endpoint, attempts: 2, timeoutSeconds: 0.5 }) }),
      ),
    )

  test('knows no such method', async () => {
    const other = new grpc.Server()
    const port = await new Promise<number>(done =>
      other.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (_, bound) => done(bound)),
    )
    expect((await ask(`http://127.0.0.1:${port}`)).code).toBe('server-answer')
    other.forceShutdown()
  })

  test('speaks HTTP, drops each connection, says nothing, or is not there', async () => {
    const open: Socket[] = []
    const keep = (socket: Socket) => void open.push(socket)
    const http = createHttpServer((_, response) => response.end('<html>')).on('connection', keep)
    const drops = createServer(socket => socket.destroy())
    const silent = createServer(keep)
    const servers = [http, drops, silent]
    const ports = await Promise.all(
      servers.map(async each => {
        await new Promise<void>(done => each.listen(0, '127.0.0.1', done))
        return (each.address() as AddressInfo).port
      }),
    )
    const errors = await Promise.all([...ports, 9].map(port => ask(`http://127.0.0.1:${port}`)))
    for (const { code, fix } of errors) {
      expect({ code, fix }).toEqual({
        code: 'server-unreachable',
        fix: 'check --api-endpoint and the network',
      })
    }
    for (const socket of open) socket.destroy()
    await Promise.all(servers.map(each => new Promise(done => each.close(done))))
  })
})

describe('the client', () => {
  test('reads all pages of a list, newest first, and only what it shows', async () => {
    for (let i = 0; i < 120; i++) {
      await using client = await openVertex(quick())
      const [first] = server.pipelines.jobs.values()
      if (first !== undefined)
        server.pipelines.jobs.set(`${first.name}-${i}`, { ...first, name: `${first.name}-${i}` })
      else await client.createJob((await bodyOf()) as never, 'job')
    }
    await using client = await openVertex(quick())
    const ids: string[] = []
    for await (const job of client.jobs()) {
      expect(job.spec()).toBeUndefined()
      ids.push(job.id)
    }
    expect(ids).toHaveLength(120)
    expect([ids[0], ids.at(-1)]).toEqual(['job-119', 'job'])
    const failed: string[] = []
    for await (const job of client.jobs('state="PIPELINE_STATE_FAILED"')) failed.push(job.id)
    expect(failed).toEqual([])
    expect(await failure(client.jobs('sate=1').next())).toMatchObject({ code: 'server-refused' })
  })

  async function bodyOf() {
    const { jobBody } = await import('../../pipelines/runners/vertex/job.ts')
    return jobBody(request(), 'europe-west4')
  }

  test('says what is missing when the package is not there', async () => {
    const error = await failure(
      openGoogleClients('@google-cloud/absent', parseEndpoint('http://localhost:1')),
    )
    expect(error).toMatchObject({ code: 'package-missing', fix: 'npm install @google-cloud/absent' })
  })

  test.each([
    ['10.0.0.7', { host: '10.0.0.7', port: 443, plaintext: false }],
    ['vertex.internal:8443', { host: 'vertex.internal', port: 8443, plaintext: false }],
    ['https://x.p.googleapis.com/', { host: 'x.p.googleapis.com', port: 443, plaintext: false }],
    ['http://localhost:81', { host: 'localhost', port: 81, plaintext: true }],
    ['http://[::1]:81', { host: '::1', port: 81, plaintext: true }],
  ])('takes the endpoint %s', (text, endpoint) => expect(parseEndpoint(text)).toEqual(endpoint))

  test.each([
    'http://vertex.internal',
    'http://127.0.0.1.evil.example',
    'a b',
    'ftp://x',
    'https://x/v1',
    'https://u:p@x',
    '',
  ])('refuses the endpoint "%s"', text =>
    expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ code: 'invalid-setting' })),
  )
})

test('JSON is the same after the way to a Struct and back', () => {
  fc.assert(
    // By way of its text, as JSON has no negative zero.
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()).map(value => JSON.stringify(value)),
      text => {
        const value = JSON.parse(text)
        expect(fromStruct(toStruct(value))).toEqual(value)
      },
    ),
  )
})

test('what is suggested for a label is a label', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (key, value) => {
      const [fault] = labelFaults({ [key]: value })
      const [, newKey = '', newValue = ''] = /; write (.+?)=(.*)$/s.exec(fault ?? '') ?? []
      if (newKey !== '') expect(labelFaults({ [newKey]: newValue })).toEqual([])
    }),
  )
  expect(labelFaults({ 'vertex-ai-pipelines-run-billing-id': 'x' })).toEqual([
    'label vertex-ai-pipelines-run-billing-id is reserved',
  ])
  expect(labelFaults(Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`l${i}`, ''])))).toHaveLength(1)
})

test('caching is turned on or off in every task, as the Python SDK does it', () => {
  const spec = specOf(
    {
      dag: {
        tasks: {
          ingest: task('ingest', {}, { cachingOptions: {} }),
          group: task('inner', {}, { cachingOptions: { enableCache: true, cacheKey: 'k' } }),
        },
      },
    },
    { ...LEAVES, inner: { dag: { tasks: { train: task('train') } } } },
  )
  const optionsOf = ({ root, components = {} }: PipelineSpec) =>
    [root, ...Object.values(components)]
      .flatMap(({ dag }) => Object.values(dag?.tasks ?? {}))
      .map(({ cachingOptions }) => cachingOptions)
  const off = { enableCache: false }
  expect(optionsOf(withCaching(spec, false))).toEqual([off, off, off])
  const on = { enableCache: true }
  expect(optionsOf(withCaching(spec, true))).toEqual([on, { ...on, cacheKey: 'k' }, on])
})

describe('a schedule', () => {
  function nightly(more: Partial<VertexScheduleRequest> = {}): VertexScheduleRequest {
    return { ...request(), cron: '0 2 * * *', ...more }
  }

  test('is made once, resumed when paused, and replaced when it says something else', async () => {
    const first: VertexSchedule = await scheduleOnVertex(
      nightly({ allowQueueing: true, maxConcurrency: 2, endsAt: '2099-01-01T00:00:00+01:00' }),
    )
    expect(first).toMatchObject({ name: 'trial', cron: '0 2 * * *', outcome: 'created' })
    expect([...server.schedules.schedules.values()]).toMatchObject([
      {
        displayName: 'trial',
        maxConcurrentRunCount: '2',
        allowQueueing: true,
        endTime: { seconds: String(Date.UTC(2098, 11, 31, 23) / 1000) },
        createPipelineJobRequest: { pipelineJobId: '', pipelineJob: { displayName: 'trial' } },
      },
    ])
    const same = nightly({ allowQueueing: true, maxConcurrency: 2, endsAt: '2098-12-31T23:00:00Z' })
    expect(await scheduleOnVertex(same)).toEqual({ ...first, outcome: 'unchanged' })
    await using client = await openVertex(quick())
    await client.pauseSchedule(first.id)
    expect(await scheduleOnVertex(same)).toEqual({ ...first, outcome: 'resumed' })
    expect((await failure(client.resumeSchedule(first.id))).message).toContain('is ACTIVE, not PAUSED')
    const changed = await scheduleOnVertex(nightly({ parameters: { source: 'other.csv' } }))
    expect(changed.outcome).toBe('replaced')
    const left = [...server.schedules.schedules.keys()]
    expect(left).toEqual([expect.stringMatching(new RegExp(`/${changed.id}$`))])
    // Another name is another schedule, whatever characters it has.
    const other = await scheduleOnVertex(nightly({ name: 'say "news" \\ AND' }))
    expect(other.outcome).toBe('created')
  })

  test.each([
    ['0 2 * * *', '0 2 * * *'],
    ['@daily', '0 0 * * *'],
    ['TZ=Europe/Oslo @hourly', 'TZ=Europe/Oslo 0 * * * *'],
    ['CRON_TZ=America/New_York  */15 9-17 ? * mon-fri', 'TZ=America/New_York */15 9-17 * * mon-fri'],
    ['0 0 * * 5-7', '0 0 * * 0,5,6'],
  ])('%s is %s to Vertex AI', (given, wanted) => expect(toVertexCron(given)).toBe(wanted))

  test.each([
    '',
    '0 0 2 * * *',
    'TZ=Mars/Olympus 0 2 * * *',
    'TZ= 0 2 * * *',
    '0 24 * * *',
    '0 0 31 2 *',
    'TZ=UTC',
  ])('the cron expression "%s" is refused', cron =>
    expect(() => toVertexCron(cron)).toThrow(expect.objectContaining({ code: 'invalid-setting' })),
  )

  test.each<[more: Partial<VertexScheduleRequest>, says: string]>([
    [{ maxConcurrency: 0 }, 'runs at a time must be a whole number from 1 up'],
    [{ startsAt: 'tomorrow' }, '"tomorrow" is not a time to start at'],
    [{ endsAt: '2020-01-01T00:00:00Z' }, 'the schedule would end before it begins'],
    [{ startsAt: '2099-01-02T00:00:00Z', endsAt: '2099-01-01T00:00:00Z' }, 'would end before it begins'],
    [{ pipelineRoot: 'b' }, 'artifacts cannot be kept in "b"'],
  ])('%j is refused before anything is sent', async (more, says) => {
    expect((await failure(scheduleOnVertex(nightly(more)))).message).toContain(says)
    expect(server.seen).toEqual([])
  })
})

describe('the command line', () => {
  let folder: AsyncDisposable & { readonly path: string }
  let env: NodeJS.ProcessEnv
  beforeAll(async () => {
    folder = await tempFolder()
    await writeFile(join(folder.path, 'line.yaml'), JSON.stringify(LINE))
    const settings = { train: { imagePullPolicy: 'Always' } }
    const platform = { platforms: { kubernetes: { deploymentSpec: { executors: settings } } } }
    const documents = [LINE, platform].map(document => JSON.stringify(document))
    await writeFile(join(folder.path, 'two.yaml'), documents.join('\n---\n'))
    env = {
      GOOGLE_CLOUD_PROJECT: server.home.project,
      GOOGLE_CLOUD_REGION: server.home.location,
      VERTEX_API_ENDPOINT: server.endpoint,
      GOOGLE_APPLICATION_CREDENTIALS: join(folder.path, 'absent.json'),
    }
  })
  afterAll(async () => folder[Symbol.asyncDispose]())
  const run = (line: string, more: NodeJS.ProcessEnv = {}) =>
    pressroom(folder.path, line.split(' '), { ...env, ...more })
  /** An action that needs no process of its own; gives what it prints. */
  async function command(action: string, of?: string, json = false): Promise<string> {
    const { project, location } = server.home
    const settings = { action, of, project, location, apiEndpoint: server.endpoint, most: 20 }
    const lines: string[] = []
    await vertexCommand({
      settings: JSON.parse(JSON.stringify(settings)),
      log: { info: () => {}, warn: () => {} },
      signal: new AbortController().signal,
      json,
      print: text => void lines.push(text),
      exitWith: () => {},
      env: {},
    })
    return lines.join('\n')
  }
  const RUN = 'run line.yaml --on vertex --set source=a.csv --root gs://newsroom/runs'

  test('runs a pipeline, shows and lists its job, and deletes it', async () => {
    // It looks every five seconds.
    server.pipelines.pace = 50
    server.pipelines.fate = path => (path === 'train' ? 'fails' : 'succeeds')
    const ended = await run(`${RUN} --job-id nightly --label team=news --caching off`)
    expect(ended).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('trial · vertex · run nightly'),
      stderr: expect.stringMatching(/trial: 1 task failed\n {2}train: The replica .+\n {2}https:\/\/console/),
    })
    expect(await command('show', 'nightly')).toMatch(
      /^trial {2}FAILED\n.*task +state +error\n.*ingest +SUCCEEDED\n.*train +FAILED +The replica/,
    )
    const list = JSON.parse(await command('jobs', undefined, true))
    expect(list).toMatchObject({ jobs: [{ id: 'nightly', name: 'trial', state: 'FAILED' }] })
    expect(await command('delete', 'nightly')).toContain('job nightly is deleted')
    expect(server.pipelines.jobs.size).toBe(0)
    expect(await command('jobs')).toBe('no jobs')
  })

  test('schedules a pipeline, pauses, resumes and ends its schedule', async () => {
    const name = ['--run-name', 'nightly', '--cron', 'TZ=Europe/Oslo 0 2 * * *']
    const inputs = ['--set', 'source=a.csv', '--root', 'gs://newsroom/runs']
    const made = await pressroom(folder.path, ['vertex', 'schedule', 'line.yaml', ...name, ...inputs], env)
    expect(made.stdout).toMatch(/^created: nightly at TZ=Europe\/Oslo 0 2 \* \* \* {2}\d+\n/)
    const [schedule] = server.schedules.schedules.values()
    await command('pause', 'nightly')
    expect(schedule?.state).toBe('PAUSED')
    expect(await command('schedules')).toMatch(/nightly +TZ=Europe\/Oslo 0 2 \* \* \* +PAUSED/)
    expect((await failure(command('pause', 'nihgtly'))).message).toContain('did you mean "nightly"?')
    await command('resume', 'nightly')
    expect(schedule?.state).toBe('ACTIVE')
    await command('unschedule', 'nightly')
    expect(server.schedules.schedules.size).toBe(0)
  })

  test('cancels a job', async () => {
    server.pipelines.fate = () => 'waits'
    await runOnVertex(request({ jobId: 'held', wait: false }))
    expect(await command('cancel', 'held')).toBe('job held is being cancelled')
    expect((await failure(command('cancel', 'hold'))).message).toContain('does not exist')
  })

  test.each([
    ['goes on after Ctrl-C', '', false, 'stopped waiting; job held goes on'],
    [
      'is cancelled by Ctrl-C when that was asked for',
      ' --terminate-on-cancel',
      true,
      'job held is being cancelled',
    ],
  ])('a job %s', async (_, flag, cancelled, says) => {
    server.pipelines.fate = () => 'waits'
    await using running = start(folder.path, `${RUN} --job-id held${flag}`.split(' '), env)
    await eventually(() => running.output().includes('run held'))
    running.process.kill('SIGINT')
    const ended = await running.ended
    expect(ended).toMatchObject({ status: 130, stderr: expect.stringContaining(says) })
    const [job] = server.pipelines.jobs.values()
    expect(job?.cancelledAt !== undefined).toBe(cancelled)
  })

  test('says what is wrong', async () => {
    const cases: readonly (readonly [line: string, more: NodeJS.ProcessEnv, status: number, says: string])[] =
      [
        ['vertex jobs', { GOOGLE_CLOUD_REGION: '' }, 2, 'no region of Vertex AI is named'],
        ['vertex wait', {}, 2, 'vertex wait needs the id of a job'],
        ['vertex jobs --api-endpoint http://10.0.0.1', {}, 1, 'http:// is for a server on this machine only'],
        ['vertex jobs', { VERTEX_API_ENDPOINT: '' }, 1, 'no Google credentials can be used'],
        [RUN.replace('line', 'two'), {}, 1, 'Vertex AI reads one'],
        [`${RUN} --set seed=x --set sede=1`, {}, 1, '"seed" must be a whole number, not "x"'],
        [`${RUN} --label team`, {}, 2, '--label team is not key=value'],
        [`${RUN} --resume last`, {}, 2, '--resume cannot go with --on vertex'],
      ]
    const ends = await Promise.all(cases.map(([line, more]) => run(line, more)))
    expect(
      ends.map(({ status, stderr }, i) => [status, stderr.includes(cases[i]?.[3] ?? '?') || stderr]),
    ).toEqual(cases.map(([, , status]) => [status, true]))
    expect(server.seen).toEqual([])
  })
})
