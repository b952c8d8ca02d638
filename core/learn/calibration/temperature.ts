import { softmax } from '../linear-model.ts'

/** `softmax(beta · logits)`: beta is the inverse of the temperature. */
export interface Temperature {
  readonly method: 'temperature'
  readonly beta: number
}

/** ln(beta) is sought within, as in scikit-learn. */
const RANGE = 10
/** Halvings of that range until a double cannot tell its ends apart. */
const HALVINGS = 60

/**
 * The temperature of least log loss as scikit-learn's: Guo, Pleiss, Sun & Weinberger, On calibration of modern neural
 * networks, ICML 2017. The loss is convex in beta, so the sign of its slope tells on which side the least lies.
 *
 * @param logits `rows × classes`; `weights` one a row, 1 by default
 */
export function fitTemperature(
  logits: Float64Array,
  labels: Int32Array,
  classes: number,
  weights?: Float64Array,
): Temperature {
  const scaled = new Float64Array(classes)
  const slopeAt = (beta: number) => {
    let slope = 0
    for (let row = 0, at = 0; row < labels.length; row++, at += classes) {
      for (let k = 0; k < classes; k++) scaled[k] = beta * logits[at + k]!
      softmax(scaled, 0, classes)
      let expected = 0
      for (let k = 0; k < classes; k++) expected += scaled[k]! * logits[at + k]!
      slope += (weights?.[row] ?? 1) * (expected - logits[at + labels[row]!]!)
    }
    return slope
  }
  let [low, high] = [-RANGE, RANGE]
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    if (slopeAt(Math.exp(middle)) > 0) high = middle
    else low = middle
  }
  return { method: 'temperature', beta: Math.exp((low + high) / 2) }
}
