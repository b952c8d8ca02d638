import { mostFrequent } from './most-frequent.ts'
import type { Ngrams } from './ngrams.ts'
import type { RowCounter } from './row-counter.ts'
import type { VectorizerSettings } from './settings.ts'

/** How often the texts hold the n-gram of each node. */
export interface Frequencies {
  readonly texts: number
  /** Texts that hold it. */
  readonly df: Int32Array
  /** How often all texts together hold it; once a text at most where `binary` is set. */
  readonly totals: Int32Array
}

export function frequenciesOf(
  counter: RowCounter,
  nodes: number,
  texts: number,
  binary: boolean,
): Frequencies {
  const df = new Int32Array(nodes)
  const totals = binary ? df : new Int32Array(nodes)
  const { size, ids } = counter
  for (let i = 0; i < size; i++) df[ids[i]!]!++
  if (!binary) for (let i = 0; i < size; i++) totals[ids[i]!]! += counter.countOf(i)
  return { texts, df, totals }
}

/** The fewest and the most texts that an n-gram may be in, of all texts. */
export function limitsOf(settings: VectorizerSettings, texts: number): { fewest: number; most: number } {
  const { minDf, maxDf } = settings
  return { fewest: minDf < 1 ? minDf * texts : minDf, most: maxDf <= 1 ? maxDf * texts : maxDf }
}

/**
 * The nodes that become columns, in the order of columns: those within `minDf` and `maxDf`, and of them the `maxFeatures`
 * that occur most often. May be empty.
 */
export function chooseNodes(
  ngrams: Ngrams,
  { texts, df, totals }: Frequencies,
  settings: VectorizerSettings,
): Int32Array {
  const { fewest, most } = limitsOf(settings, texts)
  const kept = new Uint8Array(df.length)
  for (let node = 0; node < df.length; node++) {
    const count = df[node]!
    if (count > 0 && count >= fewest && count <= most) kept[node] = 1
  }
  const ordered = ngrams.order(kept)
  const { maxFeatures } = settings
  if (maxFeatures === null || ordered.length <= maxFeatures) return ordered
  const stay = mostFrequent(
    ordered.map(node => totals[node]!),
    maxFeatures,
  )
  return stay.map(place => ordered[place]!)
}
