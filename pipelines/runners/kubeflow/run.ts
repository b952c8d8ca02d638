import { counted } from '../../../core/counted.ts'
import { PressroomError } from '../../../core/errors.ts'
import { groupNames } from '../../diagram/group-names.ts'
import type { PipelineSpec } from '../../specification.ts'
import type { RunEvent } from '../local/types.ts'
import { plannedTasks } from '../planned-tasks.ts'
import { KubeflowClient } from './client.ts'
import type { Cluster } from './cluster.ts'
import type { TaskView } from './nodes.ts'
import { prepareRun, type Submission } from './submit.ts'
import type { Connection } from './transport.ts'
import { type Ending, type WatchOptions, watchRun } from './watch.ts'

/** How a run is waited for. */
export interface WaitRequest {
  readonly connection: Connection
  /** For deployments with several users: the profile in which experiments, pipelines and pods live. */
  readonly namespace?: string
  readonly cluster?: Cluster
  readonly onEvent?: (event: RunEvent) => void
  /** Whether what tasks print is told as `task-log` events while they run. Default false. */
  readonly logs?: boolean
  /** Told once what makes the wait see less than it should: pods that may not be looked at, say. */
  readonly onWarning?: (text: string) => void
  /** Stops the wait. */
  readonly signal?: AbortSignal
  /** Whether the run is terminated when the wait ends before it does: by the signal, or because it cannot go on. */
  readonly terminateOnCancel?: boolean
  readonly timing?: Pick<
    WatchOptions,
    'pollSeconds' | 'stuckAfterSeconds' | 'patienceSeconds' | 'outageSeconds'
  >
}

export interface KubeflowRunRequest extends Submission, WaitRequest {
  /** False returns once the run is created. Default true. */
  readonly wait?: boolean
}

export interface KubeflowRunResult {
  readonly id: string
  /** Where people see it. */
  readonly url: string
  /** `running` when it was not waited for, or cannot go on. */
  readonly state: 'running' | 'succeeded' | 'failed' | 'cancelled'
  readonly tasks: readonly TaskView[]
  /** Why the run did not succeed: `run-failed`, `run-stuck`, `cancelled`. */
  readonly error?: PressroomError
}

/**
 * Uploads a compiled pipeline, creates one run of it and waits for its end. A run that fails is told in the result; only
 * what keeps it from being created or watched is thrown.
 * @throws PressroomError `invalid-parameter`, `invalid-pipeline`; what {@link KubeflowClient} throws; `cancelled`
 */
export async function runOnKubeflow(request: KubeflowRunRequest): Promise<KubeflowRunResult> {
  const { spec, connection, namespace, wait = true, signal } = request
  const client = new KubeflowClient({ ...connection, ...(signal && { signal }) }, namespace)
  const { run_id: id } = await client.createRun(await prepareRun(client, request))
  if (wait) return waitForRun(request, id, spec)
  return { id, url: urlOf(connection.endpoint, id), state: 'running', tasks: [] }
}

/**
 * Waits for a run that is there.
 * @param spec the compiled pipeline it was made from
 */
export async function waitForRun(
  request: WaitRequest,
  id: string,
  spec: PipelineSpec,
): Promise<KubeflowRunResult> {
  const {
    connection,
    namespace,
    cluster,
    onEvent = () => {},
    logs,
    onWarning,
    signal,
    terminateOnCancel = false,
    timing,
  } = request
  const client = new KubeflowClient({ ...connection, ...(signal && { signal }) }, namespace)
  // The signal that ended the wait must not end the request that terminates.
  const terminate = () => new KubeflowClient(connection, namespace).terminate(id)
  const url = urlOf(connection.endpoint, id)
  const start = performance.now()
  const { name } = spec.pipelineInfo
  onEvent({
    type: 'run-started',
    run: id,
    folder: url,
    pipeline: name,
    place: 'kubeflow',
    tasks: plannedTasks(spec),
    groups: groupNames(spec),
  })
  try {
    const ending = await watchRun({
      client,
      runId: id,
      spec,
      cluster,
      onEvent,
      logs,
      onWarning,
      signal,
      ...timing,
    })
    onEvent({
      type: 'run-finished',
      run: id,
      state: ending.state,
      seconds: (performance.now() - start) / 1000,
    })
    if (ending.stuck !== undefined && terminateOnCancel) await terminate()
    const error = errorOf(ending, name, id, url)
    const state = ending.stuck !== undefined && !terminateOnCancel ? 'running' : ending.state
    return { id, url, state, tasks: ending.tasks, ...(error && { error }) }
  } catch (cause) {
    if (!signal?.aborted) throw cause
    if (terminateOnCancel) await terminate()
    throw new PressroomError(
      'cancelled',
      terminateOnCancel ? `run ${id} is being terminated` : `stopped waiting; run ${id} goes on`,
      {
        where: url,
        fix: terminateOnCancel ? undefined : `pressroom kubeflow terminate ${id} ends it`,
        cause,
      },
    )
  }
}

/** The page of a run in Kubeflow's own interface, which stands at the root that the API is served from. */
function urlOf(endpoint: string, id: string): string {
  return `${endpoint.replace(/\/+$/, '')}/#/runs/details/${id}`
}

function errorOf(
  { state, failed, stuck }: Ending,
  name: string,
  id: string,
  url: string,
): PressroomError | undefined {
  if (stuck !== undefined) return stuck
  if (state === 'succeeded') return undefined
  if (state === 'cancelled')
    return new PressroomError('cancelled', `run ${id} of ${name} was terminated`, { where: url })
  const reasons = failed.map(({ task, driverFailed, failure }) => {
    const before = driverFailed ? `${task}, before it started` : task
    const lines = (failure?.lines ?? []).filter(line => line !== failure?.what)
    return [
      `${before}: ${failure?.what ?? 'its log is not to be had'}`,
      ...lines.map(line => `  ${line}`),
    ].join('\n  ')
  })
  return new PressroomError(
    'run-failed',
    `${name}: ${failed.length === 0 ? 'the run failed' : `${counted(failed.length, 'task')} failed`}`,
    {
      where: [...reasons, url].join('\n  '),
      fix: `pressroom kubeflow logs ${id} shows whole logs; pressroom kubeflow retry ${id} runs again what failed`,
    },
  )
}
