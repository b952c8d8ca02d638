import { NgramCounter } from './ngrams.ts'
import type { TextSettings } from './settings.ts'
import { doubled } from './trie.ts'

/** What one pass over the texts finds. `df` and `totals` go by node; `nodes` and `counts` hold text after text. */
export interface Counted {
  readonly counter: NgramCounter
  /** Texts that hold the node's n-gram. */
  readonly df: Int32Array
  /** Occurrences of the node's n-gram. */
  readonly totals: Int32Array
  readonly nodes: Int32Array
  readonly counts: Int32Array
  /** Text `t` lies from `ends[t]` up to `ends[t + 1]`. */
  readonly ends: Int32Array
}

/** Reads every text once, adding its n-grams to a trie of their own. */
export function countAll(texts: readonly string[], settings: TextSettings): Counted {
  const counter = new NgramCounter(settings)
  let df = new Int32Array(4096)
  let totals = new Int32Array(4096)
  let nodes = new Int32Array(4096)
  let counts = new Int32Array(4096)
  const ends = new Int32Array(texts.length + 1)
  let size = 0
  texts.forEach((text, index) => {
    const found = counter.read(text, true)
    while (size + found.length > nodes.length) {
      nodes = doubled(nodes)
      counts = doubled(counts)
    }
    while (counter.trie.size > df.length) {
      df = doubled(df)
      totals = doubled(totals)
    }
    for (const node of found) {
      const count = counter.take(node)
      nodes[size] = node
      counts[size++] = count
      df[node]!++
      totals[node]! += count
    }
    ends[index + 1] = size
  })
  return { counter, df, totals, nodes, counts, ends }
}
