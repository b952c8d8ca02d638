/**
 * Python's character classes, which scikit-learn's tokenisers rest on. Membership is worked out a page of 256 code points at
 * a time, when a text first needs it: a table of all of them would cost more than most programs' whole run.
 *
 * Both sides follow the Unicode version they were built with: letters that a newer one added are letters here first.
 */
type CodePointSet = (codePoint: number) => boolean

function lazySet(has: (codePoint: number) => boolean): CodePointSet {
  const pages: (Uint8Array | undefined)[] = new Array(0x1100)
  return codePoint => {
    const page = codePoint >>> 8
    pages[page] ??= Uint8Array.from({ length: 256 }, (_, i) => Number(has((page << 8) | i)))
    return pages[page][codePoint & 255] !== 0
  }
}

export const matching = (pattern: RegExp) =>
  lazySet(codePoint => pattern.test(String.fromCodePoint(codePoint)))

/** Python's `\w`: `str.isalnum()` or "_", that is every letter and number of Unicode, but no combining mark. */
export const isWordCharacter = matching(/[\p{L}\p{N}_]/u)

/** Python's `str.isspace()`, which is its `\s` too: with U+001C to U+001F and U+0085, without U+FEFF. */
export const SPACES = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'

export const isSpace = matching(new RegExp(`[${SPACES}]`, 'u'))

/**
 * Whether `unicodedata.combining` is not 0. JavaScript does not tell the canonical combining class, but normalisation shows
 * it: of two marks the one of lower class (but never of class 0) comes first. U+0334 is of class 1, the lowest, and U+0345
 * of class 240, the highest and the only one of it.
 */
const isCombining = lazySet(codePoint => {
  const mark = String.fromCodePoint(codePoint)
  if (!/\p{M}/u.test(mark)) return false
  const reordered = (pair: string) => pair.normalize('NFD') !== pair
  // Marks that decompose by themselves would look reordered; NFKD leaves none of them in a text.
  if (reordered(mark)) return false
  return codePoint === 0x345 || reordered(`${mark}\u0334`) || reordered(`\u0345${mark}`)
})

/** scikit-learn's `strip_accents_unicode`: compatibility decomposition, then no combining character stays. */
export function stripAccentsUnicode(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, mark => (isCombining(mark.codePointAt(0)!) ? '' : mark))
}

/** scikit-learn's `strip_accents_ascii`: compatibility decomposition, then only ASCII stays. */
export function stripAccentsAscii(text: string): string {
  return text.normalize('NFKD').replace(/[^\0-\x7f]+/g, '')
}
