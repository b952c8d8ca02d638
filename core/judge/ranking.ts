/** How one class is told from all others as the least probability to claim it falls; points in that order. */
export interface Ranking {
  /** Area under the ROC curve, 0 to 1; undefined when all rows are of the class, or none. */
  readonly rocAuc: number | undefined
  /** Mean precision over the recalls, Σ (Rₙ - Rₙ₋₁) Pₙ; undefined when no row is of the class. */
  readonly averagePrecision: number | undefined
  readonly points: readonly RankingPoint[]
}

export interface RankingPoint {
  /** Rows with at least this probability of the class are claimed. */
  readonly threshold: number
  readonly recall: number
  readonly falsePositiveRate: number
  readonly precision: number
}

/**
 * Ranks the rows by their probability of class `k` against their truth, one class against the rest: scikit-learn's `roc_curve`,
 * `roc_auc_score` and `average_precision_score`, a point for each distinct probability. `probabilities` is `rows × classes`.
 */
export function rankClass(
  labels: Int32Array,
  probabilities: Float64Array,
  classes: number,
  k: number,
): Ranking {
  return rank(
    labels.map(label => (label === k ? 1 : 0)),
    Float64Array.from(labels, (_, row) => probabilities[row * classes + k]!),
  )
}

/** The micro-average: every class of every row in one ranking, each against the rest. */
export function rankAll(labels: Int32Array, probabilities: Float64Array, classes: number): Ranking {
  const holds = new Int32Array(probabilities.length)
  labels.forEach((label, row) => {
    holds[row * classes + label] = 1
  })
  return rank(holds, probabilities)
}

function rank(holds: Int32Array, scores: Float64Array): Ranking {
  const order = Uint32Array.from(holds.keys()).sort((a, b) => scores[b]! - scores[a]!)
  const positives = holds.reduce((a, b) => a + b, 0)
  const negatives = holds.length - positives
  const points: RankingPoint[] = []
  let right = 0
  let wrong = 0
  let area = 0
  let averagePrecision = 0
  let lastRight = 0
  let lastWrong = 0
  order.forEach((row, i) => {
    if (holds[row] === 1) right += 1
    else wrong += 1
    const next = order[i + 1]
    if (next !== undefined && scores[next] === scores[row]) return
    const precision = right / (right + wrong)
    area += ((wrong - lastWrong) * (right + lastRight)) / 2
    averagePrecision += (right - lastRight) * precision
    lastRight = right
    lastWrong = wrong
    points.push({
      threshold: scores[row]!,
      recall: positives === 0 ? 0 : right / positives,
      falsePositiveRate: negatives === 0 ? 0 : wrong / negatives,
      precision,
    })
  })
  return {
    rocAuc: positives === 0 || negatives === 0 ? undefined : area / (positives * negatives),
    averagePrecision: positives === 0 ? undefined : averagePrecision / positives,
    points,
  }
}

/** At most `most` of the points, the first and the last among them, at even steps of recall and false positives together. */
export function thinned(points: readonly RankingPoint[], most: number): readonly RankingPoint[] {
  if (points.length <= most) return points
  const position = ({ recall, falsePositiveRate }: RankingPoint) => recall + falsePositiveRate
  const last = points.at(-1)!
  const kept = [points[0]!]
  for (const point of points.slice(1, -1)) {
    if (kept.length < most - 1 && position(point) >= (position(last) * kept.length) / (most - 1))
      kept.push(point)
  }
  return [...kept, last]
}
