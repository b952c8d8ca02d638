import type { PackedStrings } from './bytes.ts'
import { Characters } from './characters.ts'
import type { Ngrams } from './ngrams.ts'
import { orderNodes } from './order.ts'
import type { Preparation } from './prepare.ts'
import type { RowCounter } from './row-counter.ts'
import type { VectorizerSettings } from './settings.ts'
import { bytesOf, codePointAt, widthOf, writeCodePoint } from './text-bytes.ts'
import { NgramTrie, NONE, ROOT } from './trie.ts'

/** n-grams of characters, their symbols code points. */
export class CharacterNgrams implements Ngrams {
  readonly trie: NgramTrie
  sawAny = false
  readonly #fewest: number
  readonly #most: number
  readonly #wholeWords: boolean
  readonly #characters: Characters
  #count = 0
  #nodes = new Int32Array(256)
  #froms = new Int32Array(256)
  #limits = new Int32Array(256)
  #next = new Int32Array(256)

  constructor(settings: VectorizerSettings, preparation: Preparation, expectedNodes: number) {
    this.trie = new NgramTrie(expectedNodes)
    ;[this.#fewest, this.#most] = settings.ngramRange
    this.#wholeWords = settings.analyzer === 'char_wb'
    this.#characters = new Characters(settings, preparation)
  }

  learn(text: string, counter: RowCounter): void {
    const { trie } = this
    const nodes = this.#begin(text)
    if (this.#characters.pieces > 0) this.sawAny = true
    for (let n = 1; this.#count > 0; n++) {
      trie.addEach(nodes, this.#next, this.#count)
      if (n >= this.#fewest) counter.addEach(nodes, this.#count)
      this.#advance(n)
    }
    if (!this.#wholeWords) return
    this.#eachShortWord((start, end) => {
      let node = ROOT
      for (let i = start; i < end; i++) node = trie.add(node, this.#characters.symbols[i]!)
      counter.add(node)
    })
  }

  count(text: string, counter: RowCounter): void {
    const { trie } = this
    const nodes = this.#begin(text)
    for (let n = 1; this.#count > 0; n++) {
      trie.findEach(nodes, this.#next, this.#count)
      if (n >= this.#fewest) counter.addEach(nodes, this.#count)
      this.#advance(n)
    }
    if (!this.#wholeWords) return
    this.#eachShortWord((start, end) => {
      let node = ROOT
      for (let i = start; i < end && node !== NONE; i++) node = trie.find(node, this.#characters.symbols[i]!)
      if (node !== NONE) counter.add(node)
    })
  }

  /*
   * All n-grams of a text grow together, a character at a time: look-ups of one round do not wait for each other. Gram `i`
   * begins at character #froms[i], must end by #limits[i] and is nodes[i] so far; #next[i] is the character that it takes next.
   */

  /** @returns the nodes of the n-grams */
  #begin(text: string): Int32Array {
    const characters = this.#characters
    characters.read(text)
    const { symbols, starts, ends, pieces } = characters
    const fewest = this.#fewest
    let count = 0
    for (let piece = 0; piece < pieces; piece++) count += ends[piece]! - starts[piece]!
    if (count > this.#nodes.length) {
      this.#nodes = new Int32Array(2 * count)
      this.#froms = new Int32Array(2 * count)
      this.#limits = new Int32Array(2 * count)
      this.#next = new Int32Array(2 * count)
    }
    count = 0
    for (let piece = 0; piece < pieces; piece++) {
      const end = ends[piece]!
      for (let from = starts[piece]!; from + fewest <= end; from++) {
        this.#froms[count] = from
        this.#limits[count] = end
        this.#nodes[count] = ROOT
        this.#next[count++] = symbols[from]!
      }
    }
    this.#count = count
    return this.#nodes
  }

  /** Goes from n-grams of `n` characters to those of one more: away with what cannot grow. */
  #advance(n: number): void {
    const nodes = this.#nodes
    const froms = this.#froms
    const limits = this.#limits
    const next = this.#next
    const { symbols } = this.#characters
    let count = 0
    for (let i = 0; n < this.#most && i < this.#count; i++) {
      const node = nodes[i]!
      const at = froms[i]! + n
      if (at >= limits[i]! || node === NONE) continue
      nodes[count] = node
      froms[count] = froms[i]!
      limits[count] = limits[i]!
      next[count++] = symbols[at]!
    }
    this.#count = count
  }

  /** `char_wb` takes a word that is shorter than every n-gram whole, with the spaces around it. */
  #eachShortWord(visit: (start: number, end: number) => void): void {
    const { starts, ends, pieces } = this.#characters
    for (let piece = 0; piece < pieces; piece++) {
      const start = starts[piece]!
      const end = ends[piece]!
      if (end - start < this.#fewest) visit(start, end)
    }
  }

  order(kept: Uint8Array): Int32Array {
    return orderNodes(this.trie, kept, symbols => symbols.sort())
  }

  pack(nodes: Int32Array): PackedStrings {
    const { nodes: records } = this.trie
    const ends = new Uint32Array(nodes.length)
    let end = 0
    for (let i = 0; i < nodes.length; i++) {
      for (let up = nodes[i]!; up !== ROOT; up = records[4 * up]!) end += bytesOf(records[4 * up + 1]!)
      ends[i] = end
    }
    const bytes = new Uint8Array(end)
    for (let i = 0; i < nodes.length; i++) {
      let at = ends[i]!
      for (let up = nodes[i]!; up !== ROOT; up = records[4 * up]!) {
        const point = records[4 * up + 1]!
        at -= bytesOf(point)
        writeCodePoint(bytes, at, point)
      }
    }
    return { bytes, ends }
  }

  unpack({ bytes, ends }: PackedStrings): Int32Array {
    let at = 0
    return Int32Array.from(ends, end => {
      let node = ROOT
      for (; at < end; at += widthOf(bytes[at]!)) node = this.trie.add(node, codePointAt(bytes, at))
      return node
    })
  }
}
