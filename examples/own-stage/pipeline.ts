import { evaluate, ingest, train } from 'pressroom-ml/components'
import { number, pipeline, text } from 'pressroom-ml/pipelines'
import { dropNearDuplicates } from './stages/drop-near-duplicates/stage.ts'

export default pipeline(
  {
    name: 'distinct-news',
    description: 'Headlines to a classifier that saw no agency copy twice.',
    inputs: {
      source: text({ default: '../newsroom/news.csv', help: 'Rows with a text and a label.' }),
      similarity: number({ default: 0.3, min: 0.1, max: 1, help: 'From where two texts count as one.' }),
    },
    outputs: {
      dropped: 'Training rows that were dropped.',
      accuracy: 'Share of the test rows with the right class.',
    },
  },
  ({ source, similarity }) => {
    const data = ingest({ source })
    const distinct = dropNearDuplicates({ rows: data.train, similarity })
    const fitted = train({ train: distinct.kept, validation: data.validation, ngramMax: 1, minDf: 1, c: 3 })
    const report = evaluate({ model: fitted.model, test: data.test, train: distinct.kept })
    return { dropped: distinct.dropped, accuracy: report.accuracy }
  },
)
