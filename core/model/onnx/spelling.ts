import { isWordCharacter } from '../../text/unicode.ts'
import { GraphBuilder } from './builder.ts'
import { charactersOf, classOf } from './characters.ts'
import { any, cut, matches, type Pieces } from './pieces.ts'

/** The character of a piece that is looked at stands behind so many of a filling; RE2 repeats nothing more often. */
export const LONGEST = 1000
/** Fillings of any length are one of the multiples of this and a rest. */
const STEP = 32

/** Stands for a word character that no known word has. */
const OTHER = '?'
const SEPARATOR = ' '

/** Words as n-grams know them. */
export interface Spelling {
  /** Every character of every known word. */
  readonly known: ReadonlySet<string>
  readonly lowercase: boolean
}

/**
 * Pieces of word characters alone, in lower case if they shall be. Most pieces are that already. In others each character is looked
 * at: one of a known word stays, one of another word becomes a placeholder, and at everything else the piece is cut. No operator tells a
 * string's characters, but a regular expression can ask one at a known place for each bit of its number; fillings in front
 * of the piece move one after the other to that place.
 */
export function wordsAlone(g: GraphBuilder, pieces: Pieces, spelling: Spelling): Pieces {
  const plain = spelling.lowercase ? '[[\\p{L}\\p{N}_]--\\p{CWL}]' : '[\\p{L}\\p{N}_]'
  const odd = g.op('Not', [matches(g, pieces.strings, `[${classOf(charactersOf(plain))}]*`)])
  const asTheyAre = new GraphBuilder('plain_')
  const looked = new GraphBuilder('odd_')
  asTheyAre.put('Identity', [pieces.strings], ['plain_strings'])
  asTheyAre.put('Identity', [pieces.rows], ['plain_rows'])
  const spelt = replaceSome(looked, pieces.strings, odd, some => spell(looked, some, spelling))
  const found = cut(looked, { strings: spelt, rows: pieces.rows })
  looked.put('Identity', [found.strings], ['odd_strings'])
  looked.put('Identity', [found.rows], ['odd_rows'])
  const outputs = (prefix: string) =>
    [
      { name: `${prefix}_strings`, type: 'string', shape: [`${prefix}_pieces`] },
      { name: `${prefix}_rows`, type: 'int64', shape: [`${prefix}_pieces`] },
    ] as const
  const [strings, rows] = g.outputs('If', [any(g, odd)], 2, {
    then_branch: { g: looked.body('odd', [], outputs('odd')) },
    else_branch: { g: asTheyAre.body('plain', [], outputs('plain')) },
  }) as [string, string]
  return { strings, rows }
}

/** The strings, [P], with `change` made to those, [Q], whose flag is set. */
function replaceSome(
  g: GraphBuilder,
  strings: string,
  flags: string,
  change: (some: string) => string,
): string {
  const number = (value: number) => g.constant([], { type: 'int64', data: [value] })
  const changed = change(g.op('Compress', [strings, flags], { axis: { i: 0 } }))
  const size = g.op('Squeeze', [g.op('Shape', [strings])])
  const places = g.op('Range', [number(0), size, number(1)])
  const ordinals = g.op('CumSum', [g.cast(flags, 'int64'), number(0)])
  const behind = g.op('Sub', [g.op('Add', [ordinals, size]), number(1)])
  const all = g.op('Concat', [strings, changed], { axis: { i: 0 } })
  return g.op('Gather', [all, g.op('Where', [flags, behind, places])])
}

/** The strings, [Q], character by character, with a space for what is in no word. */
function spell(g: GraphBuilder, strings: string, spelling: Spelling): string {
  const symbols = symbolsOf(spelling)
  const outputs = [...symbols.keys()]
  const body = new GraphBuilder('spell_')
  const number = (value: number) => body.constant([], { type: 'int64', data: [value] })
  const gap = body.op('Sub', [number(LONGEST), 'spell_round'])
  const filling = body.op('StringConcat', [
    body.op('Gather', [fillings(body, STEP), body.op('Div', [gap, number(STEP)])]),
    body.op('Gather', [fillings(body, 1), body.op('Mod', [gap, number(STEP)])]),
  ])
  const moved = body.op('StringConcat', [filling, strings])
  const bits = Math.ceil(Math.log2(outputs.length))
  const parts = Array.from({ length: bits }, (_, bit) => {
    const set = outputs.flatMap((symbol, i) => ((i >> bit) & 1 ? symbols.get(symbol)! : []))
    const isSet = body.cast(matches(body, moved, `.{${LONGEST}}[${classOf(set)}].*`), 'int64')
    return body.op('Mul', [isSet, number(2 ** bit)])
  })
  const table = body.constant([outputs.length], { type: 'string', data: outputs })
  const symbol = body.op('Gather', [table, parts.reduce((sum, part) => body.op('Add', [sum, part]))])
  body.put('StringConcat', ['spell_in', symbol], ['spell_out'])
  body.put('Identity', [any(body, matches(body, moved, `.{${LONGEST}}..+`))], ['spell_again'])
  const blank = g.constant([1], { type: 'string', data: [''] })
  const start = g.op('Expand', [blank, g.op('Shape', [strings])])
  const yes = g.constant([], { type: 'bool', data: [1] })
  const rounds = g.constant([], { type: 'int64', data: [LONGEST + 1] })
  const value = (name: string) => ({ name, type: 'string', shape: ['spell_pieces'] }) as const
  return g.op('Loop', [rounds, yes, start], {
    body: {
      g: body.body(
        'spell',
        [
          { name: 'spell_round', type: 'int64', shape: [] },
          { name: 'spell_if', type: 'bool', shape: [] },
          value('spell_in'),
        ],
        [{ name: 'spell_again', type: 'bool', shape: [] }, value('spell_out')],
      ),
    },
  })
}

/** Strings of 0, `step`, 2 `step` … of the same character. */
function fillings(g: GraphBuilder, step: number): string {
  const data = Array.from({ length: STEP }, (_, i) => '.'.repeat(i * step))
  return g.constant([STEP], { type: 'string', data })
}

/** What is written for a character, and the characters it is written for; the first is written for all others. */
function symbolsOf({ known, lowercase }: Spelling): ReadonlyMap<string, readonly string[]> {
  const symbols = new Map<string, string[]>([[SEPARATOR, []]])
  for (const character of charactersOf('[\\p{L}\\p{N}_]')) {
    // İ becomes an i and a dot, which is no word character.
    const written = Array.from(lowercase ? character.toLowerCase() : character, part => {
      if (!isWordCharacter(part.codePointAt(0)!)) return SEPARATOR
      return known.has(part) ? part : OTHER
    }).join('')
    const members = symbols.get(written)
    if (members === undefined) symbols.set(written, [character])
    else members.push(character)
  }
  return symbols
}
