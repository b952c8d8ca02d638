import { artifact, defineStage, integer, number, optionalArtifact } from '../definition/index.ts'

export const inputs = {
  model: artifact('model', 'The sealed model folder.'),
  test: artifact('dataset', 'Test rows, as JSONL with text and label.'),
  train: optionalArtifact(
    'dataset',
    'Training rows; with them a majority-class and a naive Bayes baseline are judged on the same test rows.',
  ),
  resamples: integer({
    default: 1000,
    min: 0,
    max: 100_000,
    help: 'How often the test rows are drawn again for the interval of macro F1; 0 leaves it out.',
  }),
  seed: integer({ default: 7, min: 0, help: 'Seed of those draws.' }),
}

export const outputs = {
  metrics: artifact(
    'metrics',
    'Every figure as JSON: of the whole, of each class, of slices, of the baselines.',
  ),
  confusion: artifact(
    'classification-metrics',
    'The confusion matrix, of up to 25 classes, and the ROC curve over all classes, in 100 points.',
  ),
  report: artifact('markdown', 'The same as tables for a person, with the most confident mistakes.'),
  page: artifact('html', 'The same with charts, as one page.'),
  figures: artifact(
    'any',
    'The charts alone, a folder of SVG files: confusion matrix, curves of the hardest classes, reliability.',
  ),
  predictions: artifact('dataset', 'Each test row with its predicted class and probabilities, as JSONL.'),
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
