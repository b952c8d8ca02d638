import { each, pipeline, text, type Task } from '../../../pipelines/index.ts'
import { python, returnsText } from './components.ts'

const print = python('print_op', { inputs: { message: text('') }, ...returnsText })

export default pipeline({ name: 'loop-with-after-dependency-set' }, () => {
  let one!: Task<unknown>
  each([1, 2, 3], () => {
    one = print({ message: 'foo' })
  })
  print({ message: 'bar' }).after(one)
  print({ message: 'baz' }).after(one)
})
