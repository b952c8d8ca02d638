import { list, text } from '../../../components/definition/index.ts'
import { MODEL_REFERENCE, registryInputs } from '../../../components/registry-inputs.ts'
import type { Command } from '../../command.ts'

export const tag: Command = {
  name: 'tag',
  description: 'Shows the tags of a registered version, sets some or removes some.',
  inputs: {
    name: text({
      ...MODEL_REFERENCE,
      help: 'The version as MLflow names it, models:/NAME/3 or models:/NAME@ALIAS; or the registered model, with --version.',
    }),
    set: list({ default: [], help: 'Tags to set, as key=value; the flag may be repeated.' }),
    version: text({ optional: true, help: 'The version, where the name is none of a version.' }),
    remove: list({ default: [], help: 'Keys of tags to remove.' }),
    registry: registryInputs.registry,
  },
  positions: ['name', 'set'],
  verbatim: ['set'],
  notes: `What gates ask for are tags; so is what keeps a rejected version out:

  tag models:/news/3 approved_by=Ada
  tag models:/news/3 --remove pressroom.rejected`,
  run: async () => (await import('./run.ts')).tagVersion,
}
