import { pipeline, text } from '../../../pipelines/index.ts'
import { python, returnsText } from './components.ts'

const echo = python('echo', { inputs: { message: text('') }, ...returnsText })

export default pipeline(
  { name: 'pipeline-with-k8s-only-methods', inputs: { message: text({ help: '', default: 'hello' }) } },
  ({ message }) => ({
    Output: echo({ message }).cpu('1000m').memory('256Mi').accelerator('nvidia.com/gpu').Output,
  }),
)
