import { PressroomError } from '../errors.ts'
import type { SparseMatrix } from './matrix.ts'
import { multiplyRows } from './products.ts'

/** A classifier whose log-probabilities are, up to a constant a row, `row · coefficients + intercepts`. */
export interface LinearModel {
  readonly classes: number
  readonly features: number
  /** Feature-major, `features × classes`: class `k` of feature `j` is at `j * classes + k`. */
  readonly coefficients: Float64Array
  /** Length `classes`. */
  readonly intercepts: Float64Array
}

/**
 * What came of a fit. A fit that did not converge is a model all the same; whoever asked for it should be told.
 */
export interface Fit<M> {
  readonly model: M
  /** The objective at the end, penalty included, as the learner's docstring gives it. */
  readonly loss: number
  /** Of the part that took most. */
  readonly iterations: number
  readonly converged: boolean
}

/**
 * The model to begin from, when it fits the one that is wanted.
 *
 * @throws PressroomError `invalid-parameter` otherwise.
 */
export function requireSame(warmStart: LinearModel, wanted: LinearModel): LinearModel {
  if (warmStart.features === wanted.features && warmStart.classes === wanted.classes) return warmStart
  throw new PressroomError('invalid-parameter', 'the model to begin from is of other features or classes', {
    where: `it has ${warmStart.features} and ${warmStart.classes}, the rows ${wanted.features} and ${wanted.classes}`,
    fix: 'begin from a model of the same features, or from none',
  })
}

/** The same numbers in arrays of their own. */
export function copyLinear({ features, classes, coefficients, intercepts }: LinearModel): LinearModel {
  return { features, classes, coefficients: coefficients.slice(), intercepts: intercepts.slice() }
}

/** A model of zeros. */
export function emptyLinearModel(features: number, classes: number): LinearModel {
  return {
    features,
    classes,
    coefficients: new Float64Array(features * classes),
    intercepts: new Float64Array(classes),
  }
}

/**
 * Writes weights of some classes, `(features + 1) × width` with intercepts last, into the model. Of two classes there is one
 * vector d, as in scikit-learn, and the classes have -d/2 and d/2: their difference, which is all that counts, is d.
 */
export function setClasses(model: LinearModel, weights: Float64Array, first: number, width: number): void {
  const { features, classes, coefficients, intercepts } = model
  const put = (into: Float64Array, j: number, from: number) => {
    if (classes === 2 && width === 1) {
      into[j * 2] = -weights[from]! / 2
      into[j * 2 + 1] = weights[from]! / 2
    } else {
      for (let k = 0; k < width; k++) into[j * classes + first + k] = weights[from + k]!
    }
  }
  for (let j = 0; j < features; j++) put(coefficients, j, j * width)
  put(intercepts, 0, features * width)
}

/** The reverse of {@link setClasses}. */
export function getClasses(model: LinearModel, first: number, width: number): Float64Array {
  const { features, classes, coefficients, intercepts } = model
  const weights = new Float64Array((features + 1) * width)
  const take = (from: Float64Array, j: number, at: number) => {
    if (classes === 2 && width === 1) weights[at] = from[j * 2 + 1]! - from[j * 2]!
    else for (let k = 0; k < width; k++) weights[at + k] = from[j * classes + first + k]!
  }
  for (let j = 0; j < features; j++) take(coefficients, j, j * width)
  take(intercepts, 0, features * width)
  return weights
}

/** `row · coefficients + intercepts` for each row and class, row-major, `rows × classes`. */
export function linearScores(model: LinearModel, matrix: SparseMatrix): Float64Array {
  const { classes, coefficients, intercepts } = model
  const scores = new Float64Array(matrix.rows * classes)
  multiplyRows(matrix, coefficients, classes, 0, matrix.rows, scores, intercepts)
  return scores
}

/** The probability of each class for each row, row-major, `rows × classes`; each row sums to 1. */
export function linearProbabilities(model: LinearModel, matrix: SparseMatrix): Float64Array {
  return softmaxRows(linearScores(model, matrix), model.classes)
}

/** Turns scores into probabilities in place, row after row. */
export function softmaxRows(scores: Float64Array, classes: number): Float64Array {
  for (let at = 0; at < scores.length; at += classes) softmax(scores, at, classes)
  return scores
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
