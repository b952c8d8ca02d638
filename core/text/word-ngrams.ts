import { grown, type PackedStrings, packedString } from './bytes.ts'
import type { ExpectedNgrams } from './expected.ts'
import type { Lexicon } from './lexicon.ts'
import type { Ngrams } from './ngrams.ts'
import { orderNodes, sortByBytes } from './order.ts'
import type { Preparation } from './prepare.ts'
import type { RowCounter } from './row-counter.ts'
import type { VectorizerSettings } from './settings.ts'
import { viewOf } from './text-bytes.ts'
import { Tokens } from './tokens.ts'
import { NgramTrie, ROOT } from './trie.ts'
import { HASH_PRIME, HASH_START, UNKNOWN, WordTable } from './word-table.ts'

const SPACE = 0x20
/** In place of a word: it is left out, and an n-gram may bridge it. */
const STOP = -1
/** In place of a word's meaning: nobody has asked yet. */
const UNSEEN = -2
/** Words whose lemmas are remembered once the vocabulary is made: a service must not grow with what it is asked. */
const MOST_STRANGERS = 1 << 16

/** n-grams of words, their symbols words of a table. */
export class WordNgrams implements Ngrams {
  readonly trie: NgramTrie
  readonly #words: WordTable
  sawAny = false
  readonly #fewest: number
  readonly #most: number
  readonly #tokens: Tokens
  readonly #lemmatize: Lexicon['lemmatize']
  /** By word: the word that counts instead (itself, or its lemma), or STOP. */
  #meanings = new Int32Array(1 << 11).fill(UNSEEN)
  /** By word + 1, so that UNKNOWN has its place too: its node as an n-gram of one, + 1; 0 where it has none. */
  #unigrams = new Int32Array(1 << 11)
  /*
   * Once the vocabulary is made, by word + 1 too: whether the word counts, and whether longer n-grams end with it; by node + 1,
   * whether they begin with it. Whether the next word of a text is one no processor foresees, so that `count` adds these instead
   * of jumping.
   */
  #counts = new Uint8Array()
  #ends = new Uint8Array()
  #begins = new Uint8Array()
  /** The text's words, without stop words. */
  #line = new Int32Array(256)
  /** The n-grams that begin at each of them. */
  #nodes = new Int32Array(256)
  /** Where those begin that may still grow, and the word behind each. */
  #froms = new Int32Array(256)
  #next = new Int32Array(256)
  #strangers = new WordTable()
  #strangersMeanings: number[] = []

