import {
  type Base,
  drawFrom,
  gridOf,
  type Proposal,
  parseCandidates,
  parseSpace,
  type Space,
} from '../../core/choose/index.ts'
import { searchIn } from '../choose/run-search.ts'
import type { StageContext, StageRun } from '../definition/index.ts'
import type { inputs, outputs } from './stage.ts'

type Inputs = StageContext<typeof inputs, typeof outputs>['inputs']

const run: StageRun<typeof inputs, typeof outputs> = async context => {
  const { inputs } = context
  const proposals = propose(inputs, parseSpace(inputs.space))
  const candidates = parseCandidates(proposals, inputs.features)
  return searchIn(context, 'Search', candidates, (search, part) =>
    inputs.search === 'halving' ? search.halve(part) : search.compare(part),
  )
}

export default run

function propose({ search, draws, seed, ...given }: Inputs, space: Space): Proposal[] {
  // `parseCandidates` reads them strictly, with the values of the space in their places.
  const base = given as unknown as Base
  const ranges = [...space.values()].some(choices => 'range' in choices)
  return search === 'random' || (search === 'halving' && ranges)
    ? drawFrom(base, space, draws, seed)
    : gridOf(base, space)
}
