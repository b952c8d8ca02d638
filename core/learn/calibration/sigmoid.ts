/** `p = 1 / (1 + exp(slope · score + intercept))`: the slope of a sensible score is negative. */
export interface Sigmoid {
  readonly method: 'sigmoid'
  readonly slope: number
  readonly intercept: number
}

const MAX_STEPS = 200
/** Of the gradient for each row: far below what scikit-learn's solver stops at. */
const TOLERANCE = 1e-12
/** Scores beyond are scaled for the fit, as scikit-learn does; about logit(double's epsilon). */
const LARGEST_SCORE = 30

/**
 * Platt's calibration of one class's scores as scikit-learn's CalibratedClassifierCV: logistic regression of smoothed targets
 * (Platt, Probabilistic outputs for support vector machines, 1999, 2.2), by Newton steps with a line search (Lin, Lin & Weng,
 * A note on Platt's probabilistic outputs for support vector machines, 2007).
 *
 * @param positive 1 for rows of the class, 0 for others; `weights` one a row, 1 by default
 */
export function fitSigmoid(scores: Float64Array, positive: Uint8Array, weights?: Float64Array): Sigmoid {
  const largest = scores.reduce((most, score) => Math.max(most, Math.abs(score)), 0)
  const scale = largest >= LARGEST_SCORE ? largest : 1
  const sums = [0, 0]
  for (let row = 0; row < scores.length; row++) sums[positive[row]!]! += weights?.[row] ?? 1
  const [others, own] = sums as [number, number]
  const targets = [1 / (others + 2), (own + 1) / (own + 2)]
  const total = others + own

  const lossAt = (slope: number, intercept: number) => {
    let loss = 0
    for (let row = 0; row < scores.length; row++) {
      const z = (slope * scores[row]!) / scale + intercept
      // -t ln p - (1 - t) ln(1 - p), with p = 1 / (1 + exp(z)).
      const t = targets[positive[row]!]!
      loss += (weights?.[row] ?? 1) * (Math.log1p(Math.exp(-Math.abs(z))) + (z < 0 ? (t - 1) * z : t * z))
    }
    return loss
  }

  let [slope, intercept] = [0, Math.log((others + 1) / (own + 1))]
  let loss = lossAt(slope, intercept)
  for (let step = 0; step < MAX_STEPS; step++) {
    // The Hessian is kept from being singular when all scores are one.
    let [saa, sab, sbb, ga, gb] = [1e-12, 0, 1e-12, 0, 0]
    for (let row = 0; row < scores.length; row++) {
      const score = scores[row]! / scale
      const z = slope * score + intercept
      const p = 1 / (1 + Math.exp(z))
      const weight = weights?.[row] ?? 1
      const error = weight * (targets[positive[row]!]! - p)
      const bend = weight * p * (1 - p)
      ga += error * score
      gb += error
      saa += bend * score * score
      sab += bend * score
      sbb += bend
    }
    if (Math.max(Math.abs(ga), Math.abs(gb)) <= TOLERANCE * total) break
    const determinant = saa * sbb - sab * sab
    const [da, db] = [(sab * gb - sbb * ga) / determinant, (sab * ga - saa * gb) / determinant]
    let length = 1
    let next = lossAt(slope + da, intercept + db)
    while (!(next <= loss + 1e-4 * length * (ga * da + gb * db)) && length > 1e-10) {
      length /= 2
      next = lossAt(slope + length * da, intercept + length * db)
    }
    if (!(next < loss)) break
    slope += length * da
    intercept += length * db
    loss = next
  }
  return { method: 'sigmoid', slope: slope / scale, intercept }
}

export function applySigmoid({ slope, intercept }: Sigmoid, score: number): number {
  return 1 / (1 + Math.exp(slope * score + intercept))
}
