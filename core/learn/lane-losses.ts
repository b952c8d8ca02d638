import type { Lanes } from './lanes.ts'

/**
 * A loss that is lowered in one score at a time: for solvers that take class after class. `k` counts the scores of a row.
 */
export interface LaneLoss {
  readonly width: number
  /** Takes over scores, `rows × width`, and returns the loss there, all rows together. */
  begin(scores: Float64Array): number
  /** Writes the loss's first and second derivative by score `k` of each row. */
  derive(k: number, first: Float64Array, second: Float64Array): void
  /** By how much the loss grows when score `k` of each row moves by `length * moves[row]`; after `derive(k)`. */
  growth(k: number, moves: Float64Array, length: number): number
  /** Moves the scores so. */
  move(k: number, moves: Float64Array, length: number): void
}

/** Multinomial: `-ln(softmax(scores)[label])` a row, times the row's weight. */
export function softmaxLanes(labels: Int32Array, rowWeight: Float64Array, width: number): LaneLoss {
  const rows = labels.length
  const normaliser = new Float64Array(rows)
  const share = new Float64Array(rows)
  let scores: Float64Array = new Float64Array()
  return {
    width,
    begin(from) {
      scores = from
      let loss = 0
      for (let row = 0, at = 0; row < rows; row++, at += width) {
        let largest = -Infinity
        for (let k = at; k < at + width; k++) largest = Math.max(largest, scores[k]!)
        let sum = 0
        for (let k = at; k < at + width; k++) sum += Math.exp(scores[k]! - largest)
        normaliser[row] = largest + Math.log(sum)
        loss += rowWeight[row]! * (normaliser[row]! - scores[at + labels[row]!]!)
      }
      return loss
    },
    derive(k, first, second) {
      for (let row = 0; row < rows; row++) {
        const part = Math.exp(scores[row * width + k]! - normaliser[row]!)
        share[row] = part
        first[row] = rowWeight[row]! * (labels[row] === k ? part - 1 : part)
        second[row] = rowWeight[row]! * part * (1 - part)
      }
    },
    growth(k, moves, length) {
      let sum = 0
      for (let row = 0; row < rows; row++) {
        const move = length * moves[row]!
        if (move === 0) continue
        const own = labels[row] === k ? move : 0
        sum += rowWeight[row]! * (Math.log1p(share[row]! * Math.expm1(move)) - own)
      }
      return sum
    },
    move(k, moves, length) {
      for (let row = 0; row < rows; row++) {
        const move = length * moves[row]!
        scores[row * width + k]! += move
        normaliser[row]! += Math.log1p(share[row]! * Math.expm1(move))
      }
    },
  }
}

/** One-vs-rest: `of(y · score)` for each problem, y = 1 for its own class and -1 for the others, times the row's weight. */
export function marginLanes(labels: Int32Array, lanes: Lanes, of: MarginLoss): LaneLoss {
  const { first: from, width, rowWeight, positive, negative } = lanes
  const rows = labels.length
  let scores: Float64Array = new Float64Array()
  const signOf = (row: number, k: number) => (labels[row] === from + k ? 1 : -1)
  const weightOf = (row: number, k: number) => {
    return rowWeight[row]! * (labels[row] === from + k ? positive[k]! : negative[k]!)
  }
  return {
    width,
    begin(from) {
      scores = from
      let loss = 0
      for (let row = 0, at = 0; row < rows; row++) {
        for (let k = 0; k < width; k++, at++)
          loss += weightOf(row, k) * of.value(signOf(row, k) * scores[at]!)
      }
      return loss
    },
    derive(k, first, second) {
      for (let row = 0; row < rows; row++) {
        const sign = signOf(row, k)
        const weight = weightOf(row, k)
        const margin = sign * scores[row * width + k]!
        first[row] = weight * sign * of.slope(margin)
        second[row] = weight * of.bend(margin)
      }
    },
    growth(k, moves, length) {
      let sum = 0
      for (let row = 0; row < rows; row++) {
        const move = signOf(row, k) * length * moves[row]!
        if (move === 0) continue
        const margin = signOf(row, k) * scores[row * width + k]!
        sum += weightOf(row, k) * (of.value(margin + move) - of.value(margin))
      }
      return sum
    },
    move(k, moves, length) {
      for (let row = 0; row < rows; row++) scores[row * width + k]! += length * moves[row]!
    },
  }
}

/** A loss of the margin `y · score`, its derivative and its second derivative. */
export interface MarginLoss {
  value(margin: number): number
  slope(margin: number): number
  bend(margin: number): number
}

/** `ln(1 + exp(-margin))`. */
export const LOGISTIC: MarginLoss = {
  value: margin => Math.log1p(Math.exp(-Math.abs(margin))) + (margin < 0 ? -margin : 0),
  slope: margin => -1 / (1 + Math.exp(margin)),
  bend: margin => {
    const tail = Math.exp(-Math.abs(margin))
    return tail / (1 + tail) ** 2
  },
}

/** `max(0, 1 - margin)²`; the second derivative is the generalised one of Mangasarian (2002). */
export const SQUARED_HINGE: MarginLoss = {
  value: margin => (margin < 1 ? (1 - margin) ** 2 : 0),
  slope: margin => (margin < 1 ? -2 * (1 - margin) : 0),
  bend: margin => (margin < 1 ? 2 : 0),
}
