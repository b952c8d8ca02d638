import { grown, type PackedStrings } from './bytes.ts'
import { viewOf } from './text-bytes.ts'

/** The hash of a word is FNV-1a over its bytes: it starts as this … */
export const HASH_START = 0x811c9dc5 | 0
/** … and takes each byte in by `Math.imul(hash ^ byte, HASH_PRIME)`. */
export const HASH_PRIME = 0x01000193

export const UNKNOWN = -1

/** Words as a tokeniser gives them. */
export interface TokenBytes {
  /** Of the bytes that the words lie in, and of four more. */
  readonly view: DataView
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly hashes: Int32Array
  readonly count: number
}

/**
 * Numbers words from 0 up in the order of their adding. Words are bytes and their hash, which tokenisers make on the way, so
 * that no string is built for a word; words of equal hash are told apart by their bytes.
 */
export class WordTable {
  size = 0
  /** All words, one behind the other; word `i` ends at `#ends[i + 1]`. */
  #bytes: Uint8Array
  #view: DataView
  #ends: Int32Array
  /** Slot `s`: the hash at `2 s`, the word + 1 at `2 s + 1`, or 0 when it is free. Open addressing. */
  #slots: Int32Array
  /** Kept only lest the compiler see that nobody needs it. */
  warmth = 0

  /** @param expected about how many words there will be; default: nobody knows */
  constructor(expected = 0) {
    const words = Math.max(expected, 1 << 11)
    this.#bytes = new Uint8Array(8 * words)
    this.#view = viewOf(this.#bytes)
    this.#ends = new Int32Array(words)
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(4 * words)))
  }

  /** The word's number, or UNKNOWN. */
  find(source: DataView, from: number, to: number, hash: number): number {
    return this.#slots[this.#slot(source, from, to, hash) + 1]! - 1
  }

  /** The word's number, a new one when it has none. */
  add(source: DataView, from: number, to: number, hash: number): number {
    const slot = this.#slot(source, from, to, hash)
    const known = this.#slots[slot + 1]!
    if (known !== 0) return known - 1
    this.#slots[slot] = hash
    this.#slots[slot + 1] = ++this.size
    const begin = this.#ends[this.size - 1]!
    const end = begin + to - from
    if (end + 4 > this.#bytes.length) {
      this.#bytes = grown(this.#bytes, end + 4)
      this.#view = viewOf(this.#bytes)
    }
    if (this.size >= this.#ends.length) this.#ends = grown(this.#ends, 0)
    for (let i = from; i < to; i++) this.#bytes[begin + i - from] = source.getUint8(i)
    this.#ends[this.size] = end
    if (4 * this.size > this.#slots.length) this.#rehash()
    return this.size - 1
  }

  /**
   * Makes `words[i]` the number of the `i`-th word of the tokens, or UNKNOWN; with `learn` new words are added. The places of all
   * are read first: those loads do not wait for each other, so that memory answers several at a time.
   */
  numberEach(tokens: TokenBytes, words: Int32Array, learn: boolean): void {
    const { view, starts, ends, hashes, count } = tokens
    const slots = this.#slots
    const mask = slots.length - 2
    let warm = 0
    for (let i = 0; i < count; i++) warm ^= slots[(scatter(hashes[i]!) << 1) & mask]!
    this.warmth = warm
    if (learn) for (let i = 0; i < count; i++) words[i] = this.add(view, starts[i]!, ends[i]!, hashes[i]!)
    else for (let i = 0; i < count; i++) words[i] = this.find(view, starts[i]!, ends[i]!, hashes[i]!)
  }

  /** As {@link add}, for a word that no tokeniser has read. */
  addString(word: string): number {
    const { view, length, hash } = hashed(word)
    return this.add(view, 0, length, hash)
  }

  /** As {@link find}, for a word that no tokeniser has read. */
  findString(word: string): number {
    const { view, length, hash } = hashed(word)
    return this.find(view, 0, length, hash)
  }

  /** The words added so far; later ones may or may not show in it. */
  packed(): PackedStrings {
    return { bytes: this.#bytes, ends: new Uint32Array(this.#ends.buffer, 4, this.size) }
  }

  /** The slot that holds the word, or the free one where it belongs. */
  #slot(source: DataView, from: number, to: number, hash: number): number {
    const slots = this.#slots
    const mask = slots.length - 2
    let slot = (scatter(hash) << 1) & mask
    for (;;) {
      const word = slots[slot + 1]!
      if (word === 0 || (slots[slot] === hash && this.#equals(word - 1, source, from, to))) return slot
      slot = (slot + 2) & mask
    }
  }

  /** Compares four bytes at a time: words are short, and a loop over single bytes ends where no processor foresees it. */
  #equals(word: number, source: DataView, from: number, to: number): boolean {
    const view = this.#view
    const begin = this.#ends[word]!
    const length = to - from
    if (this.#ends[word + 1]! - begin !== length) return false
    if (length < 4) {
      const different = source.getInt32(from, true) ^ view.getInt32(begin, true)
      return (different & ((1 << (8 * length)) - 1)) === 0
    }
    for (let i = 4; i < length; i += 4) {
      if (source.getInt32(from + i - 4, true) !== view.getInt32(begin + i - 4, true)) return false
    }
    return source.getInt32(to - 4, true) === view.getInt32(begin + length - 4, true)
  }

  #rehash(): void {
    const old = this.#slots
    const slots = new Int32Array(2 * old.length)
    const mask = slots.length - 2
    for (let i = 0; i < old.length; i += 2) {
      if (old[i + 1] === 0) continue
      let slot = (scatter(old[i]!) << 1) & mask
      while (slots[slot + 1] !== 0) slot = (slot + 2) & mask
      slots[slot] = old[i]!
      slots[slot + 1] = old[i + 1]!
    }
    this.#slots = slots
  }
}

function hashed(word: string): { view: DataView; length: number; hash: number } {
  const bytes = Buffer.alloc(Buffer.byteLength(word) + 4)
  const length = bytes.write(word)
  let hash = HASH_START
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[i]!, HASH_PRIME)
  return { view: viewOf(bytes), length, hash }
}

// FNV's low bits see little of a word's beginning; the shift brings high bits to where the mask looks.
function scatter(hash: number): number {
  return hash ^ (hash >>> 15)
}
