import { type FeatureSettingsInput, parseFeatureSettings } from './parse-settings.ts'
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

/** What a vectoriser probably finds. */
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
/** Of the nodes, those that more than one text holds. */
const NOT_RARE = 1 / 4
/** A table's room at first: it is touched all over, and beyond so many places a wrong guess costs more than growing does. */
const MOST_AT_FIRST = 1 << 20
/** And for entries, of which only a stretch is touched: what a system gives without a thought. */
const MOST_ENTRIES_AT_FIRST = 1 << 25
const MATRIX_ENTRY = 12

function expectedNgrams(
  { characters }: Expected,
  { analyzer, ngramRange: [fewest, most] }: VectorizerSettings,
): ExpectedNgrams {
  const lengths = most - fewest + 1
  const ofWords = analyzer === 'word'
  const words = ofWords ? characters * WORDS : 0
  const nodes = ofWords ? words + (most - 1) * characters * WORD_NGRAMS : characters * CHARACTER_NGRAMS
  return {
    nodes: Math.round(nodes),
    words: Math.round(words),
    entries: Math.round(characters * lengths * (ofWords ? ENTRIES_OF_WORDS : ENTRIES_OF_CHARACTERS)),
  }
}

/** The same as the first size of tables that grow. */
export function roomFor(expected: Expected, settings: VectorizerSettings): ExpectedNgrams {
  const { nodes, words, entries } = expectedNgrams(expected, settings)
  return {
    nodes: Math.min(nodes, MOST_AT_FIRST),
    words: Math.min(words, MOST_AT_FIRST),
    entries: Math.min(entries, MOST_ENTRIES_AT_FIRST),
  }
}

/** What fitting features to rows of texts like AG News' comes to. */
interface ExpectedFeatures {
  /** Columns. */
  readonly features: number
  /** Of the matrix. */
  readonly entries: number
  /** At the peak of making them: tables, what is counted, and the matrix. */
  readonly bytes: number
}

/** @throws PressroomError `invalid-setting` */
export function expectedFeatures(expected: Expected, input: FeatureSettingsInput): ExpectedFeatures {
  const { text, columns, select } = parseFeatureSettings(input)
  let features = Object.keys(columns).length
  let entries = expected.rows * features
  let tables = 0
  for (const settings of Object.values(text)) {
    const ngrams = expectedNgrams(expected, settings)
    entries += ngrams.entries
    if (settings.vectorizer === 'hashing') {
      features += settings.nFeatures
      continue
    }
    features += Math.min(ngrams.nodes * (settings.minDf > 1 ? NOT_RARE : 1), settings.maxFeatures ?? Infinity)
    // A node's record and its two slots, and a count with its node an entry: trie.ts, row-counter.ts.
    tables += ngrams.nodes * (16 + 2 * 4) + ngrams.entries * (4 + 1)
  }
  const bytes = tables + entries * MATRIX_ENTRY
  return {
    features: Math.round(Math.min(features, select?.k ?? Infinity)),
    entries: Math.round(entries),
    bytes,
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
  return { rows: expected.rows, entries: Math.min(entries, MOST_ENTRIES_AT_FIRST) }
}
