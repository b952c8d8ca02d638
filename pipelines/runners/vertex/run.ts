import { counted } from '../../../core/counted.ts'
import { PressroomError } from '../../../core/errors.ts'
import { idOf } from '../../../core/google/place.ts'
import { groupNames } from '../../diagram/group-names.ts'
import type { PipelineSpec } from '../../specification.ts'
import type { RunEvent } from '../local/types.ts'
import { plannedTasks } from '../planned-tasks.ts'
import { aServedSpec } from '../served-spec.ts'
import type { VertexClient } from './client.ts'
import { openVertex, type VertexConnection } from './connect.ts'
import { jobBody, jobIdOf, type VertexSubmission } from './job.ts'
import { consoleUrl } from './place.ts'
import type { Job } from './records.ts'
import { readTasks, type TaskView } from './tasks.ts'
import { type Ending, failedTasks, reasonOf, type WatchOptions, watchJob } from './watch.ts'

/** How a job is waited for. */
export interface VertexWaitRequest {
  readonly connection: VertexConnection
  readonly onEvent?: (event: RunEvent) => void
  /** Stops the wait. */
  readonly signal?: AbortSignal
  /** Whether the job is cancelled when the signal ends the wait. */
  readonly terminateOnCancel?: boolean
  readonly timing?: Pick<WatchOptions, 'pollSeconds' | 'outageSeconds'>
}

export interface VertexRunRequest extends VertexSubmission, VertexWaitRequest {
  /** False returns once the job is created. Default true. */
  readonly wait?: boolean
}

export interface VertexRunResult {
  readonly id: string
  /** Its page in Google Cloud's console. */
  readonly url: string
  /** `running` when it was not waited for, or is paused. */
  readonly state: 'running' | 'succeeded' | 'failed' | 'cancelled'
  readonly tasks: readonly TaskView[]
  /** Why the job did not succeed: `run-failed`, `run-stuck` when it is paused, `cancelled`. */
  readonly error?: PressroomError
}

/**
 * Creates a pipeline job of a compiled pipeline and waits for its end. A job that fails is told in the result; only what
 * keeps it from being created or watched is thrown.
 * @throws PressroomError `invalid-pipeline`, `invalid-parameter`, `invalid-setting` before anything is sent; what
 *   {@link VertexClient} throws; `cancelled`
 */
export async function runOnVertex(request: VertexRunRequest): Promise<VertexRunResult> {
  const { connection, wait = true, signal } = request
  const body = jobBody(request, connection.location)
  const id = jobIdOf(request)
  await using client = await openVertex({ ...connection, ...(signal && { signal }) })
  const url = consoleUrl(client.place, 'runs', id)
  try {
    await client.createJob(body, id)
  } catch (error) {
    if (!signal?.aborted) throw perhapsCreated(error, id)
    throw await stopped(request, { id, url, created: false }, error)
  }
  if (wait) return await watch(client, request, id, request.spec)
  return { id, url, state: 'running', tasks: [] }
}

/** Waits for a job that is there. */
export async function waitForJob(request: VertexWaitRequest, id: string): Promise<VertexRunResult> {
  const { connection, signal } = request
  await using client = await openVertex({ ...connection, ...(signal && { signal }) })
  return await watch(client, request, idOf(id), specOfJob(await client.job(id)))
}

/**
 * The tasks of a job, with paths and names as its own pipeline has them.
 * @throws PressroomError `server-answer` when the job has no pipeline
 */
export function tasksOfJob(job: Job): TaskView[] {
  return readTasks(specOfJob(job), job)
}

/**
 * The compiled pipeline that a job was made from.
 * @throws PressroomError `server-answer` when it has none
 */
function specOfJob(job: Job): PipelineSpec {
  try {
    return aServedSpec(job.spec(), 'it')
  } catch (cause) {
    throw new PressroomError('server-answer', `job ${job.id} does not say which pipeline it is of`, {
      where: (cause as Error).message,
      fix: 'only jobs of compiled pipelines of schema version 2.1 can be read',
    })
  }
}

async function watch(
  client: VertexClient,
  request: VertexWaitRequest,
  id: string,
  spec: PipelineSpec,
): Promise<VertexRunResult> {
  const { onEvent = () => {}, signal, timing } = request
  const url = consoleUrl(client.place, 'runs', id)
  const { name } = spec.pipelineInfo
  const start = performance.now()
  onEvent({
    type: 'run-started',
    run: id,
    folder: url,
    pipeline: name,
    place: 'vertex',
    tasks: plannedTasks(spec),
    groups: groupNames(spec),
  })
  try {
    const ending = await watchJob({ client, id, spec, onEvent, signal, ...timing })
    const error = errorOf(ending, name, url)
    if (ending.state === 'paused') return { id, url, state: 'running', tasks: ending.tasks, error: error! }
    const { state, tasks } = ending
    onEvent({ type: 'run-finished', run: id, state, seconds: (performance.now() - start) / 1000 })
    return { id, url, state, tasks, ...(error && { error }) }
  } catch (cause) {
    if (!signal?.aborted) throw cause
    throw await stopped(request, { id, url, created: true }, cause)
  }
}

/** The end by the signal: the job goes on, or is cancelled when that was asked for. */
async function stopped(
  { connection, terminateOnCancel = false }: VertexWaitRequest,
  { id, url, created }: { readonly id: string; readonly url: string; readonly created: boolean },
  cause: unknown,
): Promise<PressroomError> {
  if (!terminateOnCancel) {
    const what = created ? `stopped waiting; job ${id} goes on` : `stopped; job ${id} may have been created`
    return new PressroomError('cancelled', what, {
      where: url,
      fix: `pressroom vertex wait ${id} waits ${created ? 'again' : 'for it'}; pressroom vertex cancel ${id} ends it`,
      cause,
    })
  }
  // The signal that ended the wait must not end the request that cancels.
  const { signal: _, ...open } = connection
  await using client = await openVertex(open)
  await client.cancel(id)
  return new PressroomError('cancelled', `job ${id} is being cancelled`, { where: url, cause })
}

function errorOf({ state, tasks, job }: Ending, name: string, url: string): PressroomError | undefined {
  if (state === 'succeeded') return undefined
  if (state === 'cancelled')
    return new PressroomError('cancelled', `job ${job.id} of ${name} was cancelled`, { where: url })
  if (state === 'paused') {
    return new PressroomError('run-stuck', `job ${job.id} of ${name} is paused`, {
      where: url,
      fix: `resume it there; pressroom vertex wait ${job.id} then waits on`,
    })
  }
  const failed = failedTasks(tasks)
  const reasons = failed.map(task => `${task.task}: ${reasonOf(task)}`)
  const own = job.error === undefined || failed.length > 0 ? [] : [job.error]
  return new PressroomError(
    'run-failed',
    `${name}: ${failed.length === 0 ? 'the job failed' : `${counted(failed.length, 'task')} failed`}`,
    { where: [...reasons, ...own, url].join('\n  ') },
  )
}

/** What nobody answered may have been carried out all the same. */
function perhapsCreated(error: unknown, id: string): unknown {
  if (!(error instanceof PressroomError) || error.code !== 'server-unreachable') return error
  return new PressroomError(error.code, error.what, {
    where: [error.where, `the job may have been created all the same: pressroom vertex wait ${id}`].join(
      '\n  ',
    ),
    fix: error.fix,
    cause: error,
  })
}
