import {
  allFailed,
  type CurvePoint,
  choose,
  type Entry,
  gatherEntries,
  Search,
} from '../../core/choose/index.ts'
import { readDataset } from '../../core/data/index.ts'
import type { StageContext, StageRun } from '../definition/index.ts'
import { giveChoice } from './give.ts'
import type { inputs, outputs } from './stage.ts'

type Context = StageContext<typeof inputs, typeof outputs>

const run: StageRun<typeof inputs, typeof outputs> = async context => {
  const { inputs, outputs } = context
  const entries = await gatherEntries(inputs.results)
  const winner = choose(entries, inputs.metric, inputs.threshold)
  if (winner === undefined) throw allFailed(entries)
  const curve = await curveOf(context, winner)
  return giveChoice(outputs, { ...inputs, title: 'Search', entries, winner, curve })
}

export default run

async function curveOf({ inputs, log, signal }: Context, winner: Entry): Promise<readonly CurvePoint[]> {
  if (inputs.train === undefined || !inputs.curve) return []
  const rows = await readDataset(inputs.train.path, signal)
  await using search = new Search(rows, 1, { ...inputs, signal })
  log.info(`learning curve of ${winner.name}`)
  // Awaited here: else the threads end before the curve begins, and those it then starts never do.
  return await search.learningCurve(winner)
}
