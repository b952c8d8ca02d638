/** Our side of the search bench: `node ours-search.ts CORPUS`, then the protocol of contender.ts. */

import { join } from 'node:path'
import { gridOf, parseCandidates, parseSpace, Search } from '../../core/choose/index.ts'
import { readRows } from '../../core/data/index.ts'
import { serve } from './serve.ts'
import { SETTINGS } from './settings.ts'

const [corpus = ''] = process.argv.slice(2)
const { rows } = await readRows(join(corpus, 'train.csv'))
const base = { features: SETTINGS.words, learner: { kind: 'logistic-regression' } } as const
const space = parseSpace({ 'learner.parameters.c': [0.1, 0.3, 1, 3, 10] })
const candidates = parseCandidates(gridOf(base, space))

await serve(async work => async () => {
  const threads = work === 'one' ? 1 : undefined
  const options = { folds: 5, metric: 'accuracy', seed: 7, threads } as const
  await using search = new Search(rows, candidates.length, options)
  const entries = await search.compare(candidates)
  return entries.map(({ result }) => result!.accuracy.mean)
})
