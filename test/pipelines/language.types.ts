/**
 * What the editor refuses in a pipeline. tsc checks this file; nothing runs it. Each `@ts-expect-error` is itself an error
 * once the line below it compiles.
 */
import { evaluate, ingest, promote, register, train, validate } from '../../components/index.ts'
import {
  and,
  artifact,
  artifactList,
  choice,
  collect,
  container,
  each,
  finalStatus,
  format,
  importer,
  integer,
  kubernetes,
  list,
  not,
  number,
  onExit,
  pipeline,
  struct,
  text,
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

const sink = container(
  {
    name: 'sink',
    inputs: {
      word: text(''),
      count: integer({ help: '', default: 1 }),
      share: number({ help: '', default: 1 }),
    },
    outputs: { word: text(''), count: integer(''), memory: text(''), rows: artifact('dataset', '') },
  },
  () => ({ image: 'alpine', command: ['true'] }),
)
const lists = container(
  { name: 'lists', inputs: { words: list(''), tables: artifactList('dataset', ''), map: struct('') } },
  () => ({ image: 'alpine', command: ['true'] }),
)
const inner = pipeline({ name: 'inner', inputs: { word: text(''), count: integer('') } }, ({ word }) => ({
  rows: sink({ word }).rows,
}))

pipeline(
  {
    name: 'loops',
    inputs: {
      words: list({ help: '', of: 'string' }),
      anything: list(''),
      map: struct(''),
      tables: artifactList('dataset', ''),
    },
  },
  ({ words, anything, map, tables }) => {
    const made = each(words, word => {
      // @ts-expect-error an item of a list of strings where an integer is wanted
      sink({ word, count: word })
      const { rows, count } = sink({ word })
      return { rows, count }
    })
    lists({ words: made.count, tables: made.rows, map: { a: [made.count, format`${map.at('b')}!`] } })
    // @ts-expect-error a list of datasets where one is wanted
    importer({ uri: made.rows, type: 'dataset' })
    // @ts-expect-error the item is known inside its loop alone
    sink({ word })
    // @ts-expect-error no iteration hands that out
    lists({ words: made.words, tables, map })
    each(anything, item => {
      sink({ word: item.at('a'), count: item.at('b', 'integer') })
      // @ts-expect-error said to be an integer, wanted as a string
      sink({ word: item.at('b', 'integer') })
    })
    each(
      [
        { name: 'a', size: 1 },
        { name: 'b', size: 2 },
      ],
      ({ name, size }) => {
        sink({ word: name, count: size, share: size })
        // @ts-expect-error a number where a string is wanted
        sink({ word: size })
      },
    )
    each(tables, table => {
      lists({ words, tables, map })
      // @ts-expect-error one dataset where a list of them is wanted
      lists({ words, tables: table, map })
      // @ts-expect-error artifacts do not compare
      when(table.is('a'), () => {})
    })
    // @ts-expect-error a string is no list
    each(sink({ word: 'a' }).word, () => {})
    // @ts-expect-error formatted text where a number is wanted
    sink({ word: format`a ${1}`, count: format`1` })
    // @ts-expect-error an artifact has no text
    format`${tables}`
  },
)

pipeline({ name: 'branches', inputs: { go: text('') } }, ({ go }) => {
  const branches = when(go.is('a'), () => ({ word: sink({ word: 'a' }).word }))
  // @ts-expect-error without an else nothing need have run
  sink({ word: branches.word })
  // @ts-expect-error a branch hands out another kind
  branches.otherwise(() => ({ word: sink({ word: 'b' }).count }))
  const { word } = branches.otherwise(() => ({ word: sink({ word: 'b' }).word }))
  sink({ word })
  // @ts-expect-error no branch hands that out
  sink({ word: branches.otherwise(() => ({ word })).count })
})

pipeline({ name: 'gathered', inputs: { go: text('') } }, ({ go }) => {
  const made = each([1, 2], n => collect(when(n.isMore(1), () => ({ rows: sink({ word: go }).rows }))))
  lists({ words: [], tables: made.rows, map: {} })
  // @ts-expect-error a list of datasets where one is wanted
  importer({ uri: 'a', type: 'dataset' }).after(sink({ word: go }).rows)
  // @ts-expect-error what a branch without an else makes is collected, or stays inside
  each([1, 2], n => when(n.isMore(1), () => ({ rows: sink({ word: go }).rows })))
  // @ts-expect-error a loop collects without it
  collect(made)
  // @ts-expect-error the branch hands out nothing of that name
  lists({ words: [], tables: collect(when(go.is('a'), () => ({ a: sink({ word: go }).rows }))).b, map: {} })
})

container(
  { name: 'versions', inputs: { end: artifact('google.VertexEndpoint@0.0.0', '') } },
  ({ inputs }) => ({ image: 'alpine', command: ['ask', inputs.end.uri] }),
)
pipeline({ name: 'versions', inputs: { end: artifact('google.VertexEndpoint', '') } }, ({ end }) => {
  // A version is no part of the type.
  const ask = container(
    { name: 'ask', inputs: { end: artifact('google.VertexEndpoint@0.0.0', '') } },
    () => ({
      image: 'alpine',
    }),
  )
  ask({ end })
  ask({ end: importer({ uri: 'a', type: 'google.VertexEndpoint@1.0.0', metadata: [['a', 1]] }).artifact })
  // @ts-expect-error another type
  ask({ end: importer({ uri: 'a', type: 'google.VertexModel@0.0.0' }).artifact })
  // @ts-expect-error an artifact is no key
  importer({ uri: 'a', type: 'model', metadata: [[end, 1]] })
  // @ts-expect-error a term of ours is no field of Kubernetes'
  kubernetes(ask({ end }), { nodeAffinity: [{ matchLabels: [] }] })
})

pipeline({ name: 'nested', inputs: { go: text('') } }, ({ go }) => {
  const { rows } = inner({ word: go, count: 1 })
  lists({ words: [go], tables: [rows] as never, map: {} })
  // @ts-expect-error a required input of the pipeline is forgotten
  inner({ word: go })
  // @ts-expect-error no such output of the pipeline
  inner({ word: go, count: 1 }).word
  // @ts-expect-error a setting is no output; outputs has it
  sink({ word: sink({ word: go }).memory })
  sink({ word: sink({ word: go }).outputs.memory })
  // @ts-expect-error an exit task is a task, not its output
  onExit(sink({ word: go }).word, () => {})
  // @ts-expect-error no such setting of Kubernetes
  kubernetes(sink({ word: go }), { secrets: [] })
  // @ts-expect-error an artifact is no image
  sink({ word: go }).image(rows)
})

pipeline({ name: 'status', inputs: { status: finalStatus('') } }, ({ status }) => {
  // @ts-expect-error a struct where a string is wanted
  sink({ word: status })
})
