import { PressroomError } from '../errors.ts'
import type { SparseMatrix } from '../learn/matrix.ts'
import { packStrings, unpackStrings } from './bytes.ts'
import { fromTextSettings } from './defaults.ts'
import { stopWordsOf } from './lexicon.ts'
import { MatrixBuilder } from './matrix-builder.ts'
import type { TextSettings } from './settings.ts'
import { VocabularyFitter, VocabularyVectorizer } from './vocabulary.ts'

/** The features of a model folder of format 1: one TF-IDF vectoriser. Column `i` is the n-gram `vocabulary[i]`. */
export interface TextFeatures {
  readonly settings: TextSettings
  /** In the order of code points; the words of an n-gram are joined by one space. */
  readonly vocabulary: readonly string[]
  /** Length `vocabulary.length`. */
  readonly idf: Float64Array
  /** One row of Euclidean norm 1 a text, or an empty one where no n-gram of the text is in the vocabulary. */
  transform(texts: readonly string[]): SparseMatrix
}

/** What {@link restoreTfidf} needs: the part of the features that is data. */
export type TfidfState = Pick<TextFeatures, 'settings' | 'vocabulary' | 'idf'>

/**
 * As fitFeatures, for the settings that a model folder of format 1 can keep.
 *
 * @throws PressroomError `empty-vocabulary` when no n-gram is left, naming the setting that removed the last;
 * `invalid-setting` when `ngramRange` runs backwards.
 */
export function fitTfidf(
  texts: readonly string[],
  settings: TextSettings,
): { features: TextFeatures; matrix: SparseMatrix } {
  const [fewest, most] = settings.ngramRange
  if (fewest < 1 || most < fewest) {
    throw new PressroomError('invalid-setting', `n-grams of ${fewest} to ${most} words do not exist`, {
      fix: 'set ngramMin to at least 1 and ngramMax to at least ngramMin',
    })
  }
  const fitter = new VocabularyFitter('', fromTextSettings(settings), lexiconOf(settings))
  for (const text of texts) fitter.add(text)
  const { vectorizer, entries, write } = fitter.finish()
  const builder = new MatrixBuilder(vectorizer.columns)
  builder.reserve(texts.length, entries)
  texts.forEach((_, row) => {
    write(row, builder)
    builder.endRow()
  })
  const { vocabulary, idf } = vectorizer.state
  const state = { settings, vocabulary: unpackStrings(vocabulary!), idf: idf! }
  return { features: restoreTfidf(state), matrix: builder.matrix() }
}

/**
 * The features that were fitted once, from what was kept of them.
 *
 * @throws PressroomError `model-damaged` when `idf` and `vocabulary` differ in length or an n-gram comes twice.
 */
export function restoreTfidf({ settings, vocabulary, idf }: TfidfState): TextFeatures {
  const state = { vocabulary: packStrings(vocabulary), idf }
  const vectorizer = new VocabularyVectorizer(fromTextSettings(settings), lexiconOf(settings), state)
  vectorizer.prepare()
  const builder = new MatrixBuilder(vocabulary.length)
  const transform = (texts: readonly string[]): SparseMatrix => {
    for (const text of texts) {
      vectorizer.write(text, builder)
      builder.endRow()
    }
    return builder.matrix()
  }
  return { settings, vocabulary, idf, transform }
}

function lexiconOf({ stopWords }: TextSettings) {
  return { stopWords: stopWordsOf(stopWords), lemmatize: undefined, decodeEntities: undefined }
}
