import { diagnosePod } from '../../../core/kubernetes/pods.ts'
import type { RunEvent } from '../local/types.ts'
import { type Reason, TaskTeller } from '../task-teller.ts'
import { type Failure, readFailure } from './failure.ts'
import { LogFollower } from './log-follower.ts'
import type { TaskView } from './nodes.ts'
import { PodLogs, type PodLogsOptions } from './pod-logs.ts'

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
  readonly #pods: PodLogs
  readonly #follower: LogFollower | undefined
  readonly #tasks: TaskTeller<TaskView>

  constructor(options: TellerOptions) {
    const { onEvent = () => {}, logs = false } = options
    this.#pods = new PodLogs(options)
    this.#follower = logs ? new LogFollower(this.#pods, onEvent) : undefined
    this.#tasks = new TaskTeller<TaskView>(onEvent, {
      reason: view => this.#blame(view),
      beforeEnd: async view => this.#follower?.finish(view),
    })
  }

  async tell(
    tasks: readonly TaskView[],
    run: { readonly ended: boolean; readonly cancelled: boolean; readonly retried: boolean },
  ): Promise<void> {
    // Only a group that fails by itself, with no task to blame, is told.
    const shown = tasks.map(view => ({ ...view, group: view.group && !view.driverFailed }))
    // After a retry the server shows for a while how tasks ended before.
    await this.#tasks.tell(shown, { ...run, stale: run.retried })
    await this.#follower?.look(tasks)
  }

  async #blame(view: TaskView): Promise<Reason> {
    const failure = await this.#reason(view)
    this.failed.push({ task: view.task, driverFailed: view.driverFailed, failure })
    return failure ?? { what: 'it failed, and its log is not to be had' }
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
