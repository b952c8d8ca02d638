import { choose, evaluate, ingest, train, tune } from '../components/index.ts'
import { each, integer, list, pipeline, struct, text } from './index.ts'

export default pipeline(
  {
    name: 'search',
    description: 'A search over settings, shared out between tasks, and the winner trained and judged.',
    inputs: {
      source: text({ default: 'examples/newsroom/news.csv', help: 'Rows with a text and a label.' }),
      seed: integer({ default: 7, min: 0, help: 'Seed of the stratified split.' }),
      space: struct({
        default: { 'learner.parameters.c': [0.1, 0.3, 1, 3, 10, 30] },
        help: 'Values of C to try, by their path.',
      }),
      folds: integer({ default: 5, min: 2, max: 100, help: 'Stratified folds of the training rows.' }),
      shards: list({
        default: ['1/3', '2/3', '3/3'],
        of: 'string',
        help: 'One part of the candidates a task; together they must be all.',
      }),
    },
    outputs: {
      winner: 'The candidate chosen.',
      accuracy: 'Share of the test rows with the right class.',
    },
  },
  ({ source, seed, space, folds, shards }) => {
    const data = ingest({ source, seed })
    const { results } = each(shards, shard => {
      const part = tune({ train: data.train, space, folds, shard })
      return { results: part.results }
    })
    const chosen = choose({ results, train: data.train, folds })
    const { learner, features } = chosen
    const fitted = train({
      train: data.train,
      validation: data.validation,
      preset: 'custom',
      learner,
      features,
    })
    const report = evaluate({ model: fitted.model, test: data.test, train: data.train })
    return { winner: chosen.winner, accuracy: report.accuracy }
  },
)
