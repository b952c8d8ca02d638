/** How texts become features: the settings of scikit-learn's TfidfVectorizer that Pressroom uses, under their names. */
export interface TextSettings {
  readonly lowercase: boolean
  /** Words left out before n-grams are formed, so that an n-gram may bridge one. */
  readonly stopWords: 'english' | 'none'
  /** Fewest and most words in an n-gram. */
  readonly ngramRange: readonly [number, number]
  /** Most n-grams kept: those that occur most often. */
  readonly maxFeatures: number
  /** Drops n-grams found in more than this share (0 to 1) of the texts. */
  readonly maxDf: number
  /** Drops n-grams found in fewer texts than this whole number, 1 or more. */
  readonly minDf: number
  /** Weighs an n-gram by 1 + ln(occurrences) instead of by its occurrences. */
  readonly sublinearTf: boolean
}
