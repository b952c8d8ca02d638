import type { FittedModel } from '../learn/index.ts'
import type { FeatureRow, FeatureState } from '../text/index.ts'
import { encodeParts, openParts, type Parts } from './parts.ts'
import { createPredictor } from './predictor.ts'
import type { Prediction, Rounding } from './types.ts'

/** What was fitted. */
interface Fitted {
  readonly state: FeatureState
  readonly model: FittedModel
  readonly labels: readonly string[]
}

/** What was made of it, and how it answers the validation rows. */
interface Rounded {
  readonly parts: Parts
  readonly rows: readonly FeatureRow[]
  readonly predictions: readonly Prediction[]
  /** Accuracy of answers to the rows; none without rows. */
  readonly accuracyOf: (predictions: readonly Prediction[]) => number | undefined
}

/** What rounding weights to `precision` cost, beside the same model in single precision. */
export async function roundingOf(
  precision: Rounding['precision'],
  { state, model, labels }: Fitted,
  { parts, rows, predictions, accuracyOf }: Rounded,
): Promise<Rounding> {
  const single = encodeParts(state, model, 'float32')
  const opened = await openParts(single, state.settings)
  const before = createPredictor(opened.features, opened.model, labels).predict(rows)
  return {
    precision,
    rows: rows.length,
    labelsChanged: before.filter(({ label }, row) => label !== predictions[row]!.label).length,
    accuracy: accuracyOf(predictions),
    accuracyBefore: accuracyOf(before),
    bytes: sizeOf(parts),
    bytesBefore: sizeOf(single),
  }
}

function sizeOf(parts: Parts): number {
  return Object.values(parts).reduce((sum, { length }) => sum + length, 0)
}
