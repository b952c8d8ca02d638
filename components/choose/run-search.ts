import { allFailed, type Candidate, choose, type Entry, Search } from '../../core/choose/index.ts'
import { counted } from '../../core/counted.ts'
import { type Row, readDataset } from '../../core/data/index.ts'
import { formatShare } from '../../core/report/numbers.ts'
import { shardOf } from '../../core/shard.ts'
import { checkpointKey, sayingWhereKept } from '../checkpoint-file.ts'
import type { inputs, outputs } from '../compare/stage.ts'
import type { StageContext } from '../definition/index.ts'
import { openSearchCheckpoint, type SearchCheckpoint } from './checkpoint.ts'
import { giveChoice, giveNothing, plain } from './give.ts'
import { METRIC_NAMES } from './report.ts'

type Context = StageContext<typeof inputs, typeof outputs>

/** What compare and tune have in common of a call. */
type SearchContext = Pick<Context, 'outputs' | 'log' | 'signal'> & {
  readonly inputs: Omit<Context['inputs'], 'candidates'>
}

/** More lines of progress than these say nothing new. */
const PROGRESS_LINES = 40

type Judge = (search: Search, part: readonly Candidate[]) => Promise<Entry[]>

/** Judges the candidates of a shard, and gives the leaderboard with the choice. */
export async function searchIn(
  context: SearchContext,
  title: string,
  candidates: readonly Candidate[],
  judge: Judge,
) {
  const { inputs, outputs, log, signal } = context
  const places = [...candidates.keys()].filter(shardOf(inputs.shard))
  if (places.length === 0) {
    const nothing = await giveNothing(outputs, title)
    return { ...nothing, parameters: { ...nothing.parameters, results: [] } }
  }
  const part = places.map(place => candidates[place]!)
  const rows = await readDataset(inputs.train.path, signal)
  const { folds, seed } = inputs
  // What is chosen by, and on how many threads, changes no score.
  const checkpoint = inputs.checkpoint
    ? await openSearchCheckpoint(
        inputs.checkpoint,
        checkpointKey(rows, { candidates: part, folds, seed }),
        log,
      )
    : undefined
  const { entries, given } = await sayingWhereKept(inputs.checkpoint, signal, () =>
    searchPart(context, { title, rows, part, judge, checkpoint }),
  )
  const results = entries.map((entry, i) => plain({ place: places[i]!, ...entry }))
  return { ...given, parameters: { ...given.parameters, results } }
}

interface Part {
  readonly title: string
  readonly rows: readonly Row[]
  readonly part: readonly Candidate[]
  readonly judge: Judge
  readonly checkpoint: SearchCheckpoint | undefined
}

async function searchPart(
  { inputs, outputs, log, signal }: SearchContext,
  { title, rows, part, judge, checkpoint }: Part,
) {
  await using keeper = checkpoint
  const onFit = (done: number, of: number, { name }: Candidate) => {
    if (done % Math.ceil(of / PROGRESS_LINES) === 0 || done === of)
      log.info(`${done} of ${of} fits, last ${name}`)
  }
  // Disposed of first: after its threads have ended nothing comes to be kept.
  await using search = new Search(rows, part.length, { ...inputs, signal, onFit, keeper })
  log.info(`${counted(part.length, 'candidate')}, ${inputs.folds} folds, ${counted(rows.length, 'row')}`)
  const entries = await judge(search, part)
  for (const { name, failure } of entries) {
    if (failure !== undefined) log.warn(`${name} failed: ${failure.message.split('\n')[0]}`)
  }
  const winner = choose(entries, inputs.metric, inputs.threshold)
  if (winner === undefined) throw allFailed(entries)
  log.info(
    `${winner.name}: ${METRIC_NAMES[inputs.metric]} ${formatShare(winner.result![inputs.metric].mean)}`,
  )
  // Nobody asks for the curve of a shard's winner: whoever collects the shards may choose another.
  const curve = inputs.curve && inputs.shard === '1/1' ? await search.learningCurve(winner) : []
  const given = await giveChoice(outputs, { ...inputs, title, entries, winner, curve })
  await keeper?.remove()
  return { entries, given }
}
