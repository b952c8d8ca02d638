import { PressroomError } from '../errors.ts'

/** A smooth convex function of `size` numbers. */
export interface Problem {
  readonly size: number
  /** Writes the gradient at `x` over `gradient` and returns the value. */
  evaluate(x: Float64Array, gradient: Float64Array): number | Promise<number>
  /** Roughly the diagonal of the Hessian, above 0: the better it is, the fewer steps are needed. 1 everywhere by default. */
  readonly curvature?: Float64Array | undefined
}

export interface Limits {
  readonly maxIterations: number
  /** The largest part of the gradient at which the search ends. */
  readonly tolerance: number
  /**
   * And the share of the value that a Newton step by the curvature alone may still promise. A gradient says little where the
   * penalty is weak: between neighbours on a path along C it is small although the optimum is far. Default: any.
   */
  readonly decrease?: number | undefined
  /** Called after every step with the value there; `state` copies all that going on needs. */
  readonly onIteration?: ((iteration: number, value: number, state: () => SearchState) => void) | undefined
  /** Looked at before every step, and turns the event loop. */
  readonly turn?: (() => Promise<void> | undefined) | undefined
}

export interface Minimum {
  readonly x: Float64Array
  readonly value: number
  readonly iterations: number
  /** Whether the gradient reached the tolerance; false when iterations, or the precision of a double, ran out. */
  readonly converged: boolean
}

/** A search between two steps: going on from it gives the same bits as never having stopped. Plain data. */
export interface SearchState {
  readonly x: Float64Array
  readonly iterations: number
  readonly history: readonly Pair[]
}

/**
 * One step of the past: how far it went, and by how much the gradient changed. Single precision is enough for what only
 * guides the search, at half the memory, which is what limits its speed.
 */
interface Pair {
  readonly step: Float32Array
  readonly change: Float32Array
  /** Of the two as stored, so that what they imply stays positive. */
  readonly curvature: number
}

/** Steps remembered; more than about ten rarely help (Nocedal & Wright, Numerical Optimization, 2nd ed., 7.2). */
export const MEMORY = 8
/** The share of the decrease that the slope promises which a step must bring (the same book, 3.1). */
const DECREASE = 1e-4
/** Trials of one line search: after so many halvings a step no longer changes a double. */
const MAX_TRIALS = 60
/** Near the minimum, values differ by less than their own rounding: a rise within it is no rise. */
const ROUNDING = 1e-14

/**
 * Minimises by L-BFGS (Nocedal & Wright, algorithms 7.4 and 7.5, with a backtracking line search), deterministic to the bit.
 *
 * @throws PressroomError `invalid-parameter` when the function's value at the start is not finite.
 */
export async function minimise(
  problem: Problem,
  start: Float64Array | SearchState,
  limits: Limits,
): Promise<Minimum> {
  const from = start instanceof Float64Array ? { x: start, iterations: 0, history: [] } : start
  const history: Pair[] = [...from.history]
  const gradient = new Float64Array(problem.size)
  const direction = new Float64Array(problem.size)
  let point: Point = { x: from.x.slice(), gradient, value: await problem.evaluate(from.x, gradient) }
  if (!Number.isFinite(point.value)) {
    throw new PressroomError('invalid-parameter', 'the objective is not finite where the fit starts', {
      fix: 'give smaller weights, features or c',
    })
  }
  let spare: Omit<Point, 'value'> = {
    x: new Float64Array(problem.size),
    gradient: new Float64Array(problem.size),
  }
  for (let iterations = from.iterations; ; iterations++) {
    const { x, value } = point
    if (isOptimal(problem, point, limits)) return { x, value, iterations, converged: true }
    if (iterations >= limits.maxIterations) return { x, value, iterations, converged: false }
    await limits.turn?.()

    await descend(direction, point.gradient, history, problem.curvature, limits)
    const next = await search(problem, point, direction, spare)
    if (next === undefined) return { x, value, iterations, converged: false }
    remember(history, point, next)
    spare = point
    point = next
    limits.onIteration?.(iterations + 1, next.value, () => ({
      x: next.x.slice(),
      iterations: iterations + 1,
      history: history.map(pair => ({ ...pair, step: pair.step.slice(), change: pair.change.slice() })),
    }))
  }
}

function isOptimal({ curvature }: Problem, { gradient, value }: Point, limits: Limits): boolean {
  if (largestPart(gradient) > limits.tolerance) return false
  if (limits.decrease === undefined) return true
  return squared(gradient, curvature) / 2 <= limits.decrease * Math.abs(value)
}

interface Point {
  readonly x: Float64Array
  readonly gradient: Float64Array
  readonly value: number
}

