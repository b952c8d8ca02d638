import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { AnyStage } from '../../../components/definition/index.ts'
import { stageOfContainer } from '../../../components/image.ts'
import { asPressroomError, PressroomError } from '../../../core/errors.ts'
import { writeFailure } from '../../../core/storage/failures.ts'
import type { ContainerSpec, PipelineSpec } from '../../specification.ts'
import type { CacheEntry, TaskCache } from './cache.ts'
import { cacheKey, digestPath } from './cache-key.ts'
import type { TaskCall } from './dag.ts'
import { firstLine, restoreError } from './error-record.ts'
import type { WorkerPool } from './pool.ts'
import type { RunRecord } from './record.ts'
import { delayAfter } from './retry.ts'
import { collect, executorInputOf, outputsFolder, valuesOf } from './task-files.ts'
import { TaskLog } from './task-log.ts'
import { type Job, NO_VALUES, type Outcome } from './types.ts'

/** What the tasks of a run share. */
export interface TaskSetup {
  readonly spec: PipelineSpec
  readonly stages: ReadonlyMap<string, AnyStage>
  readonly record: RunRecord
  readonly pool: WorkerPool
  readonly gate: <T>(work: () => Promise<T>) => Promise<T>
  /** None when the run's cache is off. */
  readonly cache: TaskCache | undefined
  /** From `codeFingerprint`. */
  readonly code: string
  readonly env: NodeJS.ProcessEnv
  /** The folder of runs and cache. */
  readonly home: string
  readonly signal: AbortSignal
  readonly timeoutSeconds: number | undefined
}

interface Made {
  readonly state: 'succeeded' | 'cached'
  readonly entry: CacheEntry
  readonly cacheKey?: string
}

/** Runs one task: from the cache, or by its stage in a worker, as often as its retry policy says. Tells the record. */
export async function runTask(setup: TaskSetup, call: TaskCall): Promise<Outcome> {
  const { record, signal, gate } = setup
  const { path } = call
  const folder = join(record.folder, path)
  const log = new TaskLog(folder, (level, line) => record.logged(path, level, line))
  const one = new OneTask(setup, call, folder, log)
  try {
    const made = await retrying(call, log, signal, first => gate(() => one.attempt(first)))
    await log.close()
    const outputs = valuesOf(one.stage, folder, made.entry)
    const { state, entry, cacheKey } = made
    record.finished(path, {
      state,
      summary: entry.summary,
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
    return { state: 'failed', failing: true, outputs: NO_VALUES }
  }
}

async function retrying(
  { task }: TaskCall,
  log: TaskLog,
  signal: AbortSignal,
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
  readonly stage: AnyStage
  readonly #setup: TaskSetup
  readonly #call: TaskCall
  readonly #folder: string
  readonly #log: TaskLog
  readonly #container: ContainerSpec
  readonly #env: Readonly<Record<string, string>>

  constructor(setup: TaskSetup, call: TaskCall, folder: string, log: TaskLog) {
    // planRun has made sure that both are there.
    const executor = setup.spec.deploymentSpec?.executors[call.component.executorLabel as string]
    this.#container = executor?.container as ContainerSpec
    this.stage = setup.stages.get(stageOfContainer(this.#container) as string) as AnyStage
    this.#env = Object.fromEntries((this.#container.env ?? []).map(({ name, value }) => [name, value]))
    this.#setup = setup
    this.#call = call
    this.#folder = folder
    this.#log = log
  }

  async attempt(first: boolean): Promise<Made> {
    const { record, signal, cache } = this.#setup
    const outputs = outputsFolder(this.#folder)
    signal.throwIfAborted()
    if (first) record.started(this.#call.path)
    await mkdir(this.#folder, { recursive: true })
    const key = await this.#key().catch(error => this.#unkept(error))
    const found = first && key !== undefined ? await this.#fromCache(key) : undefined
    if (found !== undefined) return found
    await rm(outputs, { recursive: true, force: true })
    await mkdir(outputs)
    const entry = await this.#execute()
    if (key === undefined) return { state: 'succeeded', entry }
    try {
      await this.#requireSameInputs(key)
      await cache?.store(key, entry, outputs)
    } catch (error) {
      this.#unkept(error as Error)
    }
    return { state: 'succeeded', entry, cacheKey: key }
  }

  /** Undefined when results of this task must be neither taken nor kept. */
  async #key(): Promise<string | undefined> {
    const { cache, code, env, home } = this.#setup
    const enabled = this.#call.task.cachingOptions?.enableCache === true && this.stage.effects === undefined
    if (cache === undefined || !enabled) return undefined
    return cacheKey({
      stage: this.stage,
      code,
      inputs: this.#call.inputs,
      env: { ...env, ...this.#env },
      home,
    })
  }

  #unkept(why: Error): undefined {
    this.#log.write('warn', `the result is not kept for later runs: ${firstLine(why)}`)
  }

  /** Throws when an input has other content than the key says: what the stage saw of it, nobody knows. */
  async #requireSameInputs(key: string): Promise<void> {
    if ((await this.#key()) !== key) throw new Error('a file that an input names was changed meanwhile')
    for (const { name, uri, digest } of Object.values(this.#call.inputs.artifacts).flat()) {
      if (digest !== null && (await digestPath(fileURLToPath(uri))) !== digest) {
        throw new Error(`a task wrote into the artifact ${name}, which it was only to read`)
      }
    }
  }

  async #fromCache(key: string): Promise<Made | undefined> {
    const entry = await this.#setup.cache?.take(key, outputsFolder(this.#folder))
    if (entry === undefined) return undefined
    if ('damaged' in entry) {
      this.#log.write('warn', `the kept result ${key} is damaged and will be replaced: ${entry.damaged}`)
      return undefined
    }
    this.#log.write('info', `taken from the cache: ${key}`)
    return { state: 'cached', entry, cacheKey: key }
  }

  async #execute(): Promise<CacheEntry> {
    const { pool, signal, timeoutSeconds } = this.#setup
    const job: Job = {
      stage: this.stage.name,
      input: executorInputOf(this.stage, this.#call.inputs, this.#folder),
      env: this.#env,
    }
    await writeFile(join(this.#folder, 'executor-input.json'), `${JSON.stringify(job.input, null, 2)}\n`)
    const timeout = timeoutSeconds === undefined ? [] : [AbortSignal.timeout(timeoutSeconds * 1000)]
    const stop = AbortSignal.any([signal, ...timeout])
    const ending = await pool.run(job, (level, line) => this.#log.write(level, line), stop)
    signal.throwIfAborted()
    if (stop.aborted) {
      throw new PressroomError('stage-timeout', `${job.stage} was stopped after ${timeoutSeconds} s`, {
        where: `its log: ${this.#log.path}`,
        fix: 'allow it more time, or see in its log what keeps it',
      })
    }
    if (ending.type === 'failed') throw restoreError(ending.error)
    if (ending.type === 'exit') {
      throw new PressroomError('stage-killed', `${job.stage} ended with its process (${ending.how})`, {
        where: `its log: ${this.#log.path}`,
        fix: 'SIGKILL is often the machine running out of memory',
        cause: ending.cause,
      })
    }
    return collect(this.stage, this.#folder, ending.output, ending.summary)
  }
}
