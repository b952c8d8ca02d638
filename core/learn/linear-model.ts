import type { SparseMatrix } from './matrix.ts'

/** A classifier whose log-probabilities are, up to a constant a row, `row · coefficients + intercepts`. */
export interface LinearModel {
  readonly classes: number
  readonly features: number
  /** Feature-major, `features × classes`: class `k` of feature `j` is at `j * classes + k`. */
  readonly coefficients: Float64Array
  /** Length `classes`. */
  readonly intercepts: Float64Array
}

/** The probability of each class for each row, row-major, `rows × classes`; each row sums to 1. */
export function linearProbabilities(model: LinearModel, matrix: SparseMatrix): Float64Array {
  const { classes, coefficients, intercepts } = model
  const { rows, indptr, indices, values } = matrix
  const probabilities = new Float64Array(rows * classes)
  for (let row = 0; row < rows; row++) {
    const at = row * classes
    probabilities.set(intercepts, at)
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
      const value = values[i]!
      const from = indices[i]! * classes
      for (let k = 0; k < classes; k++) probabilities[at + k]! += value * coefficients[from + k]!
    }
    softmax(probabilities, at, classes)
  }
  return probabilities
}

/**
 * Turns `size` scores from `at` on into probabilities, in place, and returns ln(Σ exp(score)). The largest score is
 * taken out first, so that no exponential overflows.
 */
export function softmax(scores: Float64Array, at: number, size: number): number {
  let largest = -Infinity
  for (let k = at; k < at + size; k++) largest = Math.max(largest, scores[k]!)
  let sum = 0
  for (let k = at; k < at + size; k++) {
    const weight = Math.exp(scores[k]! - largest)
    scores[k] = weight
    sum += weight
  }
  for (let k = at; k < at + size; k++) scores[k]! /= sum
  return largest + Math.log(sum)
}

/** The most probable class of each row, the first of several equal ones. `probabilities` is `rows × classes`. */
export function likeliest(probabilities: Float64Array, classes: number): Int32Array {
  const winners = new Int32Array(probabilities.length / classes)
  for (let row = 0; row < winners.length; row++) {
    const at = row * classes
    let winner = 0
    for (let k = 1; k < classes; k++) if (probabilities[at + k]! > probabilities[at + winner]!) winner = k
    winners[row] = winner
  }
  return winners
}
