import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { asPressroomError, PressroomError } from '../../../core/errors.ts'
import { writeFailure } from '../../../core/storage/failures.ts'
import type { CacheEntry, TaskCache } from './cache.ts'
import { digestInputs, digestPath } from './cache-key.ts'
import type { TaskCall } from './dag.ts'
import { firstLine } from './error-record.ts'
import type { Gate } from './gate.ts'
import type { RunRecord } from './record.ts'
import { delayAfter } from './retry.ts'
import { outputsFolder, valuesOf } from './task-files.ts'
import { TaskLog } from './task-log.ts'
import { NO_VALUES, type Outcome, type TaskRecord, type Values } from './types.ts'
import { type Work, type WorkSetup, workOf } from './work.ts'

/** What the tasks of a run share. */
export interface TaskSetup extends WorkSetup {
  readonly record: RunRecord
  readonly gate: Gate
  /** None when the run's cache is off. */
  readonly cache: TaskCache | undefined
  readonly timeoutSeconds: number | undefined
  /** That of the run; a call with another signal is of an exit task. */
  readonly signal: AbortSignal
  /** By path: the tasks of the run that this one continues. */
  readonly earlier: ReadonlyMap<string, TaskRecord>
}

interface Made {
  readonly state: 'succeeded' | 'cached'
  readonly summary: string
  readonly outputs: Values
  readonly cacheKey?: string
}

/** Runs one task: from the cache, or by what its executor says, as often as its retry policy says. Tells the record. */
export async function runTask(setup: TaskSetup, call: TaskCall): Promise<Outcome> {
  const { record, gate } = setup
  const { path, signal } = call
  const folder = join(record.folder, path)
  // Of a long loop, iterations that have begun are finished before others begin.
  const rank = iterationsOf(path)
  const log = new TaskLog(folder, (level, line) => record.logged(path, level, line))
  try {
    const work = workOf(setup, call, folder, log)
    const one = new OneTask(setup, call, folder, log, work)
    const inputsDigest = digestInputs(setup.spec, call)
    const made =
      (await gate(() => one.finishedBefore(inputsDigest), rank)) ??
      (await retrying(call, log, first => gate(() => one.attempt(first), rank)))
    await log.close()
    const { state, summary, outputs, cacheKey } = made
    record.finished(path, {
      state,
      summary,
      inputsDigest,
      outputs,
      ...(cacheKey !== undefined && { cacheKey }),
    })
    return { state, failing: false, outputs }
  } catch (error) {
    await log.close().catch(() => {})
    // Half-made artifacts must not be taken for whole ones.
    await rm(outputsFolder(folder), { recursive: true, force: true }).catch(() => {})
    if (signal.aborted) {
      record.finished(path, { state: 'cancelled', summary: 'stopped' })
      return { state: 'cancelled', failing: true, outputs: NO_VALUES }
    }
    const failure = asPressroomError(writeFailure(error, folder))
    record.finished(path, { state: 'failed', summary: firstLine(failure), error: failure })
    return { state: 'failed', failing: true, outputs: NO_VALUES, error: failure }
  }
}

/** The numbers of the iterations that a task is in, the outermost loop's first; no task's name is a number. */
function iterationsOf(path: string): readonly number[] {
  return path
    .split('/')
    .filter(part => /^\d+$/.test(part))
    .map(Number)
}

async function retrying(
  { task, signal }: TaskCall,
  log: TaskLog,
  attempt: (first: boolean) => Promise<Made>,
): Promise<Made> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt(failures === 0)
    } catch (error) {
      if (signal.aborted) throw error
      log.note('warn', (error as Error).message)
      const delay = delayAfter(failures, task.retryPolicy)
      if (delay === undefined) throw error
      log.write('warn', `attempt ${failures + 1} failed; the next begins in ${delay} s`)
      // A signal of its own, since Node warns of a leak when many wait on one.
      await sleep(delay * 1000, undefined, { signal: AbortSignal.any([signal]) })
    }
  }
}

class OneTask {
  readonly #setup: TaskSetup
  readonly #call: TaskCall
  readonly #folder: string
  readonly #log: TaskLog
  readonly #work: Work

  constructor(setup: TaskSetup, call: TaskCall, folder: string, log: TaskLog, work: Work) {
    this.#setup = setup
    this.#call = call
    this.#folder = folder
    this.#log = log
    this.#work = work
  }

