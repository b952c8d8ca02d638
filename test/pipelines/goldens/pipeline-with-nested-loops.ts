import { each, list, pipeline, text } from '../../../pipelines/index.ts'
import { python } from './components.ts'

const print = python('print_op', { inputs: { msg: text(''), msg2: text({ help: '', optional: true }) } })

export default pipeline(
  {
    name: 'pipeline-with-nested-loops',
    inputs: {
      loop_parameter: list({
        help: '',
        default: [
          { p_a: [{ q_a: '1' }, { q_a: '2' }], p_b: 'hello' },
          { p_a: [{ q_a: '11' }, { q_a: '22' }], p_b: 'halo' },
        ],
      }),
    },
  },
  ({ loop_parameter }) => {
    each(loop_parameter, item => {
      each(item.at('p_a'), item_p_a => {
        print({ msg: item_p_a.at('q_a') })
      })
    })
    each(['1', '2'], outer_item => {
      print({ msg: outer_item })
      each(['100', '200', '300'], inner_item => {
        print({ msg: outer_item, msg2: inner_item })
      })
    })
  },
)
