import { text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'

export const types: Command = {
  name: 'types',
  description: 'Writes a TypeScript module that types a compiled component or pipeline.',
  inputs: {
    file: text({ help: 'Compiled YAML or JSON of any SDK.' }),
    out: text({
      optional: true,
      help: 'TypeScript file to write; it finds the compiled one from there. Standard output when left out.',
    }),
  },
  positions: ['file'],
  run: async () => (await import('./run.ts')).writeTypes,
}
