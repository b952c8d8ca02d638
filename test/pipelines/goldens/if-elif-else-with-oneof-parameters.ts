import { pipeline, text, when } from '../../../pipelines/index.ts'
import { python, returnsText } from './components.ts'

const flip = python('flip_three_sided_die', returnsText)
const print = python('print_and_return', { inputs: { text: text('') }, ...returnsText })
const special = python('special_print_and_return', {
  inputs: { text: text('') },
  outputs: { output_key: text('') },
})

const rollDie = pipeline({ name: 'roll-die-pipeline' }, () => {
  const { Output } = flip()
  return when(Output.is('heads'), () => ({ Output: print({ text: 'Got heads!' }).Output }))
    .elseWhen(Output.is('tails'), () => ({ Output: print({ text: 'Got tails!' }).Output }))
    .otherwise(() => ({ Output: special({ text: 'Draw!' }).output_key }))
})

export default pipeline({ name: 'outer-pipeline' }, () => ({
  Output: print({ text: rollDie().Output }).Output,
}))
