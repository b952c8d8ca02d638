import { artifact, container, importer, pipeline } from '../../../pipelines/index.ts'

const consumer = container(
  { name: 'consumer-op', inputs: { dataset: artifact('google.VertexDataset', '') } },
  ({ inputs }) => ({ image: 'dummy', command: ['cmd'], args: [inputs.dataset.path] }),
)

export default pipeline({ name: 'pipeline-with-importer-and-gcpc-type' }, () => {
  const { artifact } = importer({
    uri: 'gs://ml-pipeline-playground/shakespeare1.txt',
    type: 'google.VertexDataset',
    metadata: { key: 'value' },
  })
  consumer({ dataset: artifact })
})
