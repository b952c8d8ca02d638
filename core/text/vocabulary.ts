import { PressroomError } from '../errors.ts'
import { grown, type PackedStrings, packedString } from './bytes.ts'
import { CharacterNgrams } from './character-ngrams.ts'
import { chooseNodes, type Frequencies } from './choose.ts'
import { emptyVocabulary } from './empty-vocabulary.ts'
import { type ExpectedNgrams, roomFor, UNKNOWN_ROWS } from './expected.ts'
import type { Lexicon } from './lexicon.ts'
import type { MatrixBuilder } from './matrix-builder.ts'
import type { Ngrams } from './ngrams.ts'
import { preparation } from './prepare.ts'
import { RowCounter } from './row-counter.ts'
import { RowWeights } from './row-weights.ts'
import type { VectorizerSettings } from './settings.ts'
import type { FittedVectorizer, Vectorizer, VectorizerFitter, VectorizerState } from './vectorizer.ts'
import { WordNgrams } from './word-ngrams.ts'

/** Texts kept to say why nothing was found in them. */
const SAMPLE = 100

/** Learns a vocabulary and counts it, in one pass over the texts. */
export class VocabularyFitter implements VectorizerFitter {
  readonly #name: string
  readonly #settings: VectorizerSettings
  readonly #lexicon: Lexicon
  readonly #ngrams: Ngrams
  /** By node, until `finish` knows the columns. */
  readonly #counter: RowCounter
  /** Text `t` has the counter's entries from `#ends[t]` up to `#ends[t + 1]`. */
  #ends: Int32Array
  #texts = 0
  readonly #sample: string[] = []

  constructor(name: string, settings: VectorizerSettings, lexicon: Lexicon, expected = UNKNOWN_ROWS) {
    this.#name = name
    this.#settings = settings
    this.#lexicon = lexicon
    const room = roomFor(expected, settings)
    this.#ngrams = createNgrams(settings, lexicon, room)
    this.#counter = new RowCounter(this.#ngrams.trie, room.entries)
    this.#ends = new Int32Array(expected.rows + 2)
  }

