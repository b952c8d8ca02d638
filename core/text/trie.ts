import { grown, released } from './bytes.ts'

/** The n-gram of no symbol, parent of those of one. */
export const ROOT = -2
/** The answer to a question for an n-gram that is not there. */
export const NONE = -1

/**
 * A set of n-grams as a trie. A node is an n-gram: its parent is the n-gram without the last symbol (a word's number, or a
 * code point). Nodes are numbered from 0 up, a parent before its children.
 *
 * The edges lie in one open-addressing hash table of integers, compared whole, so that walking a text builds no string and
 * collisions cannot mix n-grams up. An edge with its node is 16 bytes and never crosses a cache line, since a line has 64.
 */
export class NgramTrie {
  size = 0
  /** By node. */
  parents = new Int32Array(1 << 11)
  symbols = new Int32Array(1 << 11)
  /** Slot `s`: parent, symbol, node + 1 (0 when free) and nothing, from `4 s` on. */
  #slots = new Int32Array(1 << 14)
  /** Kept only lest the compiler see that nobody needs it. */
  warmth = 0

  /** The node of `parent`'s n-gram with `symbol` behind it, or NONE. */
  find(parent: number, symbol: number): number {
    return this.#slots[this.#slot(parent, symbol) + 2]! - 1
  }

  /** As {@link find}, but adds the node when there is none. */
  add(parent: number, symbol: number): number {
    const slot = this.#slot(parent, symbol)
    const known = this.#slots[slot + 2]!
    return known !== 0 ? known - 1 : this.#insert(slot, parent, symbol)
  }

  /** Puts one more symbol behind each of `count` n-grams: `nodes[i]` becomes the node with `symbols[i]` behind it, added if new. */
  addEach(nodes: Int32Array, symbols: Int32Array, count: number): void {
    this.#warm(nodes, symbols, count)
    for (let i = 0; i < count; i++) nodes[i] = this.add(nodes[i]!, symbols[i]!)
  }

  /** As {@link addEach}, but what is not there becomes NONE, and what is NONE stays so. */
  findEach(nodes: Int32Array, symbols: Int32Array, count: number): void {
    this.#warm(nodes, symbols, count)
    for (let i = 0; i < count; i++) {
      const node = nodes[i]!
      if (node !== NONE) nodes[i] = this.find(node, symbols[i]!)
    }
  }

  /**
   * Reads where each edge will be looked for. These loads do not wait for each other, unlike the look-ups with their jumps,
   * so that memory answers several at a time.
   */
  #warm(nodes: Int32Array, symbols: Int32Array, count: number): void {
    const slots = this.#slots
    const mask = slots.length - 4
    let warmth = 0
    for (let i = 0; i < count; i++) warmth ^= slots[scatter(nodes[i]!, symbols[i]!) & mask]!
    this.warmth = warmth
  }

  #insert(slot: number, parent: number, symbol: number): number {
    const node = this.size++
    if (node === this.parents.length) {
      this.parents = grown(this.parents, 0)
      this.symbols = grown(this.symbols, 0)
    }
    this.parents[node] = parent
    this.symbols[node] = symbol
    this.#slots[slot] = parent
    this.#slots[slot + 1] = symbol
    this.#slots[slot + 2] = node + 1
    if (6 * this.size > this.#slots.length) this.#rehash()
    return node
  }

  /** Where the slot starts that holds the edge, or the free one where it belongs. */
  #slot(parent: number, symbol: number): number {
    const slots = this.#slots
    const mask = slots.length - 4
    let slot = scatter(parent, symbol) & mask
    while (slots[slot + 2] !== 0 && (slots[slot] !== parent || slots[slot + 1] !== symbol)) {
      slot = (slot + 4) & mask
    }
    return slot
  }

  #rehash(): void {
    const slots = new Int32Array(2 * this.#slots.length)
    const mask = slots.length - 4
    for (let node = 0; node < this.size; node++) {
      const parent = this.parents[node]!
      const symbol = this.symbols[node]!
      let slot = scatter(parent, symbol) & mask
      while (slots[slot + 2] !== 0) slot = (slot + 4) & mask
      slots[slot] = parent
      slots[slot + 1] = symbol
      slots[slot + 2] = node + 1
    }
    released(this.#slots)
    this.#slots = slots
  }

  /** Gives back what look-ups need: from here on there are only nodes with their parents and symbols. */
  seal(): void {
    released(this.#slots)
    this.#slots = new Int32Array(4)
  }
}

// Multiplying by odd constants spreads neighbouring numbers; the shift brings well-mixed high bits to where the mask looks.
function scatter(parent: number, symbol: number): number {
  const mixed = Math.imul(parent, 0x9e3779b1) ^ Math.imul(symbol, 0x85ebca6b)
  return (mixed ^ (mixed >>> 15)) << 2
}
