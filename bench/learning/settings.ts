import { TRAINING_PRESETS } from '../../core/presets.ts'
import type { FeatureSettingsInput } from '../../core/text/index.ts'

/** The features that are measured; peer.py has the same under scikit-learn's names. */
export const SETTINGS = {
  /** Seed 002's. */
  words: TRAINING_PRESETS['seed-002'].features,
  /** The default preset's: 557 thousand columns. */
  union: TRAINING_PRESETS.default.features,
} satisfies Record<string, FeatureSettingsInput>