  /** What the run that this one continues had made of the same inputs, if it is still as it was. Exit tasks run again. */
  async finishedBefore(inputsDigest: string): Promise<Made | undefined> {
    const { earlier, record, signal } = this.#setup
    const { path } = this.#call
    const before = earlier.get(path)
    if (before?.outputs === undefined || before.inputsDigest !== inputsDigest) return undefined
    if (this.#call.signal !== signal) return undefined
    const { outputs, summary = '' } = before
    for (const { uri, digest } of Object.values(outputs.artifacts).flat()) {
      const now = digest === null ? null : await digestPath(fileURLToPath(uri)).catch(() => undefined)
      if (now !== digest) return undefined
    }
    record.started(path)
    this.#log.write('info', 'finished before this run was continued')
    // Where they lie, the record knows: a work that has not run may not.
    return { state: 'cached', summary, outputs }
  }

  async attempt(first: boolean): Promise<Made> {
    const { record, cache } = this.#setup
    const outputs = outputsFolder(this.#folder)
    this.#call.signal.throwIfAborted()
    if (first) record.started(this.#call.path)
    await mkdir(this.#folder, { recursive: true })
    const key = await this.#key().catch(error => this.#unkept(error))
    const found = first && key !== undefined ? await this.#fromCache(key) : undefined
    if (found !== undefined) return found
    await rm(outputs, { recursive: true, force: true })
    await mkdir(outputs)
    const entry = await this.#run()
    const made = { state: 'succeeded', ...this.#resultOf(entry) } as const
    if (key === undefined) return made
    try {
      await this.#requireSameInputs(key)
      await cache?.store(key, entry, this.#pathOf)
    } catch (error) {
      this.#unkept(error as Error)
    }
    return { ...made, cacheKey: key }
  }

  #resultOf(entry: CacheEntry): Pick<Made, 'summary' | 'outputs'> {
    return { summary: entry.summary, outputs: valuesOf(this.#work, entry) }
  }

  readonly #pathOf = (artifact: string): string => fileURLToPath(this.#work.locate(artifact))

  /** Undefined when results of this task must be neither taken nor kept. */
  async #key(): Promise<string | undefined> {
    const enabled = this.#call.task.cachingOptions?.enableCache === true
    return enabled && this.#setup.cache !== undefined ? this.#work.key() : undefined
  }

  #unkept(why: Error): undefined {
    this.#log.write('warn', `the result is not kept for later runs: ${firstLine(why)}`)
  }

  /** Throws when an input has other content than the key says: what the task saw of it, nobody knows. */
  async #requireSameInputs(key: string): Promise<void> {
    if ((await this.#key()) !== key) throw new Error('a file that an input names was changed meanwhile')
    for (const { name, uri, digest } of Object.values(this.#call.inputs.artifacts).flat()) {
      if (digest !== null && (await digestPath(fileURLToPath(uri))) !== digest) {
        throw new Error(`a task wrote into the artifact ${name}, which it was only to read`)
      }
    }
  }

  async #fromCache(key: string): Promise<Made | undefined> {
    const entry = await this.#setup.cache?.take(key, outputsFolder(this.#folder), this.#pathOf)
    if (entry === undefined) return undefined
    if ('damaged' in entry) {
      this.#log.write('warn', `the kept result ${key} is damaged and will be replaced: ${entry.damaged}`)
      return undefined
    }
    this.#log.write('info', `taken from the cache: ${key}`)
    return { state: 'cached', ...this.#resultOf(entry), cacheKey: key }
  }

  async #run(): Promise<CacheEntry> {
    const { timeoutSeconds } = this.#setup
    const { signal } = this.#call
    const timeout = timeoutSeconds === undefined ? [] : [AbortSignal.timeout(timeoutSeconds * 1000)]
    const stop = AbortSignal.any([signal, ...timeout])
    const [result] = await Promise.allSettled([this.#work.run(stop)])
    signal.throwIfAborted()
    if (stop.aborted) {
      throw new PressroomError('stage-timeout', `${this.#work.by} was stopped after ${timeoutSeconds} s`, {
        where: `its log: ${this.#log.path}`,
        fix: 'allow it more time, or see in its log what keeps it',
      })
    }
    if (result.status === 'rejected') throw result.reason
    return result.value
  }
}
