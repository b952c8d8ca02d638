import { artifact, choice, defineStage, integer, struct } from '../definition/index.ts'
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
  learner: struct({
    default: { kind: 'logistic-regression' },
    help: 'The learner to tune, with the parameters that stay as they are.',
    examples: [{ kind: 'linear-svm', parameters: { loss: 'hinge' } }],
  }),
  features: featuresInput,
  space: struct({
    default: { 'learner.parameters.c': [0.1, 0.3, 1, 3, 10] },
    help: 'Settings to search, by their path from learner or features, each a list of values or, unless search is grid, a range with from, to, and optionally scale log and whole.',
    examples: [{ 'learner.parameters.c': { from: 0.01, to: 100, scale: 'log' } }],
  }),
  search: choice(['grid', 'random', 'halving'], {
    default: 'grid',
    help: 'grid tries every combination, random draws some, halving begins with all on few rows and gives the better third more.',
  }),
  draws: integer({
    default: 20,
    min: 1,
    max: 10_000,
    help: 'Candidates that random draws, and halving from a space with ranges.',
  }),
  threshold: thresholdInput(0),
  ...searchInputs,
  shard: candidatesShard,
  checkpoint: checkpointInput,
}

export const outputs = { ...choiceOutputs, results: resultsOutput }

export const tune = defineStage({
  name: 'tune',
  description:
    'Searches the settings of a learner and its features by cross-validation, and chooses the best.',
  inputs,
  outputs,
  resources: { cpu: '2', memory: '4Gi' },
  run: () => import('./run.ts'),
})
