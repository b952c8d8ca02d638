import { integer, pipeline } from '../../../pipelines/index.ts'
import { python, returnsText } from './components.ts'

const cpu = python('cpu_limit', returnsText)
const memory = python('memory_limit', returnsText)
const type = python('accelerator_type', returnsText)
const count = python('accelerator_limit', returnsText)
const sum = python('sum_numbers', {
  inputs: { a: integer(''), b: integer('') },
  outputs: { Output: integer('') },
})

export default pipeline({ name: 'pipeline' }, () => {
  sum({ a: 1, b: 2 })
    .cpu(cpu().Output)
    .memory(memory().Output)
    .accelerator(type().Output, count().Output)
})
