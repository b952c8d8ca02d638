import { text } from '../../../components/definition/index.ts'
import { registryInputs, stageInput } from '../../../components/registry-inputs.ts'
import type { Command } from '../../command.ts'

export const models: Command = {
  name: 'models',
  description: 'Lists the registered models, or the versions of one.',
  inputs: {
    name: text({
      optional: true,
      help: 'A registered model, to see its versions, or one of them as MLflow names it: models:/NAME@ALIAS.',
    }),
    stage: stageInput('Only versions in that stage; deprecated in MLflow.'),
    registry: registryInputs.registry,
  },
  positions: ['name'],
  run: async () => (await import('./run.ts')).listModels,
}
