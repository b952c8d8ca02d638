import { artifact, defineStage, number, optionalArtifact } from '../definition/index.ts'

export const inputs = {
  model: artifact('model', 'The sealed model folder.'),
  test: artifact('dataset', 'Test rows, as JSONL with text and label.'),
  train: optionalArtifact(
    'dataset',
    'Training rows; with them a majority-class and a naive Bayes baseline are judged on the same test rows.',
  ),
}

export const outputs = {
  metrics: artifact('metrics', 'Accuracy, macro precision, recall and F1, per class, and the baselines.'),
  confusion: artifact('classification-metrics', 'The confusion matrix.'),
  report: artifact('markdown', 'The same as tables for a person, with the most confident mistakes.'),
  accuracy: number('Share of the test rows with the right class.'),
  macroF1: number('Mean of the F1 of each class.'),
}

export const evaluate = defineStage({
  name: 'evaluate',
  description: 'Asks a model for every test row and measures its answers.',
  inputs,
  outputs,
  resources: { cpu: '1', memory: '2Gi' },
  run: () => import('./run.ts'),
})
