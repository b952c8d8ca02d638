import { finalStatus, onExit, pipeline, struct, text, when } from '../../../pipelines/index.ts'
import { python, returnsText } from './components.ts'

const message = text('')
const fail = python('fail_op', { inputs: { message } })
const print = python('print_op', { inputs: { message } })
const getState = python('get_run_state', { inputs: { status: struct('') }, ...returnsText })

const notify = pipeline(
  { name: 'conditional-notification', inputs: { status: finalStatus('') } },
  ({ status }) => {
    when(getState({ status }).Output.is('FAILED'), () => {
      print({ message: 'notify task failure.' })
    })
  },
)

export default pipeline(
  {
    name: 'pipeline-with-task-final-status-conditional',
    inputs: { message: text({ help: '', default: 'Hello World!' }) },
  },
  ({ message }) => {
    onExit(
      notify(),
      () => {
        print({ message })
        fail({ message: 'Task failed.' })
      },
      { named: 'my-pipeline' },
    )
  },
)
