import { join } from 'node:path'
import type { Json } from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import {
  differences,
  findRun,
  lockHead,
  lockOf,
  type RunFile,
  type RunRequest,
  type RunResult,
  readLock,
  readRunSpec,
  requireSame,
  runLocal,
  writeLock,
} from '../../../pipelines/runners/local/index.ts'
import { loadStages } from '../../../pipelines/runners/local/stages.ts'
import { type CommandContext, flagOf } from '../../command.ts'
import { loadSpec } from '../../load-pipeline.ts'
import { stageModules } from '../../own-stages.ts'
import { parseAssignments, stageEnvironment } from '../../pipeline-run.ts'
import { showProgress } from '../../progress.ts'
import { isRefusal, VERDICT_STATUS } from '../../verdict.ts'

/** In the folder where a project's commands are given; committed. */
const LOCK_FILE = 'pressroom.lock'

interface RunSettings {
  readonly on: 'local' | 'kubeflow' | 'vertex'
  readonly pipeline?: string
  readonly set: readonly Json[]
  readonly home: string
  readonly cache: boolean
  readonly resume?: string
  readonly lock: boolean
  readonly locked: boolean
  readonly logs: boolean
  readonly stages: readonly Json[]
  readonly parallel?: number
  readonly timeout?: number
  readonly exitCode: boolean
}

/** What only a run on this machine can honour; the others have defaults, which are no wish of the user's. */
const LOCAL_ONLY = ['resume', 'lock', 'locked', 'parallel', 'timeout', 'exitCode'] as const

const SERVERS: Readonly<
  Record<'kubeflow' | 'vertex', (context: CommandContext, pipeline: string) => Promise<void>>
> = {
  kubeflow: async (context, pipeline) =>
    (await import('../kubeflow/wait.ts')).runPipelineOnKubeflow(context, pipeline),
  vertex: async (context, pipeline) =>
    (await import('../vertex/submit.ts')).runPipelineOnVertex(context, pipeline),
}

function refuseLocal(settings: RunSettings): void {
  const given = LOCAL_ONLY.filter(key => settings[key] !== undefined && settings[key] !== false)
  if (given.length === 0) return
  const flags = given.map(flagOf).join(', ')
  throw new PressroomError('usage', `${flags} cannot go with --on ${settings.on}`, {
    fix: 'leave out what only a run here can do',
  })
}

/** Runs a pipeline here, with live progress; with --json, one line an event and the result as the last. */
export async function runPipeline(context: CommandContext): Promise<void> {
  const settings = context.settings as unknown as RunSettings
  if (settings.on !== 'local') {
    refuseLocal(settings)
    return SERVERS[settings.on](context, settings.pipeline ?? 'news')
  }
  const { home, cache, lock, locked, logs, parallel, timeout } = settings
  if (lock && locked) throw new PressroomError('usage', '--lock and --locked exclude each other')
  const resumed = settings.resume === undefined ? undefined : await findRun(home, settings.resume)
  const spec = await specOf(settings, resumed)
  const request: RunRequest = {
    spec,
    parameters: { ...resumed?.parameters, ...parseAssignments(spec, settings.set) },
    stageModules: await stageModules(settings.stages.map(String)),
    home,
    cache,
    env: stageEnvironment(home, context.env),
    signal: context.signal,
    onEvent: event => (context.json ? context.print(JSON.stringify(event)) : progress.onEvent(event)),
    ...(resumed && { resume: resumed.id }),
    ...(parallel !== undefined && { concurrency: parallel }),
    ...(timeout !== undefined && { taskTimeoutSeconds: timeout }),
  }
  const { name } = spec.pipelineInfo
  const head = lock || locked ? await lockHead(request) : undefined
  const kept = locked ? await readLock(LOCK_FILE, name) : undefined
  if (kept && head) requireSame(name, differences(kept, head))
  using progress = showProgress(process.stdout, { logs })
  const result = await runLocal(request)
  if (!context.json) progress.print(`  ${join(result.folder, 'run.html')}`)
  if (result.error !== undefined) throw result.error
  if (settings.exitCode && (await hasRefusal(result, request.stageModules))) context.exitWith(VERDICT_STATUS)
  const now = head && (await lockOf(head, result, request.stageModules))
  if (kept && now) requireSame(name, differences(kept, now))
  if (lock && now) await writeLock(LOCK_FILE, name, now)
  if (context.json)
    return context.print(JSON.stringify({ type: 'result', outputs: result.outputs, folder: result.folder }))
  for (const line of outputLines(result)) progress.print(line)
}

/** The pipeline that was named, else that of the run to continue. */
async function specOf({ pipeline, home }: RunSettings, resumed: RunFile | undefined) {
  return pipeline === undefined && resumed !== undefined
    ? readRunSpec(home, resumed.id)
    : loadSpec(pipeline ?? 'news')
}

/** Whether a stage of the run gave a verdict, and it was no. */
async function hasRefusal({ tasks }: RunResult, modules: RunRequest['stageModules']): Promise<boolean> {
  const stages = await loadStages(modules ?? [])
  return tasks.some(({ stage, outputs }) => isRefusal(stages.get(stage ?? ''), outputs?.parameters))
}

function outputLines(result: RunResult): string[] {
  return Object.entries(result.outputs.parameters).map(([key, value]) => `  ${key} ${JSON.stringify(value)}`)
}
