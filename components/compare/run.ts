import { DEFAULT_CANDIDATES, parseCandidates } from '../../core/choose/index.ts'
import { searchIn } from '../choose/run-search.ts'
import type { StageRun } from '../definition/index.ts'
import type { inputs, outputs } from './stage.ts'

const run: StageRun<typeof inputs, typeof outputs> = async context => {
  const { inputs } = context
  const candidates = parseCandidates(inputs.candidates ?? DEFAULT_CANDIDATES, inputs.features)
  return searchIn(context, 'Comparison', candidates, (search, part) => search.compare(part))
}

export default run
