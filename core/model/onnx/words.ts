import { isWordCharacter } from '../../text/unicode.ts'
import type { GraphBuilder } from './builder.ts'
import { CAPITAL_SIGMA } from './lower-case.ts'

const UNKNOWN = 0
const LEFT_OUT = -1
/** Beyond, a word's capital sigmas are looked for only one at a time and all at once: 2^8 ways to write a word are enough. */
const MOST_SIGMAS = 8

/** How a graph tells words apart. */
export interface Words {
  /** The words of n-grams, numbered from 1. */
  readonly ids: ReadonlyMap<string, number>
  readonly stopWords: ReadonlySet<string>
  readonly lowercase: boolean
}

/** scikit-learn's default pattern `(?u)\b\w\w+\b`, with `\w` spelt out, so that a runtime's Unicode version plays no part. */
function wordPattern(): string {
  const ranges: string[] = []
  for (let code = 0; code <= 0x10ffff; code++) {
    if (!isWordCharacter(code)) continue
    const first = code
    while (code < 0x10ffff && isWordCharacter(code + 1)) code++
    ranges.push(`\\x{${first.toString(16)}}-\\x{${code.toString(16)}}`)
  }
  const character = `[${ranges.join('')}]`
  return `${character}${character}+`
}

/**
 * The words of each text as numbers, int64 [N, T]: 0 for one that is in no n-gram; stop words are gone, and what fills a row up at
 * its end is -1.
 */
export function wordIds(g: GraphBuilder, text: string, words: Words): string {
  const tokens = g.tokens(text, { tokenexp: { s: wordPattern() } })
  // One column more than there are words, since some operators do not take none.
  const rows = g.op('Shape', [text])
  const blank = g.constant([1, 1], { type: 'string', data: [''] })
  const end = g.op('Expand', [blank, g.op('Concat', [rows, g.ints(1)], { axis: { i: 0 } })])
  const table = wordTable(words)
  const ids = g.ml('LabelEncoder', [g.op('Concat', [tokens, end], { axis: { i: 1 } })], {
    keys_strings: { strings: [...table.keys()] },
    values_int64s: { ints: [...table.values()] },
    default_int64: { i: UNKNOWN },
  })
  return words.stopWords.size === 0 ? ids : withoutGaps(g, ids)
}

/** Moves what is left out to the end of its row, everything else in its order. */
function withoutGaps(g: GraphBuilder, ids: string): string {
  const number = (value: number) => g.constant([], { type: 'int64', data: [value] })
  const width = g.op('Shape', [ids], { start: { i: 1 }, end: { i: 2 } })
  const places = g.op('Range', [number(0), g.op('Squeeze', [width]), number(1)])
  const gone = g.cast(g.op('Equal', [ids, number(LEFT_OUT)]), 'int64')
  const order = g.op('Add', [places, g.op('Mul', [gone, width])])
  g.put('TopK', [order, width], ['order_sorted', 'order_places'], { axis: { i: 1 }, largest: { i: 0 } })
  return g.op('GatherElements', [ids, 'order_places'], { axis: { i: 1 } })
}

function wordTable({ ids, stopWords, lowercase }: Words): ReadonlyMap<string, number> {
  const table = new Map([['', LEFT_OUT]])
  const spellings = lowercase ? withCapitalSigmas : (word: string) => [word]
  for (const [word, id] of ids) for (const spelling of spellings(word)) table.set(spelling, id)
  for (const word of stopWords) for (const spelling of spellings(word)) table.set(spelling, LEFT_OUT)
  return table
}

/** The ways to write a word in which some of its sigmas are capitals whose lower case is what the word has. */
function withCapitalSigmas(word: string): readonly string[] {
  const sigmas = [...word.matchAll(/[σς]/g)].map(({ index }) => index)
  if (sigmas.length === 0) return [word]
  const all = 2 ** Math.min(sigmas.length, 30) - 1
  const chosen =
    sigmas.length <= MOST_SIGMAS
      ? Array.from({ length: all + 1 }, (_, bits) => bits)
      : [0, all, ...sigmas.map((_, i) => 2 ** i)]
  return chosen
    .map(bits => {
      const letters = word.split('')
      sigmas.forEach((at, i) => {
        if ((bits >> i) & 1) letters[at] = CAPITAL_SIGMA
      })
      return letters.join('')
    })
    .filter(spelling => spelling.toLowerCase() === word)
}
