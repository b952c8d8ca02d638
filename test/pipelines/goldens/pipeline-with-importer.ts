import { artifact, importer, pipeline, text, when } from '../../../pipelines/index.ts'
import { python } from './components.ts'

const train = python('train', {
  inputs: { dataset: artifact('dataset', '') },
  outputs: { scalar: text(''), model: artifact('model', '') },
})

export default pipeline(
  {
    name: 'pipeline-with-importer',
    inputs: { dataset2: text({ help: '', default: 'gs://ml-pipeline-playground/shakespeare2.txt' }) },
  },
  ({ dataset2 }) => {
    const first = importer({
      uri: 'gs://ml-pipeline-playground/shakespeare1.txt',
      type: 'dataset',
      metadata: { key: 'value' },
    })
    const trained = train({ dataset: first.artifact })
    when(trained.scalar.is('123'), () => {
      const second = importer({ uri: dataset2, type: 'dataset', reimport: true })
      train({ dataset: second.artifact })
    })
  },
)
