import { artifact, artifactList, each, list, pipeline, text } from '../../../pipelines/index.ts'
import { python, returnsText } from './components.ts'

const splitInto = (name: string) =>
  python(name, { inputs: { model_ids: text('') }, outputs: { Output: list({ help: '', of: 'string' }) } })
const splitIds = splitInto('split_ids')
const splitChars = splitInto('split_chars')
const createFile = python('create_file', {
  inputs: { content: text('') },
  outputs: { file: artifact('any', '') },
})
const readSingleFile = python('read_single_file', { inputs: { file: artifact('any', '') }, ...returnsText })
const createDataset = python('create_dataset', {
  inputs: { content: text('') },
  outputs: { data: artifact('dataset', '') },
})
const readDatasets = python('read_datasets', { inputs: { data: artifactList('dataset', '') }, ...returnsText })
const readModels = python('read_models', { inputs: { models: artifactList('model', '') }, ...returnsText })
const readAndGenerate = python('read_single_dataset_generate_model', {
  inputs: { data: artifact('dataset', ''), id: text('') },
  outputs: { results: artifact('model', '') },
})

const singleNodeDag = pipeline({ name: 'single-node-dag', inputs: { char: text('') } }, ({ char }) => ({
  Output: createDataset({ content: char }).cache(false).data,
}))

const collecting = pipeline(
  {
    name: 'collecting-artifacts',
    inputs: {
      model_ids: text({ help: '', default: '' }),
      model_chars: text({ help: '', default: '' }),
    },
  },
  ({ model_ids, model_chars }) => {
    const ids = splitIds({ model_ids }).cache(false)
    const chars = splitChars({ model_ids: model_chars }).cache(false)
    const { Output } = each(ids.Output, id => {
      const { file } = createFile({ content: id }).cache(false)
      readSingleFile({ file }).cache(false)
      const made = each(chars.Output, char => {
        const data = singleNodeDag({ char }).cache(false)
        const { results } = readAndGenerate({ data: data.Output, id }).cache(false)
        return { data: data.Output, results }
      })
      readDatasets({ data: made.data }).cache(false)
      readModels({ models: made.results }).cache(false)
      return { Output: made.results }
    })
    return { Output }
  },
)

export default pipeline({ name: 'collected-artifact-pipeline' }, () => {
  const { Output } = collecting({ model_ids: 's1,s2,s3', model_chars: 'x,y,z' }).cache(false)
  readModels({ models: Output }).cache(false)
})
