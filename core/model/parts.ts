import { PressroomError } from '../errors.ts'
import type { FittedModel } from '../learn/index.ts'
import { type FeatureSettings, type FeatureState, type Features, restoreFeatures } from '../text/index.ts'
import { decodeContainer, encodeContainer } from './container.ts'
import { decodeFeatureState } from './feature-state.ts'
import { aFittedModel } from './fitted-model.ts'
import { FEATURES_FILE, MODEL_FILE } from './info.ts'
import { type Precision, storedAs } from './precision.ts'

/** The files of what was learnt. */
export type Parts = Readonly<Record<typeof FEATURES_FILE | typeof MODEL_FILE, Uint8Array>>

/**
 * Features and model as files; the settings stand in the manifest.
 * @throws PressroomError `prediction-failed` when a number is not finite, or not after rounding
 */
export function encodeParts(
  { settings: _, ...learnt }: FeatureState,
  model: FittedModel,
  precision: Precision,
): Parts {
  const encode = (data: object) => encodeContainer(data, (key, holder) => storedAs(key, holder, precision))
  try {
    return { [FEATURES_FILE]: encode(learnt), [MODEL_FILE]: encode(model) }
  } catch (error) {
    throw new PressroomError('prediction-failed', 'the fit gave weights that are not finite', {
      where: (error as Error).message,
      fix: 'train again with a smaller c or learningRateInit, an alpha above 0, or precision float32',
      cause: error,
    })
  }
}

/** What {@link encodeParts} wrote, ready to answer. */
export async function openParts(
  parts: Parts,
  settings: FeatureSettings,
): Promise<{ readonly features: Features; readonly model: FittedModel }> {
  const state = decodeFeatureState(decodeContainer(parts[FEATURES_FILE]), settings)
  return {
    features: await restoreFeatures(state),
    model: aFittedModel(decodeContainer(parts[MODEL_FILE]), 'model'),
  }
}
