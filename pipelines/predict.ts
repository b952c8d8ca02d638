import { predict } from '../components/index.ts'
import { each, list, pipeline, text } from './index.ts'

export default pipeline(
  {
    // Not the stage's: of a loaded file, the SDK takes the component of the pipeline's name for the pipeline.
    name: 'predict-in-bulk',
    description: 'Texts in bulk to predictions, the rows shared out between tasks.',
    inputs: {
      source: text('Rows with a text each.'),
      name: text({ default: 'news', help: 'The registered model.' }),
      alias: text({ default: 'champion', help: 'The alias of its version.' }),
      shards: list({
        default: ['1/4', '2/4', '3/4', '4/4'],
        of: 'string',
        help: 'One part of the rows a task; together they must be all.',
      }),
    },
  },
  ({ source, name, alias, shards }) => {
    const { predictions } = each(shards, shard => {
      const scored = predict({ source, name, alias, shard })
      return { predictions: scored.predictions }
    })
    return { predictions }
  },
)
