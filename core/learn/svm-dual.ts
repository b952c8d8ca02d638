import { shuffleFast } from '../random.ts'
import { WORK_A_LOOK } from './control.ts'
import type { Solved } from './grouped-fit.ts'
import { addRow, dotRow } from './row-products.ts'
import { type DualFit, type DualState, ROW, type Run, startOf, stateOf, weightsOf } from './svm-dual-run.ts'

/**
 * Steps go so much further than to the minimum of one coordinate: successive over-relaxation, which converges for any factor
 * below 2 (Mangasarian & Musicant, Successive overrelaxation for support vector machines, 1999). On AG News 1.2 to 1.5 save
 * a fifth of the epochs.
 */
const RELAXATION = 1.3
/** Epochs before that: the first ones are far from where a straight step leads. */
const PLAIN_EPOCHS = 3
/** A step that no double of the weights would notice. */
const NO_STEP = 1e-14

/**
 * `½‖w‖² + Σ weight · max(0, 1 - y · score)` (or its square) for one class against the others, by dual coordinate descent
 * with shrinking, as LIBLINEAR (Hsieh, Chang, Lin, Keerthi & Sundararajan, A dual coordinate descent method for large-scale
 * linear SVM, ICML 2008), whose stopping rule this is too: the projected gradients of all rows, in units of the margin, lie
 * within `tol` of one another. One class at a time, for each soon needs a third of the rows, and not the same.
 */
export async function descendDual(
  fit: DualFit,
  start: DualState | Float64Array | undefined,
): Promise<Solved> {
  const run = startOf(fit, start)
  const ended = (converged: boolean) => {
    return { weights: weightsOf(run), loss: objectiveOf(fit, run), iterations: run.epoch, converged }
  }
  while (run.epoch < fit.maxIter) {
    await sweep(fit, run)
    run.epoch++
    if (run.most - run.least <= fit.tol && !bringBack(fit, run)) return ended(true)
    if (run.epoch === fit.maxIter) break
    fit.onIteration?.(
      run.epoch,
      () => penaltyOf(fit, run) + run.loss + run.left,
      () => stateOf(run),
    )
  }
  return ended(false)
}

/** What one epoch has seen so far. */
interface Seen {
  kept: number
  least: number
  most: number
  /** Of the rows that are kept, as each was met, before its own step. */
  loss: number
  /** Of those left out. */
  left: number
  /** Of no meaning, but that what is fetched early is used. */
  fetched: number
}

async function sweep(fit: DualFit, run: Run): Promise<void> {
  const { matrix, pace } = fit
  run.random = shuffleFast(run.order, run.active, run.random)
  const work = 4 * (matrix.indptr[matrix.rows]! + matrix.rows)
  const chunk = Math.ceil((WORK_A_LOOK * matrix.rows) / work)
  const seen: Seen = { kept: 0, least: Infinity, most: -Infinity, loss: 0, left: run.left, fetched: 0 }
  for (let from = 0; from < run.active; from += chunk) {
    sweepRows(fit, run, from, Math.min(from + chunk, run.active), seen)
    await pace.turn()
  }
  run.active = seen.kept
  run.left = seen.left
  run.loss = seen.loss
  const still = seen.least > seen.most
  run.least = still ? 0 : seen.least
  run.most = still ? 0 : seen.most
}

