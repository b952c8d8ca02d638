import { pipeline, text } from '../../../pipelines/index.ts'
import { python, returnsText } from './components.ts'

const fail = python('fail_op', { inputs: { message: text('') }, ...returnsText })
const print = python('print_op', { inputs: { message: text({ help: '', default: 'default' }) } })

export default pipeline(
  { name: 'my-pipeline', inputs: { sample_input: text({ help: '', default: 'message' }) } },
  ({ sample_input }) => {
    print({ message: fail({ message: sample_input }).Output }).ignoreUpstreamFailure()
  },
)
