import { readFileSync } from 'node:fs'
import type { TfidfSettings } from './tfidf.ts'

const FOLDER = new URL('../goldens/sklearn/', import.meta.url)

export interface GoldenMatrix {
  readonly indptr: number[]
  readonly indices: number[]
  readonly values: number[]
}

export interface GoldenFeatures {
  readonly settings: TfidfSettings
  readonly vocabulary: string[]
  readonly idf: number[]
  readonly train: GoldenMatrix
  readonly test: GoldenMatrix
}

/** One of the files that the scripts test/interop/sklearn_*.py wrote. */
export function readGolden(name: 'features' | 'models' | 'metrics' | 'learners' | 'judge' | 'kernels') {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'))
}

/** The goldens' rows; every fourth is kept from fitting, as the script that wrote the goldens does. */
export function readRows(): { train: GoldenRow[]; test: GoldenRow[] } {
  const lines = readFileSync(new URL('rows.tsv', FOLDER), 'utf8').split('\n').slice(0, -1)
  const rows = lines.map(line => {
    const [label, text] = line.split('\t')
    return { label: LABELS.indexOf(label!), text: text! }
  })
  return { train: rows.filter((_, i) => i % 4 !== 3), test: rows.filter((_, i) => i % 4 === 3) }
}

export interface GoldenRow {
  /** Index into {@link LABELS}. */
  readonly label: number
  readonly text: string
}

export const LABELS = ['World', 'Sports', 'Business', 'Sci/Tech']

/** The largest difference between two lists, both ways: infinite when one is longer. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity
  return Array.from(a).reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0)
}
