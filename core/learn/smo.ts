import { paceOf } from './control.ts'

/** A dual problem of a support vector machine: min ½αᵀQα - Σα, 0 ≤ αᵢ ≤ boundᵢ, Σ yᵢαᵢ = 0, where Qᵢⱼ = yᵢyⱼKᵢⱼ. */
export interface DualProblem {
  /** 1 or -1, one a row. */
  readonly signs: Float64Array
  /** Largest α of each row: C times its weight. */
  readonly bounds: Float64Array
  /** The diagonal of K. */
  readonly diagonal: Float64Array
  /** K's row `i`; it must stay as it is until `column` has been asked for two others. */
  column(i: number): Float64Array
}

export interface DualSolution {
  readonly alphas: Float64Array
  /** The decision value is Σ yᵢαᵢK(xᵢ, x) - rho. */
  readonly rho: number
  readonly iterations: number
  readonly converged: boolean
}

/** Curvature below this counts as this: LIBSVM's TAU. */
const LEAST_CURVATURE = 1e-12
const ITERATIONS_A_LOOK = 100

/**
 * Sequential minimal optimisation with second-order choice of the two rows to move, the method of LIBSVM: R.-E. Fan, P.-H. Chen and
 * C.-J. Lin, Working Set Selection Using Second Order Information, JMLR 6 (2005), 1889-1918, algorithms 1 and 2.
 * @param tolerance how far the optimality conditions may be off
 */
export async function solveDual(
  problem: DualProblem,
  {
    tolerance,
    maxIterations,
    signal,
  }: {
    readonly tolerance: number
    readonly maxIterations: number
    readonly signal?: AbortSignal | undefined
  },
): Promise<DualSolution> {
  const { signs, bounds, diagonal } = problem
  const rows = signs.length
  const pace = paceOf(signal)
  const alphas = new Float64Array(rows)
  const gradient = new Float64Array(rows).fill(-1)
  let iterations = 0
  let converged = false
  while (iterations < maxIterations) {
    if (iterations % ITERATIONS_A_LOOK === 0) await pace.turn()
    // The row that gains most by moving up.
    let i = -1
    let highest = -Infinity
    for (let t = 0; t < rows; t++) {
      const up = signs[t]! > 0 ? alphas[t]! < bounds[t]! : alphas[t]! > 0
      const gain = -signs[t]! * gradient[t]!
      if (up && gain > highest) {
        highest = gain
        i = t
      }
    }
    if (i === -1) {
      converged = true
      break
    }
    // The partner with which the objective falls most.
    const kernelI = problem.column(i)
    let j = -1
    let lowest = Infinity
    let best = Infinity
    for (let t = 0; t < rows; t++) {
      const down = signs[t]! > 0 ? alphas[t]! > 0 : alphas[t]! < bounds[t]!
      if (!down) continue
      const gain = -signs[t]! * gradient[t]!
      if (gain < lowest) lowest = gain
      const distance = highest - gain
      if (distance <= 0) continue
      const curvature = Math.max(diagonal[i]! + diagonal[t]! - 2 * kernelI[t]!, LEAST_CURVATURE)
      const change = -(distance * distance) / curvature
      if (change < best) {
        best = change
        j = t
      }
    }
    if (j === -1 || highest - lowest < tolerance) {
      converged = true
      break
    }
    step(i, j, kernelI, problem.column(j))
    iterations += 1
  }
  return { alphas, rho: rhoOf(), iterations, converged }

  /** Moves αᵢ and αⱼ along yᵀα = 0 to the best point within their bounds, and the gradient with them. */
  function step(i: number, j: number, kernelI: Float64Array, kernelJ: Float64Array): void {
    const curvature = Math.max(diagonal[i]! + diagonal[j]! - 2 * kernelI[j]!, LEAST_CURVATURE)
    const distance = -signs[i]! * gradient[i]! + signs[j]! * gradient[j]!
    const oldI = alphas[i]!
    const oldJ = alphas[j]!
    // In terms of yα both move by the same amount, one up, one down.
    const roomI = signs[i]! > 0 ? bounds[i]! - oldI : oldI
    const roomJ = signs[j]! > 0 ? oldJ : bounds[j]! - oldJ
    const wanted = distance / curvature
    const moved = Math.min(wanted, roomI, roomJ)
    // At a bound exactly: rounding must not leave a row almost, but not quite, at its end.
    alphas[i] = moved === roomI ? (signs[i]! > 0 ? bounds[i]! : 0) : oldI + signs[i]! * moved
    alphas[j] = moved === roomJ ? (signs[j]! > 0 ? 0 : bounds[j]!) : oldJ - signs[j]! * moved
    const changeI = signs[i]! * (alphas[i]! - oldI)
    const changeJ = signs[j]! * (alphas[j]! - oldJ)
    for (let t = 0; t < rows; t++) {
      gradient[t]! += signs[t]! * (kernelI[t]! * changeI + kernelJ[t]! * changeJ)
    }
  }

  /** The mean over rows between their bounds, or the middle of what the others allow. */
  function rhoOf(): number {
    let upper = Infinity
    let lower = -Infinity
    let sum = 0
    let free = 0
    for (let t = 0; t < rows; t++) {
      const value = signs[t]! * gradient[t]!
      if (alphas[t]! > 0 && alphas[t]! < bounds[t]!) {
        free += 1
        sum += value
      } else if (alphas[t] === 0 ? signs[t]! > 0 : signs[t]! < 0) upper = Math.min(upper, value)
      else lower = Math.max(lower, value)
    }
    return free > 0 ? sum / free : (upper + lower) / 2
  }
}
