import {
  artifact,
  boolean,
  choice,
  defineStage,
  number,
  optionalArtifact,
  text,
} from '../definition/index.ts'
import { MODEL_REFERENCE, registryInputs, stageInput } from '../registry-inputs.ts'

export const inputs = {
  metrics: artifact('metrics', 'What evaluate wrote.'),
  minAccuracy: number({ default: 0.8, min: 0, max: 1, help: 'Least accuracy to pass.' }),
  minMacroF1: number({ default: 0, min: 0, max: 1, help: 'Least macro F1 to pass.' }),
  margin: number({
    default: 0,
    min: -1,
    max: 1,
    help: 'How far above the best baseline the accuracy must lie; negative allows it to fall short.',
  }),
  predictions: optionalArtifact(
    'dataset',
    'The predictions that evaluate wrote; the champion answers the same rows.',
  ),
  name: text({
    ...MODEL_REFERENCE,
    optional: true,
    help: 'The registered model whose champion to compare with, or the version itself as MLflow names it; needs the predictions too.',
  }),
  registry: registryInputs.registry,
  alias: text({ default: 'champion', help: 'The alias of the version to compare with.' }),
  stage: stageInput(
    'The stage whose newest version to compare with; deprecated in MLflow, an alias says the same.',
  ),
  against: choice(['not-worse', 'better'], {
    default: 'not-worse',
    help: 'What the model must be beside the champion: not-worse passes unless the champion is significantly better.',
  }),
  significance: number({
    default: 0.05,
    min: 0,
    max: 1,
    help: "A difference counts when chance makes one as large less often than this (McNemar's test, two-sided).",
  }),
}

export const outputs = {
  passed: boolean('Whether the model may go on.'),
  reason: text('The verdict in a sentence.'),
}

export const validate = defineStage({
  name: 'validate',
  description: 'Says whether a model may go on: against fixed floors, its baselines, and the champion.',
  inputs,
  outputs,
  // It reads the registry, whose champion changes without any of its inputs.
  effects: 'outside',
  verdict: 'passed',
  resources: { cpu: '1', memory: '512Mi' },
  run: () => import('./run.ts'),
})
