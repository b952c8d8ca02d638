import { each, list, pipeline, text } from '../../../pipelines/index.ts'
import { python, returnsText } from './components.ts'

const splitIds = python('split_ids', {
  inputs: { ids: text('') },
  outputs: { Output: list({ help: '', of: 'string' }) },
})
const prependId = python('prepend_id', { inputs: { content: text('') }, ...returnsText })
const consumeIds = python('consume_ids', { inputs: { ids: list('') }, ...returnsText })
const consumeSingleId = python('consume_single_id', { inputs: { id: text('') }, ...returnsText })

const collecting = pipeline(
  { name: 'collecting-parameters', inputs: { model_ids: text({ help: '', default: '' }) } },
  ({ model_ids }) => {
    const { Output } = each(splitIds({ ids: model_ids }).Output, id => {
      const { Output } = prependId({ content: id }).cache(false)
      consumeSingleId({ id: Output }).cache(false)
      return { Output }
    })
    consumeIds({ ids: Output }).cache(false)
    return { Output }
  },
)

export default pipeline({ name: 'collected-param-pipeline' }, () => {
  consumeIds({ ids: collecting({ model_ids: 's1,s2,s3' }).cache(false).Output }).cache(false)
})
