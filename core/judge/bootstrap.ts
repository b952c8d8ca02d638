import { quantile } from '../quantile.ts'
import { randomFrom } from '../random.ts'
import { type Interval, NORMAL_95 } from './interval.ts'

export interface F1Intervals {
  readonly macroF1: Interval
  /** Of each class's F1, in their order. */
  readonly classes: readonly Interval[]
}

/**
 * The 95 % intervals of F1 by the bootstrap: the same test with as many rows, drawn again and again from those there are. The seed
 * alone decides what is drawn. Both arrays hold classes from 0 to `classes - 1`, one a row.
 *
 * A class's is what 95 % of its draws lie within; a draw that misses the class counts as 0, so that the interval does not claim what
 * few rows cannot tell. That of the mean is the figure and 1.96 standard deviations of the draws to either side: with many classes of few rows
 * nearly every draw lies below the figure, since rows drawn twice leave others out, and its percentiles beside it. Both are of B. Efron
 * and R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
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
  const right = new Int32Array(classes)
  /** Rows of the class and rows claimed for it, added up. */
  const touched = new Int32Array(classes)
  const f1 = new Float64Array(classes)
  const add = (row: number) => {
    const label = labels[row]!
    const claimed = predicted[row]!
    touched[label]!++
    touched[claimed]!++
    if (label === claimed) right[label]!++
  }
  /** The F1 of each class in the rows that were added; the next ones begin anew. */
  const score = () => {
    for (let k = 0; k < classes; k++) f1[k] = right[k]! > 0 ? (2 * right[k]!) / touched[k]! : 0
    right.fill(0)
    touched.fill(0)
  }
  for (let row = 0; row < rows; row++) add(row)
  score()
  const figure = mean(f1)
  const drawn = new Float64Array(resamples)
  const drawnOf = Array.from({ length: classes }, () => new Float64Array(resamples))
  for (let sample = 0; sample < resamples; sample++) {
    for (let i = 0; i < rows; i++) add(random.next(rows))
    score()
    drawn[sample] = mean(f1)
    for (let k = 0; k < classes; k++) drawnOf[k]![sample] = f1[k]!
  }
  return { macroF1: around(figure, drawn), classes: drawnOf.map(middle) }
}

/** A share and what lies within 1.96 standard deviations of the draws. */
function around(figure: number, drawn: Float64Array): Interval {
  const centre = mean(drawn)
  const half = NORMAL_95 * Math.sqrt(mean(drawn.map(each => (each - centre) ** 2)))
  return { low: Math.max(0, figure - half), high: Math.min(1, figure + half) }
}

/** What 95 % of the numbers lie within; sorts them. */
function middle(drawn: Float64Array): Interval {
  drawn.sort()
  return { low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) }
}

function mean(numbers: Float64Array): number {
  return numbers.reduce((a, b) => a + b, 0) / numbers.length
}
