import { hash } from 'node:crypto'
import { PressroomError } from '../errors.ts'
import type { Row } from './dataset.ts'

export interface SplitOptions {
  /** Share of the rows kept for validation, 0 to 1. */
  readonly validationShare: number
  /** Share of the rows kept for the final test, 0 to 1; with validationShare below 1. */
  readonly testShare: number
  readonly seed: number
}

export interface Splits {
  readonly train: readonly Row[]
  readonly validation: readonly Row[]
  readonly test: readonly Row[]
}

/**
 * Splits rows so that every class has its share of each split.
 *
 * There is no random generator: rows are ordered by SHA-256 of the seed, the label and the text, and of each class the first
 * ones make the test split, the next ones validation, the rest train. So the same rows and seed give the same splits, in
 * the same order, on every machine and whatever the order of the file; and a row added later moves at most one row across
 * each border.
 *
 * A class has its share of a split rounded to the nearest row. Of a class that is large enough each split has a row, even where
 * its share rounds to none; of fewer rows than splits, train comes first, then test.
 *
 * Rows with the same text must have been dropped before: they could part.
 * @throws PressroomError `invalid-setting` when the shares leave no training rows.
 */
export function splitStratified(rows: readonly Row[], options: SplitOptions): Splits {
  const { validationShare, testShare, seed } = options
  if (!(validationShare >= 0 && testShare >= 0 && validationShare + testShare < 1)) {
    throw new PressroomError('invalid-setting', 'the shares leave no training rows', {
      where: `validation takes ${validationShare} and test ${testShare} of the rows`,
      fix: 'make --validation-share and --test-share less than 1 together',
    })
  }
  const sizes = new Map<string, number>()
  for (const { label } of rows) sizes.set(label, (sizes.get(label) ?? 0) + 1)
  const quotas = new Map([...sizes].map(([label, size]) => [label, quotaOf(size, options)]))
  const splits = { train: [] as Row[], validation: [] as Row[], test: [] as Row[] }
  for (const row of inOrder(rows, seed)) {
    const quota = quotas.get(row.label)!
    const split = quota.test > 0 ? 'test' : quota.validation > 0 ? 'validation' : 'train'
    if (split !== 'train') quota[split]--
    splits[split].push(row)
  }
  return splits
}

/** How many rows of a class of `size` go to test and to validation; at least one stays. */
function quotaOf(size: number, { validationShare, testShare }: SplitOptions) {
  const leastValidation = validationShare > 0 && size > (testShare > 0 ? 2 : 1) ? 1 : 0
  const test = testShare > 0 ? clamp(Math.round(size * testShare), 1, size - 1 - leastValidation) : 0
  const validation = clamp(Math.round(size * validationShare), leastValidation, size - 1 - test)
  return { test, validation }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}

function inOrder(rows: readonly Row[], seed: number): Row[] {
  const keyed = rows.map(row => ({ row, key: hash('sha256', `${seed}\0${row.label}\0${identity(row)}`) }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ row }) => row)
}

function identity({ text, columns }: Row): string {
  return columns === undefined ? text : `${text}\0${JSON.stringify(columns)}`
}
