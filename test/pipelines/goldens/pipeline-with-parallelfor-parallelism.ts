import { each, integer, list, pipeline, text } from '../../../pipelines/index.ts'
import { python } from './components.ts'

const printText = python('print_text', { inputs: { msg: text('') } })
const printInt = python('print_int', { inputs: { x: integer('') } })
const structs = { outputs: { Output: list({ help: '', of: 'struct' }) } } as const
const maker0 = python('list_dict_maker_0', structs)
const maker1 = python('list_dict_maker_1', structs)
const maker2 = python('list_dict_maker_2', structs)
const maker3 = python('list_dict_maker_3', { outputs: { Output: list('') } })
const loadedMaker1 = python('list_dict_maker_1', { outputs: { Output: list('') } })

export default pipeline(
  { name: 'pipeline-with-loops', inputs: { loop_parameter: list({ help: '', of: 'string' }) } },
  ({ loop_parameter }) => {
    each(
      loop_parameter,
      item => {
        printText({ msg: item })
        each(loop_parameter, nested_item => {
          printText({ msg: nested_item })
        })
      },
      { parallelism: 2 },
    )
    each(
      [
        { A_a: '1', B_b: '2' },
        { A_a: '10', B_b: '20' },
      ],
      item => {
        printText({ msg: item.A_a })
        printText({ msg: item.B_b })
        each(
          [
            { A_a: '10', B_b: '20' },
            { A_a: '100', B_b: '200' },
          ],
          nested_item => {
            printText({ msg: nested_item.A_a })
            printText({ msg: nested_item.B_b })
          },
          { parallelism: 1 },
        )
      },
    )
    each(
      [
        { a: 1, b: 2 },
        { a: 2, b: 3 },
        { a: 3, b: 4 },
      ],
      item => {
        printInt({ x: item.a })
      },
      { parallelism: 1 },
    )
    for (const maker of [maker0, maker1, maker2]) {
      each(maker().Output, item => {
        printInt({ x: item.at('a', 'integer') })
      })
    }
    for (const maker of [maker3, loadedMaker1]) {
      each(maker().Output, item => {
        printInt({ x: item.at('a') })
      })
    }
  },
)
