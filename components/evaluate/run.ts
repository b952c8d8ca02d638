import type { StageRun } from '../definition/index.ts'
import type { inputs, outputs } from './stage.ts'

const run: StageRun<typeof inputs, typeof outputs> = async () => {
  throw new Error('not written yet')
}

export default run
