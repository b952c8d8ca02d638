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
/** The share of the decrease that the slope promises which a step must bring (the same book, 3.1). */
const DECREASE = 1e-4
/** Trials of one line search: after so many halvings a step no longer changes a double. */
const MAX_TRIALS = 60
/** Near the minimum, values differ by less than their own rounding: a rise within it is no rise. */
const ROUNDING = 1e-14

/**
 * Minimises by L-BFGS from the origin (Nocedal & Wright, algorithms 7.4 and 7.5, with a backtracking line search),
 * deterministic to the bit.
 *
 * @throws PressroomError `cancelled` when the signal aborts.
 */
export async function minimise(objective: Objective, size: number, limits: Limits): Promise<Minimum> {
  const start = { x: new Float64Array(size), gradient: new Float64Array(size) }
  let point: Point = { ...start, value: objective(start.x, start.gradient) }
  const history: Pair[] = []
  for (let iterations = 0; ; iterations++) {
    const { x, value } = point
    if (largestPart(point.gradient) <= limits.tolerance) return { x, value, iterations, converged: true }
    if (iterations >= limits.maxIterations) return { x, value, iterations, converged: false }
    await setImmediate()
    if (limits.signal?.aborted) throw new PressroomError('cancelled', 'the fit was cancelled')

    const next = search(objective, point, descent(point.gradient, history))
    if (next === undefined) return { x, value, iterations, converged: false }
    remember(history, point, next)
    point = next
  }
}

interface Point {
  readonly x: Float64Array
  readonly gradient: Float64Array
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
 * The first point of steps 1, 1/2, 1/4, … along `direction` that lies low enough, or undefined when doubles cannot tell
 * one. That a step is not too short needs no check, as it would for functions that are not convex.
 */
function search(objective: Objective, from: Point, direction: Float64Array): Point | undefined {
  const slope = dot(from.gradient, direction)
  const enough = (length: number) => from.value + DECREASE * length * slope + ROUNDING * Math.abs(from.value)
  const x = new Float64Array(from.x.length)
  const gradient = new Float64Array(from.x.length)
  for (let trial = 0, length = 1; trial < MAX_TRIALS; trial++, length /= 2) {
    x.set(from.x)
    add(x, length, direction)
    const value = objective(x, gradient)
    if (value <= enough(length)) return { x, gradient, value }
  }
  return undefined
}

function remember(history: Pair[], from: Point, to: Point): void {
  const step = to.x.map((part, i) => part - from.x[i]!)
  const change = to.gradient.map((part, i) => part - from.gradient[i]!)
  const curvature = dot(step, change)
  // A convex function bends upwards, but rounding can hide it.
  if (curvature > 0) history.push({ step, change, curvature })
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
