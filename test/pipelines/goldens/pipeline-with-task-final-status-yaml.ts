import { container, finalStatus, onExit, pipeline, text } from '../../../pipelines/index.ts'
import { UBI } from './components.ts'

const exit = container(
  { name: 'exit-op', inputs: { user_input: text(''), status: finalStatus('') } },
  ({ inputs }) => ({
    image: UBI,
    command: ['echo', 'user input:', inputs.user_input, 'pipeline status:', inputs.status],
  }),
)
const print = container({ name: 'print-op', inputs: { message: text('') } }, ({ inputs }) => ({
  image: UBI,
  command: ['echo', inputs.message],
}))

export default pipeline(
  {
    name: 'pipeline-with-task-final-status-yaml',
    inputs: { message: text({ help: '', default: 'Hello World!' }) },
  },
  ({ message }) => {
    onExit(
      exit({ user_input: message }),
      () => {
        print({ message })
      },
      { named: 'my-pipeline' },
    )
  },
)
