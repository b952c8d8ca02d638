import { randomFrom, shuffle } from '../random.ts'
import { type Pace, WORK_A_LOOK } from './control.ts'
import type { LaneLoss } from './lane-losses.ts'
import type { Limits, Minimum, SearchState } from './lbfgs.ts'
import { byColumns, type SparseColumns, type SparseMatrix } from './matrix.ts'

export interface ProximalFit {
  readonly matrix: SparseMatrix
  readonly loss: LaneLoss
  /** Factors of `‖w‖₁` and `½‖w‖²`. */
  readonly l1: number
  readonly ridge: number
  /** What the intercept is multiplied by, and the factor of its absolute value; undefined fits none. */
  readonly intercept: { readonly value: number; readonly l1: number } | undefined
  readonly seed: number
  readonly pace: Pace
}

/** The share of the expected decrease that a step must bring, as in newGLMNET. */
const DECREASE = 0.01
/** Sweeps over the features that one quadratic model is worth. */
const MAX_SWEEPS = 50
/** A model is solved until its violations are this share of those it began with: then a new model is worth more. */
const INNER = 0.05
const MAX_TRIALS = 40

/**
 * Minimises `Σ loss + l1 ‖w‖₁ + ridge ½‖w‖²`, class after class: a quadratic model of the loss, solved by coordinate
 * descent, then a line search. That is newGLMNET (Yuan, Ho & Lin, An improved GLMNET for L1-regularized logistic
 * regression, JMLR 13, 2012), with glmnet's turn over the classes of a softmax (Friedman, Hastie & Tibshirani, 2010). An
 * iteration is one turn over all classes.
 *
 * Parameters are laid out as for L-BFGS: feature-major weights, then `width` intercepts.
 */
export async function minimiseProximal(
  fit: ProximalFit,
  start: Float64Array | SearchState,
  limits: Limits,
): Promise<Minimum> {
  const { matrix, loss, pace } = fit
  const { width } = loss
  const wider = fit.intercept === undefined ? matrix : withConstant(matrix, fit.intercept.value)
  await pace.turn()
  const columns = byColumns(wider)
  const from = start instanceof Float64Array ? { x: start, iterations: 0 } : start
  const x = from.x.slice()
  const workspace = workspaceOf(matrix.rows, columns.indptr.length - 1)
  for (let iterations = from.iterations; ; iterations++) {
    // From scratch each time: no rounding adds up, and going on from a state is the same as never having stopped.
    const value = loss.begin(await scoresOf(columns, x, matrix.rows, width, pace)) + penaltyOf(fit, x, width)
    if (iterations > from.iterations) {
      limits.onIteration?.(iterations, value, () => ({ x: x.slice(), iterations, history: [] }))
    }
    if (iterations >= limits.maxIterations) return { x, value, iterations, converged: false }
    const random = randomFrom(fit.seed + iterations)
    let violation = 0
    let moved = false
    for (let k = 0; k < width; k++) {
      const step = await newtonStep(fit, columns, x, k, limits.tolerance, workspace, random, pace)
      violation = Math.max(violation, step.violation)
      moved ||= step.moved
    }
    if (violation <= limits.tolerance) return { x, value, iterations, converged: true }
    if (!moved) return { x, value, iterations, converged: false }
  }
}

interface Workspace {
  readonly first: Float64Array
  readonly second: Float64Array
  readonly moves: Float64Array
  readonly gradient: Float64Array
  readonly bend: Float64Array
  readonly step: Float64Array
  readonly order: Int32Array
}

function workspaceOf(rows: number, features: number): Workspace {
  const [first, second, moves] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)]
  const [gradient, bend, step] = [
    new Float64Array(features),
    new Float64Array(features),
    new Float64Array(features),
  ]
  return { first, second, moves, gradient, bend, step, order: new Int32Array(features) }
}

