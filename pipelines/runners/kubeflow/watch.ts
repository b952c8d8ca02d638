import { setTimeout as sleep } from 'node:timers/promises'
import { PressroomError } from '../../../core/errors.ts'
import type { PipelineSpec } from '../../specification.ts'
import type { RunEvent } from '../local/types.ts'
import { throughOutage } from '../outage.ts'
import type { KubeflowClient } from './client.ts'
import type { Cluster } from './cluster.ts'
import { readTasks, type TaskView } from './nodes.ts'
import type { Run } from './records.ts'
import { StuckPods } from './stuck.ts'
import { type FailedTask, Teller } from './teller.ts'

export interface WatchOptions {
  readonly client: KubeflowClient
  readonly runId: string
  readonly spec: PipelineSpec
  /** Without it, what keeps a pod from starting cannot be seen, only that it does not start. */
  readonly cluster?: Cluster | undefined
  readonly onEvent?: ((event: RunEvent) => void) | undefined
  /** Whether what tasks print is told as `task-log` events while they run. Default false. */
  readonly logs?: boolean | undefined
  /** Told once what makes the wait see less than it should. */
  readonly onWarning?: ((text: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** Seconds between two looks. Default 3. */
  readonly pollSeconds?: number | undefined
  /** Seconds a pod may wait to start when the cause cannot be seen. Default 1,800. */
  readonly stuckAfterSeconds?: number | undefined
  /** Seconds for which faults of pods are borne, in place of each fault's own. */
  readonly patienceSeconds?: number | undefined
  /** Seconds for which the server may be away. Default 600. */
  readonly outageSeconds?: number | undefined
}

/** How a run ended. */
export interface Ending {
  readonly state: 'succeeded' | 'failed' | 'cancelled'
  readonly tasks: readonly TaskView[]
  readonly failed: readonly FailedTask[]
  /** Why no success is to be expected of a run that goes on. */
  readonly stuck?: PressroomError
}

/** States a run does not leave; the Python SDK waits for ever on CANCELED. */
const FINAL = new Set(['SUCCEEDED', 'FAILED', 'CANCELED', 'SKIPPED'])

/**
 * Waits until a run ends, and tells each task's start and end as they are seen. Ends too when the run cannot go on: its
 * pods wait for an image, a secret or a node that does not come, of which the server says only RUNNING.
 * @throws PressroomError what the client throws; `server-unreachable` after an outage; the signal's reason
 */
export async function watchRun(options: WatchOptions): Promise<Ending> {
  const { client, runId, spec, pollSeconds = 3, outageSeconds, signal } = options
  const told = new Teller(options)
  const stuckPods = new StuckPods(options)
  for (;;) {
    const run = await throughOutage(() => client.run(runId), { outageSeconds, pollSeconds, signal })
    const tasks = readTasks(spec, run.run_details?.task_details ?? [])
    const cancelled = wasTerminated(run)
    const ended = run.state !== undefined && FINAL.has(run.state)
    await told.tell(tasks, { ended, cancelled, retried: wasRetried(run) })
    if (ended) return { state: stateOf(run, cancelled), tasks, failed: told.failed }
    const stuck = run.state === 'CANCELING' ? undefined : await stuckPods.look(run, tasks)
    if (stuck !== undefined) return { state: 'failed', tasks, failed: told.failed, stuck }
    await sleep(pollSeconds * 1000, undefined, { ...(signal && { signal }) }).catch(() => {
      throw (
        signal?.reason ??
        new PressroomError('cancelled', `stopped waiting for run ${client.endpoint} ${runId}`)
      )
    })
  }
}

/** A terminated run ends FAILED on the real back end; that it was told to is left only in its history. */
function wasTerminated({ state, state_history: history = [] }: Run): boolean {
  const last = (wanted: string) => history.findLastIndex(entry => entry.state === wanted)
  // What went on after it, by a retry, is another matter.
  return state === 'CANCELED' || state === 'CANCELING' || last('CANCELING') > last('RUNNING')
}

function wasRetried({ state_history: history = [] }: Run): boolean {
  return history.some(entry => entry.state === 'FAILED')
}

function stateOf({ state }: Run, cancelled: boolean): Ending['state'] {
  if (state === 'SUCCEEDED' || state === 'SKIPPED') return 'succeeded'
  return cancelled ? 'cancelled' : 'failed'
}
