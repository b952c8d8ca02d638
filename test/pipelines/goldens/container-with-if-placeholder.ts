import { artifact, container, ifPresent, pipeline, text } from '../../../pipelines/index.ts'
import { UBI } from './components.ts'

const inputs = { optional_input: text({ help: '', default: 'default' }) }
const withIf = container(
  {
    name: 'container-with-if-placeholder',
    inputs,
    outputs: { dataset: artifact('dataset', ''), output_path: text('') },
  },
  ({ inputs, outputs }) => ({
    image: UBI,
    command: [
      'my_program',
      ifPresent('optional_input', [inputs.optional_input], ['bye']),
      '--dataset',
      ifPresent('optional_input', [outputs.dataset.uri], ['bye']),
    ],
    args: ['--output_path', outputs.output_path.file],
  }),
)

export default pipeline({ name: 'container-with-if-placeholder', inputs }, ({ optional_input }) => {
  const { dataset, output_path } = withIf({ optional_input })
  return { dataset, output_path }
})
