import { pipeline, text, when } from '../../../pipelines/index.ts'
import { python, returnsText } from './components.ts'

const flip = python('flip_coin', returnsText)
const coreComp = python('core_comp', { inputs: { input: text('') }, ...returnsText })
const coreOutputComp = python('core_output_comp', {
  inputs: { input: text('') },
  outputs: { output_key: text('') },
})
const crustComp = python('crust_comp', { inputs: { input: text('') } })

const core = pipeline({ name: 'core' }, () =>
  when(flip().cache(false).Output.is('heads'), () => ({
    Output: coreComp({ input: 'Got heads!' }).cache(false).Output,
  })).otherwise(() => ({ Output: coreOutputComp({ input: 'Got tails!' }).cache(false).output_key })),
)
const mantle = pipeline({ name: 'mantle' }, () => ({ Output: core().cache(false).Output }))

export default pipeline({ name: 'parameter-oneof-pipeline' }, () => {
  crustComp({ input: mantle().cache(false).Output }).cache(false)
})
