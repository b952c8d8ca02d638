import { grown } from './bytes.ts'
import { Characters } from './characters.ts'
import { KeptTokens } from './kept-tokens.ts'
import type { Lexicon } from './lexicon.ts'
import { MatrixBuilder } from './matrix-builder.ts'
import { murmur3 } from './murmur.ts'
import { preparation } from './prepare.ts'
import { RowWeights } from './row-weights.ts'
import type { VectorizerSettings } from './settings.ts'
import type { FittedVectorizer, Vectorizer, VectorizerFitter } from './vectorizer.ts'

/** scikit-learn's HashingVectorizer: the hash of an n-gram chooses its column and, with `alternateSign`, its sign. */
export class HashingVectorizer implements Vectorizer {
  readonly columns: number
  readonly state = {}
  readonly #settings: VectorizerSettings
  readonly #words: KeptTokens | undefined
  readonly #characters: Characters | undefined
  readonly #weights: RowWeights
  #size = 0
  #columns = new Int32Array(256)
  #signs = new Int32Array(256)

  constructor(settings: VectorizerSettings, lexicon: Lexicon) {
    const prepared = preparation(settings, lexicon.decodeEntities)
    this.columns = settings.nFeatures
    this.#settings = settings
    if (settings.analyzer === 'word') this.#words = new KeptTokens(settings, prepared, lexicon)
    else this.#characters = new Characters(settings, prepared)
    this.#weights = new RowWeights(settings, undefined)
  }

  nameOf(column: number): string {
    return `hash ${column}`
  }

  write(text: string, builder: MatrixBuilder): void {
    this.#size = 0
    if (this.#words !== undefined) this.#hashWords(this.#words, text)
    if (this.#characters !== undefined) this.#hashCharacters(this.#characters, text)
    this.#weights.writeSums(this.#columns, this.#signs, this.#size, builder)
  }

  #hashWords(tokens: KeptTokens, text: string): void {
    const [fewest, most] = this.#settings.ngramRange
    tokens.read(text)
    const { bytes, starts, ends, count } = tokens
    for (let first = 0; first < count; first++) {
      const behind = Math.min(first + most, count)
      for (let last = first + fewest - 1; last < behind; last++) this.#add(bytes, starts[first]!, ends[last]!)
    }
  }

  #hashCharacters(characters: Characters, text: string): void {
    const { ngramRange, analyzer } = this.#settings
    characters.read(text)
    const { bytes, offsets } = characters
    for (let piece = 0; piece < characters.pieces; piece++) {
      const start = characters.starts[piece]!
      const end = characters.ends[piece]!
      const fewest = analyzer === 'char_wb' ? Math.min(ngramRange[0], end - start) : ngramRange[0]
      for (let first = start; first + fewest <= end; first++) {
        const most = Math.min(first + ngramRange[1], end)
        for (let last = first + fewest; last <= most; last++)
          this.#add(bytes, offsets[first]!, offsets[last]!)
      }
    }
  }

  #add(bytes: Uint8Array, from: number, to: number): void {
    const hash = murmur3(bytes, from, to)
    if (this.#size === this.#columns.length) {
      this.#columns = grown(this.#columns, 0)
      this.#signs = grown(this.#signs, 0)
    }
    // Of -2^31 the absolute value is no 32-bit number in scikit-learn's C, but its rule comes to the same remainder.
    this.#columns[this.#size] = Math.abs(hash) % this.columns
    this.#signs[this.#size++] = hash < 0 && this.#settings.alternateSign ? -1 : 1
  }
}

/** Nothing is learnt; the rows are kept until the other blocks know theirs. */
export class HashingFitter implements VectorizerFitter {
  readonly #vectorizer: HashingVectorizer
  readonly #rows: MatrixBuilder

  constructor(settings: VectorizerSettings, lexicon: Lexicon) {
    this.#vectorizer = new HashingVectorizer(settings, lexicon)
    this.#rows = new MatrixBuilder(settings.nFeatures)
  }

  add(text: string): void {
    this.#vectorizer.write(text, this.#rows)
    this.#rows.endRow()
  }

  finish(): FittedVectorizer {
    const { indptr, indices, values } = this.#rows.matrix()
    return {
      vectorizer: this.#vectorizer,
      entries: indices.length,
      write: (row, builder) => {
        for (let i = indptr[row]!; i < indptr[row + 1]!; i++) builder.put(indices[i]!, values[i]!)
      },
    }
  }
}
