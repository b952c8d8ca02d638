import { artifact, boolean, defineStage, number, text } from '../definition/index.ts'

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
}

export const outputs = {
  passed: boolean('Whether the model may go on.'),
  reason: text('The verdict in a sentence.'),
}

export const validate = defineStage({
  name: 'validate',
  description: 'Says whether a model may go on: against fixed floors and against its baselines.',
  inputs,
  outputs,
  resources: { cpu: '1', memory: '512Mi' },
  run: () => import('./run.ts'),
})
