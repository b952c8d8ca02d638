import type { GraphBuilder } from './builder.ts'
import { classFor, WORD } from './characters.ts'
import { asTable, cut, matches, onePieceEach, type Pieces, replaced } from './pieces.ts'
import { withoutCapitalSigmas } from './sigma.ts'
import { plainClass, wordsAlone } from './spelling.ts'

const UNKNOWN = 0
const LEFT_OUT = -1

/** Where texts are cut without a look at every character: the punctuation of ASCII and what typesetters put in its place. */
const COMMON = [...'!"#$%&\'()*+,-./:;<=>?@[\\]^`{|}~', ...'\u00a0‘’“”–—…«»·•、。']

/** How a graph tells words apart. */
export interface Words {
  /** The words of n-grams, numbered from 1. */
  readonly ids: ReadonlyMap<string, number>
  readonly stopWords: ReadonlySet<string>
  readonly lowercase: boolean
}

/**
 * The words of each text as numbers, int64 [N, T], by scikit-learn's default pattern `(?u)\b\w\w+\b`: 0 for one that is in no n-gram;
 * stop words are gone, and what fills a row up at its end is -1.
 */
export function wordIds(g: GraphBuilder, text: string, words: Words): string {
  const table = new Map([...words.ids, ...Array.from(words.stopWords, word => [word, LEFT_OUT] as const)])
  // One text more than was asked for, of a word and of what is cut to no word, since many operators do not take nothing.
  const extra = g.constant([1], { type: 'string', data: [`${wordBeside(table)} 0.0`] })
  const texts = g.op('Concat', [text, extra], { axis: { i: 0 } })
  const size = g.op('Shape', [texts])
  const { strings, rows } = piecesOf(g, texts, table, words.lowercase)
  const ids = g.ml('LabelEncoder', [strings], {
    keys_strings: { strings: [...table.keys()] },
    values_int64s: { ints: [...table.values()] },
    default_int64: { i: UNKNOWN },
  })
  const isKept = g.op('Greater', [ids, g.int(LEFT_OUT)])
  const kept = g.op('And', [isKept, matches(g, strings, '..+')])
  const some = (name: string) => g.op('Compress', [name, kept], { axis: { i: 0 } })
  const numbers = asTable(g, { items: some(ids), rows: some(rows) }, { size, filling: g.int(LEFT_OUT) })
  return g.op('Slice', [numbers, g.ints(0), g.ints(-1), g.ints(0)])
}

function piecesOf(
  g: GraphBuilder,
  texts: string,
  table: ReadonlyMap<string, number>,
  lowercase: boolean,
): Pieces {
  // A stop word may have characters that are in no word, and that never comes.
  const known = new Set(Array.from(table.keys()).join('').match(new RegExp(WORD, 'gv')))
  let pieces = cut(g, onePieceEach(g, lowercase ? withoutCapitalSigmas(g, texts) : texts))
  if (lowercase) pieces = { ...pieces, strings: lowerAscii(g, pieces.strings) }
  pieces = withAWord(g, pieces)
  const isWord = matches(g, pieces.strings, `[${classFor(plainClass(lowercase))}]*`)
  return replaced(g, pieces, g.op('Not', [isWord]), rest => {
    const parts = COMMON.reduce((cutSoFar, delimiter) => cut(g, cutSoFar, delimiter), rest)
    return wordsAlone(g, parts, { known, lowercase })
  })
}

/** Without pieces of punctuation alone, such as a line of a thousand dashes: cut at each, it would be a thousand pieces. */
function withAWord(g: GraphBuilder, { strings, rows }: Pieces): Pieces {
  const has = matches(g, strings, `.*[${classFor(WORD)}].*`)
  const some = (name: string) => g.op('Compress', [name, has], { axis: { i: 0 } })
  return { strings: some(strings), rows: some(rows) }
}

/** Strings of nothing but ASCII in lower case, the others as they are. The locale is named, lest the machine's own decide. */
function lowerAscii(g: GraphBuilder, strings: string): string {
  const ascii = matches(g, strings, '[\\x00-\\x7f]*')
  // Not an empty string, which some runtimes leave out.
  const filling = g.string('a')
  const lower = g.op('StringNormalizer', [g.op('Where', [ascii, strings, filling])], {
    case_change_action: { s: 'LOWER' },
    locale: { s: 'C' },
  })
  return g.op('Where', [ascii, lower, strings])
}

/** A word of two letters or more that the table does not have. */
function wordBeside(table: ReadonlyMap<string, number>): string {
  let word = '00'
  while (table.has(word)) word += '0'
  return word
}
