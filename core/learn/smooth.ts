import { type Pace, WORK_A_LOOK } from './control.ts'
import type { Problem } from './lbfgs.ts'
import type { BlockLoss } from './losses.ts'
import type { SparseMatrix } from './matrix.ts'
import { addRows, multiplyRows } from './products.ts'

/** Rows whose scores are kept between the two products; they fit the nearest cache with any number of classes below 100. */
const BLOCK_ROWS = 256

export interface SmoothFit {
  readonly matrix: SparseMatrix
  /** Scores a row. */
  readonly width: number
  readonly loss: BlockLoss
  /** The factor of `½‖w‖²`; the intercepts are never penalised. */
  readonly ridge: number
  readonly fitIntercept: boolean
  /** Multiplies each feature, as `features × width`: what is penalised is the weight of the scaled feature. */
  readonly scale?: Float64Array | undefined
  /** About the loss's second derivative, summed over rows, for each score: `width` numbers. */
  readonly curvature: Float64Array
  readonly pace: Pace
}

/** The problem as L-BFGS takes it, and the way between its parameters and a model's weights. */
export interface SmoothProblem extends Problem {
  /** Of a problem whose features are not scaled. */
  toParameters(weights: Float64Array): Float64Array
  /** Feature-major, of the features as they are, `(columns + 1) × width`; intercepts last. */
  toWeights(parameters: Float64Array): Float64Array
}

/**
 * `Σ loss(row · w + b) + ridge · ½‖w‖²` as L-BFGS takes it. The parameters are the feature-major weights of the scaled
 * features, then `width` intercepts of the centred ones: a row's score is `(row - mean) · w + intercept`. As it stands an
 * intercept pulls against the weights of every frequent word, so that it is the last to settle; centred, it hardly does, and
 * AG News takes 17 evaluations where it took 26. The matrix stays sparse: what the means add to a score is the same for every
 * row. Intercepts stay at 0 when none are to be fitted.
 */
export function smoothProblem(fit: SmoothFit): SmoothProblem {
  const { matrix, width, loss, ridge, fitIntercept, scale, pace } = fit
  const { rows, columns } = matrix
  const weights = columns * width
  const means = fitIntercept ? meansOf(matrix) : undefined
  const scores = new Float64Array(BLOCK_ROWS * width)
  const applied = new Float64Array(weights + width)
  const workARow = 2 * width * (1 + matrix.indptr[rows]! / rows)

  const evaluate = async (x: Float64Array, gradient: Float64Array) => {
    applyTo(applied, x)
    gradient.fill(0)
    let sum = 0
    let work = 0
    for (let from = 0; from < rows; from += BLOCK_ROWS) {
      const to = Math.min(from + BLOCK_ROWS, rows)
      multiplyRows(matrix, applied, width, from, to, scores)
      sum += loss(scores, from, to)
      addRows(matrix, scores, width, from, to, gradient)
      work += workARow * (to - from)
      if (work > WORK_A_LOOK) {
        work = 0
        await pace.turn()
      }
    }
    if (means !== undefined) moveGradient(gradient, means, width)
    if (scale !== undefined) multiplyEach(gradient, scale)
    const squares = penalise(x, gradient, weights, ridge)
    if (!fitIntercept) gradient.fill(0, weights)
    return sum + (ridge / 2) * squares
  }
  const applyTo = (weights: Float64Array, x: Float64Array) => {
    weights.set(x)
    if (scale !== undefined) multiplyEach(weights, scale)
    if (means !== undefined) moveIntercepts(weights, means, width, -1)
  }
  return {
    size: weights + width,
    evaluate,
    curvature: curvatureOf(fit, means),
    toParameters(of) {
      const x = of.slice()
      if (means !== undefined) moveIntercepts(x, means, width, 1)
      return x
    },
    toWeights(x) {
      applyTo(applied, x)
      return applied.slice()
    },
  }
}

function meansOf({ rows, columns, indptr, indices, values }: SparseMatrix): Float64Array {
  const means = new Float64Array(columns)
  for (let i = 0; i < indptr[rows]!; i++) means[indices[i]!]! += values[i]!
  for (let j = 0; j < columns; j++) means[j]! /= rows
  return means
}

/** `intercepts += factor · Σ mean · weights`. */
function moveIntercepts(weights: Float64Array, means: Float64Array, width: number, factor: number): void {
  const last = means.length * width
  for (let k = 0; k < width; k++) {
    let sum = 0
    for (let j = 0, at = k; j < means.length; j++, at += width) sum += means[j]! * weights[at]!
    weights[last + k]! += factor * sum
  }
}

/** The chain rule of {@link moveIntercepts} by -1: the gradient by the weights loses `mean · intercepts' gradient`. */
function moveGradient(gradient: Float64Array, means: Float64Array, width: number): void {
  const last = means.length * width
  for (let k = 0; k < width; k++) {
    const part = gradient[last + k]!
    for (let j = 0, at = k; j < means.length; j++, at += width) gradient[at]! -= part * means[j]!
  }
}

function multiplyEach(weights: Float64Array, scale: Float64Array): void {
  for (let i = 0; i < scale.length; i++) weights[i]! *= scale[i]!
}

/** Adds the penalty's part to the gradient and returns the weights' sum of squares. A loop of its own: see lbfgs.ts. */
function penalise(x: Float64Array, gradient: Float64Array, weights: number, ridge: number): number {
  let squares = 0
  for (let i = 0; i < weights; i++) {
    const part = x[i]!
    squares += part * part
    gradient[i]! += ridge * part
  }
  return squares
}

/** The diagonal of the Hessian if the loss bent everywhere as `curvature` says. */
function curvatureOf(
  { matrix, width, ridge, scale, curvature }: SmoothFit,
  means: Float64Array | undefined,
): Float64Array {
  const { rows, columns, indptr, indices, values } = matrix
  const squares = new Float64Array(columns)
  for (let i = 0; i < indptr[rows]!; i++) squares[indices[i]!]! += values[i]! * values[i]!
  const diagonal = new Float64Array((columns + 1) * width)
  for (let j = 0, at = 0; j < columns; j++) {
    const mean = means?.[j] ?? 0
    // Rounding may bring the variance of a constant below 0.
    const square = Math.max(squares[j]! / rows - mean * mean, 0)
    for (let k = 0; k < width; k++, at++) {
      const factor = scale === undefined ? 1 : scale[at]! * scale[at]!
      // A feature that no row has, without a penalty: its gradient is 0, and so is its step, whatever stands here.
      diagonal[at] = ridge + curvature[k]! * square * factor || 1
    }
  }
  diagonal.set(curvature, columns * width)
  return diagonal
}
