import type { FeatureSettingsInput } from '../../core/text/index.ts'

/** The features that are measured; peer.py has the same under scikit-learn's names. */
export const SETTINGS = {
  /** Seed 002's. */
  words: {
    text: {
      text: {
        maxFeatures: 10_000,
        ngramRange: [1, 2],
        stopWords: 'english',
        maxDf: 0.95,
        minDf: 2,
        sublinearTf: true,
      },
    },
  },
  /** Those of the best linear models found on AG News: 557 thousand columns before any are dropped for rarity. */
  union: {
    text: {
      words: { ngramRange: [1, 2], sublinearTf: true },
      characters: { analyzer: 'char_wb', ngramRange: [2, 5], sublinearTf: true },
    },
  },
} satisfies Record<string, FeatureSettingsInput>
