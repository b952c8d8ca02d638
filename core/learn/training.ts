import { PressroomError } from '../errors.ts'
import { countLabels } from './labels.ts'
import type { SparseMatrix } from './matrix.ts'

/** What every learner is fitted on. */
export interface Training {
  readonly matrix: SparseMatrix
  /** A class from 0 to `classes - 1` for each row. */
  readonly labels: Int32Array
  readonly classes: number
  /** What the classes are called, in their order; class weights may go by these. */
  readonly names?: readonly string[] | undefined
  /** How much each row counts, 0 or more; 1 each by default. A row of weight 2 counts as the same row twice. */
  readonly sampleWeight?: Float64Array | undefined
}

/**
 * Checks everything that a solver takes for granted, in one pass over the matrix.
 *
 * @throws PressroomError `no-rows`; `invalid-rows` when lengths differ, a label is no class, a value or weight is not
 * finite or a weight is negative; `too-few-classes` when fewer than two classes have rows that count.
 */
export function checkTraining({ matrix, labels, classes, sampleWeight }: Training): void {
  const { rows, columns, indptr, indices, values } = matrix
  if (rows === 0) {
    throw new PressroomError('no-rows', 'there are no rows to fit a model on', { fix: 'give more rows' })
  }
  requireLength('labels', labels.length, rows)
  if (sampleWeight !== undefined) {
    requireLength('sample weights', sampleWeight.length, rows)
    const bad = sampleWeight.findIndex(weight => !(weight >= 0 && weight < Infinity))
    if (bad >= 0)
      throw badNumber(`the weight of row ${bad} is ${sampleWeight[bad]}`, 'weights are 0 or more, and finite')
  }
  const label = labels.findIndex(label => !(label >= 0 && label < classes))
  if (label >= 0) {
    throw new PressroomError('invalid-rows', `row ${label} has the label ${labels[label]}`, {
      where: `there are ${classes} classes, counted from 0`,
      fix: 'give each row a class',
    })
  }
  if (indptr.length !== rows + 1 || indptr[rows]! > indices.length || indptr[rows]! > values.length) {
    throw badNumber(`the matrix says ${rows} rows, and its arrays hold others`, 'see core/learn/matrix.ts')
  }
  for (let i = 0; i < indptr[rows]!; i++) {
    const column = indices[i]!
    const value = values[i]!
    if (!(column >= 0 && column < columns)) {
      throw badNumber(
        `entry ${i} of the matrix lies in column ${column}`,
        `there are ${columns}, counted from 0`,
      )
    }
    // NaN and the infinities are the only numbers that give NaN here.
    if (value - value !== 0) {
      throw badNumber(`feature ${column} is ${value} in row ${rowOf(indptr, i)}`, 'features must be finite')
    }
  }
  countLabels(labels, classes, sampleWeight)
}

/**
 * Refuses values below 0, which counts and TF-IDF never have and naive Bayes cannot take the logarithm of.
 *
 * @throws PressroomError `invalid-rows` with the first.
 */
export function requireNonNegative({ indptr, indices, values }: SparseMatrix, learner: string): void {
  for (let i = 0; i < indices.length; i++) {
    if (values[i]! >= 0) continue
    throw badNumber(
      `feature ${indices[i]} is ${values[i]} in row ${rowOf(indptr, i)}`,
      `${learner} takes counts, TF-IDF and columns scaled by minmax, never below 0`,
      'set alternateSign of a hashing vectorizer to false, scale of a numeric column to minmax',
    )
  }
}

function requireLength(what: string, length: number, rows: number): void {
  if (length === rows) return
  throw new PressroomError('invalid-rows', `there are ${rows} rows and ${length} ${what}`, {
    fix: 'give one a row',
  })
}

function badNumber(
  what: string,
  where: string,
  fix = 'look into the step that made the features',
): PressroomError {
  return new PressroomError('invalid-rows', what, { where, fix })
}

function rowOf(indptr: Int32Array, entry: number): number {
  return indptr.findIndex(start => start > entry) - 1
}
