import { container, ifPresent, importer, optionalArtifact, pipeline } from '../../../pipelines/index.ts'
import { python } from './components.ts'

const printer = python('python_artifact_printer', { inputs: { artifact: optionalArtifact('any', '') } })
const customPrinter = container(
  { name: 'custom-artifact-printer', inputs: { artifact: optionalArtifact('any', '') } },
  ({ inputs }) => ({
    image: 'alpine',
    command: [ifPresent('artifact', ['echo', inputs.artifact.uri], ['echo', 'No artifact provided!'])],
  }),
)
const inner = pipeline(
  { name: 'inner-pipeline', inputs: { dataset: optionalArtifact('dataset', '') } },
  ({ dataset }) => {
    printer({ artifact: dataset })
  },
)

export default pipeline(
  { name: 'optional-artifact-pipeline', inputs: { dataset1: optionalArtifact('dataset', '') } },
  ({ dataset1 }) => {
    customPrinter({ artifact: dataset1 })
    customPrinter()
    const { artifact } = importer({ uri: 'gs://ml-pipeline-playground/shakespeare1.txt', type: 'dataset' })
    inner({ dataset: artifact })
    inner()
  },
)
