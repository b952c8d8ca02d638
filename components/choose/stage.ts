import { defineStage, list, optionalArtifact } from '../definition/index.ts'
import { choiceOutputs, searchInputs, thresholdInput } from '../search-inputs.ts'

export const inputs = {
  results: list('The results of the shards of one compare or tune: a list of each, or one list of all.'),
  train: optionalArtifact('dataset', 'The training rows; with them the winner gets its learning curve.'),
  threshold: thresholdInput(0),
  ...searchInputs,
}

export const outputs = choiceOutputs

export const choose = defineStage({
  name: 'choose',
  description: 'Collects the shards of a search into one leaderboard, and chooses from it.',
  inputs,
  outputs,
  resources: { cpu: '2', memory: '4Gi' },
  run: () => import('./run.ts'),
})
