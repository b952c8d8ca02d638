import { boolean, integer, list, text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'

export const run: Command = {
  name: 'run',
  description: 'Runs a pipeline on this machine.',
  inputs: {
    pipeline: text({
      default: 'news',
      help: 'A shipped pipeline, a TypeScript or JavaScript file, or compiled YAML.',
    }),
    set: list({ default: [], help: 'Inputs of the pipeline, as key=value; may be repeated.' }),
    home: text({
      default: '.pressroom',
      env: 'PRESSROOM_HOME',
      help: 'Folder for runs, cache and registry.',
    }),
    cache: boolean({
      default: true,
      help: 'Reuse the results of steps whose inputs, code and settings are unchanged.',
    }),
    parallel: integer({
      optional: true,
      min: 1,
      help: 'Most tasks at once; as many as the machine has cores when left out.',
    }),
    timeout: integer({ optional: true, min: 1, help: 'Most seconds for a task.' }),
  },
  positions: ['pipeline'],
  run: async () => (await import('./run.ts')).runPipeline,
}
