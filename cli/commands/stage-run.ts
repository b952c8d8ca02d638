import type { AnyStage } from '../../components/definition/index.ts'
import { artifactAt, outputsUnder, pathsOf } from '../../components/faces/files.ts'
import { runStage } from '../../components/faces/run-stage.ts'
import { asStageError } from '../../components/faces/stage-error.ts'
import { shorten } from '../../core/report/shorten.ts'
import type { CommandContext } from '../command.ts'
import { seconds, styled } from '../output.ts'
import { isRefusal, VERDICT_STATUS } from '../verdict.ts'

const LONGEST_SHOWN = 400

/** Runs one stage from a terminal; its output artifacts become files named after them under `out`. */
export async function runStageCommand(stage: AnyStage, context: CommandContext): Promise<void> {
  const { out, exitCode, ...settings } = context.settings
  const { parameters, artifacts } = divide(stage, settings)
  const outputs = outputsUnder(stage, String(out))
  const start = performance.now()
  const { log, signal, env } = context
  const call = { parameters, artifacts, outputs, log, signal, env }
  const result = await runStage(stage, call).catch((error: unknown) => {
    throw asStageError(stage.name, error)
  })
  if (exitCode === true && isRefusal(stage, result.parameters)) context.exitWith(VERDICT_STATUS)
  const paths = pathsOf(outputs)
  if (context.json) {
    context.print(
      JSON.stringify({ summary: result.summary, parameters: result.parameters, artifacts: paths }),
    )
    return
  }
  const took = styled('dim', seconds((performance.now() - start) / 1000))
  context.print(`${styled('green', '✓')} ${stage.name}  ${result.summary}  ${took}`)
  for (const [key, value] of Object.entries({ ...result.parameters, ...paths })) {
    context.print(`  ${key.padEnd(12)} ${shown(value)}`)
  }
}

/** Lists and structs as what a flag takes, cut where they fill a screen; --json has them whole. */
function shown(value: unknown): string {
  return typeof value === 'object' ? shorten(JSON.stringify(value), LONGEST_SHOWN) : String(value)
}

function divide(stage: AnyStage, settings: CommandContext['settings']) {
  const entries = Object.entries(settings)
  const isArtifact = (key: string) => stage.inputs[key]?.role === 'artifact'
  return {
    parameters: Object.fromEntries(entries.filter(([key]) => !isArtifact(key))),
    artifacts: Object.fromEntries(
      entries.filter(([key]) => isArtifact(key)).map(([key, path]) => [key, artifactAt(String(path))]),
    ),
  }
}
