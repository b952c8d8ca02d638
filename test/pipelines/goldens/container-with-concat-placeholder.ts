import { artifact, concat, container, pipeline, text } from '../../../pipelines/index.ts'
import { UBI } from './components.ts'

const withConcat = container(
  {
    name: 'container-with-concat-placeholder',
    inputs: { text1: text('') },
    outputs: { text2: artifact('dataset', ''), output_path: text('') },
  },
  ({ inputs, outputs }) => ({
    image: UBI,
    command: ['my_program', concat('prefix-', inputs.text1, outputs.text2.uri)],
    args: ['--output_path', outputs.output_path.file],
  }),
)

export default pipeline(
  { name: 'container-with-concat-placeholder', inputs: { text1: text('') } },
  ({ text1 }) => {
    const { text2, output_path } = withConcat({ text1 })
    return { text2, output_path }
  },
)
