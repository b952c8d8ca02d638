import { createGate } from '../local/gate.ts'
import type { RunEvent } from '../local/types.ts'
import { isServiceLine } from './failure.ts'
import type { TaskView } from './nodes.ts'
import type { PodLogs } from './pod-logs.ts'

/** Logs that are asked for at a time: the server gives whole ones only, and reads them from the cluster itself. */
const AT_ONCE = 8

/** Tells what tasks print while they run: their own lines, each once, without those of Kubeflow's driver and launcher. */
export class LogFollower {
  readonly #logs: PodLogs
  readonly #onEvent: (event: RunEvent) => void
  /** By Argo node: characters that are told. */
  readonly #told = new Map<string, number>()
  readonly #gate = createGate(AT_ONCE)

  constructor(logs: PodLogs, onEvent: (event: RunEvent) => void) {
    this.#logs = logs
    this.#onEvent = onEvent
  }

  /** Looks at all that run. */
  async look(tasks: readonly TaskView[]): Promise<void> {
    const running = tasks.filter(({ group, state, waiting }) => !group && state === 'running' && !waiting)
    await Promise.all(running.map(view => this.#gate(() => this.#tell(view, false))))
  }

  /** The rest of a task that has ended. */
  async finish(view: TaskView): Promise<void> {
    if (!view.driverFailed) await this.#tell(view, true)
  }

  async #tell({ task, nodes }: TaskView, ended: boolean): Promise<void> {
    const node = nodes.at(-1)
    const log = node === undefined ? undefined : await this.#logs.read(node)
    if (node === undefined || log === undefined) return
    const from = this.#told.get(node) ?? 0
    // A line may not be whole yet.
    const to = ended ? log.length : log.lastIndexOf('\n') + 1
    if (to <= from) return
    this.#told.set(node, to)
    for (const line of log.slice(from, to).replace(/\n$/, '').split('\n')) {
      if (!isServiceLine(line)) this.#onEvent({ type: 'task-log', task, level: 'info', line })
    }
  }
}
