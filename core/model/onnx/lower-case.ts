import { GraphBuilder } from './builder.ts'

/** Its lower case depends on what is around it, so it stays as it is: vocabulary.ts has words for it. */
export const CAPITAL_SIGMA = 'Σ'

const ASCII_ONLY = '[\\x00-\\x7F]*'
const LAST = 2 ** 31 - 1

/**
 * The texts (names of string tensors, [N]) in lower case, as JavaScript and Python have it and without a locale: characters are looked up
 * in a table of all of Unicode's. Texts of nothing but ASCII take the short way, StringNormalizer in the locale "C".
 */
export function lowerCased(g: GraphBuilder, text: string): string {
  const ascii = g.op('RegexFullMatch', [text], { pattern: { s: ASCII_ONLY } })
  const all = g.op('ReduceMin', [g.cast(ascii, 'int64')], { keepdims: { i: 0 } })
  const simple = new GraphBuilder('ascii_')
  simple.put('StringNormalizer', [text], ['ascii_lower'], {
    case_change_action: { s: 'LOWER' },
    locale: { s: 'C' },
  })
  const full = new GraphBuilder('unicode_')
  lowerEach(full, text, 'unicode_lower')
  const output = (name: string) => [{ name, type: 'string', shape: ['N'] } as const]
  return g.op('If', [g.op('Cast', [all], { to: { i: 9 } })], {
    then_branch: { g: simple.body('ascii', [], output('ascii_lower')) },
    else_branch: { g: full.body('unicode', [], output('unicode_lower')) },
  })
}

function lowerEach(g: GraphBuilder, text: string, output: string): void {
  const characters = g.tokens(text, { separators: { strings: [''] } })
  const pairs = lowerCasePairs()
  const found = g.ml('LabelEncoder', [characters], {
    keys_strings: { strings: pairs.map(([upper]) => upper) },
    values_strings: { strings: pairs.map(([, lower]) => lower) },
    default_string: { s: '' },
  })
  const blank = g.constant([1, 1], { type: 'string', data: [''] })
  const lower = g.op('Where', [g.op('Equal', [found, blank]), characters, found])
  g.put('Squeeze', [joined(g, lower, blank), g.ints(1)], [output])
}

/** Each row's strings, [N, L], as one, [N, 1]: neighbours are joined until one is left. */
function joined(g: GraphBuilder, strings: string, blank: string): string {
  const body = new GraphBuilder('join_')
  const rows = body.op('Shape', ['join_in'], { start: { i: 0 }, end: { i: 1 } })
  const odd = body.op('Mod', [widthOf(body, 'join_in'), body.ints(2)])
  const filling = body.op('Expand', [blank, body.op('Concat', [rows, odd], { axis: { i: 0 } })])
  const even = body.op('Concat', ['join_in', filling], { axis: { i: 1 } })
  const everyOther = (from: number) =>
    body.op('Slice', [even, body.ints(from), body.ints(LAST), body.ints(1), body.ints(2)])
  body.put('StringConcat', [everyOther(0), everyOther(1)], ['join_out'])
  body.put('Squeeze', [body.op('Greater', [widthOf(body, 'join_out'), body.ints(1)])], ['join_again'])
  const rounds = g.constant([], { type: 'int64', data: [64] })
  const again = g.op('Squeeze', [g.op('Greater', [widthOf(g, strings), g.ints(1)])])
  const value = (name: string) => ({ name, type: 'string', shape: ['N', `${name}_width`] }) as const
  return g.op('Loop', [rounds, again, strings], {
    body: {
      g: body.body(
        'join',
        [
          { name: 'join_round', type: 'int64', shape: [] },
          { name: 'join_if', type: 'bool', shape: [] },
          value('join_in'),
        ],
        [{ name: 'join_again', type: 'bool', shape: [] }, value('join_out')],
      ),
    },
  })
}

function widthOf(g: GraphBuilder, name: string): string {
  return g.op('Shape', [name], { start: { i: 1 }, end: { i: 2 } })
}

/** Every character that lower-casing changes, and what it becomes: İ alone becomes two. */
function lowerCasePairs(): readonly (readonly [string, string])[] {
  const pairs: [string, string][] = []
  for (let code = 0; code <= 0x10ffff; code++) {
    // Halves of surrogate pairs are no characters.
    if (code === 0xd800) code = 0xe000
    const character = String.fromCodePoint(code)
    const lower = character.toLowerCase()
    if (lower !== character && character !== CAPITAL_SIGMA) pairs.push([character, lower])
  }
  return pairs
}
