import { PressroomError } from '../../../core/errors.ts'
import { diagnosePod, type PodFault } from '../../../core/kubernetes/pods.ts'
import type { Cluster } from './cluster.ts'
import type { TaskView } from './nodes.ts'
import type { Run } from './records.ts'

interface StuckOptions {
  readonly runId: string
  readonly cluster?: Cluster | undefined
  readonly stuckAfterSeconds?: number | undefined
  readonly patienceSeconds?: number | undefined
  readonly onWarning?: ((text: string) => void) | undefined
}

/** Watches what waits in a run, and says when it waits in vain. */
export class StuckPods {
  readonly #options: StuckOptions
  /** When each fault, or each waiting task, was first seen without a break. */
  #since = new Map<string, number>()
  #unseen: PressroomError | undefined

  constructor(options: StuckOptions) {
    this.#options = options
  }

  /** @returns a `run-stuck` error once a fault has been seen for longer than its patience */
  async look({ run_id: id, state }: Run, tasks: readonly TaskView[]): Promise<PressroomError | undefined> {
    const now = performance.now() / 1000
    const waiting = tasks.filter(view => view.waiting).map(({ task }) => task)
    const idle = waiting.length === 0 && !tasks.some(view => view.state === 'running')
    const faults = waiting.length > 0 || idle ? await this.#faults(id) : []
    const keys = [...faults.map(keyOf), ...waiting, ...(idle ? ['idle'] : [])]
    this.#since = new Map(keys.map(key => [key, this.#since.get(key) ?? now]))
    const age = (key: string) => now - (this.#since.get(key) ?? now)
    const { patienceSeconds, stuckAfterSeconds = 1800 } = this.#options
    const lasting = faults.filter(fault => age(keyOf(fault)) >= (patienceSeconds ?? fault.patienceSeconds))
    if (lasting.length > 0) return blame(id, lasting)
    const [late] = [...waiting, ...(idle ? ['idle'] : [])].filter(key => age(key) >= stuckAfterSeconds)
    return late === undefined ? undefined : this.#unknown(id, late === 'idle' ? undefined : late, state)
  }

  async #faults(id: string): Promise<PodFault[]> {
    const { cluster } = this.#options
    if (cluster === undefined) return []
    try {
      const pods = await cluster.pods(id)
      const pending = pods.filter(({ status }) => status.phase === 'Pending')
      const found = await Promise.all(
        pending.map(async pod => {
          const creating = (pod.status.containerStatuses ?? []).some(
            each => each.state?.waiting !== undefined,
          )
          return diagnosePod(pod, creating ? await cluster.events(pod.metadata.name) : []) ?? []
        }),
      )
      return [...found.flat(), ...(await cluster.waits(id))]
    } catch (error) {
      // Without the right to list pods the run can be watched as before, only less well.
      if (!(error instanceof PressroomError) || error.code === 'cancelled') throw error
      if (this.#unseen === undefined) this.#options.onWarning?.(error.message)
      this.#unseen = error
      return []
    }
  }

  #unknown(id: string, task: string | undefined, state: string | undefined): PressroomError {
    const { cluster, stuckAfterSeconds = 1800 } = this.#options
    const what =
      task === undefined
        ? `no task of run ${id} goes on, though it is ${state ?? 'created'}`
        : `the pod of "${task}" does not start`
    const blind =
      cluster === undefined ? 'Pressroom was not given a way to see why' : 'its pod tells no reason'
    return new PressroomError('run-stuck', what, {
      where: `for ${Math.round(stuckAfterSeconds)} s; ${this.#unseen?.message ?? blind}`,
      fix: `see what it waits for: kubectl get pods -l pipeline/runid=${id}; or let Pressroom look, with --kubeconfig`,
    })
  }
}

function keyOf({ pod, what }: PodFault): string {
  // Counts and back-offs change in messages while the fault stays.
  return `${pod} ${what.replace(/\d+/g, '#')}`
}

function blame(id: string, faults: readonly PodFault[]): PressroomError {
  const fixes = [...new Set(faults.map(({ fix }) => fix))]
  return new PressroomError('run-stuck', `run ${id} cannot go on, though Kubeflow says that it runs`, {
    where: faults.map(({ pod, what }) => `${pod}: ${what}`).join('\n  '),
    fix: fixes.join('; '),
  })
}
