import type { RunEvent } from './local/types.ts'

/** A task of a run on a server, as one look shows it. */
export interface SeenTask {
  /** Its path, as {@link RunEvent} has it. */
  readonly task: string
  /** Whether it stands for tasks of its own and has no failure but theirs. */
  readonly group: boolean
  readonly state: 'pending' | 'running' | 'succeeded' | 'cached' | 'skipped' | 'failed' | 'cancelled'
  /** From its start to its end; 0 when it did not run or has not ended. */
  readonly seconds: number
}

/** Why a task failed: a sentence, and what was seen before it. */
export interface Reason {
  readonly what: string
  readonly lines?: readonly string[]
}

/** What is known of the whole run at that look. */
export interface SeenRun {
  readonly ended: boolean
  readonly cancelled: boolean
  /** Whether failures shown now may be those of an earlier try. */
  readonly stale?: boolean
}

/** What a server is asked about its tasks. */
export interface TellerHooks<T extends SeenTask> {
  /** Why a task failed; asked once for each that did. */
  reason(task: T): Promise<Reason>
  /** Done before a task's end is told. */
  beforeEnd?(task: T): Promise<void>
}

/** Turns looks at a run into events: each task's start and end once, a failure with its reason. */
export class TaskTeller<T extends SeenTask> {
  readonly #onEvent: (event: RunEvent) => void
  readonly #hooks: TellerHooks<T>
  readonly #started = new Set<string>()
  readonly #finished = new Set<string>()

  constructor(onEvent: (event: RunEvent) => void, hooks: TellerHooks<T>) {
    this.#onEvent = onEvent
    this.#hooks = hooks
  }

  async tell(tasks: readonly T[], run: SeenRun): Promise<void> {
    for (const seen of tasks) {
      const { task, group, state } = seen
      // Groups show in their tasks.
      if (group || this.#finished.has(task)) continue
      if (state === 'running' && !this.#started.has(task)) {
        this.#started.add(task)
        this.#onEvent({ type: 'task-started', task })
      }
      if (state === 'failed' && run.stale && !run.ended) continue
      if ((state === 'pending' || state === 'running') && !run.ended) continue
      await this.#hooks.beforeEnd?.(seen)
      this.#finished.add(task)
      this.#onEvent(await this.#ending(seen, run.cancelled))
    }
  }

  async #ending(seen: T, cancelled: boolean): Promise<RunEvent> {
    const { task, state, seconds } = seen
    const finished = { type: 'task-finished', task, seconds } as const
    if (state === 'succeeded' || state === 'cached') return { ...finished, state, summary: '' }
    if (state === 'skipped') return { ...finished, state, summary: 'its condition does not hold' }
    if (state === 'pending')
      return { ...finished, state: cancelled ? 'cancelled' : 'skipped', summary: 'not run' }
    if (state !== 'failed' || cancelled) return { ...finished, state: 'cancelled', summary: 'cancelled' }
    const { what, lines = [] } = await this.#hooks.reason(seen)
    const where = lines.join('\n')
    return {
      ...finished,
      state: 'failed',
      summary: what,
      error: { code: 'stage-failed', what, ...(where && { where }) },
    }
  }
}
