import type { TextSettings, VectorizerSettings } from './settings.ts'

/** Those that core/text/settings.ts states, of a `tfidf` vectoriser. */
export const DEFAULTS: VectorizerSettings = {
  vectorizer: 'tfidf',
  weight: 1,
  decodeEntities: false,
  unicodeForm: 'none',
  removeUrls: false,
  removeMentions: false,
  lowercase: true,
  stripAccents: 'none',
  removeNumbers: false,
  removePunctuation: false,
  minTextLength: 0,
  analyzer: 'word',
  tokenizer: 'default',
  stopWords: 'none',
  lemmas: 'none',
  ngramRange: [1, 1],
  minDf: 1,
  maxDf: 1,
  maxFeatures: null,
  binary: false,
  useIdf: true,
  smoothIdf: true,
  sublinearTf: false,
  norm: 'l2',
  nFeatures: 2 ** 20,
  alternateSign: true,
}

/** The settings of a model folder of format 1 as settings of a vectoriser. */
export function fromTextSettings(settings: TextSettings): VectorizerSettings {
  return { ...DEFAULTS, ...settings }
}
