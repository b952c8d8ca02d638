import { createHash } from 'node:crypto'
import { quantile } from '../quantile.ts'
import type { Row } from './dataset.ts'

/** Of a list of lengths. Median and p95 lie between two lengths where needed (numpy's default, linear); all to two decimals. */
interface Lengths {
  readonly min: number
  readonly median: number
  readonly mean: number
  readonly p95: number
  readonly max: number
}

export interface ClassShare {
  readonly label: string
  readonly rows: number
  /** Of all rows, 0 to 1, to four decimals. */
  readonly share: number
}

export interface Description {
  readonly rows: number
  /** In the order of their labels' code units. */
  readonly classes: readonly ClassShare[]
  /** Unicode code points of a text. */
  readonly characters: Lengths
  /** Runs of a text between white space. */
  readonly words: Lengths
}

/** Counts, class balance and text lengths of one row or more. */
export function describeRows(rows: readonly Row[]): Description {
  return {
    rows: rows.length,
    classes: classesOf(rows),
    characters: lengthsOf(rows.map(({ text }) => codePoints(text))),
    words: lengthsOf(rows.map(({ text }) => wordsOf(text))),
  }
}

/** A text's runs between white space. */
export function wordsOf(text: string): number {
  return text.match(/\S+/g)?.length ?? 0
}

/** The class balance, in the order of the labels' code units. */
export function classesOf(rows: readonly Row[]): ClassShare[] {
  const counts = new Map<string, number>()
  for (const { label } of rows) counts.set(label, (counts.get(label) ?? 0) + 1)
  return [...counts.keys()].sort().map(label => {
    const count = counts.get(label)!
    return { label, rows: count, share: rounded(count / rows.length, 4) }
  })
}

/**
 * SHA-256 of the rows as a bag, `sha256:<64 hex digits>`: the order of the rows does not count, since it changes nothing in the
 * splits, but how often a row occurs does. Hashed are the lines `["label","text"]`, or `["label","text",{columns}]`, as JSON, in
 * the order of their code units.
 */
export function fingerprintRows(rows: readonly Row[]): string {
  const hash = createHash('sha256')
  for (const line of rows.map(lineOf).sort()) hash.update(`${line}\n`)
  return `sha256:${hash.digest('hex')}`
}

/** SHA-256 of the rows in their order, `sha256:<64 hex digits>`: folds and fits hang on it. Lines as {@link fingerprintRows} hashes. */
export function digestRows(rows: readonly Row[]): string {
  const hash = createHash('sha256')
  for (const row of rows) hash.update(`${lineOf(row)}\n`)
  return `sha256:${hash.digest('hex')}`
}

function lineOf({ label, text, columns }: Row): string {
  return JSON.stringify(columns === undefined ? [label, text] : [label, text, columns])
}

function lengthsOf(lengths: readonly number[]): Lengths {
  const sorted = Float64Array.from(lengths).sort()
  const at = (q: number) => rounded(quantile(sorted, q), 2)
  const sum = sorted.reduce((total, length) => total + length, 0)
  return {
    min: at(0),
    median: at(0.5),
    mean: rounded(sum / sorted.length, 2),
    p95: at(0.95),
    max: at(1),
  }
}

function codePoints(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    // A trailing surrogate belongs to the code point before it.
    if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) count++
  }
  return count
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals))
}
