import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { PressroomError } from '../../../core/errors.ts'
import { lockFolder } from '../../../core/storage/lock.ts'
import type { PipelineSpec } from '../../specification.ts'
import { TaskCache } from './cache.ts'
import { runDag } from './dag.ts'
import { findEngine } from './engine.ts'
import { codeFingerprint } from './fingerprint.ts'
import { createGate } from './gate.ts'
import { bindParameters } from './parameters.ts'
import { needsEngine, planRun } from './plan.ts'
import { WorkerPool } from './pool.ts'
import { RunRecord } from './record.ts'
import { findRun, finishedTasks, type RunFile } from './runs.ts'
import { loadStages } from './stages.ts'
import { runTask, type TaskSetup } from './task.ts'
import { workspaceFolder } from './task-files.ts'
import type { RunRequest, RunResult } from './types.ts'

/**
 * Runs a compiled pipeline on this machine: its stages in worker processes, several at a time where the graph allows.
 * Leaves a folder `<home>/runs/<id>/` with `run.json`, `pipeline.json` and, a folder each, the tasks' logs, executor
 * inputs and artifacts.
 *
 * A task that fails stops those that need it, not the others, and is told in the result: only what keeps a run
 * from starting is thrown.
 * @throws PressroomError `invalid-pipeline`, `invalid-parameter`, `invalid-stage`, `invalid-setting`,
 *   `usage` for a run that cannot be continued, `folder-locked` while another run uses the same home, `not-writable`
 */
export async function runLocal(request: RunRequest): Promise<RunResult> {
  const { spec, stageModules = [], env = process.env, worker, timeoutSeconds, concurrency } = checked(request)
  const signal = request.signal ?? new AbortController().signal
  const stages = await loadStages(stageModules)
  const engine = needsEngine(spec, stages) ? await findEngine(env) : undefined
  const tasks = planRun(spec, stages, engine !== undefined)
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
  const resumed = request.resume === undefined ? undefined : await resumable(home, request.resume, spec)
  const [code, record] = await Promise.all([
    codeFingerprint(stageModules),
    RunRecord.open(home, { spec, parameters, tasks, resumed }, request.onEvent ?? (() => {})),
  ])
  const constants = jobConstants(record)
  if (JSON.stringify(spec).includes('{{$.workspace_path}}')) {
    await mkdir(workspaceFolder(record.folder), { recursive: true })
  }
  const setup: TaskSetup = {
    spec,
    stages,
    engine,
    record,
    pool,
    gate: createGate(concurrency),
    cache: request.cache === false ? undefined : new TaskCache(join(home, 'cache')),
    code,
    env,
    home,
    signal,
    earlier: resumed === undefined ? new Map() : finishedTasks(resumed),
    timeoutSeconds,
  }
  const interpreter = {
    spec,
    signal,
    constants,
    runTask: runTask.bind(undefined, setup),
    onPassedOver: record.passedOver.bind(record),
    onFailed: record.failed.bind(record),
    onLoop: record.loopStarted.bind(record),
    onRetry: record.groupRetried.bind(record),
  }
  return await record.close(await runDag(interpreter, spec.root.dag ?? {}, { parameters, artifacts: {} }))
}

/** What texts may name of the job. Kubeflow's names carry random letters; here the run's id takes their place. */
function jobConstants({ id, folder, startedAt }: RunRecord): Record<string, string> {
  return {
    pipeline_job_name: id,
    pipeline_job_resource_name: id,
    pipeline_job_uuid: id,
    pipeline_job_create_time_utc: startedAt,
    pipeline_job_schedule_time_utc: startedAt,
    pipeline_root: folder,
    workspace_path: workspaceFolder(folder),
  }
}

async function resumable(home: string, id: string, { pipelineInfo }: PipelineSpec): Promise<RunFile> {
  const run = await findRun(home, id)
  if (run.pipeline !== pipelineInfo.name) {
    throw new PressroomError('usage', `run ${run.id} is of ${run.pipeline}, not of ${pipelineInfo.name}`, {
      fix: 'name the pipeline that it is of, or none',
    })
  }
  if (run.state !== 'succeeded') return run
  throw new PressroomError('usage', `run ${run.id} has succeeded: there is nothing to continue`, {
    fix: 'run the pipeline again: what is unchanged is taken from the cache',
  })
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
