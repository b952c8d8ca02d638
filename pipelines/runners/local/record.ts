import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json } from '../../../components/definition/index.ts'
import { PressroomError, systemCode } from '../../../core/errors.ts'
import { writeFileAtomic } from '../../../core/storage/atomic.ts'
import { writeFailure } from '../../../core/storage/failures.ts'
import { groupNames } from '../../diagram/group-names.ts'
import type { PipelineSpec } from '../../specification.ts'
import { type ErrorRecord, firstLine, recordError } from './error-record.ts'
import { runPage } from './page/page.ts'
import type { PlannedTask } from './plan.ts'
import { finishedTasks, type RunFile } from './runs.ts'
import { TaskTable } from './task-table.ts'
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
/** The page of a run that goes on is written this seldom: whoever looks at it loads it again every two seconds. */
const PAGE_MS = 2000
/** The share of the time that saving may take, and as much again for the page: a long list of tasks is saved less often. */
const SAVE_SHARE = 0.05

/** What a run is, before anything of it happened. */
export interface RunHead {
  readonly spec: PipelineSpec
  readonly parameters: Readonly<Record<string, Json>>
  readonly tasks: readonly PlannedTask[]
  /** The run that this one continues, in its folder and by its id. */
  readonly resumed?: RunFile | undefined
}

/** How a task that ran has ended. */
export interface TaskEnd {
  readonly state: FinalState
  readonly summary: string
  readonly cacheKey?: string
  readonly inputsDigest?: string
  readonly outputs?: Values
  readonly error?: PressroomError
}

/** Keeps a run's folder, `<home>/runs/<id>/`, and tells of what happens: both from the same calls, so that they agree. */
export class RunRecord {
  readonly id: string
  readonly folder: string
  /** ISO 8601: of the first time, for a run that is continued. */
  readonly startedAt: string
  readonly #head: RunHead
  readonly #tell: (event: RunEvent) => void
  readonly #began = Date.now()
  readonly #tasks: TaskTable
  readonly #loops: Record<string, readonly string[]> = {}
  #state: RunState = 'running'
  #outputs: Values | undefined
  #error: PressroomError | undefined
  #timer: NodeJS.Timeout | undefined
  #pause = SAVE_MS
  #pageAt = Number.NEGATIVE_INFINITY
  #pagePause = PAGE_MS
  #pageTimer: NodeJS.Timeout | undefined
  #saving: Promise<void> = Promise.resolve()

  /**
   * Makes the folder, with the specification in `pipeline.json`.
   * @throws PressroomError `not-writable`
   */
  static async open(home: string, head: RunHead, tell: (event: RunEvent) => void): Promise<RunRecord> {
    const runs = join(home, 'runs')
    try {
      await mkdir(runs, { recursive: true })
      const id = head.resumed?.id ?? (await makeRunFolder(runs))
      const record = new RunRecord(id, join(runs, id), head, tell)
      await writeFile(join(record.folder, 'pipeline.json'), `${JSON.stringify(head.spec, null, 2)}\n`)
      await record.#save()
      tell({
        type: 'run-started',
        run: id,
        folder: record.folder,
        pipeline: record.#pipeline,
        tasks: head.tasks,
        groups: groupNames(head.spec),
      })
      return record
    } catch (error) {
      throw writeFailure(error, runs)
    }
  }

  private constructor(id: string, folder: string, head: RunHead, tell: (event: RunEvent) => void) {
    this.id = id
    this.folder = folder
    this.startedAt = head.resumed?.startedAt ?? new Date().toISOString()
    this.#head = head
    this.#tell = tell
    this.#tasks = new TaskTable(head.tasks)
  }

