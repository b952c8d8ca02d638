import { container, each, pipeline, text, when } from '../../../pipelines/index.ts'
import { python, returnsText } from './components.ts'

const msg = text('')
const print1 = python('print_op1', { inputs: { msg }, ...returnsText })
const echo = (name: string) =>
  container({ name, inputs: { msg } }, ({ inputs }) => ({ image: 'alpine', command: ['echo', inputs.msg] }))
const print = echo('print-op')
const print2 = echo('print-op2')

const inner = pipeline({ name: 'inner-pipeline', inputs: { msg } }, ({ msg }) => {
  const { Output } = print1({ msg })
  when(Output.is('Hello'), () => {
    print2({ msg: 'world' })
  })
  when(Output.isNot('Hello'), () => {
    print({ msg: 'Bye!' })
  })
})

export default pipeline(
  { name: 'pipeline-in-pipeline-complex', inputs: { msg: text({ help: '', default: 'Hello' }) } },
  ({ msg }) => {
    print1({ msg })
    each(['Hello', 'world!'], word => {
      inner({ msg: word })
    })
  },
)
