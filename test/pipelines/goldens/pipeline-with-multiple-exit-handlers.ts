import { onExit, pipeline, text } from '../../../pipelines/index.ts'
import { python } from './components.ts'

const print = python('print_op', { inputs: { message: text('') } })
const fail = python('fail_op', { inputs: { message: text('') } })

export default pipeline(
  {
    name: 'pipeline-with-multiple-exit-handlers',
    inputs: { message: text({ help: '', default: 'Hello World!' }) },
  },
  ({ message }) => {
    onExit(print({ message: 'First exit handler has worked!' }), () => {
      print({ message })
      fail({ message: 'Task failed.' })
    })
    onExit(print({ message: 'Second exit handler has worked!' }), () => {
      print({ message })
    })
    onExit(print({ message: 'Third exit handler has worked!' }), () => {
      print({ message })
    })
  },
)
