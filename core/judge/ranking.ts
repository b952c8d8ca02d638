/** How one class is told from all others as the least probability to claim it falls. */
export interface Ranking {
  /** Area under the ROC curve, 0 to 1; undefined when all rows are of the class, or none. */
  readonly rocAuc: number | undefined
  /** Mean precision over the recalls, Σ (Rₙ - Rₙ₋₁) Pₙ; undefined when no row is of the class. */
  readonly averagePrecision: number | undefined
  /** The curve, thresholds falling. */
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
 * `roc_auc_score` and `average_precision_score`. `probabilities` is `rows × classes`.
 * @param most points of the curve, both ends among them, at even steps of recall and false positives together; 0, or 2 and more. Default
 * one for each distinct probability. The figures are of all rows whatever it is.
 */
export function rankClass(
  labels: Int32Array,
  probabilities: Float64Array,
  classes: number,
  k: number,
  most = Infinity,
): Ranking {
  const scores = new Float64Array(labels.length)
  let positives = 0
  let negatives = 0
  for (let row = 0; row < labels.length; row++) {
    const at = labels[row] === k ? positives++ : labels.length - ++negatives
    scores[at] = probabilities[row * classes + k]!
  }
  return rank(scores, positives, most)
}

/** The micro-average: every class of every row in one ranking, each against the rest. `most` as in {@link rankClass}. */
export function rankAll(
  labels: Int32Array,
  probabilities: Float64Array,
  classes: number,
  most = Infinity,
): Ranking {
  const scores = new Float64Array(probabilities.length)
  let others = labels.length
  for (let row = 0; row < labels.length; row++) {
    for (let k = 0; k < classes; k++) {
      scores[labels[row] === k ? row : others++] = probabilities[row * classes + k]!
    }
  }
  return rank(scores, labels.length, most)
}

/** @param scores those of the rows that are of the class, so many, before those of the others; sorts them */
function rank(scores: Float64Array, positives: number, most: number): Ranking {
  const negatives = scores.length - positives
  const held = scores.subarray(0, positives).sort()
  const others = scores.subarray(positives).sort()
  let thresholds = 0
  let area = 0
  let averagePrecision = 0
  let lastRight = 0
  let lastWrong = 0
  descend(held, others, (_, right, wrong) => {
    thresholds += 1
    area += ((wrong - lastWrong) * (right + lastRight)) / 2
    averagePrecision += (right - lastRight) * (right / (right + wrong))
    lastRight = right
    lastWrong = wrong
  })
  return {
    rocAuc: positives === 0 || negatives === 0 ? undefined : area / (positives * negatives),
    averagePrecision: positives === 0 ? undefined : averagePrecision / positives,
    points: curve(held, others, thresholds, most),
  }
}

/** Evenly thinned while it is made: 1,000 classes of 4,000 rows have four million points. */
function curve(held: Float64Array, others: Float64Array, thresholds: number, most: number): RankingPoint[] {
  const points: RankingPoint[] = []
  if (most === 0) return points
  const end = (held.length > 0 ? 1 : 0) + (others.length > 0 ? 1 : 0)
  let seen = 0
  descend(held, others, (threshold, right, wrong) => {
    seen += 1
    const recall = held.length === 0 ? 0 : right / held.length
    const falsePositiveRate = others.length === 0 ? 0 : wrong / others.length
    const isEnd = seen === 1 || seen === thresholds
    const isDue = points.length < most - 1 && recall + falsePositiveRate >= (end * points.length) / (most - 1)
    if (thresholds > most && !isEnd && !isDue) return
    points.push({ threshold, recall, falsePositiveRate, precision: right / (right + wrong) })
  })
  return points
}

/**
 * Calls `at` for each distinct score, falling, with how many of either have it or more. Both are sorted, rising. Compared so that
 * a score that is no number, which comes last, ends nothing: it counts as the next one that is.
 */
function descend(
  held: Float64Array,
  others: Float64Array,
  at: (threshold: number, right: number, wrong: number) => void,
): void {
  let i = held.length - 1
  let j = others.length - 1
  while (i >= 0 || j >= 0) {
    const ours = i >= 0 ? held[i]! : -Infinity
    const theirs = j >= 0 ? others[j]! : -Infinity
    const threshold = ours > theirs ? ours : theirs
    while (i >= 0 && !(held[i]! < threshold)) i--
    while (j >= 0 && !(others[j]! < threshold)) j--
    at(threshold, held.length - 1 - i, others.length - 1 - j)
  }
}
