/** No letter, digit or cased character stands beyond plane 3; planes from 4 on are empty, tags or for private use. */
const LAST = 0x3ffff

/** A word character, as isWordCharacter has it. */
export const WORD = '[\\p{L}\\p{N}_]'

let everyCharacter: string | undefined

/** Every character up to plane 3, in order; halves of surrogate pairs are none. */
function characters(): string {
  everyCharacter ??= Array.from({ length: LAST + 1 }, (_, code) =>
    code >= 0xd800 && code < 0xe000 ? '' : String.fromCodePoint(code),
  ).join('')
  return everyCharacter
}

const found = new Map<string, readonly string[]>()
const classes = new Map<string, string>()

/** The characters that a pattern for one of them matches, such as `\p{Lu}` under the flag `v`, in order. */
export function charactersOf(one: string): readonly string[] {
  const known = found.get(one) ?? characters().match(new RegExp(one, 'gv')) ?? []
  found.set(one, known)
  return known
}

/** {@link classOf} of {@link charactersOf}. */
export function classFor(one: string): string {
  const known = classes.get(one) ?? classOf(charactersOf(one))
  classes.set(one, known)
  return known
}

/**
 * What stands inside the brackets of a character class, as RE2 (ONNX's RegexFullMatch) and Python read it alike: each range by its first and last
 * character, so that the Unicode version of a runtime plays no part.
 */
export function classOf(members: readonly string[]): string {
  const codes = members.map(member => member.codePointAt(0)!).sort((a, b) => a - b)
  let ranges = ''
  for (let i = 0; i < codes.length; i++) {
    const first = codes[i]!
    while (codes[i + 1] === codes[i]! + 1) i++
    ranges += literal(first)
    if (codes[i] !== first) ranges += `-${literal(codes[i]!)}`
  }
  return ranges
}

function literal(code: number): string {
  const character = String.fromCodePoint(code)
  return code < 0x80 && /\W/.test(character) ? `\\${character}` : character
}
