import { artifact, boolean, choice, integer, list, number, struct, text } from './definition/index.ts'
import { shardInput } from './shard-input.ts'

/** What every stage that chooses a model asks for. */
export const searchInputs = {
  folds: integer({
    default: 5,
    min: 2,
    max: 100,
    help: 'Stratified folds; each candidate is fitted once for each, without its rows, and scored on them.',
  }),
  metric: choice(['accuracy', 'macroF1'], { default: 'accuracy', help: 'The score to choose by.' }),
  curve: boolean({
    default: true,
    help: 'Draws the learning curve of the winner, at the cost of fitting it on an eighth, a quarter, half and all of the rows.',
  }),
  seed: integer({
    default: 7,
    min: 0,
    help: 'Seed of everything that is left to chance; the folds are not.',
  }),
  threads: integer({
    optional: true,
    min: 1,
    max: 1024,
    help: 'Most threads to fit on; as many as there are cores by default.',
  }),
}

export const featuresInput = struct({
  // Those of the preset seed-002, written again: whoever imports the stages loads nothing of the core.
  default: {
    text: {
      text: {
        maxFeatures: 10_000,
        ngramRange: [1, 2],
        stopWords: 'english',
        maxDf: 0.95,
        minDf: 2,
        sublinearTf: true,
      },
    },
  },
  help: 'Feature settings of candidates that name none, as docs/text.md lists them.',
})

export const candidatesShard = shardInput(
  'Which part of the candidates to fit: 2/4 takes every fourth from the second on.',
)

export const checkpointInput = text({
  optional: true,
  help: 'File that keeps each finished fit of a long search; after a stop the same command goes on from it.',
})

export const thresholdInput = (threshold: number) =>
  number({
    default: threshold,
    min: 0,
    max: 1,
    help: 'The first candidate whose mean lies within this of the best wins.',
  })

export const choiceOutputs = {
  leaderboard: artifact(
    'metrics',
    'Every candidate with its scores, time and size, the choice and its learning curve, as JSON.',
  ),
  report: artifact('markdown', 'The leaderboard as a table for a person.'),
  page: artifact('html', 'The same with charts, as one page.'),
  winner: text('The name of the candidate chosen.'),
  score: number('Its mean over the folds.'),
  learner: struct('Its learner with its parameters, for train.'),
  features: struct('Its feature settings, for train.'),
}

export const resultsOutput = list({
  of: 'struct',
  help: 'The lines of the leaderboard, for choose to collect those of several shards.',
})
