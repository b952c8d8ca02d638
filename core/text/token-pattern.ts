import { isSpace, isWordCharacter, matching } from './unicode.ts'

/** Words as runs of characters of one class, the meaning of those patterns of scikit-learn's `token_pattern` that come in. */
export interface TokenPattern {
  readonly holds: (codePoint: number) => boolean
  /** Fewest characters of a word; shorter runs are none. */
  readonly fewest: number
  /** Whether a run must be a whole word of Python's, with no letter, digit or underscore before or behind it. */
  readonly whole: boolean
}

type Holds = TokenPattern['holds']

/** What a pattern may be, for whoever wrote another. */
export const TOKEN_PATTERNS = String.raw`a run of one class of characters, with \b around it or not, such as \w+, \S+, [a-zA-Z]+, [a-z]{3,} or \b[^\W\d_]+\b`

const isDigit = matching(/\p{Nd}/u)
const not =
  (holds: Holds): Holds =>
  codePoint =>
    !holds(codePoint)
const CLASSES: Readonly<Record<string, Holds>> = {
  ...{ '\\w': isWordCharacter, '\\d': isDigit, '\\s': isSpace },
  ...{ '\\W': not(isWordCharacter), '\\D': not(isDigit), '\\S': not(isSpace) },
}

/** One class as a pattern begins with it: a set in brackets, or one of the classes above. */
const ONE = /^(?:\\[wdsWDS]|\[\^?(?:\\.|[^\]\\])+\])/u
/** An item of a set: a class, or one character or a range of them, which may be escaped if they are no letters or digits. */
const ITEM = /\\[wdsWDS]|(\\[^\p{L}\p{N}]|[^\\])(?:-(\\[^\p{L}\p{N}]|[^\\]))?/uy

/**
 * The meaning of a regular expression of Python's: greedy matching of one class makes whole runs of it, so that no engine for
 * them is needed, and every code point is looked at once.
 *
 * @returns undefined for a pattern that is no run of one class, or whose words could hold a space, which joins the words of n-grams
 */
export function parseTokenPattern(pattern: string): TokenPattern | undefined {
  // Python's patterns are Unicode ones anyway.
  let rest = pattern.replace(/^\(\?u\)/, '')
  const [before, behind] = [rest.startsWith('\\b'), rest.endsWith('\\b')]
  rest = rest.slice(before ? 2 : 0, behind ? -2 : undefined)
  const [one] = ONE.exec(rest) ?? []
  const set = one === undefined ? undefined : setOf(one)
  if (one === undefined || set === undefined || set.holds(0x20)) return undefined
  const fewest = fewestOf(rest, one)
  if (fewest === undefined) return undefined
  // A run of \w ends where a word does.
  if (set.holds === isWordCharacter || !(before || behind)) return { holds: set.holds, fewest, whole: false }
  // Where a class goes beyond words, or one side is open, \b may fall into a run.
  return set.withinWords && before && behind ? { holds: set.holds, fewest, whole: true } : undefined
}

/** How many of `one` the rest asks for at least: `xx+` and `x{2,}` are two. */
function fewestOf(rest: string, one: string): number | undefined {
  let copies = 0
  while (rest.startsWith(one)) {
    rest = rest.slice(one.length)
    copies++
  }
  if (rest === '+') return copies
  const [, least] = /^\{(\d{1,3}),\}$/.exec(rest) ?? []
  const fewest = copies - 1 + Number(least)
  return fewest >= 1 ? fewest : undefined
}

function setOf(one: string): { holds: Holds; withinWords: boolean } | undefined {
  const named = CLASSES[one]
  if (named !== undefined) return { holds: named, withinWords: one === '\\w' || one === '\\d' }
  const negated = one[1] === '^'
  const inside = one.slice(negated ? 2 : 1, -1)
  const items: Holds[] = []
  const classes: string[] = []
  let plainWithin = true
  ITEM.lastIndex = 0
  while (ITEM.lastIndex < inside.length) {
    const item = ITEM.exec(inside)
    if (item === null) return undefined
    const [text, first, last = first] = item
    if (first === undefined) {
      items.push(CLASSES[text]!)
      classes.push(text)
      continue
    }
    const [from, to] = [codePointOf(first), codePointOf(last!)]
    if (from > to) return undefined
    items.push(codePoint => codePoint >= from && codePoint <= to)
    for (let codePoint = from; codePoint <= to && plainWithin; codePoint++) {
      plainWithin = isWordCharacter(codePoint)
    }
  }
  const any: Holds = codePoint => items.some(holds => holds(codePoint))
  if (negated) return { holds: not(any), withinWords: classes.includes('\\W') }
  return { holds: any, withinWords: plainWithin && classes.every(name => name === '\\w' || name === '\\d') }
}

/** Of a character that may stand behind a backslash. */
function codePointOf(character: string): number {
  return character.codePointAt(character.length > 1 && character[0] === '\\' ? 1 : 0)!
}
