import { text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'

export const models: Command = {
  name: 'models',
  description: 'Lists the registered models, or the versions of one.',
  inputs: {
    name: text({ optional: true, help: 'A registered model, to see its versions.' }),
    registry: text({
      optional: true,
      env: 'PRESSROOM_REGISTRY',
      help: 'The registry: a folder, by default .pressroom/registry.',
    }),
  },
  positions: ['name'],
  run: async () => (await import('./run.ts')).listModels,
}
