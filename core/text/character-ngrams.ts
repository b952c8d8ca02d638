import { type PackedStrings, packStrings } from './bytes.ts'
import { Characters } from './characters.ts'
import type { Ngrams } from './ngrams.ts'
import { orderNodes } from './order.ts'
import type { Preparation } from './prepare.ts'
import type { RowCounter } from './row-counter.ts'
import type { VectorizerSettings } from './settings.ts'
import { codePointAt, widthOf } from './text-bytes.ts'
import { NgramTrie, NONE, ROOT } from './trie.ts'

/** n-grams of characters, their symbols code points. */
export class CharacterNgrams implements Ngrams {
  readonly trie = new NgramTrie()
  sawAny = false
  readonly #fewest: number
  readonly #most: number
  readonly #wholeWords: boolean
  readonly #characters: Characters

  constructor(settings: VectorizerSettings, preparation: Preparation) {
    ;[this.#fewest, this.#most] = settings.ngramRange
    this.#wholeWords = settings.analyzer === 'char_wb'
    this.#characters = new Characters(settings, preparation)
  }

  learn(text: string, counter: RowCounter): void {
    const { trie } = this
    const most = this.#most
    const characters = this.#characters
    characters.read(text)
    const { symbols } = characters
    for (let piece = 0; piece < characters.pieces; piece++) {
      const start = characters.starts[piece]!
      const end = characters.ends[piece]!
      this.sawAny = true
      const fewest = this.#fewestIn(end - start)
      counter.reserve(trie.size + (end - start) * most)
      for (let from = start; from + fewest <= end; from++) {
        const to = Math.min(from + most, end)
        let node = ROOT
        for (let i = from; i < to; i++) {
          node = trie.add(node, symbols[i]!)
          if (i - from + 1 >= fewest) counter.add(node)
        }
      }
    }
  }

  count(text: string, counter: RowCounter, columns: Int32Array): void {
    const { trie } = this
    const most = this.#most
    const characters = this.#characters
    characters.read(text)
    const { symbols } = characters
    for (let piece = 0; piece < characters.pieces; piece++) {
      const start = characters.starts[piece]!
      const end = characters.ends[piece]!
      const fewest = this.#fewestIn(end - start)
      for (let from = start; from + fewest <= end; from++) {
        const to = Math.min(from + most, end)
        let node = ROOT
        for (let i = from; i < to; i++) {
          node = trie.find(node, symbols[i]!)
          if (node === NONE) break
          const column = columns[node]!
          if (column >= 0 && i - from + 1 >= fewest) counter.add(column)
        }
      }
    }
  }

  order(kept: Uint8Array): Int32Array {
    const { symbols, size } = this.trie
    let ranks = 0
    for (let node = 0; node < size; node++) ranks = Math.max(ranks, symbols[node]! + 1)
    return orderNodes(this.trie, kept, symbol => symbol, ranks)
  }

  pack(nodes: Int32Array): PackedStrings {
    const { parents, symbols } = this.trie
    const ngrams = Array.from(nodes, node => {
      const points: number[] = []
      for (let up = node; up !== ROOT; up = parents[up]!) points.push(symbols[up]!)
      return String.fromCodePoint(...points.reverse())
    })
    return packStrings(ngrams)
  }

  unpack({ bytes, ends }: PackedStrings): Int32Array {
    let at = 0
    return Int32Array.from(ends, end => {
      let node = ROOT
      for (; at < end; at += widthOf(bytes[at]!)) node = this.trie.add(node, codePointAt(bytes, at))
      return node
    })
  }

  /** `char_wb` takes a word that is shorter than every n-gram whole, with the spaces around it. */
  #fewestIn(length: number): number {
    return this.#wholeWords && length < this.#fewest ? length : this.#fewest
  }
}
