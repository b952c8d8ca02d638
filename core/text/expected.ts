import { type FeatureRow, textOf } from './rows.ts'
import type { FeatureSettings, VectorizerSettings } from './settings.ts'

/** What is known of rows before they are read. */
export interface Expected {
  readonly rows: number
  /** Of all texts, in UTF-16 units. */
  readonly characters: number
}

/** Rows that come from a stream. */
export const UNKNOWN_ROWS: Expected = { rows: 0, characters: 0 }

export function expectedOf(rows: Iterable<FeatureRow> | AsyncIterable<FeatureRow>): Expected {
  if (!Array.isArray(rows)) return UNKNOWN_ROWS
  let characters = 0
  for (let i = 0; i < rows.length; i++) characters += textOf(rows[i]).length
  return { rows: rows.length, characters }
}

/** What the tables of a fit get room for at first. They grow where that is too little. */
export interface ExpectedNgrams {
  /** Different n-grams, those that only begin others included. */
  readonly nodes: number
  /** Different words. */
  readonly words: number
  /** How often a row holds an n-gram. */
  readonly entries: number
}

/*
 * Shares of the characters that the 18,810 rows of AG News come to, rounded. Fewer texts have more different n-grams a
 * character and more texts fewer, but a table that was begun at the right order of magnitude grows once and not eight times.
 */
const WORDS = 1 / 100
/** For each length of n-grams of words beyond one. */
const WORD_NGRAMS = 1 / 14
const CHARACTER_NGRAMS = 1 / 22
/** For each length, entries; room that is never touched costs nothing. */
const ENTRIES_OF_WORDS = 1 / 7
const ENTRIES_OF_CHARACTERS = 2 / 3
/** Tables are touched all over, whatever comes: beyond so many a wrong guess would cost more than growing does. */
const MOST = 1 << 20

export function expectedNgrams(
  { characters }: Expected,
  { analyzer, ngramRange: [fewest, most] }: VectorizerSettings,
): ExpectedNgrams {
  const lengths = most - fewest + 1
  const ofWords = analyzer === 'word'
  const words = ofWords ? characters * WORDS : 0
  const nodes = ofWords ? words + (most - 1) * characters * WORD_NGRAMS : characters * CHARACTER_NGRAMS
  return {
    nodes: Math.round(Math.min(nodes, MOST)),
    words: Math.round(Math.min(words, MOST)),
    entries: Math.round(characters * lengths * (ofWords ? ENTRIES_OF_WORDS : ENTRIES_OF_CHARACTERS)),
  }
}

/** Rows and entries of a matrix, 0 where the rows come from a stream. */
export function expectedMatrix(
  rows: Iterable<FeatureRow>,
  { text, columns }: FeatureSettings,
): { readonly rows: number; readonly entries: number } {
  const expected = expectedOf(rows)
  let entries = expected.rows * Object.keys(columns).length
  for (const vectorizer of Object.values(text)) entries += expectedNgrams(expected, vectorizer).entries
  return { rows: expected.rows, entries }
}
