import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json } from '../../../components/definition/index.ts'
import { PressroomError, systemCode } from '../../../core/errors.ts'
import { writeFileAtomic } from '../../../core/storage/atomic.ts'
import { writeFailure } from '../../../core/storage/failures.ts'
import type { PipelineSpec } from '../../specification.ts'
import { type ErrorRecord, firstLine, recordError } from './error-record.ts'
import type { PlannedTask } from './plan.ts'
import type {
  FinalState,
  LogLevel,
  Outcome,
  RunEvent,
  RunResult,
  RunState,
  TaskRecord,
  Values,
} from './types.ts'

/** Changes of `run.json` within this time are written together, so that a thousand short tasks do not wait for it. */
const SAVE_MS = 50

/** What a run is, before anything of it happened. */
export interface RunHead {
  readonly spec: PipelineSpec
  readonly parameters: Readonly<Record<string, Json>>
  readonly tasks: readonly PlannedTask[]
}

/** How a task that ran has ended. */
export interface TaskEnd {
  readonly state: FinalState
  readonly summary: string
  readonly cacheKey?: string
  readonly outputs?: Values
  readonly error?: PressroomError
}

/** Keeps a run's folder, `<home>/runs/<id>/`, and tells of what happens: both from the same calls, so that they agree. */
export class RunRecord {
  readonly id: string
  readonly folder: string
  readonly #head: RunHead
  readonly #tell: (event: RunEvent) => void
  readonly #started = new Date()
  readonly #tasks: Map<string, TaskRecord>
  #state: RunState = 'running'
  #outputs: Values | undefined
  #error: PressroomError | undefined
  #timer: NodeJS.Timeout | undefined
  #saving: Promise<void> = Promise.resolve()

  /**
   * Makes the folder, with the specification in `pipeline.json`.
   * @throws PressroomError `not-writable`
   */
  static async open(home: string, head: RunHead, tell: (event: RunEvent) => void): Promise<RunRecord> {
    const runs = join(home, 'runs')
    try {
      await mkdir(runs, { recursive: true })
      const id = await makeRunFolder(runs)
      const record = new RunRecord(id, join(runs, id), head, tell)
      await writeFile(join(record.folder, 'pipeline.json'), `${JSON.stringify(head.spec, null, 2)}\n`)
      await record.#save()
      tell({
        type: 'run-started',
        run: id,
        folder: record.folder,
        pipeline: record.#pipeline,
        tasks: head.tasks,
      })
      return record
    } catch (error) {
      throw writeFailure(error, runs)
    }
  }

  private constructor(id: string, folder: string, head: RunHead, tell: (event: RunEvent) => void) {
    this.id = id
    this.folder = folder
    this.#head = head
    this.#tell = tell
    this.#tasks = new Map(head.tasks.map(task => [task.task, { ...task, state: 'pending' }]))
  }

  get #pipeline(): string {
    return this.#head.spec.pipelineInfo.name
  }

  started(path: string): void {
    this.#update(path, { state: 'running', startedAt: new Date().toISOString() })
    this.#tell({ type: 'task-started', task: path })
  }

  logged(path: string, level: LogLevel, line: string): void {
    this.#tell({ type: 'task-log', task: path, level, line })
  }

  finished(path: string, { error, ...end }: TaskEnd): void {
    const { state, summary } = end
    const { startedAt } = this.#tasks.get(path) ?? {}
    const now = new Date()
    const seconds = startedAt === undefined ? 0 : (now.getTime() - Date.parse(startedAt)) / 1000
    this.#error ??= error
    const told = error && recordError(error)
    this.#update(path, {
      ...end,
      ...(startedAt !== undefined && { endedAt: now.toISOString(), seconds }),
      ...(told && { error: told }),
    })
    this.#tell({
      type: 'task-finished',
      task: path,
      state,
      summary,
      seconds,
      ...(told && { error: withoutStack(told) }),
    })
  }

  /** A task, or a group with all in it, does not run. */
  passedOver(path: string, state: 'skipped' | 'cancelled', why: string): void {
    for (const { task, state: before } of this.#tasks.values()) {
      const within = task === path || task.startsWith(`${path}/`)
      if (within && before === 'pending') this.finished(task, { state, summary: why })
    }
  }

  /** A task or a group fails before it starts; what is in the group does not run. */
  failed(path: string, error: PressroomError): void {
    if (!this.#tasks.has(path)) {
      this.#tasks.set(path, { task: path, name: path.slice(path.lastIndexOf('/') + 1), state: 'pending' })
    }
    this.finished(path, { state: 'failed', summary: firstLine(error), error })
    this.passedOver(path, 'skipped', `${path} failed`)
  }

  /**
   * Ends the run.
   * @throws PressroomError `not-writable` when `run.json` could not be kept up to date
   */
  async close(outcome: Outcome): Promise<RunResult> {
    const state = outcome.state === 'cancelled' || outcome.state === 'failed' ? outcome.state : 'succeeded'
    this.#state = state
    this.#outputs = outcome.outputs
    clearTimeout(this.#timer)
    await this.#save()
    const seconds = (Date.now() - this.#started.getTime()) / 1000
    this.#tell({ type: 'run-finished', run: this.id, state, seconds })
    return {
      id: this.id,
      folder: this.folder,
      state,
      outputs: outcome.outputs,
      tasks: [...this.#tasks.values()],
      ...(state !== 'succeeded' && { error: this.#reason(state) }),
    }
  }

  #reason(state: 'failed' | 'cancelled'): PressroomError {
    if (state === 'failed' && this.#error !== undefined) return this.#error
    return new PressroomError('cancelled', `${this.#pipeline} was stopped`, {
      where: `its folder: ${this.folder}`,
    })
  }

  #update(path: string, change: Partial<TaskRecord>): void {
    this.#tasks.set(path, { ...(this.#tasks.get(path) as TaskRecord), ...change })
    // A save that fails here is tried again at the end, where someone waits for it.
    this.#timer ??= setTimeout(() => this.#save().catch(() => {}), SAVE_MS)
  }

  async #save(): Promise<void> {
    this.#timer = undefined
    const before = this.#saving
    this.#saving = before
      .catch(() => {})
      .then(() => writeFileAtomic(join(this.folder, 'run.json'), this.#json()))
    await this.#saving
  }

  #json(): string {
    const run = {
      formatVersion: 1,
      id: this.id,
      pipeline: this.#pipeline,
      parameters: this.#head.parameters,
      state: this.#state,
      startedAt: this.#started.toISOString(),
      endedAt: this.#state === 'running' ? undefined : new Date().toISOString(),
      outputs: this.#outputs,
      tasks: [...this.#tasks.values()],
    }
    return `${JSON.stringify(run, null, 2)}\n`
  }
}

/** Ids sort by time, to the second: `20261121-093015-7f3a`, in UTC. */
async function makeRunFolder(runs: string): Promise<string> {
  for (;;) {
    const [date, time] = new Date()
      .toISOString()
      .replaceAll(/[-:]|\..*/g, '')
      .split('T')
    const id = `${date}-${time}-${randomBytes(2).toString('hex')}`
    try {
      await mkdir(join(runs, id))
      return id
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error
    }
  }
}

function withoutStack({ stack: _, ...told }: ErrorRecord): Omit<ErrorRecord, 'stack'> {
  return told
}
