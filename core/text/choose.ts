import { mostFrequent } from './most-frequent.ts'
import type { Ngrams } from './ngrams.ts'
import type { VectorizerSettings } from './settings.ts'

/** How often the texts hold the n-gram of each node. */
export interface Frequencies {
  readonly texts: number
  /** Nodes. */
  readonly size: number
  /**
   * By node: at `4 node + 2` how often all texts together hold it (once a text at most where `binary` is set, and where nobody asks), at `4 node + 3` how
   * many texts do.
   */
  readonly nodes: Int32Array
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
  { texts, size, nodes }: Frequencies,
  settings: VectorizerSettings,
): Int32Array {
  const { fewest, most } = limitsOf(settings, texts)
  const kept = new Uint8Array(size)
  // Counts are whole: comparing them with whole numbers keeps fractions out of a loop over all nodes.
  const [least, greatest] = [Math.max(Math.ceil(fewest), 1), Math.floor(most)]
  for (let node = 0; node < size; node++) {
    const count = nodes[4 * node + 3]!
    if (count >= least && count <= greatest) kept[node] = 1
  }
  const ordered = ngrams.order(kept)
  const { maxFeatures } = settings
  if (maxFeatures === null || ordered.length <= maxFeatures) return ordered
  const stay = mostFrequent(
    ordered.map(node => nodes[4 * node + 2]!),
    maxFeatures,
  )
  return stay.map(place => ordered[place]!)
}
