import { type AnyStage, text } from '../../components/definition/index.ts'
import { PressroomError } from '../../core/errors.ts'
import type { Command } from '../command.ts'
import { exitCodeInput } from '../verdict.ts'

/** A stage as a command: its inputs as settings, and --out for the folder that gets its output artifacts. */
export function stageCommand(stage: AnyStage): Command {
  const hasArtifacts = Object.values(stage.outputs).some(({ role }) => role === 'artifact')
  const out = text({ default: `pressroom-out/${stage.name}`, help: 'Folder that gets the output files.' })
  const exitCode = exitCodeInput(`Exit status 3 when ${stage.verdict} is false.`)
  const ours = { ...(hasArtifacts && { out }), ...(stage.verdict !== undefined && { exitCode }) }
  for (const key of ['out', 'exitCode']) {
    if (key in stage.inputs)
      throw new PressroomError('invalid-stage', `${stage.name}: "${key}" is taken by its command`)
  }
  const outputs = Object.entries(stage.outputs).map(([key, { help }]) => `  ${key.padEnd(12)}  ${help}`)
  return {
    name: stage.name,
    description: stage.description,
    inputs: { ...stage.inputs, ...ours },
    ...('source' in stage.inputs && { positions: ['source'] }),
    notes: ['Outputs:', ...outputs].join('\n'),
    run: async () => {
      const { runStageCommand } = await import('./stage-run.ts')
      return context => runStageCommand(stage, context)
    },
  }
}
