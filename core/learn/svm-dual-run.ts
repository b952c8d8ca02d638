import type { Pace } from './control.ts'
import type { Lanes } from './lanes.ts'
import type { SparseMatrix } from './matrix.ts'
import { addRow, dotRow } from './row-products.ts'

export interface DualFit {
  readonly matrix: SparseMatrix
  readonly labels: Int32Array
  /** One problem, of width 1. The row weights hold `c`. */
  readonly lane: Lanes
  readonly loss: 'squared_hinge' | 'hinge'
  /** What the intercept is multiplied by, a feature as any other; 0 fits none. */
  readonly interceptScaling: number
  /** Multiplies each feature: what is penalised is the weight of the scaled feature. */
  readonly scale?: Float64Array | undefined
  /** `‖x‖²` of each row's scaled features. */
  readonly norms: Float64Array
  readonly tol: number
  readonly maxIter: number
  readonly seed: number
  readonly pace: Pace
  /**
   * `loss` gives the objective as the epoch met it: each row before its own step, and what was left out as it was met last. So it
   * costs next to nothing. It is called after every epoch but the last.
   */
  readonly onIteration?: ((epoch: number, loss: () => number, copy: () => DualState) => void) | undefined
}

/** Where the descent stands between two epochs. Plain data; going on from it gives the same bits. */
export interface DualState {
  readonly epoch: number
  /** One a row, from 0 to its bound. */
  readonly alphas: Float64Array
  /** Of the features as they are, not as scaled; the intercept last. */
  readonly weights: Float64Array
  /** Every row once; the first `active` of them are looked at. */
  readonly order: Int32Array
  readonly active: number
  /** The least and the largest gradient of the last epoch: rows beyond are left out, until the end. */
  readonly range: readonly [least: number, most: number]
  readonly random: number
  /** The loss of the rows that are left out, as they were met last. */
  readonly left: number
}

/** What a row needs, side by side: rows are taken in random order, and each place of its own is a wait for memory. */
export const ROW = { alpha: 0, step: 1, bend: 2, bound: 3, size: 4 } as const

export interface Run {
  epoch: number
  /**
   * A row's alpha; `1 / (‖x‖² + bend)`, the length of its step, with the sign of its side; and the `bend` and `bound` of its
   * alpha, of which the squared hinge has the one, the hinge the other.
   */
  readonly rows: Float64Array
  /** The weight of each feature; where features are scaled, each followed by the square of its scale. */
  readonly weights: Float64Array
  readonly shift: 0 | 1
  intercept: number
  readonly order: Int32Array
  active: number
  least: number
  most: number
  random: number
  /** Of the last epoch's rows that are still looked at. */
  loss: number
  left: number
}

export function startOf(fit: DualFit, start: DualState | Float64Array | undefined): Run {
  const { matrix, scale, seed } = fit
  const shift = scale === undefined ? 0 : 1
  const weights = new Float64Array(matrix.columns << shift)
  if (scale !== undefined) for (let j = 0; j < scale.length; j++) weights[2 * j + 1] = scale[j]! * scale[j]!
  const fresh = { rows: rowsOf(fit), weights, shift } as const
  if (start !== undefined && !(start instanceof Float64Array)) {
    const { alphas, range, order, epoch, active, random, left } = start
    for (let row = 0; row < alphas.length; row++) fresh.rows[row * ROW.size + ROW.alpha] = alphas[row]!
    for (let j = 0; j < matrix.columns; j++) weights[j << shift] = start.weights[j]!
    const intercept = start.weights[matrix.columns]!
    return {
      ...fresh,
      epoch,
      active,
      random,
      left,
      loss: 0,
      intercept,
      order: order.slice(),
      least: range[0],
      most: range[1],
    }
  }
  const run: Run = {
    ...fresh,
    epoch: 0,
    intercept: 0,
    order: new Int32Array(matrix.rows).map((_, row) => row),
    active: matrix.rows,
    least: -Infinity,
    most: Infinity,
    random: seed,
    loss: 0,
    left: 0,
  }
  if (start !== undefined) warm(fit, run, start)
  return run
}

function rowsOf(fit: DualFit): Float64Array {
  const { matrix, loss, interceptScaling, norms } = fit
  const rows = new Float64Array(matrix.rows * ROW.size)
  for (let row = 0, at = 0; row < matrix.rows; row++, at += ROW.size) {
    const weight = weightOf(fit, row)
    const bounded = loss === 'hinge' || weight === 0
    const bend = bounded ? 0 : 0.5 / weight
    rows[at + ROW.bend] = bend
    rows[at + ROW.bound] = bounded ? weight : Infinity
    // An empty row without an intercept steps to its bound: its loss is the same whatever the weights.
    rows[at + ROW.step] = signOf(fit, row) / (norms[row]! + interceptScaling * interceptScaling + bend)
  }
  return rows
}

/** `‖x‖²` of each row, its features multiplied by `scale`. */
export function normsOf({ rows, indptr, indices, values }: SparseMatrix, scale?: Float64Array): Float64Array {
  const norms = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    let norm = 0
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
      const value = scale === undefined ? values[i]! : values[i]! * scale[indices[i]!]!
      norm += value * value
    }
    norms[row] = norm
  }
  return norms
}

/** The alphas that these weights would have at the optimum, and the weights that those give. */
function warm(fit: DualFit, run: Run, from: Float64Array): void {
  const { matrix, loss, interceptScaling } = fit
  const { indptr, indices, values } = matrix
  for (let row = 0; row < matrix.rows; row++) {
    const [start, end] = [indptr[row]!, indptr[row + 1]!]
    const [sign, weight] = [signOf(fit, row), weightOf(fit, row)]
    const gap = 1 - sign * (dotRow(from, 0, indices, values, start, end) + from[matrix.columns]!)
    const alpha = gap <= 0 ? 0 : loss === 'hinge' ? weight : 2 * weight * gap
    run.rows[row * ROW.size + ROW.alpha] = alpha
    addRow(run.weights, run.shift, indices, values, start, end, sign * alpha)
    run.intercept += sign * alpha * interceptScaling * interceptScaling
  }
}

function signOf({ labels, lane }: DualFit, row: number): number {
  return labels[row] === lane.first ? 1 : -1
}

function weightOf({ labels, lane }: DualFit, row: number): number {
  const { first, rowWeight, positive, negative } = lane
  return rowWeight[row]! * (labels[row] === first ? positive[0]! : negative[0]!)
}

/** The intercept last. */
export function weightsOf({ weights, shift, intercept }: Run): Float64Array {
  const columns = weights.length >> shift
  const all = new Float64Array(columns + 1)
  for (let j = 0; j < columns; j++) all[j] = weights[j << shift]!
  all[columns] = intercept
  return all
}

export function stateOf(run: Run): DualState {
  const { epoch, rows, order, active, least, most, random, left } = run
  const alphas = new Float64Array(order.length)
  for (let row = 0; row < alphas.length; row++) alphas[row] = rows[row * ROW.size + ROW.alpha]!
  return {
    epoch,
    alphas,
    weights: weightsOf(run),
    order: order.slice(),
    active,
    range: [least, most],
    random,
    left,
  }
}
