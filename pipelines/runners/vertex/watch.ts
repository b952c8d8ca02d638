import { setTimeout as sleep } from 'node:timers/promises'
import { PressroomError } from '../../../core/errors.ts'
import type { PipelineSpec } from '../../specification.ts'
import type { RunEvent } from '../local/types.ts'
import { throughOutage } from '../outage.ts'
import { TaskTeller } from '../task-teller.ts'
import type { VertexClient } from './client.ts'
import type { Job } from './records.ts'
import { readTasks, type TaskView } from './tasks.ts'

export interface WatchOptions {
  readonly client: VertexClient
  readonly id: string
  readonly spec: PipelineSpec
  readonly onEvent?: ((event: RunEvent) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** Seconds between two looks. Default 5, as the Python SDK begins. */
  readonly pollSeconds?: number | undefined
  /** Seconds for which the server may be away. Default 600. */
  readonly outageSeconds?: number | undefined
}

/** How a job ended. */
export interface Ending {
  readonly state: 'succeeded' | 'failed' | 'cancelled' | 'paused'
  readonly tasks: readonly TaskView[]
  readonly job: Job
}

/** States in which waiting is over. A paused job goes on only when somebody resumes it. */
const FINAL: Readonly<Record<string, Ending['state']>> = {
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  PAUSED: 'paused',
}

/**
 * Waits until a job ends, and tells each task's start and end as they are seen.
 * @throws PressroomError what the client throws; `server-unreachable` after an outage; the signal's reason
 */
export async function watchJob(options: WatchOptions): Promise<Ending> {
  const { client, id, spec, onEvent = () => {}, signal, pollSeconds = 5, outageSeconds } = options
  const teller = new TaskTeller<TaskView>(onEvent, { reason: async task => ({ what: reasonOf(task) }) })
  for (;;) {
    const job = await throughOutage(() => client.job(id), { outageSeconds, pollSeconds, signal })
    const tasks = readTasks(spec, job)
    const state = FINAL[job.state]
    const over = state !== undefined && state !== 'paused'
    await teller.tell(tasks.map(asLeaf), { ended: over, cancelled: state === 'cancelled' })
    if (state !== undefined) return { state, tasks, job }
    await sleep(pollSeconds * 1000, undefined, { ...(signal && { signal }) }).catch(() => {
      throw signal?.reason ?? new PressroomError('cancelled', `stopped waiting for job ${id}`)
    })
  }
}

/** Why a task failed, in one line. */
export function reasonOf({ error, customJob }: TaskView): string {
  const what = error ?? 'it failed, and Vertex AI does not say why'
  return customJob === undefined ? what : `${what} (custom job ${customJob})`
}

/** Tasks to blame for a job's failure: groups fail with what is in them, and are named only when nothing in them is. */
export function failedTasks(tasks: readonly TaskView[]): TaskView[] {
  const failed = tasks.filter(({ state }) => state === 'failed')
  return failed.filter(
    ({ group, task }) => !group || !failed.some(other => other.task.startsWith(`${task}/`)),
  )
}

/** A group that fails with no task of its own to blame is told like a task. */
function asLeaf(view: TaskView, _: number, all: readonly TaskView[]): TaskView {
  return view.group && failedTasks(all).includes(view) ? { ...view, group: false } : view
}
