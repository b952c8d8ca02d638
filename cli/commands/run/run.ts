import type { Json } from '../../../components/definition/index.ts'
import { type RunResult, runLocal } from '../../../pipelines/runners/local/index.ts'
import type { CommandContext } from '../../command.ts'
import { loadSpec } from '../../load-pipeline.ts'
import { parseAssignments, stageEnvironment } from '../../pipeline-run.ts'
import { showProgress } from '../../progress.ts'

/** Runs a pipeline here, with live progress; with --json, one line an event and the result as the last. */
export async function runPipeline(context: CommandContext): Promise<void> {
  const { pipeline, set, home, cache, parallel, timeout } = context.settings as {
    pipeline: string
    set: readonly Json[]
    home: string
    cache: boolean
    parallel?: number
    timeout?: number
  }
  const spec = await loadSpec(pipeline)
  using progress = showProgress()
  const result = await runLocal({
    spec,
    parameters: parseAssignments(spec, set),
    home,
    cache,
    env: stageEnvironment(home, context.env),
    signal: context.signal,
    onEvent: event => (context.json ? context.print(JSON.stringify(event)) : progress.onEvent(event)),
    ...(parallel !== undefined && { concurrency: parallel }),
    ...(timeout !== undefined && { taskTimeoutSeconds: timeout }),
  })
  if (result.error !== undefined) throw result.error
  if (context.json)
    return context.print(JSON.stringify({ type: 'result', outputs: result.outputs, folder: result.folder }))
  for (const line of outputLines(result)) progress.print(line)
  progress.print(`  ${result.folder}`)
}

function outputLines(result: RunResult): string[] {
  return Object.entries(result.outputs.parameters).map(([key, value]) => `  ${key} ${JSON.stringify(value)}`)
}
