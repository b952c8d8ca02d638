import { countLabels } from './labels.ts'
import { minimise, type Objective } from './lbfgs.ts'
import { type LinearModel, softmax } from './linear-model.ts'
import type { SparseMatrix } from './matrix.ts'

export interface LogisticOptions {
  /** Inverse of the L2 penalty: larger fits the rows closer. */
  readonly c: number
  readonly maxIterations: number
  /** Largest part of the gradient of the objective divided by `c * rows` at which the fit ends; 1e-7 by default. */
  readonly tolerance?: number
  readonly signal?: AbortSignal
}

export interface LogisticFit extends LinearModel {
  /** The objective at the end. */
  readonly loss: number
  readonly iterations: number
  readonly converged: boolean
}

/**
 * Multinomial logistic regression with an L2 penalty, by L-BFGS to the one optimum of scikit-learn's objective,
 * `c · Σ log-loss + ½‖w‖²`, where intercepts are not penalised. The same rows give the same bits.
 *
 * `labels[row]` is a class from 0 to `classes - 1`. A class without a row gets a probability near 0.
 *
 * @throws PressroomError `too-few-classes` when the rows have fewer than two classes; `cancelled` when the signal aborts.
 */
export async function fitLogisticRegression(
  matrix: SparseMatrix,
  labels: Int32Array,
  classes: number,
  options: LogisticOptions,
): Promise<LogisticFit> {
  countLabels(labels, classes)
  const { c, maxIterations, tolerance = 1e-7, signal } = options
  const weights = matrix.columns * classes
  const scale = c * matrix.rows
  const objective = meanLoss(matrix, labels, classes, 1 / scale)
  const minimum = await minimise(objective, weights + classes, { maxIterations, tolerance, signal })
  return {
    classes,
    features: matrix.columns,
    coefficients: minimum.x.slice(0, weights),
    intercepts: minimum.x.slice(weights),
    loss: minimum.value * scale,
    iterations: minimum.iterations,
    converged: minimum.converged,
  }
}

/**
 * The mean log-loss of the rows plus `penalty · ½‖w‖²`: scikit-learn's objective divided by `c * rows`, so that one
 * tolerance suits any number of rows. The parameters are the feature-major weights, then the intercepts.
 */
function meanLoss(matrix: SparseMatrix, labels: Int32Array, classes: number, penalty: number): Objective {
  const { rows, columns, indptr, indices, values } = matrix
  const weights = columns * classes
  // scikit-learn fits two classes with one vector, the difference d of ours. At the optimum ours are d/2 and -d/2, whose
  // squares add up to only half of d's: the factor makes up for it.
  const strength = classes === 2 ? 2 * penalty : penalty
  const scores = new Float64Array(classes)
  return (x, gradient) => {
    const intercepts = x.subarray(weights)
    gradient.fill(0)
    let loss = 0
    for (let row = 0; row < rows; row++) {
      const label = labels[row]!
      const start = indptr[row]!
      const end = indptr[row + 1]!
      scores.set(intercepts)
      for (let i = start; i < end; i++) {
        const value = values[i]!
        const from = indices[i]! * classes
        for (let k = 0; k < classes; k++) scores[k]! += value * x[from + k]!
      }
      const score = scores[label]!
      loss += softmax(scores, 0, classes) - score
      scores[label]! -= 1
      for (let i = start; i < end; i++) {
        const value = values[i]!
        const from = indices[i]! * classes
        for (let k = 0; k < classes; k++) gradient[from + k]! += value * scores[k]!
      }
      for (let k = 0; k < classes; k++) gradient[weights + k]! += scores[k]!
    }
    let squares = 0
    for (let i = 0; i < weights; i++) {
      squares += x[i]! * x[i]!
      gradient[i] = gradient[i]! / rows + strength * x[i]!
    }
    for (let i = weights; i < gradient.length; i++) gradient[i]! /= rows
    return loss / rows + (strength / 2) * squares
  }
}
