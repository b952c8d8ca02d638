import type { PackedStrings } from './bytes.ts'
import type { RowCounter } from './row-counter.ts'
import type { NgramTrie } from './trie.ts'

/** Finds the n-grams of texts. */
export interface Ngrams {
  readonly trie: NgramTrie
  /** Whether any text learnt had a word (or, for characters, a piece), words that were left out included. */
  readonly sawAny: boolean
  /** Counts the text's n-grams by node, adding those that are new. */
  learn(text: string, counter: RowCounter): void
  /** Counts the text's n-grams that are there by node. */
  count(text: string, counter: RowCounter): void
  /** The nodes that `kept` marks with 1, in the order of their n-grams as strings. */
  order(kept: Uint8Array): Int32Array
  /** The n-grams of nodes as strings. */
  pack(nodes: Int32Array): PackedStrings
  /** The nodes of n-grams, added where they are new. The inverse of `pack`. */
  unpack(ngrams: PackedStrings): Int32Array
}
