import { each, list, pipeline, struct, text, when } from '../../../pipelines/index.ts'
import { python, returnsText } from './components.ts'

const argsGenerator = python('args_generator_op', { outputs: { Output: list('') } })
const flip = python('flip_coin_op', returnsText)
const printText = python('print_text', {
  inputs: { msg: text(''), msg2: text({ help: '', optional: true }) },
})
const printStruct = python('print_struct', { inputs: { struct: struct('') } })

export default pipeline(
  {
    name: 'pipeline-with-loops-and-conditions-multi-layers',
    inputs: {
      msg: text({ help: '', default: 'hello' }),
      loop_parameter: list({
        help: '',
        default: [
          { A_a: 'heads', B_b: ['A', 'B'] },
          { A_a: 'tails', B_b: ['X', 'Y', 'Z'] },
        ],
      }),
    },
  },
  ({ msg, loop_parameter }) => {
    const flipped = flip().Output
    const outer = argsGenerator().Output
    when(flipped.isNot('no-such-result'), () => {
      const inner = argsGenerator().Output
      each(outer, item => {
        printText({ msg })
        when(item.at('A_a').is('heads'), () => {
          printText({ msg: item.at('B_b') })
        })
        when(flipped.is('heads'), () => {
          printText({ msg: item.at('B_b') })
        })
        when(item.at('A_a').is('tails'), () => {
          each([{ a: '-1' }, { a: '-2' }], inner_item => {
            printStruct({ struct: inner_item })
          })
        })
        each(item.at('B_b'), item_b => {
          printText({ msg: item_b })
        })
        each(loop_parameter, pipeline_item => {
          printText({ msg: pipeline_item })
          each(inner, inner_item => {
            printText({ msg: pipeline_item, msg2: inner_item.at('A_a') })
          })
        })
        each(['1', '2'], static_item => {
          printText({ msg: static_item })
          when(static_item.is('1'), () => {
            printText({ msg: '1' })
          })
        })
      })
    })
    each(loop_parameter, item => {
      when(item.at('A_a').is('heads'), () => {
        each(item.at('B_b'), item_b => {
          printText({ msg: item_b })
        })
      })
    })
  },
)
