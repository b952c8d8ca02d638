import { TRAINING_PRESETS } from '../../core/presets.ts'
import type { FeatureSettingsInput } from '../../core/text/index.ts'

/** The features that are measured; peer.py has the same under scikit-learn's names. */
export const SETTINGS = {
  /** Seed 002's. */
  words: TRAINING_PRESETS['seed-002'].features,
  /** Those of the best linear models found on AG News: 557 thousand columns before any are dropped for rarity. */
  union: {
    text: {
      words: { ngramRange: [1, 2], sublinearTf: true },
      characters: { analyzer: 'char_wb', ngramRange: [2, 5], sublinearTf: true },
    },
  },
} satisfies Record<string, FeatureSettingsInput>