function sweepRows(
  { matrix, interceptScaling }: DualFit,
  run: Run,
  from: number,
  to: number,
  seen: Seen,
): void {
  const { indptr, indices, values } = matrix
  const { rows, weights, shift, order } = run
  const square = interceptScaling * interceptScaling
  // Where the last epoch moved none of them up, or down, it says nothing about how far is far.
  const lower = run.least < 0 ? run.least : -Infinity
  const upper = run.most > 0 ? run.most : Infinity
  const relaxation = run.epoch < PLAIN_EPOCHS ? 1 : RELAXATION
  let { intercept } = run
  let { kept, least, most, loss, left, fetched } = seen
  let row = order[from]!
  let start = indptr[row]!
  for (let o = from; o < to; o++) {
    const end = indptr[row + 1]!
    // Rows lie far apart. Asked for now, the next one is there when its turn comes: a tenth of the time.
    const nextRow = o + 1 < to ? order[o + 1]! : row
    const nextStart = indptr[nextRow]!
    fetched += values[nextStart]! * indices[nextStart]! + rows[nextRow * ROW.size]!

    const at = row * ROW.size
    const alpha = rows[at + ROW.alpha]!
    const step = rows[at + ROW.step]!
    const bound = rows[at + ROW.bound]!
    const bend = rows[at + ROW.bend]!
    const sign = step < 0 ? -1 : 1
    const gap = 1 - sign * (dotRow(weights, shift, indices, values, start, end) + intercept)
    const gradient = bend * alpha - gap
    const own = lossOf(gap, bend, bound)
    const rests = (alpha === 0 && gradient >= 0) || (alpha === bound && gradient <= 0)
    if (!rests || (gradient <= upper && gradient >= lower)) {
      // What is kept moves to the front; what is left out, behind it, for the end to find.
      order[o] = order[kept]!
      order[kept++] = row
      loss += own
    } else left += own
    if (!rests) {
      if (gradient > most) most = gradient
      if (gradient < least) least = gradient
      const next = Math.min(Math.max(alpha - relaxation * gradient * sign * step, 0), bound)
      const change = sign * (next - alpha)
      // However short: an alpha that stays a last digit from its bound would never rest.
      rows[at + ROW.alpha] = next
      if (Math.abs(change) >= NO_STEP) {
        addRow(weights, shift, indices, values, start, end, change)
        intercept += change * square
      }
    }
    row = nextRow
    start = nextStart
  }
  run.intercept = intercept
  Object.assign(seen, { kept, least, most, loss, left, fetched })
}

/**
 * Looks at the rows that were left out, now that the others rest: whether, with those that would move, the gradients still lie
 * within the tolerance. Otherwise these are looked at again from now on.
 */
function bringBack(fit: DualFit, run: Run): boolean {
  const { rows, order } = run
  let { least, most } = run
  let back = run.active
  let left = 0
  for (let o = run.active; o < order.length; o++) {
    const row = order[o]!
    const at = row * ROW.size
    const alpha = rows[at + ROW.alpha]!
    const bend = rows[at + ROW.bend]!
    const gap = gapOf(fit, run, row)
    const gradient = bend * alpha - gap
    if (alpha === 0 ? gradient >= 0 : gradient <= 0) {
      left += lossOf(gap, bend, rows[at + ROW.bound]!)
      continue
    }
    order[o] = order[back]!
    order[back++] = row
    if (gradient > most) most = gradient
    if (gradient < least) least = gradient
  }
  if (most - least <= fit.tol) return false
  run.active = back
  run.left = left
  run.least = -Infinity
  run.most = Infinity
  return true
}

/** How far a row falls short of its margin: `1 - y · score`. */
function gapOf({ matrix }: DualFit, { rows, weights, shift, intercept }: Run, row: number): number {
  const { indptr, indices, values } = matrix
  const sign = rows[row * ROW.size + ROW.step]! < 0 ? -1 : 1
  const score = dotRow(weights, shift, indices, values, indptr[row]!, indptr[row + 1]!) + intercept
  return 1 - sign * score
}

/** What a row adds to the loss that is so far from its margin: the row's weight is its bound, or half of what its bend divides. */
function lossOf(gap: number, bend: number, bound: number): number {
  if (gap <= 0) return 0
  return bend > 0 ? (gap * gap) / (2 * bend) : bound * gap
}

/** `½‖w‖²` of the scaled features, the intercept's among them. */
function penaltyOf({ scale, interceptScaling }: DualFit, { weights, shift, intercept }: Run): number {
  let sum = interceptScaling === 0 ? 0 : (intercept / interceptScaling) ** 2
  for (let j = 0; j < weights.length >> shift; j++) {
    const factor = scale === undefined ? 1 : scale[j]!
    if (factor !== 0) sum += (weights[j << shift]! / factor) ** 2
  }
  return sum / 2
}

/** The objective that {@link descendDual} minimises, where it ended. */
function objectiveOf(fit: DualFit, run: Run): number {
  const { rows } = run
  let sum = penaltyOf(fit, run)
  for (let row = 0, at = 0; row < fit.matrix.rows; row++, at += ROW.size) {
    sum += lossOf(gapOf(fit, run, row), rows[at + ROW.bend]!, rows[at + ROW.bound]!)
  }
  return sum
}
