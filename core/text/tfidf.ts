import { PressroomError } from '../errors.ts'
import type { SparseMatrix } from '../learn/matrix.ts'
import { countAll } from './count.ts'
import { NgramCounter } from './ngrams.ts'
import { TfidfRows } from './rows.ts'
import type { TextSettings } from './settings.ts'
import { ROOT } from './trie.ts'
import { chooseNodes } from './vocabulary.ts'

/** Everything that turns texts into rows of numbers; column `i` is the n-gram `vocabulary[i]`. */
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
 * Chooses a vocabulary from `texts` and weighs it: the features of scikit-learn's TfidfVectorizer, column for column,
 * with its smooth idf, ln((1 + texts) / (1 + texts with the n-gram)) + 1, and rows of norm 1.
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
  const counted = countAll(texts, settings)
  const nodes = chooseNodes(counted, texts.length, settings)
  const idf = Float64Array.from(nodes, node => Math.log((1 + texts.length) / (1 + counted.df[node]!)) + 1)
  const vocabulary = nodes.map(node => counted.counter.trie.ngram(node))

  const columns = columnsOf(nodes, counted.counter.trie.size)
  const rows = new TfidfRows(idf, settings.sublinearTf)
  rows.begin(texts.length)
  for (let text = 0; text < texts.length; text++) {
    for (let i = counted.ends[text]!; i < counted.ends[text + 1]!; i++) {
      const column = columns[counted.nodes[i]!]!
      if (column >= 0) rows.put(column, counted.counts[i]!)
    }
    rows.endRow()
  }
  return { features: restoreTfidf({ settings, vocabulary, idf }), matrix: rows.matrix() }
}

/**
 * The features that were fitted once, from what was kept of them.
 *
 * @throws PressroomError `model-damaged` when `idf` and `vocabulary` differ in length or an n-gram comes twice.
 */
export function restoreTfidf({ settings, vocabulary, idf }: TfidfState): TextFeatures {
  const counter = new NgramCounter(settings)
  const nodes = vocabulary.map(ngram => {
    let node = ROOT
    for (const word of ngram.split(' ')) node = counter.trie.add(node, counter.trie.addWord(word))
    return node
  })
  if (idf.length !== vocabulary.length || new Set(nodes).size !== nodes.length) {
    throw new PressroomError('model-damaged', 'the vocabulary does not fit its weights', {
      where: `it has ${new Set(nodes).size} different n-grams in ${nodes.length}, and ${idf.length} weights`,
    })
  }
  const columns = columnsOf(nodes, counter.trie.size)
  const rows = new TfidfRows(idf, settings.sublinearTf)
  const transform = (texts: readonly string[]): SparseMatrix => {
    rows.begin(texts.length)
    for (const text of texts) {
      for (const node of counter.read(text, false)) {
        const count = counter.take(node)
        const column = columns[node]!
        if (column >= 0) rows.put(column, count)
      }
      rows.endRow()
    }
    return rows.matrix()
  }
  return { settings, vocabulary, idf, transform }
}

/** By node: its column, or -1 for a node that is only the beginning of longer n-grams or was not chosen. */
function columnsOf(nodes: readonly number[], size: number): Int32Array {
  const columns = new Int32Array(size).fill(-1)
  nodes.forEach((node, column) => {
    columns[node] = column
  })
  return columns
}
