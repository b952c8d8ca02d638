import type { Lexicon } from './lexicon.ts'
import type { Preparation } from './prepare.ts'
import type { VectorizerSettings } from './settings.ts'
import { Tokens } from './tokens.ts'
import { UNKNOWN, WordTable } from './word-table.ts'

const SPACE = 0x20

/** The words of one text after another without stop words, and as lemmas where these are wanted; joined by one space each. */
export class KeptTokens {
  count = 0
  bytes: Buffer
  starts: Int32Array
  ends: Int32Array
  readonly #tokens: Tokens
  readonly #stopWords = new WordTable()
  readonly #lemmatize: Lexicon['lemmatize']

  constructor(settings: VectorizerSettings, preparation: Preparation, lexicon: Lexicon) {
    this.#tokens = new Tokens(settings, preparation)
    for (const word of lexicon.stopWords) this.#stopWords.addString(word)
    this.#lemmatize = lexicon.lemmatize
    ;({ bytes: this.bytes, starts: this.starts, ends: this.ends } = this.#tokens)
  }

  read(text: string): void {
    const tokens = this.#tokens
    tokens.read(text)
    ;({ bytes: this.bytes, starts: this.starts, ends: this.ends, count: this.count } = tokens)
    if (this.#stopWords.size > 0) this.#dropStopWords()
    if (this.#lemmatize !== undefined) this.#replaceByLemmas(this.#lemmatize)
  }

  /** In place: what stays only moves towards the front. */
  #dropStopWords(): void {
    const { bytes, starts, ends } = this
    const { hashes, view } = this.#tokens
    let kept = 0
    let at = 0
    for (let i = 0; i < this.count; i++) {
      const start = starts[i]!
      const end = ends[i]!
      if (this.#stopWords.find(view, start, end, hashes[i]!) !== UNKNOWN) continue
      if (kept > 0) bytes[at++] = SPACE
      bytes.copyWithin(at, start, end)
      starts[kept] = at
      at += end - start
      ends[kept++] = at
    }
    this.count = kept
  }

  #replaceByLemmas(lemmatize: (word: string) => string): void {
    const lemmas = Array.from({ length: this.count }, (_, i) =>
      lemmatize(this.bytes.toString('utf8', this.starts[i], this.ends[i])),
    )
    this.bytes = Buffer.from(lemmas.join(' '))
    let at = 0
    lemmas.forEach((lemma, i) => {
      this.starts[i] = at
      at += Buffer.byteLength(lemma)
      this.ends[i] = at++
    })
  }
}
