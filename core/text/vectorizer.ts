import type { PackedStrings } from './bytes.ts'
import type { Expected } from './expected.ts'
import { HashingFitter, HashingVectorizer } from './hashing.ts'
import type { Lexicon } from './lexicon.ts'
import type { MatrixBuilder } from './matrix-builder.ts'
import type { VectorizerSettings } from './settings.ts'
import { VocabularyFitter, VocabularyVectorizer } from './vocabulary.ts'

/** What a fitted vectoriser learnt; `hashing` learns nothing. */
export interface VectorizerState {
  /** The n-grams of `tfidf` and `count` in the order of columns. */
  readonly vocabulary?: PackedStrings
  /** Of `tfidf` with `useIdf`: a weight a column. */
  readonly idf?: Float64Array
}

/** A fitted vectoriser. */
export interface Vectorizer {
  readonly columns: number
  readonly state: VectorizerState
  /** The n-gram of a column. */
  nameOf(column: number): string
  /** Puts the text's entries into the builder's present row. */
  write(text: string, builder: MatrixBuilder): void
}

/** A vectoriser while it is fitted: it sees every text once, in order. */
export interface VectorizerFitter {
  add(text: string): void
  finish(): FittedVectorizer
}

export interface FittedVectorizer {
  readonly vectorizer: Vectorizer
  /** How many entries `write` will put in all. */
  readonly entries: number
  /** Puts the entries of the `row`-th text into the builder's present row. */
  write(row: number, builder: MatrixBuilder): void
}

/** @param name for messages; empty where there is only one */
export function fitVectorizer(
  name: string,
  settings: VectorizerSettings,
  lexicon: Lexicon,
  expected: Expected,
): VectorizerFitter {
  return settings.vectorizer === 'hashing'
    ? new HashingFitter(settings, lexicon)
    : new VocabularyFitter(name, settings, lexicon, expected)
}

/** @throws PressroomError `model-damaged` when the state contradicts itself */
export function restoreVectorizer(
  settings: VectorizerSettings,
  lexicon: Lexicon,
  state: VectorizerState,
): Vectorizer {
  if (settings.vectorizer === 'hashing') return new HashingVectorizer(settings, lexicon)
  const vectorizer = new VocabularyVectorizer(settings, lexicon, state)
  vectorizer.prepare()
  return vectorizer
}
