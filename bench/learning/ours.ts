/** Our side of the learning bench: `node ours.ts CORPUS`, then the protocol of contender.ts. */

import { join } from 'node:path'
import { readRows } from '../../core/data/index.ts'
import type { SparseMatrix } from '../../core/learn/index.ts'
import { fitFeatures } from '../../core/text/index.ts'
import { serve } from './serve.ts'
import { SETTINGS } from './settings.ts'

const [corpus = ''] = process.argv.slice(2)
const read = async (file: string) => (await readRows(join(corpus, file))).rows.map(row => row.text)
const [train, test] = [await read('train.csv'), await read('test.csv')]

const sizes = ({ rows, columns, indices }: SparseMatrix) => [rows, columns, indices.length]
/** By the name of the work: what is done outside of the clock, and gives what is done inside. */
const WORK: Readonly<Record<string, () => Promise<() => Promise<number[]>>>> = {
  nothing: async () => async () => [train.length, test.length],
  'fit words': async () => async () => sizes((await fitFeatures(train, undefined, SETTINGS.words)).matrix),
  'transform words': async () => {
    const { features } = await fitFeatures(train, undefined, SETTINGS.words)
    features.transform(test.slice(0, 1))
    return async () => sizes(features.transform(test))
  },
  'fit union': async () => async () => sizes((await fitFeatures(train, undefined, SETTINGS.union)).matrix),
  'transform union': async () => {
    const { features } = await fitFeatures(train, undefined, SETTINGS.union)
    features.transform(test.slice(0, 1))
    return async () => sizes(features.transform(test))
  },
}

await serve(work => WORK[work]!())
