import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { PressroomError } from '../../../core/errors.ts'
import { lockFolder } from '../../../core/storage/lock.ts'
import { TaskCache } from './cache.ts'
import { runDag } from './dag.ts'
import { codeFingerprint } from './fingerprint.ts'
import { createGate } from './gate.ts'
import { bindParameters } from './parameters.ts'
import { planRun } from './plan.ts'
import { WorkerPool } from './pool.ts'
import { RunRecord } from './record.ts'
import { loadStages } from './stages.ts'
import { runTask, type TaskSetup } from './task.ts'
import type { RunRequest, RunResult } from './types.ts'

/**
 * Runs a compiled pipeline on this machine: its stages in worker processes, several at a time where the graph allows.
 * Leaves a folder `<home>/runs/<id>/` with `run.json`, `pipeline.json` and, a folder each, the tasks' logs, executor
 * inputs and artifacts.
 *
 * A task that fails stops those that need it, not the others, and is told in the result: only what keeps a run
 * from starting is thrown.
 * @throws PressroomError `invalid-pipeline`, `invalid-parameter`, `invalid-stage`, `invalid-setting`,
 *   `folder-locked` while another run uses the same home, `not-writable`
 */
export async function runLocal(request: RunRequest): Promise<RunResult> {
  const { spec, stageModules = [], env = process.env, worker, timeoutSeconds, concurrency } = checked(request)
  const signal = request.signal ?? new AbortController().signal
  const stages = await loadStages(stageModules)
  const tasks = planRun(spec, stages)
  const parameters = bindParameters(spec, request.parameters ?? {})
  const home = resolve(request.home ?? '.pressroom')
  await using _lock = await lockFolder(home, 'run')
  await using pool = new WorkerPool({
    stageModules,
    env,
    compileCache: join(home, 'compile-cache'),
    ...(worker !== undefined && { worker }),
  })
  pool.warm()
  const [code, record] = await Promise.all([
    codeFingerprint(stageModules),
    RunRecord.open(home, { spec, parameters, tasks }, request.onEvent ?? (() => {})),
  ])
  const setup: TaskSetup = {
    spec,
    stages,
    record,
    pool,
    gate: createGate(concurrency),
    cache: request.cache === false ? undefined : new TaskCache(join(home, 'cache')),
    code,
    env,
    home,
    signal,
    timeoutSeconds,
  }
  const interpreter = {
    spec,
    signal,
    runTask: runTask.bind(undefined, setup),
    onPassedOver: record.passedOver.bind(record),
    onFailed: record.failed.bind(record),
  }
  return record.close(await runDag(interpreter, spec.root.dag ?? {}, { parameters, artifacts: {} }))
}

function checked({
  taskTimeoutSeconds: timeoutSeconds,
  concurrency = availableParallelism(),
  ...rest
}: RunRequest) {
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new PressroomError(
      'invalid-setting',
      `concurrency must be a whole number from 1 up, not ${concurrency}`,
    )
  }
  // The longest that Node's timers take; beyond it they fire at once.
  if (timeoutSeconds !== undefined && !(timeoutSeconds > 0 && timeoutSeconds * 1000 < 2 ** 31)) {
    throw new PressroomError(
      'invalid-setting',
      `a task's time-out must be above 0 and below 2,147,483 s, not ${timeoutSeconds}`,
    )
  }
  return { ...rest, timeoutSeconds, concurrency }
}