  constructor(
    settings: VectorizerSettings,
    preparation: Preparation,
    lexicon: Lexicon,
    { nodes, words }: Pick<ExpectedNgrams, 'nodes' | 'words'>,
  ) {
    this.trie = new NgramTrie(nodes)
    this.#words = new WordTable(words)
    ;[this.#fewest, this.#most] = settings.ngramRange
    this.#tokens = new Tokens(settings, preparation)
    this.#lemmatize = lexicon.lemmatize
    for (const word of lexicon.stopWords) this.#mean(this.#words.addString(word), STOP)
  }

  learn(text: string, counter: RowCounter): void {
    const { trie } = this
    const words = this.#learnWords(text)
    const line = this.#line
    const nodes = this.#nodes
    for (let i = 0; i < words; i++) nodes[i] = this.#unigram(line[i]!)
    if (this.#fewest === 1) counter.addEach(nodes, words)
    for (let n = 2; n <= this.#most && n <= words; n++) {
      // Behind the n-gram that begins at word i comes word i + n - 1; one shift a length puts it at i.
      line.copyWithin(0, 1, words)
      trie.addEach(nodes, line, words - n + 1)
      if (n >= this.#fewest) counter.addEach(nodes, words - n + 1)
    }
  }

  count(text: string, counter: RowCounter): void {
    const { trie } = this
    const words = this.#findWords(text)
    const line = this.#line
    const nodes = this.#nodes
    const unigrams = this.#unigrams
    const begins = this.#begins
    const ends = this.#ends
    const froms = this.#froms
    const next = this.#next
    for (let i = 0; i < words; i++) {
      nodes[i] = unigrams[line[i]! + 1]! - 1
      froms[i] = i
    }
    line[words] = UNKNOWN
    if (this.#fewest === 1) counter.addEach(nodes, words)
    // Most n-grams of a text are in no vocabulary: from length to length only those go on that may yet be.
    let count = words
    for (let n = 2; n <= this.#most && count > 0; n++) {
      let kept = 0
      for (let i = 0; i < count; i++) {
        const node = nodes[i]!
        const word = line[froms[i]! + n - 1]!
        nodes[kept] = node
        froms[kept] = froms[i]!
        next[kept] = word
        kept += begins[node + 1]! & ends[word + 1]!
      }
      count = kept
      trie.findEach(nodes, next, count)
      if (n >= this.#fewest) counter.addEach(nodes, count)
    }
  }

  order(kept: Uint8Array): Int32Array {
    const { trie } = this
    return orderNodes(trie, kept, used => {
      sortByBytes(used, this.#words.packed())
      return used
    })
  }

  pack(nodes: Int32Array): PackedStrings {
    const { nodes: records } = this.trie
    const words = this.#words.packed()
    const startOf = (word: number) => (word === 0 ? 0 : words.ends[word - 1]!)
    const lengthOf = (word: number) => words.ends[word]! - startOf(word)
    const ends = new Uint32Array(nodes.length)
    let end = 0
    nodes.forEach((node, i) => {
      end += lengthOf(records[4 * node + 1]!)
      for (let up = records[4 * node]!; up !== ROOT; up = records[4 * up]!)
        end += lengthOf(records[4 * up + 1]!) + 1
      ends[i] = end
    })
    const bytes = new Uint8Array(end)
    nodes.forEach((node, i) => {
      let at = ends[i]!
      for (let up = node; up !== ROOT; up = records[4 * up]!) {
        if (up !== node) bytes[--at] = SPACE
        const word = records[4 * up + 1]!
        at -= lengthOf(word)
        // A loop, since words are short: `set` would first make a view of each.
        for (let from = startOf(word), i = 0; from + i < words.ends[word]!; i++)
          bytes[at + i] = words.bytes[from + i]!
      }
    })
    return { bytes, ends }
  }

  unpack({ bytes, ends }: PackedStrings): Int32Array {
    const nodes = new Int32Array(ends.length)
    // Words are looked at four bytes at a time, also the last.
    const padded = new Uint8Array(bytes.length + 4)
    padded.set(bytes)
    const view = viewOf(padded)
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
        const word = this.#words.add(view, start, at, hash)
        if (this.#meaningOf(word) === UNSEEN) this.#mean(word, word)
        node = node === ROOT ? this.#unigram(word) : this.trie.add(node, word)
        hash = HASH_START
        start = at + 1
      }
      nodes[i] = node
      start = end
    }
    this.#describe()
    return nodes
  }

  #describe(): void {
    const { nodes, size } = this.trie
    const words = this.#words.size
    this.#counts = new Uint8Array(words + 1).fill(1)
    this.#makeRoomForUnigrams(words)
    this.#ends = new Uint8Array(words + 1)
    this.#begins = new Uint8Array(size + 1)
    for (let word = 0; word < words; word++) if (this.#meaningOf(word) === STOP) this.#counts[word + 1] = 0
    for (let node = 0; node < size; node++) {
      const parent = nodes[4 * node]!
      const word = nodes[4 * node + 1]!
      if (parent === ROOT) continue
      this.#begins[parent + 1] = 1
      this.#ends[word + 1] = 1
    }
  }

  #learnWords(text: string): number {
    const tokens = this.#read(text)
    if (tokens > 0) this.sawAny = true
    this.#words.numberEach(this.#tokens, this.#line, true)
    const line = this.#line
    let count = 0
    for (let i = 0; i < tokens; i++) {
      const word = line[i]!
      let meaning = this.#meaningOf(word)
      if (meaning === UNSEEN) {
        meaning = this.#lemmatize === undefined ? word : this.#addLemma(word, this.#lemmatize)
        this.#mean(word, meaning)
      }
      if (meaning !== STOP) line[count++] = meaning
    }
    return count
  }

  #findWords(text: string): number {
    const tokens = this.#read(text)
    this.#words.numberEach(this.#tokens, this.#line, false)
    const line = this.#line
    const counts = this.#counts
    const lemmatize = this.#lemmatize
    let count = 0
    for (let i = 0; i < tokens; i++) {
      const word = line[i]!
      const known = counts[word + 1]!
      line[count] = lemmatize === undefined || known === 0 ? word : this.#findLemma(i, lemmatize)
      count += known
    }
    return count
  }

  /** How many words the text has; there is room for them, and for one more. */
  #read(text: string): number {
    this.#tokens.read(text)
    const { count } = this.#tokens
    if (count >= this.#line.length) {
      this.#line = new Int32Array(2 * count)
      this.#nodes = new Int32Array(2 * count)
      this.#froms = new Int32Array(2 * count)
      this.#next = new Int32Array(2 * count)
    }
    return count
  }

  #addLemma(word: number, lemmatize: (word: string) => string): number {
    const lemma = lemmatize(packedString(this.#words.packed(), word))
    return this.#words.addString(lemma)
  }

  /** The lemma of the text's `i`-th word. What was asked before is remembered, by the word as it stood in a text. */
  #findLemma(i: number, lemmatize: (word: string) => string): number {
    const { bytes, view, starts, ends, hashes } = this.#tokens
    if (this.#strangers.size >= MOST_STRANGERS) {
      this.#strangers = new WordTable()
      this.#strangersMeanings = []
    }
    const stranger = this.#strangers.add(view, starts[i]!, ends[i]!, hashes[i]!)
    this.#strangersMeanings[stranger] ??= this.#words.findString(
      lemmatize(bytes.toString('utf8', starts[i], ends[i])),
    )
    return this.#strangersMeanings[stranger]
  }

  #unigram(word: number): number {
    this.#makeRoomForUnigrams(word + 1)
    const known = this.#unigrams[word + 1]!
    if (known !== 0) return known - 1
    const node = this.trie.add(ROOT, word)
    this.#unigrams[word + 1] = node + 1
    return node
  }

  #makeRoomForUnigrams(words: number): void {
    if (words >= this.#unigrams.length) this.#unigrams = grown(this.#unigrams, words + 1)
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
