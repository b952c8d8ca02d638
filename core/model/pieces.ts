import { setImmediate } from 'node:timers/promises'
import type { FeatureRow } from '../text/index.ts'
import type { Model, Prediction } from './types.ts'

const ROWS_AT_ONCE = 1024

/**
 * A model's predictions of many rows, in order. They are asked for in pieces, so that a cancel is heard between them, and so that
 * of many rows of many classes only a piece is held.
 * @throws whatever the signal was aborted with; what `predict` throws
 */
export async function* predictInPieces(
  model: Pick<Model, 'predict'>,
  rows: readonly FeatureRow[],
  signal: AbortSignal,
): AsyncGenerator<Prediction> {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await setImmediate()
    signal.throwIfAborted()
    yield* await model.predict(rows.slice(from, from + ROWS_AT_ONCE))
  }
}
