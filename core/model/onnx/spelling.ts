import { isWordCharacter } from '../../text/unicode.ts'
import { GraphBuilder } from './builder.ts'
import { charactersOf, classFor, classOf, WORD } from './characters.ts'
import { any, cut, matches, type Pieces } from './pieces.ts'

/** The longest piece of which every character is read; RE2 repeats nothing more often than a thousand times. */
const LONGEST = 1000
/** All but a few pieces are shorter, and each look takes as long as the longest piece could be. */
const SHORT = 33
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
export function wordsAlone(g: GraphBuilder, { strings, rows }: Pieces, spelling: Spelling): Pieces {
  const odd = g.op('Not', [matches(g, strings, `[${classFor(plainClass(spelling.lowercase))}]*`)])
  const short = matches(g, strings, `.{0,${SHORT}}`)
  const symbols = symbolsOf(spelling)
  const done = speltWhere(g, strings, g.op('And', [odd, short]), { name: 'short', longest: SHORT, symbols })
  const long = g.op('And', [odd, g.op('Not', [short])])
  return cut(g, { strings: speltWhere(g, done, long, { name: 'long', longest: LONGEST, symbols }), rows })
}

/** The characters of which a word can be and stay as it is. */
export function plainClass(lowercase: boolean): string {
  return lowercase ? `[${WORD}--\\p{CWL}]` : WORD
}

/** How strings are spelt; `name` tells the parts of a graph apart. */
interface Spell {
  readonly name: string
  readonly longest: number
  readonly symbols: Symbols
}

/** What is written for characters, numbered. */
interface Symbols {
  readonly written: readonly string[]
  /** By bit: the class of those characters in whose symbol's number it is set. A character of no class has number 0. */
  readonly bits: readonly string[]
}

/** The strings, [P], those that are flagged spelt; where none is, nothing is done. */
function speltWhere(g: GraphBuilder, strings: string, flags: string, how: Spell): string {
  const some = new GraphBuilder(`${how.name}_`)
  const none = new GraphBuilder(`not_${how.name}_`)
  const spelt = replaceSome(some, strings, flags, chosen => spell(some, chosen, how))
  some.put('Identity', [spelt], [`${how.name}_out`])
  none.put('Identity', [strings], [`not_${how.name}_out`])
  const output = (name: string) => [{ name, type: 'string', shape: ['P'] } as const]
  return g.op('If', [any(g, flags)], {
    then_branch: { g: some.body(how.name, [], output(`${how.name}_out`)) },
    else_branch: { g: none.body(`not_${how.name}`, [], output(`not_${how.name}_out`)) },
  })
}

/** The strings, [P], with `change` made to those, [Q], whose flag is set. */
function replaceSome(
  g: GraphBuilder,
  strings: string,
  flags: string,
  change: (some: string) => string,
): string {
  const changed = change(g.op('Compress', [strings, flags], { axis: { i: 0 } }))
  const size = g.op('Squeeze', [g.op('Shape', [strings])])
  const places = g.op('Range', [g.int(0), size, g.int(1)])
  const ordinals = g.op('CumSum', [g.cast(flags, 'int64'), g.int(0)])
  const behind = g.op('Sub', [g.op('Add', [ordinals, size]), g.int(1)])
  const all = g.op('Concat', [strings, changed], { axis: { i: 0 } })
  return g.op('Gather', [all, g.op('Where', [flags, behind, places])])
}

/** The strings, [Q], character by character, with a space for what is in no word. */
function spell(g: GraphBuilder, strings: string, { name, longest, symbols }: Spell): string {
  const own = (what: string) => `${name}_${what}`
  const before = longest - 1
  const body = new GraphBuilder(own('each_'))
  const gap = body.op('Sub', [body.int(before), own('round')])
  const filling = body.op('StringConcat', [
    body.op('Gather', [fillings(body, STEP), body.op('Div', [gap, body.int(STEP)])]),
    body.op('Gather', [fillings(body, 1), body.op('Mod', [gap, body.int(STEP)])]),
  ])
  const moved = body.op('StringConcat', [filling, strings])
  const parts = symbols.bits.map((members, bit) => {
    const isSet = body.cast(matches(body, moved, `.{${before}}[${members}].*`), 'int64')
    return body.op('Mul', [isSet, body.int(2 ** bit)])
  })
  const table = body.constant([symbols.written.length], { type: 'string', data: symbols.written })
  const symbol = body.op('Gather', [table, parts.reduce((sum, part) => body.op('Add', [sum, part]))])
  body.put('StringConcat', [own('in'), symbol], [own('out')])
  body.put('Identity', [any(body, matches(body, moved, `.{${before}}..+`))], [own('again')])
  const blank = g.constant([1], { type: 'string', data: [''] })
  const start = g.op('Expand', [blank, g.op('Shape', [strings])])
  const yes = g.constant([], { type: 'bool', data: [1] })
  const rounds = g.int(longest)
  const value = (name: string) => ({ name, type: 'string', shape: ['Q'] }) as const
  return g.op('Loop', [rounds, yes, start], {
    body: {
      g: body.body(
        own('each'),
        [
          { name: own('round'), type: 'int64', shape: [] },
          { name: own('if'), type: 'bool', shape: [] },
          value(own('in')),
        ],
        [{ name: own('again'), type: 'bool', shape: [] }, value(own('out'))],
      ),
    },
  })
}

/** Strings of 0, `step`, 2 `step` … of the same character. */
function fillings(g: GraphBuilder, step: number): string {
  const data = Array.from({ length: STEP }, (_, i) => '.'.repeat(i * step))
  return g.constant([STEP], { type: 'string', data })
}

function symbolsOf({ known, lowercase }: Spelling): Symbols {
  const members = new Map<string, readonly string[]>([
    [SEPARATOR, []],
    [OTHER, []],
    ...Array.from(known, character => [character, [character]] as const),
  ])
  for (const character of lowercase ? charactersOf('\\p{CWL}') : []) {
    // İ becomes an i and a dot, which is no word character.
    const written = Array.from(character.toLowerCase(), part => {
      if (!isWordCharacter(part.codePointAt(0)!)) return SEPARATOR
      return known.has(part) ? part : OTHER
    }).join('')
    // Capitals of letters that no word has are as their like, and so are circled ones, which are no letters.
    if (written === OTHER || written === SEPARATOR) continue
    members.set(written, [...(members.get(written) ?? []), character])
  }
  const taken = new Set([...members.values()].flat())
  members.set(
    OTHER,
    charactersOf(WORD).filter(character => !taken.has(character)),
  )
  const each = [...members.values()]
  const bits = Array.from({ length: Math.ceil(Math.log2(each.length)) }, (_, bit) =>
    classOf(each.flatMap((characters, number) => ((number >> bit) & 1 ? characters : []))),
  )
  return { written: [...members.keys()], bits }
}
