import { setImmediate } from 'node:timers/promises'
import { PressroomError } from '../errors.ts'

/** A smooth convex function: writes its gradient at `x` over `gradient` and returns its value. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number

export interface Limits {
  readonly maxIterations: number
  /** The largest part of the gradient at which the search ends. */
  readonly tolerance: number
  /** Looked at between iterations, each of which gives the event loop a turn. */
  readonly signal?: AbortSignal | undefined
}

export interface Minimum {
  readonly x: Float64Array
  readonly value: number
  readonly iterations: number
  /** Whether the gradient reached the tolerance; false when iterations, or the precision of a double, ran out. */
  readonly converged: boolean
}

/** Steps remembered; more than about ten rarely help (Nocedal & Wright, Numerical Optimization, 2nd ed., 7.2). */
const MEMORY = 10
/** The Wolfe conditions' constants that the same book recommends for quasi-Newton methods (3.1). */
const DECREASE = 1e-4
const CURVATURE = 0.9
/** Trials of one line search; each halves or doubles the step, so that more could not change a double. */
const MAX_TRIALS = 60
/** Near the minimum, values differ by less than their own rounding: a rise within it is no rise. */
const ROUNDING = 1e-14

/**
 * Minimises by L-BFGS from the origin (Nocedal & Wright, algorithms 7.4 and 7.5), deterministic to the bit.
 *
 * @throws PressroomError `cancelled` when the signal aborts.
 */
export async function minimise(objective: Objective, size: number, limits: Limits): Promise<Minimum> {
  let x = new Float64Array(size)
  let gradient = new Float64Array(size)
  let value = objective(x, gradient)
  const history: Pair[] = []
  for (let iterations = 0; ; iterations++) {
    if (largestPart(gradient) <= limits.tolerance) return { x, value, iterations, converged: true }
    if (iterations >= limits.maxIterations) return { x, value, iterations, converged: false }
    await setImmediate()
    if (limits.signal?.aborted) throw new PressroomError('cancelled', 'the fit was cancelled')

    const direction = descent(gradient, history)
    const next = search(objective, x, value, gradient, direction)
    if (next === undefined) return { x, value, iterations, converged: false }
    remember(history, next, x, gradient)
    x = next.x
    gradient = next.gradient
    value = next.value
  }
}

interface Point {
  readonly x: Float64Array<ArrayBuffer>
  readonly gradient: Float64Array<ArrayBuffer>
  readonly value: number
}

/** One step of the past: how far it went, and by how much the gradient changed. */
interface Pair {
  readonly step: Float64Array
  readonly change: Float64Array
  readonly curvature: number
}

/** Algorithm 7.4: the inverse Hessian that `history` implies, times minus the gradient. */
function descent(gradient: Float64Array, history: readonly Pair[]): Float64Array {
  const direction = gradient.map(part => -part)
  const shares = history.map(() => 0)
  for (let i = history.length - 1; i >= 0; i--) {
    const { step, change, curvature } = history[i]!
    shares[i] = dot(step, direction) / curvature
    add(direction, -shares[i]!, change)
  }
  const last = history.at(-1)
  if (last !== undefined) {
    const scale = last.curvature / dot(last.change, last.change)
    for (let i = 0; i < direction.length; i++) direction[i]! *= scale
  }
  for (let i = 0; i < history.length; i++) {
    const { step, change, curvature } = history[i]!
    add(direction, shares[i]! - dot(change, direction) / curvature, step)
  }
  return direction
}

/**
 * A point along `direction` that meets the weak Wolfe conditions, found by bisection (Lewis & Overton, Nonsmooth
 * optimization via quasi-Newton methods, 2013, algorithm 4.6), or undefined when doubles cannot tell it apart.
 */
function search(
  objective: Objective,
  x: Float64Array,
  value: number,
  gradient: Float64Array,
  direction: Float64Array,
): Point | undefined {
  const slope = dot(gradient, direction)
  if (!(slope < 0)) return undefined
  const trial = { x: new Float64Array(x.length), gradient: new Float64Array(x.length) }
  let low = 0
  let high = Infinity
  let length = 1
  for (let i = 0; i < MAX_TRIALS; i++) {
    trial.x.set(x)
    add(trial.x, length, direction)
    const reached = objective(trial.x, trial.gradient)
    if (!(reached <= value + DECREASE * length * slope + ROUNDING * Math.abs(value))) high = length
    else if (dot(trial.gradient, direction) < CURVATURE * slope) low = length
    else return { ...trial, value: reached }
    length = high === Infinity ? 2 * low : (low + high) / 2
  }
  return undefined
}

function remember(history: Pair[], next: Point, x: Float64Array, gradient: Float64Array): void {
  const step = next.x.map((part, i) => part - x[i]!)
  const change = next.gradient.map((part, i) => part - gradient[i]!)
  history.push({ step, change, curvature: dot(step, change) })
  if (history.length > MEMORY) history.shift()
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** `to += factor * by`. */
function add(to: Float64Array, factor: number, by: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * by[i]!
}

function largestPart(vector: Float64Array): number {
  return vector.reduce((largest, part) => Math.max(largest, Math.abs(part)), 0)
}
