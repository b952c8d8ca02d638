import { each, list, pipeline, struct, text } from '../../../pipelines/index.ts'
import { python } from './components.ts'

const argsGenerator = python('args_generator_op', { outputs: { Output: list({ help: '', of: 'struct' }) } })
const printText = python('print_text', { inputs: { msg: text('') } })
const printStruct = python('print_struct', { inputs: { struct: struct('') } })

export default pipeline(
  {
    name: 'pipeline-with-loops',
    inputs: { loop_parameter: list({ help: '', of: 'string', default: ['a', 'b'] }) },
  },
  ({ loop_parameter }) => {
    each(loop_parameter, item => {
      printText({ msg: item })
    })
    each(argsGenerator().Output, item => {
      printStruct({ struct: item })
      printText({ msg: item.at('A_a') })
      printText({ msg: item.at('B_b') })
    })
    each(
      [
        { A_a: '1', B_b: '2' },
        { A_a: '10', B_b: '20' },
      ],
      item => {
        printStruct({ struct: item })
        printText({ msg: item.A_a })
        printText({ msg: item.B_b })
      },
    )
  },
)
