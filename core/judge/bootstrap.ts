import { quantile } from '../quantile.ts'
import { randomFrom } from '../random.ts'
import type { Interval } from './interval.ts'

export interface F1Intervals {
  readonly macroF1: Interval
  /** Of each class's F1, in their order. */
  readonly classes: readonly Interval[]
}

/**
 * The 95 % intervals of F1 by the percentile bootstrap: the same test with as many rows, drawn again and again from those
 * there are (B. Efron and R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13). The seed alone decides
 * what is drawn. Both arrays hold classes from 0 to `classes - 1`, one a row.
 *
 * A draw can miss a class of few rows. The class's own F1 is then 0, so that its interval does not claim what so few rows cannot
 * tell; the mean of that draw is over the classes that it has, else the interval would lie below the figure itself.
 * @param resamples how often, 1 or more; a thousand is usual
 */
export function bootstrapF1(
  labels: Int32Array,
  predicted: Int32Array,
  classes: number,
  { resamples, seed }: { readonly resamples: number; readonly seed: number },
): F1Intervals {
  const random = randomFrom(seed)
  const rows = labels.length
  const known = seenClasses(labels, predicted, classes)
  const right = new Int32Array(classes)
  /** Rows of the class and rows claimed for it, added up. */
  const touched = new Int32Array(classes)
  const drawn = new Float64Array(resamples)
  const drawnOf = Array.from({ length: classes }, () => new Float64Array(resamples))
  for (let sample = 0; sample < resamples; sample++) {
    right.fill(0)
    touched.fill(0)
    for (let i = 0; i < rows; i++) {
      const row = random.next(rows)
      const label = labels[row]!
      const claimed = predicted[row]!
      touched[label]!++
      touched[claimed]!++
      if (label === claimed) right[label]!++
    }
    let sum = 0
    let missed = 0
    for (let k = 0; k < classes; k++) {
      if (touched[k] === 0 && known[k] === 1) missed += 1
      const f1 = right[k]! > 0 ? (2 * right[k]!) / touched[k]! : 0
      drawnOf[k]![sample] = f1
      sum += f1
    }
    drawn[sample] = sum / (classes - missed)
  }
  return { macroF1: middle(drawn), classes: drawnOf.map(middle) }
}

/** 1 for each class that has a row, or is claimed for one. */
function seenClasses(labels: Int32Array, predicted: Int32Array, classes: number): Uint8Array {
  const seen = new Uint8Array(classes)
  for (const label of labels) seen[label] = 1
  for (const claimed of predicted) seen[claimed] = 1
  return seen
}

/** What 95 % of the numbers lie within; sorts them. */
function middle(drawn: Float64Array): Interval {
  drawn.sort()
  return { low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) }
}
