import { defineStage, text } from '../definition/index.ts'
import { MODEL_REFERENCE, registryInputs, stageInput } from '../registry-inputs.ts'

export const inputs = {
  ...registryInputs,
  name: text({
    ...MODEL_REFERENCE,
    help: 'The registered model, or the version itself as MLflow names it: models:/NAME@challenger, models:/NAME/Staging.',
  }),
  version: text({
    optional: true,
    help: 'The version, as register gave it; needed where the name is none of a version.',
    examples: ['3'],
  }),
  alias: text({ optional: true, help: 'The alias to move: champion, unless a stage is given.' }),
  stage: stageInput(
    'A stage to move the version to, archiving what was there; deprecated in MLflow, an alias says the same.',
  ),
}

export const outputs = {
  previous: text(
    'The version that the alias pointed at, or the stage had, before; empty when there was none.',
  ),
}

export const promote = defineStage({
  name: 'promote',
  description:
    'Points an alias of a registered model at one of its versions, or moves the version to a stage.',
  inputs,
  outputs,
  effects: 'outside',
  resources: { cpu: '1', memory: '512Mi' },
  run: () => import('./run.ts'),
})
