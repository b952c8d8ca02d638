import { artifact, pipeline, text, when } from '../../../pipelines/index.ts'
import { python, returnsText } from './components.ts'

const flip = python('flip_coin', returnsText)
const toArtifact = python('param_to_artifact', {
  inputs: { val: text('') },
  outputs: { a: artifact('any', '') },
})
const print = python('print_artifact', { inputs: { a: artifact('any', '') } })

const flipCoin = pipeline({ name: 'flip-coin-pipeline' }, () => {
  const val = flip().Output
  const { a } = when(val.is('heads'), () => ({ a: toArtifact({ val }).a })).otherwise(() => ({
    a: toArtifact({ val }).a,
  }))
  print({ a })
  return { Output: a }
})

export default pipeline({ name: 'outer-pipeline' }, () => {
  print({ a: flipCoin().Output })
})
