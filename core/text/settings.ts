/**
 * One way to turn the text of a row into columns, under the names of scikit-learn's TfidfVectorizer, CountVectorizer and
 * HashingVectorizer. The switches of normalisation are applied in the order in which they stand here.
 */
export interface VectorizerSettings {
  /** Default `tfidf`. `count` counts n-grams, `hashing` counts them in columns that their hashes choose: nothing is learnt. */
  readonly vectorizer: 'tfidf' | 'count' | 'hashing'
  /** What every value is multiplied with at the end (FeatureUnion's transformer_weights). Default 1. */
  readonly weight: number

  /** Decodes HTML entities as a browser does: `&amp;`, `&#39;`, `&eacute;`. Default false. */
  readonly decodeEntities: boolean
  /** Brings texts into one of Unicode's normal forms. Default `none`. */
  readonly unicodeForm: 'none' | 'NFC' | 'NFKC'
  /** Replaces `http://…`, `https://…` and `www.…` by a space. Default false. */
  readonly removeUrls: boolean
  /** Replaces `@name` by a space. Default false. */
  readonly removeMentions: boolean
  /** As Python's `str.lower`. Default true. */
  readonly lowercase: boolean
  /** Takes accents off: `unicode` for all scripts, `ascii` leaves nothing but ASCII. Default `none`. */
  readonly stripAccents: 'none' | 'unicode' | 'ascii'
  /** Takes decimal digits out where they stand. Default false. */
  readonly removeNumbers: boolean
  /** Replaces each punctuation mark and symbol by a space. Default false. */
  readonly removePunctuation: boolean
  /** A text of fewer characters, after all of the above, counts as an empty one. Default 0. */
  readonly minTextLength: number

  /** Default `word`; `char_wb` cuts n-grams of characters inside of words, `char` anywhere. */
  readonly analyzer: 'word' | 'char' | 'char_wb'
  /** `default` finds words by `tokenPattern`, as scikit-learn does; `unicode` by the word boundaries of UAX #29. Words only. */
  readonly tokenizer: 'default' | 'unicode'
  /**
   * What a word is, as scikit-learn's `token_pattern`: a run of one class of characters (core/text/token-pattern.ts), looked for in the
   * text after all cleaning. Default scikit-learn's own, `(?u)\b\w\w+\b`. For `tokenizer` `default`.
   */
  readonly tokenPattern: string
  /**
   * Words left out before n-grams are formed, so that an n-gram may bridge one: `english` is scikit-learn's list, `nltk`
   * NLTK's, or a list of words as the tokeniser gives them. Default `none`. Words only.
   */
  readonly stopWords: 'none' | 'english' | 'nltk' | readonly string[]
  /** English base forms in place of words, after stop words are gone; `noun-verb` is both, nouns first. Default `none`. */
  readonly lemmas: 'none' | 'noun' | 'verb' | 'noun-verb'
  /** Fewest and most words or characters in an n-gram; 16 is the most. Default [1, 1]. */
  readonly ngramRange: readonly [number, number]

  /** Drops n-grams found in fewer texts: a whole number of them, or, below 1, a share. Default 1. Not for `hashing`. */
  readonly minDf: number
  /** Drops n-grams found in more texts: a share up to 1, or a whole number from 2. Default 1. Not for `hashing`. */
  readonly maxDf: number
  /** Most n-grams kept, those that occur most often; null for all. Default null. Not for `hashing`. */
  readonly maxFeatures: number | null
  /** Counts an n-gram once a text. Default false. */
  readonly binary: boolean
  /** Default true. `tfidf` only, as are the next two. */
  readonly useIdf: boolean
  /** Adds one to every document frequency, as if one more text held each n-gram. Default true. */
  readonly smoothIdf: boolean
  /** 1 + ln(count) in place of count. Default false. */
  readonly sublinearTf: boolean
  /** What each row is divided by. Default `l2`, for `count` `none`. */
  readonly norm: 'l1' | 'l2' | 'none'
  /** Columns of `hashing`. Default 2^20. */
  readonly nFeatures: number
  /** Lets hashes choose a sign as well, so that collisions cancel out on average. Default true. `hashing` only. */
  readonly alternateSign: boolean
}

/** A named column with a number in each row. */
export interface NumericSettings {
  readonly kind: 'numeric'
  /** `standard`: mean 0 and standard deviation 1; `minmax`: from 0 to 1, which chi-squared needs. Default `standard`. */
  readonly scale: 'standard' | 'minmax' | 'none'
  /** What an empty cell or NaN is: an error, or the mean of the column. Default `error`. */
  readonly missing: 'error' | 'mean'
}

/** A named column with one of a few values in each row, which becomes a column a value (one-hot). */
export interface CategoricalSettings {
  readonly kind: 'categorical'
  /** What a value that fitting did not see is: no column at all, or an error. Default `ignore`. */
  readonly handleUnknown: 'ignore' | 'error'
}

export type ColumnSettings = NumericSettings | CategoricalSettings

/** How rows become a matrix. Blocks stand in it side by side: vectorisers of the text first, then the named columns. */
export interface FeatureSettings {
  /** Vectorisers by name, each with columns of its own. Default: one called `text` with all defaults. May be empty. */
  readonly text: Readonly<Record<string, VectorizerSettings>>
  /** Columns of the rows by name. Default: none. */
  readonly columns: Readonly<Record<string, ColumnSettings>>
  /** Keeps the `k` columns of highest chi-squared statistic with the labels (SelectKBest(chi2)). Default null. */
  readonly select: { readonly k: number } | null
}
