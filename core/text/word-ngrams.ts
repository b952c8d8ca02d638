import { grown, type PackedStrings, packedString } from './bytes.ts'
import type { Lexicon } from './lexicon.ts'
import type { Ngrams } from './ngrams.ts'
import { orderNodes, sortByBytes } from './order.ts'
import type { Preparation } from './prepare.ts'
import type { RowCounter } from './row-counter.ts'
import type { VectorizerSettings } from './settings.ts'
import { Tokens } from './tokens.ts'
import { NgramTrie, NONE, ROOT } from './trie.ts'
import { HASH_PRIME, HASH_START, UNKNOWN, WordTable } from './word-table.ts'

const SPACE = 0x20
/** In place of a word: it is left out, and an n-gram may bridge it. */
const STOP = -1
/** In place of a word's meaning: nobody has asked yet. */
const UNSEEN = -2
/** Words outside of the vocabulary whose lemmas are remembered: a service must not grow with what it is asked. */
const MOST_STRANGERS = 1 << 16

/** n-grams of words, their symbols words of a table. */
export class WordNgrams implements Ngrams {
  readonly trie = new NgramTrie()
  readonly #words = new WordTable()
  sawAny = false
  readonly #fewest: number
  readonly #most: number
  readonly #tokens: Tokens
  readonly #lemmatize: Lexicon['lemmatize']
  /** By word: the word that counts instead (itself, or its lemma), or STOP. */
  #meanings = new Int32Array(1 << 11).fill(UNSEEN)
  /** By word: its node as an n-gram of one, + 1; 0 where that is not known yet. */
  #unigrams = new Int32Array(1 << 11)
  /** The text's words, without stop words. */
  #line = new Int32Array(256)
  #strangers = new WordTable()
  #strangersMeanings: number[] = []

