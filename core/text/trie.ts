import { grown } from './bytes.ts'

/** The n-gram of no symbol, parent of those of one. */
export const ROOT = -2
/** The answer to a question for an n-gram that is not there. */
export const NONE = -1

/** Room for so many nodes is made at least. */
const FEWEST = 1 << 11

/**
 * A set of n-grams as a trie. A node is an n-gram: its parent is the n-gram without the last symbol (a word's number, or a
 * code point). Nodes are numbered from 0 up, a parent before its children.
 *
 * The nodes lie in one open-addressing hash table of integers, compared by their whole edges, so that walking a text builds no
 * string and collisions cannot mix n-grams up. A slot has four bytes only: most of the table stays in a near cache. All that there
 * is to know of a node are 16 bytes that never cross a cache line, since a line has 64: whoever looked one up has them at hand.
 */
export class NgramTrie {
  size = 0
  /**
   * Node `n` hangs on the parent `nodes[4 n]` by the symbol `nodes[4 n + 1]`. What follows these is the counter's (row-counter.ts):
   * 0 in a new node.
   */
  nodes: Int32Array
  /** A node + 1, or 0 for a free slot. */
  #slots: Int32Array
  /** Kept only lest the compiler see that nobody needs it. */
  warmth = 0

  /** @param expected about how many nodes there will be, 0 where nobody knows */
  constructor(expected: number) {
    const nodes = Math.max(expected, FEWEST)
    this.nodes = new Int32Array(4 * nodes)
    this.#slots = new Int32Array(slotsFor(nodes))
  }

  /** The node of `parent`'s n-gram with `symbol` behind it, or NONE. */
  find(parent: number, symbol: number): number {
    return this.#slots[this.#slot(parent, symbol)]! - 1
  }

  /** As {@link find}, but adds the node when there is none. */
  add(parent: number, symbol: number): number {
    this.#reserve(1)
    const slot = this.#slot(parent, symbol)
    const known = this.#slots[slot]!
    if (known !== 0) return known - 1
    const node = this.size++
    this.nodes[4 * node] = parent
    this.nodes[4 * node + 1] = symbol
    this.#slots[slot] = node + 1
    return node
  }

  /** Puts one more symbol behind each of `count` n-grams: `parents[i]` becomes the node with `symbols[i]` behind it, added if new. */
  addEach(parents: Int32Array, symbols: Int32Array, count: number): void {
    this.#reserve(count)
    this.#warm(parents, symbols, count)
    for (let i = 0; i < count; i++) parents[i] = this.add(parents[i]!, symbols[i]!)
  }

  /** As {@link addEach}, but what is not there becomes NONE, and what is NONE stays so. */
  findEach(parents: Int32Array, symbols: Int32Array, count: number): void {
    this.#warm(parents, symbols, count)
    for (let i = 0; i < count; i++) {
      const parent = parents[i]!
      if (parent !== NONE) parents[i] = this.find(parent, symbols[i]!)
    }
  }

  /**
   * Reads where each node will be looked for. These loads do not wait for each other, unlike the look-ups with their jumps,
   * so that memory answers several at a time.
   */
  #warm(parents: Int32Array, symbols: Int32Array, count: number): void {
    const slots = this.#slots
    const { nodes } = this
    const mask = slots.length - 1
    let warmth = 0
    for (let i = 0; i < count; i++) warmth ^= nodes[4 * slots[scatter(parents[i]!, symbols[i]!) & mask]!]!
    this.warmth = warmth
  }

  /** Makes room for so many new nodes. */
  #reserve(count: number): void {
    const size = this.size + count
    if (4 * size > this.nodes.length) this.nodes = grown(this.nodes, 4 * size)
    if (2 * size > this.#slots.length) this.#rehash(slotsFor(size))
  }

  /** The slot that holds the edge's node, or the free one where it belongs. */
  #slot(parent: number, symbol: number): number {
    const slots = this.#slots
    const { nodes } = this
    const mask = slots.length - 1
    let slot = scatter(parent, symbol) & mask
    for (;;) {
      const at = 4 * slots[slot]! - 4
      if (at < 0 || (nodes[at] === parent && nodes[at + 1] === symbol)) return slot
      slot = (slot + 1) & mask
    }
  }

  #rehash(length: number): void {
    const slots = new Int32Array(length)
    const mask = length - 1
    const { nodes, size } = this
    for (let node = 0; node < size; node++) {
      let slot = scatter(nodes[4 * node]!, nodes[4 * node + 1]!) & mask
      while (slots[slot] !== 0) slot = (slot + 1) & mask
      slots[slot] = node + 1
    }
    this.#slots = slots
  }

  /** Gives back what look-ups need: from here on there are only nodes. */
  seal(): void {
    this.#slots = new Int32Array(1)
  }
}

/** A power of two that leaves at least half of the slots free. */
function slotsFor(nodes: number): number {
  return 2 ** Math.ceil(Math.log2(2 * nodes))
}

// Multiplying by odd constants spreads neighbouring numbers; the shift brings well-mixed high bits to where the mask looks.
function scatter(parent: number, symbol: number): number {
  const mixed = Math.imul(parent, 0x9e3779b1) ^ Math.imul(symbol, 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}
