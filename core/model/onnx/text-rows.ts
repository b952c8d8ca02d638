import type { VectorizerSettings } from '../../text/index.ts'
import type { GraphBuilder } from './builder.ts'
import { asTable } from './pieces.ts'
import type { SparseNames } from './rows.ts'
import { wordIds } from './words.ts'

/** A vectoriser of words that was fitted. */
export interface TextPart {
  readonly settings: VectorizerSettings
  /** The n-grams in the order of columns, one space between words. */
  readonly vocabulary: readonly string[]
  readonly idf: Float64Array | undefined
  readonly stopWords: ReadonlySet<string>
}

/** The texts as rows of the vectoriser, by the formulas of core/text/row-weights.ts. */
export function textRows(g: GraphBuilder, text: string, part: TextPart): SparseNames {
  const { settings, vocabulary, idf } = part
  const ids = new Map<string, number>()
  const grams = vocabulary.map(gram =>
    gram.split(' ').map(word => {
      const id = ids.get(word) ?? ids.size + 1
      ids.set(word, id)
      return id
    }),
  )
  const words = { ids, stopWords: part.stopWords, lowercase: settings.lowercase }
  const numbers = wordIds(g, text, words)
  const found = entries(g, counted(g, numbers, grams, settings.ngramRange))
  let { values } = found
  if (settings.binary) values = g.op('Min', [values, g.floats([], [1])])
  // A filling has the value 0, and keeps it through both.
  if (settings.sublinearTf) {
    const one = g.floats([], [1])
    const logs = g.op('Add', [g.op('Log', [g.op('Max', [values, one])]), one])
    values = g.op('Mul', [logs, g.op('Min', [values, one])])
  }
  if (idf !== undefined)
    values = g.op('Mul', [values, g.op('Gather', [g.floats([idf.length], idf), found.ids])])
  if (settings.norm !== 'none') values = normed(g, values, settings.norm)
  if (settings.weight !== 1) values = g.op('Mul', [values, g.floats([], [settings.weight])])
  return { ids: found.ids, values }
}

/** What is not 0 in rows that are spelt out, [N, columns]. */
function entries(g: GraphBuilder, dense: string): SparseNames {
  const places = g.op('NonZero', [dense])
  const coordinate = (axis: number) => {
    return g.op('Squeeze', [g.op('Slice', [places, g.ints(axis), g.ints(axis + 1), g.ints(0)]), g.ints(0)])
  }
  const [rows, columns] = [coordinate(0), coordinate(1)]
  const size = g.op('Shape', [dense], { start: { i: 0 }, end: { i: 1 } })
  const table = (items: string, filling: string) => asTable(g, { items, rows }, { size, filling })
  return {
    ids: table(columns, g.int(0)),
    values: table(g.op('GatherND', [dense, g.op('Transpose', [places])]), g.floats([], [0])),
  }
}

function counted(
  g: GraphBuilder,
  numbers: string,
  grams: readonly (readonly number[])[],
  [fewest, most]: readonly [number, number],
): string {
  const order = Array.from(grams.keys()).sort((a, b) => grams[a]!.length - grams[b]!.length || a - b)
  const pool = order.flatMap(gram => grams[gram]!)
  // Where the n-grams of each length begin in the pool.
  const starts = Array.from({ length: most }, (_, length) =>
    order.reduce((sum, gram) => sum + (grams[gram]!.length <= length ? grams[gram]!.length : 0), 0),
  )
  return g.op('TfIdfVectorizer', [numbers], {
    min_gram_length: { i: fewest },
    max_gram_length: { i: most },
    max_skip_count: { i: 0 },
    mode: { s: 'TF' },
    ngram_counts: { ints: starts },
    ngram_indexes: { ints: order },
    pool_int64s: { ints: pool },
  })
}

/** A row of nothing but zeros has no direction; it stays as it is. */
function normed(g: GraphBuilder, values: string, norm: 'l1' | 'l2'): string {
  const sizes = g.op(norm === 'l2' ? 'ReduceL2' : 'ReduceL1', [values, g.ints(1)], { keepdims: { i: 1 } })
  const divisor = g.op('Where', [g.op('Greater', [sizes, g.floats([], [0])]), sizes, g.floats([], [1])])
  return g.op('Div', [values, divisor])
}
