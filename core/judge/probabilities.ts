import { requireRows } from './confusion.ts'

/** As many as papers on calibration use; with few rows most of them are empty, which costs nothing. */
const BINS = 15

/**
 * The mean of -ln(probability given to the true class), in nats. `probabilities` is `rows × classes`. As in scikit-learn,
 * a probability counts as at least the double's epsilon, so that one sure mistake does not make the mean infinite.
 *
 * @throws PressroomError `no-rows` when there is nothing to judge.
 */
export function logLoss(labels: Int32Array, probabilities: Float64Array, classes: number): number {
  requireRows(labels)
  let total = 0
  labels.forEach((label, row) => {
    const given = probabilities[row * classes + label]!
    total -= Math.log(Math.min(Math.max(given, Number.EPSILON), 1 - Number.EPSILON))
  })
  return total / labels.length
}

/**
 * Brier's score: the mean squared distance of the probabilities `rows × classes` from the truth, 0 to 2, or 0 to 1 with two
 * classes, where scikit-learn's `brier_score_loss` takes half of the sum.
 *
 * @throws PressroomError `no-rows` when there is nothing to judge.
 */
export function brierScore(labels: Int32Array, probabilities: Float64Array, classes: number): number {
  requireRows(labels)
  let total = 0
  labels.forEach((label, row) => {
    for (let k = 0; k < classes; k++) {
      total += (probabilities[row * classes + k]! - (k === label ? 1 : 0)) ** 2
    }
  })
  return total / labels.length / (classes === 2 ? 2 : 1)
}

/** The rows whose predicted class got a probability within one fifteenth of 0 to 1. */
export interface ReliabilityBin {
  readonly rows: number
  /** Mean probability of the predicted class. */
  readonly confidence: number
  /** Share of the rows that are of the predicted class. */
  readonly accuracy: number
}

/**
 * How far the probability of the predicted class can be believed: rows in bins of equal width by that probability, empty ones
 * left out, the unsurest first.
 */
export function reliability(
  labels: Int32Array,
  predicted: Int32Array,
  probabilities: Float64Array,
  classes: number,
): readonly ReliabilityBin[] {
  const bins = Array.from({ length: BINS }, () => ({ rows: 0, confidence: 0, right: 0 }))
  labels.forEach((label, row) => {
    const confidence = probabilities[row * classes + predicted[row]!]!
    const bin = bins[Math.min(BINS - 1, Math.floor(confidence * BINS))]!
    bin.rows += 1
    bin.confidence += confidence
    if (label === predicted[row]) bin.right += 1
  })
  return bins
    .filter(bin => bin.rows > 0)
    .map(({ rows, confidence, right }) => ({ rows, confidence: confidence / rows, accuracy: right / rows }))
}

/**
 * Expected calibration error, 0 to 1: the mean distance of confidence and accuracy over the bins, by their rows. Guo et al., On
 * Calibration of Modern Neural Networks, ICML 2017, equation 3, with its 15 bins.
 */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const rows = bins.reduce((total, bin) => total + bin.rows, 0)
  return bins.reduce((total, bin) => total + bin.rows * Math.abs(bin.confidence - bin.accuracy), 0) / rows
}
