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

/**
 * `Σ loss(row · w + b) + ridge · ½‖w‖²` as L-BFGS takes it. The parameters are the feature-major weights, then `width`
 * intercepts, which stay where they are when none are to be fitted.
 */
export function smoothProblem(fit: SmoothFit): Problem {
  const { matrix, width, loss, ridge, fitIntercept, scale, pace } = fit
  const { rows, columns } = matrix
  const weights = columns * width
  const scores = new Float64Array(BLOCK_ROWS * width)
  const scaled = scale === undefined ? undefined : new Float64Array(weights + width)
  const workARow = 2 * width * (1 + matrix.indptr[rows]! / rows)

  const evaluate = async (x: Float64Array, gradient: Float64Array) => {
    const applied = scaled ?? x
    if (scaled !== undefined) {
      for (let i = 0; i < weights; i++) scaled[i] = scale![i]! * x[i]!
      for (let i = weights; i < scaled.length; i++) scaled[i] = x[i]!
    }
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
    if (scale !== undefined) for (let i = 0; i < weights; i++) gradient[i]! *= scale[i]!
    const squares = penalise(x, gradient, weights, ridge)
    if (!fitIntercept) gradient.fill(0, weights)
    return sum + (ridge / 2) * squares
  }
  return { size: weights + width, evaluate, curvature: curvatureOf(fit) }
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
function curvatureOf({ matrix, width, ridge, scale, curvature }: SmoothFit): Float64Array {
  const { rows, columns, indptr, indices, values } = matrix
  const squares = new Float64Array(columns)
  for (let i = 0; i < indptr[rows]!; i++) squares[indices[i]!]! += values[i]! * values[i]!
  const diagonal = new Float64Array((columns + 1) * width)
  for (let j = 0, at = 0; j < columns; j++) {
    const square = squares[j]! / rows
    for (let k = 0; k < width; k++, at++) {
      const factor = scale === undefined ? 1 : scale[at]! * scale[at]!
      // A feature that no row has, without a penalty: its gradient is 0, and so is its step, whatever stands here.
      diagonal[at] = ridge + curvature[k]! * square * factor || 1
    }
  }
  diagonal.set(curvature, columns * width)
  return diagonal
}