  add(text: string): void {
    if (!this.#ngrams.sawAny && this.#sample.length < SAMPLE && text.trim() !== '') this.#sample.push(text)
    this.#ngrams.learn(text, this.#counter)
    this.#counter.endRow()
    if (++this.#texts === this.#ends.length) this.#ends = grown(this.#ends, 0)
    this.#ends[this.#texts] = this.#counter.size
  }

  /** @throws PressroomError `empty-vocabulary` when no n-gram is left */
  finish(): FittedVectorizer {
    const settings = this.#settings
    const ngrams = this.#ngrams
    const counter = this.#counter
    const ends = this.#ends
    ngrams.trie.seal()
    // Only whoever takes the most frequent asks for totals.
    counter.sum(settings.binary || settings.maxFeatures === null)
    const { size, nodes: records } = ngrams.trie
    const frequencies = { texts: this.#texts, size, nodes: records }
    const nodes = chooseNodes(ngrams, frequencies, settings)
    if (nodes.length === 0) {
      const seen = { any: ngrams.sawAny, anyCounted: size > 0, sample: this.#sample }
      throw emptyVocabulary(this.#name, settings, this.#lexicon, { frequencies, ...seen })
    }
    const idf = idfOf(nodes, frequencies, settings)
    const state = { vocabulary: ngrams.pack(nodes), ...(idf === undefined ? {} : { idf }) }
    const columns = columnsOf(nodes, size)
    const weights = new RowWeights(settings, idf)
    return {
      vectorizer: new VocabularyVectorizer(settings, this.#lexicon, state),
      entries: nodes.reduce((sum, node) => sum + records[4 * node + 3]!, 0),
      write: (row, builder) => weights.write(counter, ends[row]!, ends[row + 1]!, columns, builder),
    }
  }
}

/** A vocabulary that n-grams can be looked up in, and the columns of its nodes. */
interface Known {
  readonly ngrams: Ngrams
  readonly counter: RowCounter
  readonly columns: Int32Array
}

/** A vectoriser with a vocabulary. What it looks n-grams up in is made when the first text comes. */
export class VocabularyVectorizer implements Vectorizer {
  readonly columns: number
  readonly state: { readonly vocabulary: PackedStrings; readonly idf?: Float64Array }
  readonly #settings: VectorizerSettings
  readonly #lexicon: Lexicon
  readonly #weights: RowWeights
  #known: Known | undefined

  /** @throws PressroomError `model-damaged` when vocabulary and weights do not fit each other or the settings */
  constructor(settings: VectorizerSettings, lexicon: Lexicon, { vocabulary, idf }: VectorizerState) {
    const weighed = settings.vectorizer === 'tfidf' && settings.useIdf
    if (vocabulary === undefined || (idf !== undefined) !== weighed) {
      throw damaged(
        `it has ${vocabulary === undefined ? 'no' : 'a'} vocabulary and ${idf === undefined ? 'no ' : ''}weights`,
      )
    }
    if (idf !== undefined && idf.length !== vocabulary.ends.length) {
      throw damaged(`it has ${vocabulary.ends.length} n-grams and ${idf.length} weights`)
    }
    this.#settings = settings
    this.#lexicon = lexicon
    this.columns = vocabulary.ends.length
    this.state = { vocabulary, ...(idf === undefined ? {} : { idf }) }
    this.#weights = new RowWeights(settings, idf)
  }

  nameOf(column: number): string {
    return packedString(this.state.vocabulary, column)
  }

  write(text: string, builder: MatrixBuilder): void {
    const { ngrams, counter, columns } = this.#known ?? this.prepare()
    counter.clear()
    ngrams.count(text, counter)
    this.#weights.write(counter, 0, counter.size, columns, builder)
  }

  /**
   * Makes ready for the first text, which `write` does itself otherwise.
   * @throws PressroomError `model-damaged` when an n-gram comes twice
   */
  prepare(): Known {
    if (this.#known !== undefined) return this.#known
    const { length } = this.state.vocabulary.ends
    const ngrams = createNgrams(this.#settings, this.#lexicon, { nodes: length, words: length })
    const nodes = ngrams.unpack(this.state.vocabulary)
    const columns = columnsOf(nodes, ngrams.trie.size)
    const twice = nodes.findIndex((node, column) => columns[node] !== column)
    if (twice >= 0) throw damaged(`the n-gram ${JSON.stringify(this.nameOf(twice))} comes twice`)
    this.#known = { ngrams, counter: new RowCounter(ngrams.trie), columns }
    return this.#known
  }
}

function createNgrams(
  settings: VectorizerSettings,
  lexicon: Lexicon,
  expected: Pick<ExpectedNgrams, 'nodes' | 'words'>,
): Ngrams {
  const prepared = preparation(settings, lexicon.decodeEntities)
  return settings.analyzer === 'word'
    ? new WordNgrams(settings, prepared, lexicon, expected)
    : new CharacterNgrams(settings, prepared, expected.nodes)
}

/** scikit-learn's idf: ln((texts + 1) / (df + 1)) + 1 where it is smooth, else ln(texts / df) + 1. */
function idfOf(
  chosen: Int32Array,
  { texts, nodes }: Frequencies,
  { vectorizer, useIdf, smoothIdf }: VectorizerSettings,
): Float64Array | undefined {
  if (vectorizer !== 'tfidf' || !useIdf) return undefined
  const more = smoothIdf ? 1 : 0
  const idf = new Float64Array(chosen.length)
  for (let i = 0; i < idf.length; i++) {
    idf[i] = Math.log((texts + more) / (nodes[4 * chosen[i]! + 3]! + more)) + 1
  }
  return idf
}

/** By node: its column, or -1 for a node that was not chosen, such as one that only begins others. */
function columnsOf(nodes: Int32Array, size: number): Int32Array {
  const columns = new Int32Array(size).fill(-1)
  nodes.forEach((node, column) => {
    columns[node] = column
  })
  return columns
}

function damaged(where: string): PressroomError {
  return new PressroomError('model-damaged', 'the vocabulary does not fit its weights', { where })
}
