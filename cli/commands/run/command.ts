import { integer, list, text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'
import { homeInputs } from '../home.ts'

export const run: Command = {
  name: 'run',
  description: 'Runs a pipeline on this machine.',
  inputs: {
    pipeline: text({
      default: 'news',
      help: 'A shipped pipeline, a TypeScript or JavaScript file, or compiled YAML.',
    }),
    set: list({ default: [], help: 'Inputs of the pipeline, as key=value; may be repeated.' }),
    ...homeInputs,
    parallel: integer({
      optional: true,
      min: 1,
      help: 'Most tasks at once; as many as the machine has cores when left out.',
    }),
    timeout: integer({ optional: true, min: 1, help: 'Most seconds for a task.' }),
  },
  positions: ['pipeline'],
  verbatim: ['set'],
  run: async () => (await import('./run.ts')).runPipeline,
}