/**
 * Algorithm 7.4: the inverse Hessian that `history` implies, times minus the gradient. Each pass over the direction ends one
 * update and takes the next one's product: what limits it is memory.
 */
async function descend(
  direction: Float64Array,
  gradient: Float64Array,
  history: readonly Pair[],
  curvature: Float64Array | undefined,
  { turn }: Limits,
): Promise<void> {
  negate(direction, gradient)
  const last = history.at(-1)
  const shares = new Float64Array(history.length)
  let product = last === undefined ? 0 : addThenDot(direction, 0, last.step, last.step)
  for (let i = history.length - 1; i >= 0; i--) {
    const { change, curvature } = history[i]!
    shares[i] = product / curvature
    product = addThenDot(direction, -shares[i]!, change, history[i - 1]?.step ?? change)
    await turn?.()
  }
  const scale = last === undefined ? 1 : last.curvature / squared(last.change, curvature)
  scaleEach(direction, scale, curvature)
  if (last === undefined) return
  product = addThenDot(direction, 0, last.change, history[0]!.change)
  for (let i = 0; i < history.length; i++) {
    const { step, curvature } = history[i]!
    product = addThenDot(direction, shares[i]! - product / curvature, step, history[i + 1]?.change ?? step)
    await turn?.()
  }
}

/**
 * The first point of steps 1, 1/2, 1/4, … along `direction` that lies low enough, or undefined when doubles cannot tell
 * one. That a step is not too short needs no check, as it would for functions that are not convex.
 */
async function search(
  problem: Problem,
  from: Point,
  direction: Float64Array,
  { x, gradient }: Omit<Point, 'value'>,
): Promise<Point | undefined> {
  const slope = dot(from.gradient, direction)
  const enough = (length: number) => from.value + DECREASE * length * slope + ROUNDING * Math.abs(from.value)
  for (let trial = 0, length = 1; trial < MAX_TRIALS; trial++, length /= 2) {
    stepFrom(x, from.x, length, direction)
    const value = await problem.evaluate(x, gradient)
    if (value <= enough(length)) return { x, gradient, value }
  }
  return undefined
}

function remember(history: Pair[], from: Point, to: Point): void {
  // The arrays of the pair that is forgotten hold the new one.
  const oldest = history.length >= MEMORY ? history.shift() : undefined
  const step = oldest?.step ?? new Float32Array(to.x.length)
  const change = oldest?.change ?? new Float32Array(to.x.length)
  subtract(step, to.x, from.x)
  subtract(change, to.gradient, from.gradient)
  const curvature = dotSingle(step, change)
  // A convex function bends upwards, but rounding can hide it.
  if (curvature > 0) history.push({ step, change, curvature })
}

/*
 * The loops over all weights, each a function of its own: V8 compiles a function that is called often, but of a loop in the
 * midst of a longer one, which waits for promises, the first fit of a process would run most uncompiled.
 */

function negate(to: Float64Array, of: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = -of[i]!
}

function scaleEach(vector: Float64Array, scale: number, curvature: Float64Array | undefined): void {
  if (curvature === undefined) for (let i = 0; i < vector.length; i++) vector[i]! *= scale
  else for (let i = 0; i < vector.length; i++) vector[i]! *= scale / curvature[i]!
}

function stepFrom(to: Float64Array, from: Float64Array, length: number, direction: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = from[i]! + length * direction[i]!
}

function subtract(to: Float32Array, a: Float64Array, b: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = a[i]! - b[i]!
}

function dotSingle(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** `Σ a² / weights`. */
function squared(a: Float32Array | Float64Array, weights: Float64Array | undefined): number {
  let sum = 0
  if (weights === undefined) for (let i = 0; i < a.length; i++) sum += a[i]! * a[i]!
  else for (let i = 0; i < a.length; i++) sum += (a[i]! * a[i]!) / weights[i]!
  return sum
}

/** `to += factor * by`, and then `to · other`; two sums, so that one addition need not wait for the last. */
function addThenDot(to: Float64Array, factor: number, by: Float32Array, other: Float32Array): number {
  let p = 0
  let q = 0
  const whole = to.length & ~1
  for (let i = 0; i < whole; i += 2) {
    const a = to[i]! + factor * by[i]!
    const b = to[i + 1]! + factor * by[i + 1]!
    to[i] = a
    to[i + 1] = b
    p += a * other[i]!
    q += b * other[i + 1]!
  }
  for (let i = whole; i < to.length; i++) {
    to[i]! += factor * by[i]!
    p += to[i]! * other[i]!
  }
  return p + q
}

function largestPart(vector: Float64Array): number {
  let largest = 0
  for (let i = 0; i < vector.length; i++) {
    const part = vector[i]!
    if (part > largest) largest = part
    else if (-part > largest) largest = -part
  }
  return largest
}
