/**
 * What the editor refuses in a pipeline. tsc checks this file; nothing runs it. Each `@ts-expect-error` is itself an error
 * once the line below it compiles.
 */
import { evaluate, ingest, promote, register, train, validate } from '../../components/index.ts'
import {
  and,
  artifact,
  choice,
  container,
  integer,
  list,
  not,
  number,
  pipeline,
  when,
} from '../../pipelines/index.ts'

pipeline({ name: 'inputs' }, () => {
  const data = ingest({ source: 'news.csv' })
  const fitted = train({ train: data.train, validation: data.validation })

  // @ts-expect-error a required input is forgotten
  ingest({})
  // @ts-expect-error all inputs are forgotten, one of them required
  ingest()
  // @ts-expect-error a required artifact is forgotten
  evaluate({ model: fitted.model })
  // @ts-expect-error a number where a string is wanted
  ingest({ source: 3 })
  // @ts-expect-error a string where a number is wanted
  ingest({ source: 'news.csv', testShare: '0.2' })
  // @ts-expect-error not one of the choices
  ingest({ source: 'news.csv', badRows: 'ignore' })
  // @ts-expect-error no such input
  ingest({ source: 'news.csv', sorce: 'news.csv' })
  // @ts-expect-error a dataset where a model is wanted
  evaluate({ model: data.test, test: data.test })
  // @ts-expect-error a parameter where an artifact is wanted
  evaluate({ model: fitted.model, test: data.rows })
  // @ts-expect-error an artifact where a parameter is wanted
  ingest({ source: data.preview })
  // @ts-expect-error an integer where a double is wanted
  validate({ metrics: fitted.metrics, minAccuracy: data.rows })
  // @ts-expect-error a path where an artifact is wanted
  evaluate({ model: './model', test: data.test })
  // @ts-expect-error a task where one of its outputs is wanted
  evaluate({ model: fitted, test: data.test })
  // @ts-expect-error no such output
  evaluate({ model: fitted.modle, test: data.test })
  // @ts-expect-error no such setting
  fitted.gpu('1')
  // @ts-expect-error an output is no task to wait for
  fitted.after(data.train)
})

pipeline({ name: 'conditions' }, () => {
  const data = ingest({ source: 'news.csv' })
  const fitted = train({ train: data.train, validation: data.validation })
  const report = evaluate({ model: fitted.model, test: data.test })
  const verdict = validate({ metrics: report.metrics })

  when(and(verdict.passed, not(report.accuracy.isLess(0.5))), () => {
    const version = register({ model: fitted.model, name: 'news' })
    promote({ name: 'news', version: version.version })
  })
  // @ts-expect-error used outside the branch that makes it
  promote({ name: 'news', version: version.version })
  // @ts-expect-error a boolean known now is no condition
  when(true, () => {})
  // @ts-expect-error a number is no condition
  when(report.accuracy, () => {})
  // @ts-expect-error compared with another kind
  when(report.accuracy.is('high'), () => {})
  // @ts-expect-error booleans have no order
  when(verdict.passed.isMore(false), () => {})
  // @ts-expect-error artifacts do not compare
  when(report.metrics.is('good'), () => {})
})

pipeline(
  {
    name: 'interface',
    inputs: {
      words: list({ help: 'Words.', default: ['a'] }),
      seed: integer('A seed.'),
      format: choice(['csv', 'tsv'], { help: 'A format.', default: 'csv' }),
      rows: artifact('dataset', 'Rows.'),
    },
  },
  ({ words, seed, format, rows, ...rest }) => {
    const data = ingest({ source: 'news.csv', seed, format, labelNames: words })
    evaluate({ model: train({ train: rows, validation: data.validation }).model, test: rows })
    // @ts-expect-error lists do not compare
    when(words.is(['a']), () => {})
    // @ts-expect-error no such input of the pipeline
    ingest({ source: rest.source })
    // @ts-expect-error a list where a string is wanted
    ingest({ source: words })
    return { rows: data.rows, train: data.train }
  },
)

// @ts-expect-error a pipeline hands out references, not values
pipeline({ name: 'outputs' }, () => ({ accuracy: 0.9 }))
// @ts-expect-error a default of another kind
pipeline({ name: 'default', inputs: { share: number({ help: '', default: 'half' }) } }, () => {})
// @ts-expect-error the body must not be asynchronous
pipeline({ name: 'asynchronous' }, async () => {})
// @ts-expect-error every pipeline has a name
pipeline({}, () => {})

container(
  { name: 'copy', inputs: { rows: artifact('dataset', '') }, outputs: { copy: artifact('dataset', '') } },
  ({ inputs, outputs }) => {
    // @ts-expect-error an artifact is no text by itself
    const args: string[] = [inputs.rows]
    // @ts-expect-error no such output
    args.push(outputs.original.path)
    return { image: 'alpine', command: ['cp', inputs.rows.path, outputs.copy.path], args }
  },
)
