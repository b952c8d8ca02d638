import { PressroomError } from '../errors.ts'
import type { Counted } from './count.ts'
import { compareCodePoints, mostFrequent } from './order.ts'
import type { TextSettings } from './settings.ts'

/**
 * The nodes that become columns, in the order of columns: those within `minDf` and `maxDf`, and of them the `maxFeatures`
 * that occur most often.
 *
 * @throws PressroomError `empty-vocabulary` when none is left.
 */
export function chooseNodes(counted: Counted, texts: number, settings: TextSettings): number[] {
  const { counter, df, totals } = counted
  const most = settings.maxDf * texts
  const kept: number[] = []
  for (let node = 1; node < counter.trie.size; node++) {
    if (df[node]! >= settings.minDf && df[node]! <= most) kept.push(node)
  }
  if (kept.length === 0) throw emptyVocabulary(counted, texts, settings)
  const ngrams = new Map(kept.map(node => [node, counter.trie.ngram(node)]))
  kept.sort((a, b) => compareCodePoints(ngrams.get(a)!, ngrams.get(b)!))
  if (kept.length <= settings.maxFeatures) return kept
  const stay = mostFrequent(
    Int32Array.from(kept, node => totals[node]!),
    settings.maxFeatures,
  )
  return Array.from(stay, position => kept[position]!)
}

function emptyVocabulary({ counter, df }: Counted, texts: number, settings: TextSettings): PressroomError {
  const [fewest] = settings.ngramRange
  const most = Math.floor(settings.maxDf * texts)
  const error = (where: string, fix: string) =>
    new PressroomError('empty-vocabulary', 'no n-gram is left to learn from', { where, fix })
  if (!counter.sawWords) {
    return error(
      `none of the ${texts} texts has a word of two or more letters or digits`,
      'check that the text column is the right one',
    )
  }
  if (counter.trie.words === 0) {
    return error('stopWords: every word of the texts is an English stop word', 'set stopWords to none')
  }
  const highest = df.reduce((a, b) => Math.max(a, b))
  if (highest === 0) {
    return error(`ngramMin: no text has ${fewest} words, stop words aside`, 'lower ngramMin')
  }
  if (most < settings.minDf) {
    return error(
      `minDf asks for ${settings.minDf} or more of the ${texts} texts, maxDf ${settings.maxDf} for at most ${most}`,
      'lower minDf, raise maxDf, or give more rows',
    )
  }
  if (highest < settings.minDf) {
    return error(
      `minDf: no n-gram is in ${settings.minDf} of the ${texts} texts; the most common is in ${highest}`,
      'lower minDf or give more rows',
    )
  }
  const between = `every n-gram in ${settings.minDf} or more of the ${texts} texts is in more than ${most}`
  return error(`maxDf: ${between}`, 'raise maxDf')
}
