import { each, integer, list, pipeline } from '../../../pipelines/index.ts'
import { python } from './components.ts'

const Output = integer('')
const double = python('double', { inputs: { num: integer('') }, outputs: { Output } })
const add = python('add', { inputs: { nums: list('') }, outputs: { Output } })
const addTwo = python('add_two_nums', { inputs: { x: integer(''), y: integer('') }, outputs: { Output } })

export default pipeline({ name: 'math-pipeline' }, () => {
  const { sums } = each([1, 2, 3], f => {
    return each([1, 2, 3], g => {
      const [x, y] = [double({ num: f }).Output, double({ num: g }).Output]
      return { sums: addTwo({ x, y }).Output }
    })
  })
  add({ nums: sums })
  return { Output: sums }
})