  get #pipeline(): string {
    return this.#head.spec.pipelineInfo.name
  }

  started(path: string): void {
    this.#tasks.update(path, { state: 'running', startedAt: new Date().toISOString() })
    this.#changed()
    this.#tell({ type: 'task-started', task: path })
  }

  loopStarted(path: string, items: readonly string[]): void {
    const tasks = this.#tasks.expand(path, items.length)
    this.#loops[path] = items
    this.#changed()
    this.#tell({ type: 'loop-started', task: path, items, tasks: tasks.map(named) })
  }

  groupRetried(path: string, delay: number): void {
    const tasks = this.#tasks.reset(path)
    this.#changed()
    this.#tell({ type: 'group-retried', task: path, delay, tasks: tasks.map(named) })
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
    this.#tasks.update(path, {
      ...end,
      ...(startedAt !== undefined && { endedAt: now.toISOString(), seconds }),
      ...(told && { error: told }),
    })
    this.#changed()
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
    for (const { task, state: before } of this.#tasks.within(path)) {
      if (before === 'pending') this.finished(task, { state, summary: why })
    }
  }

  /** A task or a group fails before it starts; what is in the group does not run. */
  failed(path: string, error: PressroomError): void {
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
    const seconds = (Date.now() - this.#began) / 1000
    this.#tell({ type: 'run-finished', run: this.id, state, seconds })
    return {
      id: this.id,
      folder: this.folder,
      state,
      outputs: outcome.outputs,
      tasks: this.#tasks.all(),
      ...(state !== 'succeeded' && { error: this.#reason(state) }),
    }
  }

  #reason(state: 'failed' | 'cancelled'): PressroomError {
    if (state === 'failed' && this.#error !== undefined) return this.#error
    return new PressroomError('cancelled', `${this.#pipeline} was stopped`, {
      where: `its folder: ${this.folder}`,
    })
  }

  #changed(): void {
    // A save that fails here is tried again at the end, where someone waits for it.
    this.#timer ??= setTimeout(() => this.#saveWhileRunning(), this.#pause)
  }

  /** Once the run has ended its last save is under way, and whoever waits for that may remove the folder. */
  #saveWhileRunning(): void {
    if (this.#state === 'running') this.#save().catch(() => {})
  }

  async #save(): Promise<void> {
    this.#timer = undefined
    const before = this.#saving
    this.#saving = before
      .catch(() => {})
      .then(async () => {
        const began = performance.now()
        const file = this.#file()
        await writeFileAtomic(join(this.folder, 'run.json'), `${JSON.stringify(file, null, 2)}\n`)
        await this.#savePage(file, began)
        this.#pause = Math.max(SAVE_MS, (performance.now() - began) / SAVE_SHARE)
      })
    await this.#saving
  }

  async #savePage(file: RunFile, now: number): Promise<void> {
    const early = this.#pageAt + this.#pagePause - now
    if (file.state === 'running' && early > 0) {
      // Nothing may change for long: what is left out here must not stay unseen until then.
      this.#pageTimer ??= setTimeout(() => this.#saveWhileRunning(), early).unref()
      return
    }
    clearTimeout(this.#pageTimer)
    this.#pageTimer = undefined
    this.#pageAt = now
    const began = performance.now()
    const hasLog = (task: string) => existsSync(join(this.folder, task, 'log.txt'))
    await writeFileAtomic(join(this.folder, 'run.html'), runPage({ ...file, hasLog }, this.#head.spec))
    this.#pagePause = Math.max(PAGE_MS, (performance.now() - began) / SAVE_SHARE)
  }

  /** So that a run that is continued, and stopped again, has lost nothing. */
  #earlier(): TaskRecord[] | undefined {
    const { resumed } = this.#head
    if (resumed === undefined || this.#state === 'succeeded') return undefined
    const finished = [...finishedTasks(resumed).values()]
    return finished.filter(({ task }) => this.#tasks.get(task)?.outputs === undefined)
  }

  #file(): RunFile {
    return {
      formatVersion: 1,
      id: this.id,
      pipeline: this.#pipeline,
      parameters: this.#head.parameters,
      state: this.#state,
      startedAt: this.startedAt,
      endedAt: this.#state === 'running' ? undefined : new Date().toISOString(),
      outputs: this.#outputs,
      loops: this.#loops,
      tasks: this.#tasks.all(),
      earlier: this.#earlier(),
    }
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

function named({ task, name }: TaskRecord): Pick<TaskRecord, 'task' | 'name'> {
  return { task, name }
}

function withoutStack({ stack: _, ...told }: ErrorRecord): Omit<ErrorRecord, 'stack'> {
  return told
}
