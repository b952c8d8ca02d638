import { aBoolean, aCount, aShare, type Decoder, listOf, objectOf, oneOf } from '../decode.ts'
import type { FittedModel } from '../learn/index.ts'
import { packStrings } from '../text/bytes.ts'
import { type FeatureSettings, type FeatureState, parseFeatureSettings } from '../text/index.ts'
import type { LearnerRecord } from './types.ts'
import { decodeVocabulary } from './vocabulary.ts'
import { decodeWeights } from './weights.ts'

/** The files of a folder of format 1, all of them. */
export const FORMAT_1_FILES = ['MLmodel', 'README.md', 'model.onnx', 'vocabulary.txt', 'weights.bin'] as const
/** All that format 1 knows; its parameters are not in the folder. */
export const FORMAT_1_LEARNER: LearnerRecord = { kind: 'logistic-regression' }

const anNgramRange: Decoder<readonly [number, number]> = (value, at) => {
  const [min, max, ...rest] = listOf(aCount)(value, at)
  if (min === undefined || max === undefined || rest.length > 0 || min < 1 || max < min) {
    throw new Error(`${at} must be two whole numbers, 1 or more, in order`)
  }
  return [min, max]
}

const someTextSettings = objectOf({
  lowercase: aBoolean,
  stopWords: oneOf('english', 'none'),
  ngramRange: anNgramRange,
  maxFeatures: aCount,
  maxDf: aShare,
  minDf: aCount,
  sublinearTf: aBoolean,
})

/** The text settings of format 1 as those of one TF-IDF vectoriser. */
export const settingsOfFormat1: Decoder<FeatureSettings> = (value, at) =>
  parseFeatureSettings({ text: { text: someTextSettings(value, at) } })

/** What a folder of format 1 holds, as a folder of format 2 has it: a softmax over TF-IDF features. */
export function readFormat1(
  read: <T>(name: string, decode: (bytes: Uint8Array) => T) => T,
  settings: FeatureSettings,
): { state: FeatureState; model: FittedModel } {
  const vocabulary = read('vocabulary.txt', decodeVocabulary)
  const { idf, model } = read('weights.bin', decodeWeights)
  const text = { text: { vocabulary: packStrings(vocabulary), idf } }
  return {
    state: { settings, text, columns: {}, selected: null },
    model: { kind: 'logistic-regression', multiClass: 'multinomial', ...model },
  }
}
