import type { Lanes } from './lanes.ts'

/**
 * The weighted loss of rows `from` to `to`, given their scores, which it overwrites with the loss's derivative by them.
 */
export type BlockLoss = (scores: Float64Array, from: number, to: number) => number

/** Multinomial: `-ln(softmax(scores)[label])` a row, times the row's weight. */
export function softmaxLoss(labels: Int32Array, rowWeight: Float64Array, width: number): BlockLoss {
  return (scores, from, to) => {
    let loss = 0
    for (let row = from, at = 0; row < to; row++, at += width) {
      // The largest score is taken out, so that no exponential overflows.
      let largest = scores[at]!
      for (let k = at + 1; k < at + width; k++) if (scores[k]! > largest) largest = scores[k]!
      const own = at + labels[row]!
      const margin = scores[own]! - largest
      let sum = 0
      for (let k = at; k < at + width; k++) {
        // One in `width` is the exponential of 0, and exponentials are what takes longest here.
        const part = scores[k] === largest ? 1 : Math.exp(scores[k]! - largest)
        scores[k] = part
        sum += part
      }
      const weight = rowWeight[row]!
      const scale = weight / sum
      for (let k = at; k < at + width; k++) scores[k]! *= scale
      scores[own]! -= weight
      loss += weight * (Math.log(sum) - margin)
    }
    return loss
  }
}

/** One-vs-rest: `ln(1 + exp(-y · score))` for each problem, y = 1 for its own class and -1 for the others. */
export function logisticLoss(labels: Int32Array, lanes: Lanes): BlockLoss {
  const { first, width, rowWeight, positive, negative } = lanes
  return (scores, from, to) => {
    let loss = 0
    for (let row = from, at = 0; row < to; row++) {
      const own = labels[row]! - first
      for (let k = 0; k < width; k++, at++) {
        const weight = rowWeight[row]! * (k === own ? positive[k]! : negative[k]!)
        const margin = k === own ? scores[at]! : -scores[at]!
        const tail = Math.exp(-Math.abs(margin))
        loss += weight * (Math.log1p(tail) + (margin < 0 ? -margin : 0))
        const error = (weight * (margin < 0 ? 1 : tail)) / (1 + tail)
        scores[at] = k === own ? -error : error
      }
    }
    return loss
  }
}
