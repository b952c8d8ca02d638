import type { RunEvent } from '../local/types.ts'
import { type Failure, readFailure } from './failure.ts'
import { LogFollower } from './log-follower.ts'
import type { TaskView } from './nodes.ts'
import { PodLogs, type PodLogsOptions } from './pod-logs.ts'
import { diagnosePod } from './pods.ts'

interface TellerOptions extends PodLogsOptions {
  readonly onEvent?: ((event: RunEvent) => void) | undefined
  readonly logs?: boolean | undefined
}

/** A failed task and what its log says. */
export interface FailedTask {
  readonly task: string
  readonly driverFailed: boolean
  readonly failure: Failure | undefined
}

/** Turns what is seen into events: each task's start and end once, its failure with the reason from its log. */
export class Teller {
  readonly failed: FailedTask[] = []
  readonly #options: TellerOptions
  readonly #pods: PodLogs
  readonly #follower: LogFollower | undefined
  readonly #started = new Set<string>()
  readonly #finished = new Set<string>()

  constructor(options: TellerOptions) {
    const { onEvent = () => {}, logs = false } = options
    this.#options = options
    this.#pods = new PodLogs(options)
    this.#follower = logs ? new LogFollower(this.#pods, onEvent) : undefined
  }

  async tell(
    tasks: readonly TaskView[],
    run: { readonly ended: boolean; readonly cancelled: boolean; readonly retried: boolean },
  ): Promise<void> {
    for (const view of tasks) {
      // Groups show in their tasks; only one that fails by itself, with no task to blame, is told.
      if ((view.group && !view.driverFailed) || this.#finished.has(view.task)) continue
      if (view.state === 'running' && !this.#started.has(view.task)) {
        this.#started.add(view.task)
        this.#options.onEvent?.({ type: 'task-started', task: view.task })
      }
      // After a retry the server shows for a while how tasks ended before.
      if (view.state === 'failed' && run.retried && !run.ended) continue
      const open = view.state === 'pending' || view.state === 'running'
      if (open && !run.ended) continue
      await this.#follower?.finish(view)
      this.#finished.add(view.task)
      await this.#finish(view, run.cancelled)
    }
    await this.#follower?.look(tasks)
  }

  async #finish(view: TaskView, cancelled: boolean): Promise<void> {
    const { task, state, seconds } = view
    const finished = { type: 'task-finished', task, seconds } as const
    const { onEvent = () => {} } = this.#options
    if (state === 'succeeded' || state === 'cached') return onEvent({ ...finished, state, summary: '' })
    if (state === 'skipped') return onEvent({ ...finished, state, summary: 'its condition does not hold' })
    if (state === 'pending')
      return onEvent({ ...finished, state: cancelled ? 'cancelled' : 'skipped', summary: 'not run' })
    if (state === 'running' || cancelled)
      return onEvent({ ...finished, state: 'cancelled', summary: 'cancelled' })
    const failure = await this.#reason(view)
    this.failed.push({ task, driverFailed: view.driverFailed, failure })
    const what = failure?.what ?? 'it failed, and its log is not to be had'
    const where = failure?.lines.join('\n')
    onEvent({
      ...finished,
      state: 'failed',
      summary: what,
      error: { code: 'stage-failed', what, ...(where && { where }) },
    })
  }

  /** What the pod says of itself comes first: of memory and deadlines the log knows nothing. */
  async #reason({ nodes }: TaskView): Promise<Failure | undefined> {
    const node = nodes.at(-1)
    if (node === undefined) return undefined
    const [log, pod] = await Promise.all([this.#pods.read(node), this.#pods.podOf(node)])
    const failure = log === undefined ? undefined : readFailure(log)
    const fault = pod && diagnosePod(pod)
    return fault === undefined
      ? failure
      : { what: `${fault.what}; ${fault.fix}`, lines: failure?.lines ?? [] }
  }
}
