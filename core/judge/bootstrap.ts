import { quantile } from '../quantile.ts'
import { randomFrom } from '../random.ts'

export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * The 95 % interval of macro F1 by the percentile bootstrap: the same test with as many rows, drawn again and again from those
 * there are (B. Efron and R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13). The seed alone decides
 * what is drawn. Both arrays hold classes from 0 to `classes - 1`, one a row.
 * @param resamples how often, 1 or more; a thousand is usual
 */
export function bootstrapMacroF1(
  labels: Int32Array,
  predicted: Int32Array,
  classes: number,
  { resamples, seed }: { readonly resamples: number; readonly seed: number },
): Interval {
  const random = randomFrom(seed)
  const rows = labels.length
  const right = new Int32Array(classes)
  /** Rows of the class and rows claimed for it, added up. */
  const touched = new Int32Array(classes)
  const drawn = new Float64Array(resamples)
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
    for (let k = 0; k < classes; k++) if (right[k]! > 0) sum += (2 * right[k]!) / touched[k]!
    drawn[sample] = sum / classes
  }
  drawn.sort()
  return { low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) }
}
