import { artifact, boolean, defineStage, optionalArtifact, text } from '../definition/index.ts'
import { registryInputs, stageInput } from '../registry-inputs.ts'

export const inputs = {
  model: artifact('model', 'The sealed model folder.'),
  metrics: optionalArtifact('metrics', 'What evaluate wrote; kept on the run that the version belongs to.'),
  page: optionalArtifact('html', 'The page that evaluate wrote; kept with the run too, as are its figures.'),
  figures: optionalArtifact('any', 'The folder of charts that evaluate wrote.'),
  ...registryInputs,
  alias: text({ default: 'challenger', help: 'The alias that points at the version afterwards.' }),
  stage: stageInput('A stage to move the version to as well; deprecated in MLflow, the alias says the same.'),
}

export const outputs = {
  version: text('The version, new or, for a folder registered before, the one it has.'),
  reused: boolean('Whether the folder was registered before.'),
  handoff: artifact(
    'any',
    'A folder for steps that read files: experiment_info.json with run_id and model_path, and, given metrics, metrics.json.',
  ),
}

export const register = defineStage({
  name: 'register',
  description: 'Stores a model folder in the registry as a version, and points an alias at it.',
  inputs,
  outputs,
  effects: 'outside',
  resources: { cpu: '1', memory: '1Gi' },
  run: () => import('./run.ts'),
})
