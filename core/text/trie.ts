/** The node above every n-gram; as the answer of `find` it says that there is no such n-gram. */
export const ROOT = 0

/** The id of a word that `wordId` does not know. */
export const UNKNOWN = -1

/**
 * A set of word n-grams as a trie: each node but the root is one n-gram, its parent the n-gram without the last word.
 *
 * Nodes are integers in the order of their adding. The edges lie in one open-addressing hash table of integers, so that
 * walking a text builds no string: a `Map` of joined n-grams costs several times the time and the memory.
 */
export class NgramTrie {
  readonly #ids = new Map<string, number>()
  readonly #words: string[] = []
  #parents = new Int32Array(1024)
  #lastWords = new Int32Array(1024)
  /** Each slot holds a node, or ROOT when it is free; the length is a power of two. */
  #slots = new Int32Array(2048)
  #size = 1

  /** Nodes, the root included: every node is below it. */
  get size(): number {
    return this.#size
  }

  /** Different words added. */
  get words(): number {
    return this.#words.length
  }

  wordId(word: string): number {
    return this.#ids.get(word) ?? UNKNOWN
  }

  /** The word's id, a new one when it has none. */
  addWord(word: string): number {
    const known = this.#ids.get(word)
    if (known !== undefined) return known
    this.#ids.set(word, this.#words.length)
    return this.#words.push(word) - 1
  }

  /** The node of `parent`'s n-gram with `word` behind it, or ROOT when there is none. */
  find(parent: number, word: number): number {
    return this.#slots[this.#slot(parent, word)]!
  }

  /** As {@link find}, but adds the node when there is none. */
  add(parent: number, word: number): number {
    const slot = this.#slot(parent, word)
    const found = this.#slots[slot]!
    if (found !== ROOT) return found
    const node = this.#size++
    if (node === this.#parents.length) {
      this.#parents = doubled(this.#parents)
      this.#lastWords = doubled(this.#lastWords)
    }
    this.#parents[node] = parent
    this.#lastWords[node] = word
    this.#slots[slot] = node
    if (2 * this.#size > this.#slots.length) this.#rehash()
    return node
  }

  /** The n-gram of a node, its words joined by one space. */
  ngram(node: number): string {
    let text = this.#words[this.#lastWords[node]!]!
    for (let up = this.#parents[node]!; up !== ROOT; up = this.#parents[up]!) {
      text = `${this.#words[this.#lastWords[up]!]} ${text}`
    }
    return text
  }

  /** The slot that holds the edge, or the free one where it belongs. */
  #slot(parent: number, word: number): number {
    const mask = this.#slots.length - 1
    let slot = scatter(parent, word) & mask
    for (;;) {
      const node = this.#slots[slot]!
      if (node === ROOT || (this.#parents[node] === parent && this.#lastWords[node] === word)) return slot
      slot = (slot + 1) & mask
    }
  }

  #rehash(): void {
    this.#slots = new Int32Array(2 * this.#slots.length)
    for (let node = 1; node < this.#size; node++) {
      this.#slots[this.#slot(this.#parents[node]!, this.#lastWords[node]!)] = node
    }
  }
}

// Multiplying by odd constants spreads neighbouring ids; the shift brings the well-mixed high bits to where the mask looks.
function scatter(parent: number, word: number): number {
  const mixed = Math.imul(parent, 0x9e3779b1) ^ Math.imul(word, 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}

/** A copy of twice the length, zeros behind. */
export function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(2 * array.length)
  longer.set(array)
  return longer
}
