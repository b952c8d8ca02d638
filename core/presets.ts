import type { Learner } from './learn/index.ts'
import { PRESETS as SEEDS } from './learn/presets.ts'
import type { Precision } from './model/index.ts'
import type { FeatureSettingsInput } from './text/index.ts'

/** How to make a text classifier: its features, its learner, and what its weights are rounded to on disk. */
export interface Preset {
  readonly features: FeatureSettingsInput
  readonly learner: Learner
  readonly precision: Precision
}

/** Words and pairs of words beside pieces of two to five characters, which endings and compounds share. */
const WORDS_AND_CHARACTERS: FeatureSettingsInput = {
  text: {
    words: { ngramRange: [1, 2], sublinearTf: true },
    characters: { analyzer: 'char_wb', ngramRange: [2, 5], sublinearTf: true },
  },
}

const NB_SVM = {
  kind: 'nb-weighted',
  parameters: { model: 'linear-svm', counts: 'presence', parameters: { c: 0.3 } },
} as const

/**
 * The classifiers that have a name. All but the seed's were chosen by cross-validation on the training rows of AG News:
 * docs/training.md says which is which, with figures.
 */
export const TRAINING_PRESETS = {
  'seed-002': {
    features: {
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
    learner: {
      kind: 'logistic-regression',
      // A tolerance well below the learner's own: fits of the same rows by other releases then agree to four digits.
      parameters: { ...SEEDS['seed-002']['logistic-regression'], tol: 1e-7 },
    },
    precision: 'float32',
  },
  // As many words as stay below 500 kB with their weights; hashed features were no better, and no graph of texts can hash.
  small: {
    features: {
      text: { words: { ngramRange: [1, 2], sublinearTf: true, maxFeatures: 30_000 } },
    },
    learner: NB_SVM,
    precision: 'int8',
  },
  default: {
    features: WORDS_AND_CHARACTERS,
    learner: NB_SVM,
    precision: 'float32',
  },
  // Words as they are written, too: names and abbreviations are told apart by their capitals.
  best: {
    features: {
      text: {
        ...WORDS_AND_CHARACTERS.text,
        cased: { ngramRange: [1, 2], sublinearTf: true, lowercase: false },
      },
    },
    learner: NB_SVM,
    precision: 'float32',
  },
} as const satisfies Readonly<Record<string, Preset>>