  constructor(settings: VectorizerSettings, preparation: Preparation, lexicon: Lexicon) {
    ;[this.#fewest, this.#most] = settings.ngramRange
    this.#tokens = new Tokens(settings, preparation)
    this.#lemmatize = lexicon.lemmatize
    for (const word of lexicon.stopWords) this.#mean(this.#words.addString(word), STOP)
  }

  learn(text: string, counter: RowCounter): void {
    const { trie } = this
    const fewest = this.#fewest
    const most = this.#most
    const words = this.#learnWords(text)
    const line = this.#line
    counter.reserve(trie.size + words * most)
    for (let start = 0; start < words; start++) {
      const end = Math.min(start + most, words)
      let node = this.#unigram(line[start]!)
      if (fewest === 1) counter.add(node)
      for (let i = start + 1; i < end; i++) {
        node = trie.add(node, line[i]!)
        if (i - start + 1 >= fewest) counter.add(node)
      }
    }
  }

  count(text: string, counter: RowCounter, columns: Int32Array): void {
    const { trie } = this
    const fewest = this.#fewest
    const most = this.#most
    const words = this.#findWords(text)
    const line = this.#line
    const unigrams = this.#unigrams
    for (let start = 0; start < words; start++) {
      if (line[start] === UNKNOWN) continue
      const end = Math.min(start + most, words)
      let node = unigrams[line[start]!]! - 1
      for (let i = start; node !== NONE; ) {
        const column = columns[node]!
        if (column >= 0 && i - start + 1 >= fewest) counter.add(column)
        if (++i >= end || line[i] === UNKNOWN) break
        node = trie.find(node, line[i]!)
      }
    }
  }

  order(kept: Uint8Array): Int32Array {
    const packed = this.#words.packed()
    const used = new Uint8Array(this.#words.size)
    for (let node = 0; node < this.trie.size; node++) used[this.trie.symbols[node]!] = 1
    const sorted = Int32Array.from(used.keys()).filter(word => used[word] === 1)
    sortByBytes(sorted, packed)
    const ranks = new Int32Array(this.#words.size)
    sorted.forEach((word, rank) => {
      ranks[word] = rank
    })
    return orderNodes(this.trie, kept, word => ranks[word]!, sorted.length)
  }

  pack(nodes: Int32Array): PackedStrings {
    const { parents, symbols } = this.trie
    const words = this.#words.packed()
    const startOf = (word: number) => (word === 0 ? 0 : words.ends[word - 1]!)
    const lengthOf = (word: number) => words.ends[word]! - startOf(word)
    const ends = new Uint32Array(nodes.length)
    let end = 0
    nodes.forEach((node, i) => {
      end += lengthOf(symbols[node]!)
      for (let up = parents[node]!; up !== ROOT; up = parents[up]!) end += lengthOf(symbols[up]!) + 1
      ends[i] = end
    })
    const bytes = new Uint8Array(end)
    nodes.forEach((node, i) => {
      let at = ends[i]!
      for (let up = node; up !== ROOT; up = parents[up]!) {
        if (up !== node) bytes[--at] = SPACE
        const word = symbols[up]!
        at -= lengthOf(word)
        bytes.set(words.bytes.subarray(startOf(word), words.ends[word]), at)
      }
    })
    return { bytes, ends }
  }

  unpack({ bytes, ends }: PackedStrings): Int32Array {
    const nodes = new Int32Array(ends.length)
    let start = 0
    for (let i = 0; i < ends.length; i++) {
      const end = ends[i]!
      let node = ROOT
      let hash = HASH_START
      for (let at = start; at <= end; at++) {
        if (at < end && bytes[at] !== SPACE) {
          hash = Math.imul(hash ^ bytes[at]!, HASH_PRIME)
          continue
        }
        const word = this.#words.add(bytes, start, at, hash)
        if (this.#meaningOf(word) === UNSEEN) this.#mean(word, word)
        node = node === ROOT ? this.#unigram(word) : this.trie.add(node, word)
        hash = HASH_START
        start = at + 1
      }
      nodes[i] = node
      start = end
    }
    return nodes
  }

  #learnWords(text: string): number {
    const tokens = this.#tokens
    const words = this.#words
    tokens.read(text)
    if (tokens.count > 0) this.sawAny = true
    if (tokens.count > this.#line.length) this.#line = new Int32Array(2 * tokens.count)
    const { bytes, starts, ends, hashes } = tokens
    const line = this.#line
    let count = 0
    for (let i = 0; i < tokens.count; i++) {
      const word = words.add(bytes, starts[i]!, ends[i]!, hashes[i]!)
      let meaning = this.#meaningOf(word)
      if (meaning === UNSEEN) {
        meaning = this.#lemmatize === undefined ? word : this.#addLemma(word, this.#lemmatize)
        this.#mean(word, meaning)
      }
      if (meaning !== STOP) line[count++] = meaning
    }
    return count
  }

  #addLemma(word: number, lemmatize: (word: string) => string): number {
    const lemma = lemmatize(packedString(this.#words.packed(), word))
    return this.#words.addString(lemma)
  }

  #findWords(text: string): number {
    const tokens = this.#tokens
    const words = this.#words
    tokens.read(text)
    if (tokens.count > this.#line.length) this.#line = new Int32Array(2 * tokens.count)
    const { bytes, starts, ends, hashes } = tokens
    const line = this.#line
    const meanings = this.#meanings
    let count = 0
    for (let i = 0; i < tokens.count; i++) {
      const word = words.find(bytes, starts[i]!, ends[i]!, hashes[i]!)
      // A word that is a lemma has no meaning of its own until a text has it.
      if (this.#lemmatize !== undefined && (word === UNKNOWN || meanings[word] !== STOP)) {
        line[count++] = this.#findLemma(bytes, starts[i]!, ends[i]!, hashes[i]!, this.#lemmatize)
      } else if (word === UNKNOWN || meanings[word] !== STOP) {
        line[count++] = word
      }
    }
    return count
  }

  #findLemma(
    bytes: Buffer,
    from: number,
    to: number,
    hash: number,
    lemmatize: (word: string) => string,
  ): number {
    if (this.#strangers.size >= MOST_STRANGERS) {
      this.#strangers = new WordTable()
      this.#strangersMeanings = []
    }
    const stranger = this.#strangers.add(bytes, from, to, hash)
    this.#strangersMeanings[stranger] ??= this.#words.findString(lemmatize(bytes.toString('utf8', from, to)))
    return this.#strangersMeanings[stranger]
  }

  #unigram(word: number): number {
    if (word >= this.#unigrams.length) this.#unigrams = grown(this.#unigrams, word + 1)
    const known = this.#unigrams[word]!
    if (known !== 0) return known - 1
    const node = this.trie.add(ROOT, word)
    this.#unigrams[word] = node + 1
    return node
  }

  #meaningOf(word: number): number {
    return word < this.#meanings.length ? this.#meanings[word]! : UNSEEN
  }

  #mean(word: number, meaning: number): void {
    const { length } = this.#meanings
    if (word >= length) this.#meanings = grown(this.#meanings, word + 1).fill(UNSEEN, length)
    this.#meanings[word] = meaning
  }
}
