import { randomFrom } from '../../core/random.ts'

/** First and last code point of blocks with letters, marks, digits, punctuation and cases that differ. */
const BLOCKS: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0x01, 0x1f],
  [0xa0, 0xff],
  [0x100, 0x24f],
  [0x250, 0x36f],
  [0x370, 0x3ff],
  [0x400, 0x52f],
  [0x531, 0x5f4],
  [0x600, 0x6ff],
  [0x900, 0x97f],
  [0xe00, 0xe7f],
  [0x10a0, 0x10ff],
  [0x1e00, 0x1fff],
  [0x2000, 0x218f],
  [0x2460, 0x24ff],
  [0x2c00, 0x2dff],
  [0x3000, 0x30ff],
  [0x4e00, 0x4eff],
  [0xa640, 0xa7ff],
  [0xac00, 0xacff],
  [0xd800, 0xdfff],
  [0xff00, 0xffef],
  [0x10400, 0x1047f],
  [0x118a0, 0x118ff],
  [0x1e900, 0x1e95f],
  [0x1f300, 0x1f6ff],
]

/** Capital sigmas, and what decides how their lower case is written. */
const SIGMAS = [
  'Σ',
  'Σ',
  'ΑΣ',
  'σ',
  "'",
  '.',
  '\u0301',
  '\u00ad',
  'Α',
  'a',
  ' ',
  '\u02b0',
  'Σ.Α',
  ':',
  '\u0345',
]

/** Texts of `words` with characters of any alphabet strewn among them, or with sigmas; always the same. */
export function madeUpTexts(count: number, words: readonly string[], strewn: 'any' | 'sigmas'): string[] {
  const random = randomFrom(strewn === 'any' ? 1 : 2)
  const below = (limit: number) => Math.floor(random.unit() * limit)
  const oneOf = <T>(list: readonly T[]) => list[below(list.length)]!
  const word = () => {
    const chosen = oneOf(words)
    return `${random.unit() < 0.3 ? chosen.toUpperCase() : chosen}${random.unit() < 0.6 ? ' ' : ''}`
  }
  const characters = () => {
    const [first, last] = oneOf(BLOCKS)
    return Array.from({ length: 1 + below(6) }, () =>
      String.fromCodePoint(first + below(last - first + 1)),
    ).join('')
  }
  const piece = () => {
    if (random.unit() < 0.3) return word()
    return strewn === 'sigmas' && random.unit() < 0.7 ? oneOf(SIGMAS) : characters()
  }
  return Array.from({ length: count }, () => Array.from({ length: below(25) }, piece).join(''))
}
