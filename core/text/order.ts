import { type PackedStrings, packStrings } from './bytes.ts'
import { type NgramTrie, ROOT } from './trie.ts'

/** Below this many, insertion is quicker than partitioning. */
const FEW = 12

/**
 * Sorts ids of strings by the strings' bytes, in place. UTF-8 sorts as its code points do, so this is Python's order; JavaScript's
 * own puts U+10000 and above before U+E000.
 *
 * Multikey quicksort (Bentley and Sedgewick, "Fast Algorithms for Sorting and Searching Strings", 1997): it looks at each byte of
 * a common prefix once, not once a comparison. The strings differ from each other.
 */
export function sortByBytes(ids: Int32Array, { bytes, ends }: PackedStrings): void {
  const startOf = (id: number) => (id === 0 ? 0 : ends[id - 1]!)
  /** The byte at `depth`, or -1 behind the end. */
  const byteOf = (id: number, depth: number) => {
    const at = startOf(id) + depth
    return at < ends[id]! ? bytes[at]! : -1
  }
  const isBefore = (a: number, b: number, depth: number) => {
    for (let at = depth; ; at++) {
      const x = byteOf(a, at)
      const y = byteOf(b, at)
      if (x !== y) return x < y
      if (x < 0) return false
    }
  }
  const sort = (from: number, to: number, start: number) => {
    let low = from
    let high = to
    let depth = start
    while (high - low > FEW) {
      const pivot = middleOf(
        byteOf(ids[low]!, depth),
        byteOf(ids[(low + high) >> 1]!, depth),
        byteOf(ids[high - 1]!, depth),
      )
      let less = low
      let more = high
      for (let i = low; i < more; ) {
        const id = ids[i]!
        const byte = byteOf(id, depth)
        if (byte < pivot) {
          ids[i++] = ids[less]!
          ids[less++] = id
        } else if (byte > pivot) {
          ids[i] = ids[--more]!
          ids[more] = id
        } else {
          i++
        }
      }
      sort(low, less, depth)
      sort(more, high, depth)
      // Only one string can end here. The equal ones go on in this loop, so that long common prefixes cost no stack.
      if (pivot < 0) return
      low = less
      high = more
      depth++
    }
    for (let i = low + 1; i < high; i++) {
      const id = ids[i]!
      let at = i
      for (; at > low && isBefore(id, ids[at - 1]!, depth); at--) ids[at] = ids[at - 1]!
      ids[at] = id
    }
  }
  sort(0, ids.length, 0)
}

/** The strings, which differ, in the order of their code points. */
export function sortStrings(strings: readonly string[]): string[] {
  const ids = Int32Array.from(strings.keys())
  sortByBytes(ids, packStrings(strings))
  return Array.from(ids, id => strings[id]!)
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

/**
 * The trie's kept nodes in the order of their n-grams: by their first symbols, then their second, and a shorter n-gram before
 * those that it begins. Words joined by spaces stand in that same order, because a space comes before every character of a word.
 * Linear in the nodes: two counting sorts and one walk. Every loop here runs once a fit, mostly before any of it is compiled:
 * there are few of them, and they call nothing.
 *
 * @param kept by node, 1 or 0
 * @param sortSymbols puts symbols, each of which comes once, into their order
 */
export function orderNodes(
  { size, nodes }: NgramTrie,
  kept: Uint8Array,
  sortSymbols: (symbols: Int32Array) => Int32Array,
): Int32Array {
  /** By node: kept nodes at it and below it. A parent comes before its children, so backwards all children are summed. */
  const below = new Int32Array(size)
  /** Nodes at or below which any is kept, ascending, filled from its end. */
  const all = new Int32Array(size)
  let first = size
  for (let node = size - 1; node >= 0; node--) {
    const places = below[node]! + kept[node]!
    if (places === 0) continue
    below[node] = places
    all[--first] = node
    const parent = nodes[4 * node]!
    if (parent !== ROOT) below[parent]! += places
  }
  // Most n-grams are rare and not needed: from here on a node is known by its place among the needed.
  const needed = all.subarray(first)
  const count = needed.length
  const parents = new Int32Array(count)
  /** How many symbols it has before its last. */
  const depth = new Int32Array(count)
  const weights = new Int32Array(count)
  let [deepest, largest, total] = [0, -1, 0]
  for (let i = 0; i < count; i++) {
    const node = needed[i]!
    const parent = nodes[4 * node]!
    weights[i] = below[node]!
    below[node] = i
    if (parent === ROOT) {
      parents[i] = ROOT
      total += weights[i]!
    } else {
      parents[i] = below[parent]!
      depth[i] = depth[parents[i]!]! + 1
    }
    deepest = Math.max(deepest, depth[i]!)
    largest = Math.max(largest, nodes[4 * node + 1]!)
  }
  /** By symbol: its place in the order of those that the nodes have. */
  const ranks = new Int32Array(largest + 1)
  const symbols = new Int32Array(Math.min(count, largest + 1))
  let different = 0
  for (let i = 0; i < count; i++) {
    const symbol = nodes[4 * needed[i]! + 1]!
    if (ranks[symbol] !== 0) continue
    ranks[symbol] = 1
    symbols[different++] = symbol
  }
  const sorted = sortSymbols(symbols.subarray(0, different))
  for (let rank = 0; rank < different; rank++) ranks[sorted[rank]!] = rank
  /** First the rank of its symbol, then the place that its next child's first kept n-gram takes. */
  const next = new Int32Array(count)
  const places = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    next[i] = ranks[nodes[4 * needed[i]! + 1]!]!
    places[i] = i
  }
  const ordered = countingSort(countingSort(places, next, different), depth, deepest + 1)

  const order = new Int32Array(total)
  let nextRoot = 0
  for (let i = 0; i < count; i++) {
    const at = ordered[i]!
    const parent = parents[at]!
    const place = parent === ROOT ? nextRoot : next[parent]!
    if (parent === ROOT) nextRoot += weights[at]!
    else next[parent] = place + weights[at]!
    const isKept = kept[needed[at]!]!
    if (isKept === 1) order[place] = needed[at]!
    next[at] = place + isKept
  }
  return order
}

/** Sorts items by the keys that stand in their places, whole numbers below `keys`. Stable. */
function countingSort(items: Int32Array, keyOf: Int32Array, keys: number): Int32Array {
  const ends = new Int32Array(keys + 1)
  for (let i = 0; i < items.length; i++) ends[keyOf[items[i]!]! + 1]!++
  for (let key = 0; key < keys; key++) ends[key + 1]! += ends[key]!
  const sorted = new Int32Array(items.length)
  for (let i = 0; i < items.length; i++) sorted[ends[keyOf[items[i]!]!]!++] = items[i]!
  return sorted
}
