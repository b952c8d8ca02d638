import { type Features, fitFeatures, type VectorizerSettings } from '../../core/text/index.ts'

/** The settings of scikit-learn's TfidfVectorizer that the goldens name. */
export type TfidfSettings = Pick<
  VectorizerSettings,
  'lowercase' | 'stopWords' | 'ngramRange' | 'maxFeatures' | 'maxDf' | 'minDf' | 'sublinearTf'
>

/** Features of one TF-IDF vectoriser, asked for texts in place of rows. */
export async function fitTfidf(texts: readonly string[], settings: TfidfSettings) {
  const { features, matrix } = await fitFeatures(rowsOf(texts), undefined, { text: { text: settings } })
  return { features: ofTexts(features), matrix }
}

export function ofTexts(features: Features) {
  return {
    state: features.state,
    vocabulary: Array.from({ length: features.columns }, (_, column) => features.nameOf(column)),
    transform: (texts: readonly string[]) => features.transform(rowsOf(texts)),
  }
}

function rowsOf(texts: readonly string[]) {
  return texts.map(text => ({ text }))
}
