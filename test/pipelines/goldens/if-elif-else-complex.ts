import { boolean, each, integer, list, pipeline, text, when } from '../../../pipelines/index.ts'
import { python, returnsText } from './components.ts'

const roll = python('int_0_to_9999', { outputs: { Output: integer('') } })
const isEvenOrOdd = python('is_even_or_odd', { inputs: { num: integer('') }, ...returnsText })
const print = python('print_and_return', { inputs: { text: text('') }, ...returnsText })
const printInts = python('print_ints', { inputs: { ints: list({ help: '', of: 'integer' }) } })

export default pipeline(
  {
    name: 'lucky-number-pipeline',
    inputs: {
      add_drumroll: boolean({ help: '', default: true }),
      repeat_if_lucky_number: boolean({ help: '', default: true }),
      trials: list({ help: '', of: 'integer', default: [1, 2, 3] }),
    },
  },
  ({ add_drumroll, repeat_if_lucky_number, trials }) => {
    const { ints } = each(trials, trial => {
      when(add_drumroll, () => {
        when(trial.is(3), () => {
          print({ text: 'Adding drumroll on last trial!' })
        })
      })
      const rolled = roll().cache(false).Output
      when(rolled.isLess(5000), () => {
        const { Output } = isEvenOrOdd({ num: rolled })
        const { text } = when(Output.is('even'), () => ({
          text: print({ text: 'Got a low even number!' }).Output,
        })).otherwise(() => ({ text: print({ text: 'Got a low odd number!' }).Output }))
        print({ text })
      })
        .elseWhen(rolled.isMore(5000), () => {
          const { Output } = isEvenOrOdd({ num: rolled })
          const { text } = when(Output.is('even'), () => ({
            text: print({ text: 'Got a high even number!' }).Output,
          })).otherwise(() => ({ text: print({ text: 'Got a high odd number!' }).Output }))
          print({ text })
        })
        .otherwise(() => {
          print({ text: 'Announcing: Got the lucky number 5000! A one in 10,000 chance.' })
          when(repeat_if_lucky_number, () => {
            each([1, 2], () => {
              print({ text: 'Announcing again: Got the lucky number 5000! A one in 10,000 chance.' })
            })
          })
        })
      return { ints: rolled }
    })
    printInts({ ints })
  },
)
