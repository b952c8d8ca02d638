import { artifact, defineStage, list } from '../definition/index.ts'
import {
  candidatesShard,
  checkpointInput,
  choiceOutputs,
  featuresInput,
  resultsOutput,
  searchInputs,
  thresholdInput,
} from '../search-inputs.ts'

export const inputs = {
  train: artifact('dataset', 'Training rows, as JSONL with text and label.'),
  candidates: list({
    optional: true,
    of: 'struct',
    help: 'Candidates with a name, a learner and, if they differ, features, the simplest first; naive Bayes, logistic regression, random forest and MLP by default.',
    examples: [[{ name: 'svm', learner: { kind: 'linear-svm', parameters: { c: 0.3 } } }]],
  }),
  features: featuresInput,
  threshold: thresholdInput(0.02),
  ...searchInputs,
  shard: candidatesShard,
  checkpoint: checkpointInput,
}

export const outputs = { ...choiceOutputs, results: resultsOutput }

export const compare = defineStage({
  name: 'compare',
  description: 'Fits several candidates side by side, scores each by cross-validation, and chooses one.',
  inputs,
  outputs,
  resources: { cpu: '2', memory: '4Gi' },
  run: () => import('./run.ts'),
})