/** One model of class `k`'s loss, its minimum, and a step towards it. `violation` is that of optimality before the step. */
async function newtonStep(
  fit: ProximalFit,
  columns: SparseColumns,
  x: Float64Array,
  k: number,
  tolerance: number,
  workspace: Workspace,
  random: ReturnType<typeof randomFrom>,
  pace: Pace,
): Promise<{ violation: number; moved: boolean }> {
  const { loss } = fit
  const { width } = loss
  const { first, second, moves, gradient, bend, step, order } = workspace
  const { indptr, indices, values } = columns
  const features = order.length
  loss.derive(k, first, second)
  moves.fill(0)
  step.fill(0)

  await pace.turn()
  let largest = 0
  let active = 0
  let work = 0
  for (let j = 0; j < features; j++) {
    const { l1, ridge } = penaltiesOf(fit, j)
    const weight = x[j * width + k]!
    let slope = ridge * weight
    let curve = ridge
    for (let i = indptr[j]!; i < indptr[j + 1]!; i++) {
      const row = indices[i]!
      const value = values[i]!
      slope += value * first[row]!
      curve += value * value * second[row]!
    }
    gradient[j] = slope
    bend[j] = curve
    const violation = violationOf(slope, weight, l1)
    largest = Math.max(largest, violation)
    // What lies at 0 with room to spare stays there for this model.
    if (weight !== 0 || violation > 0) order[active++] = j
    work += indptr[j + 1]! - indptr[j]!
    if (work > WORK_A_LOOK) {
      work = 0
      await pace.turn()
    }
  }
  if (largest <= tolerance) return { violation: largest, moved: false }

  const enough = Math.max(INNER * largest, tolerance / 10)
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    shuffle(order, active, random)
    let worst = 0
    for (let o = 0; o < active; o++) {
      const j = order[o]!
      // A feature that no row has, or on which no loss hangs any more.
      if (bend[j]! <= 0) continue
      const { l1, ridge } = penaltiesOf(fit, j)
      const weight = x[j * width + k]! + step[j]!
      const [begin, end] = [indptr[j]!, indptr[j + 1]!]
      let slope = gradient[j]! + ridge * step[j]!
      for (let i = begin; i < end; i++) slope += values[i]! * second[indices[i]!]! * moves[indices[i]!]!
      worst = Math.max(worst, violationOf(slope, weight, l1))
      const change = shrink(weight - slope / bend[j]!, l1 / bend[j]!) - weight
      if (change === 0) continue
      step[j]! += change
      for (let i = begin; i < end; i++) moves[indices[i]!]! += values[i]! * change
      work += end - begin
      if (work > WORK_A_LOOK) {
        work = 0
        await pace.turn()
      }
    }
    if (worst <= enough) break
  }

  let promised = 0
  for (let o = 0; o < active; o++) {
    const j = order[o]!
    const { l1 } = penaltiesOf(fit, j)
    const weight = x[j * width + k]!
    promised += gradient[j]! * step[j]! + l1 * (Math.abs(weight + step[j]!) - Math.abs(weight))
  }
  for (let trial = 0, length = 1; trial < MAX_TRIALS; trial++, length /= 2) {
    let growth = loss.growth(k, moves, length)
    for (let o = 0; o < active; o++) {
      const j = order[o]!
      const { l1, ridge } = penaltiesOf(fit, j)
      const weight = x[j * width + k]!
      const next = weight + length * step[j]!
      growth += l1 * (Math.abs(next) - Math.abs(weight)) + (ridge / 2) * (next * next - weight * weight)
    }
    if (growth > DECREASE * length * promised) continue
    loss.move(k, moves, length)
    for (let o = 0; o < active; o++) x[order[o]! * width + k]! += length * step[order[o]!]!
    return { violation: largest, moved: true }
  }
  return { violation: largest, moved: false }
}

/** The intercept is the feature after the last. */
function penaltiesOf({ matrix, l1, ridge, intercept }: ProximalFit, feature: number) {
  return feature < matrix.columns ? { l1, ridge } : { l1: intercept!.l1, ridge: 0 }
}

/** How far the subgradient nearest to 0 is from it. */
function violationOf(slope: number, weight: number, l1: number): number {
  if (weight > 0) return Math.abs(slope + l1)
  if (weight < 0) return Math.abs(slope - l1)
  return Math.max(0, Math.abs(slope) - l1)
}

function shrink(value: number, by: number): number {
  return value > by ? value - by : value < -by ? value + by : 0
}

function penaltyOf(fit: ProximalFit, x: Float64Array, width: number): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) {
    if (x[i] === 0) continue
    const feature = Math.floor(i / width)
    if (feature === fit.matrix.columns && fit.intercept === undefined) continue
    const { l1, ridge } = penaltiesOf(fit, feature)
    sum += l1 * Math.abs(x[i]!) + (ridge / 2) * x[i]! * x[i]!
  }
  return sum
}

async function scoresOf(
  columns: SparseColumns,
  x: Float64Array,
  rows: number,
  width: number,
  pace: Pace,
): Promise<Float64Array> {
  const { indptr, indices, values } = columns
  const scores = new Float64Array(rows * width)
  let work = 0
  for (let j = 0; j < indptr.length - 1; j++) {
    for (let k = 0; k < width; k++) {
      const weight = x[j * width + k]!
      if (weight === 0) continue
      for (let i = indptr[j]!; i < indptr[j + 1]!; i++)
        scores[indices[i]! * width + k]! += values[i]! * weight
      work += indptr[j + 1]! - indptr[j]!
    }
    if (work > WORK_A_LOOK) {
      work = 0
      await pace.turn()
    }
  }
  return scores
}

function withConstant({ rows, columns, indptr, indices, values }: SparseMatrix, value: number): SparseMatrix {
  const entries = indptr[rows]! + rows
  const wider = { indices: new Int32Array(entries), values: new Float64Array(entries) }
  for (let row = 0; row < rows; row++) {
    const [from, to] = [indptr[row]!, indptr[row + 1]!]
    wider.indices.set(indices.subarray(from, to), from + row)
    wider.values.set(values.subarray(from, to), from + row)
    wider.indices[to + row] = columns
    wider.values[to + row] = value
  }
  return { rows, columns: columns + 1, indptr: indptr.map((start, row) => start + row), ...wider }
}
