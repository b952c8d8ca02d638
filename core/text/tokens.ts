import { grown } from './bytes.ts'
import type { Preparation } from './prepare.ts'
import type { VectorizerSettings } from './settings.ts'
import { codePointAt, TextBytes, widthOf } from './text-bytes.ts'
import { parseTokenPattern, type TokenPattern } from './token-pattern.ts'
import { isWordCharacter } from './unicode.ts'
import { HASH_PRIME, HASH_START } from './word-table.ts'

const SPACE = 0x20

/** In the tables: a byte that is in no word. */
const OUTSIDE = 0xff

/** By byte: what it is inside a word, as it stands or lower-cased, or OUTSIDE. ASCII only. */
function tableOf({ holds }: TokenPattern, form: (byte: string) => string): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, byte) => {
    const formed = form(String.fromCharCode(byte)).charCodeAt(0)
    return holds(formed) ? formed : OUTSIDE
  })
}

/**
 * The words of one text after another: UTF-8, normalised, joined by one space each. Word `i` of the text last read is
 * `bytes` from `starts[i]` up to `ends[i]`, and `hashes[i]` is its hash for a WordTable. Everything is overwritten by the next
 * text: reading makes no garbage.
 */
export class Tokens {
  count = 0
  bytes: Buffer
  /** Of `bytes`, of which four more than the words take can be read. */
  view: DataView
  starts: Int32Array = new Int32Array(256)
  ends: Int32Array = new Int32Array(256)
  hashes: Int32Array = new Int32Array(256)
  readonly #text = new TextBytes()
  readonly #preparation: Preparation
  readonly #segmenter: Intl.Segmenter | undefined
  readonly #pattern: TokenPattern
  readonly #asItIs: Uint8Array
  readonly #lowered: Uint8Array

  /** @param settings as parseFeatureSettings gave them */
  constructor(settings: Pick<VectorizerSettings, 'tokenizer' | 'tokenPattern'>, preparation: Preparation) {
    this.#preparation = preparation
    this.#pattern = parseTokenPattern(settings.tokenPattern)!
    this.#asItIs = tableOf(this.#pattern, byte => byte)
    this.#lowered = tableOf(this.#pattern, byte => byte.toLowerCase())
    this.bytes = this.#text.bytes
    this.view = this.#text.view
    // A locale must be named, lest the machine's own decide; for word boundaries English adds nothing to Unicode's rules.
    if (settings.tokenizer === 'unicode') this.#segmenter = new Intl.Segmenter('en', { granularity: 'word' })
  }

  read(text: string): void {
    const { always, beyondAscii, lowercase } = this.#preparation
    const prepared = always === undefined ? text : always(text)
    this.count = 0
    if (this.#segmenter !== undefined) {
      this.#readSegments(this.#segmenter, lowercase ? beyondAscii(prepared) : prepared)
    } else if (this.#text.read(prepared)) {
      this.#readAscii(lowercase ? this.#lowered : this.#asItIs)
    } else if (this.#text.read(beyondAscii(prepared))) {
      this.#readAscii(this.#asItIs)
    } else {
      this.#readCodePoints()
    }
    this.bytes = this.#text.bytes
    this.view = this.#text.view
  }

  /*
   * A pattern such as scikit-learn's default, (?u)\b\w\w+\b, is greedy, so a match is a whole run of, there, two or more word
   * characters. Words are moved to the front of the bytes they came from: they and the spaces between them never reach beyond
   * what has been read.
   */
  #readAscii(table: Uint8Array): void {
    const { bytes, length } = this.#text
    this.#reserve(length)
    if (this.#pattern.whole) this.#blankOtherWords(table)
    const { fewest } = this.#pattern
    const { starts, ends, hashes } = this
    let count = 0
    let start = 0
    let at = 0
    let hash = HASH_START
    // One round more than there are bytes: what comes behind them ends the last word.
    bytes[length] = SPACE
    for (let i = 0; i <= length; i++) {
      const byte = table[bytes[i]!]!
      if (byte !== OUTSIDE) {
        bytes[at++] = byte
        hash = Math.imul(hash ^ byte, HASH_PRIME)
      } else if (at !== start) {
        if (at - start >= fewest) {
          starts[count] = start
          ends[count] = at
          hashes[count++] = hash
          bytes[at++] = SPACE
          start = at
        } else {
          at = start
        }
        hash = HASH_START
      }
    }
    this.count = count
  }

  #readCodePoints(): void {
    const { bytes, length } = this.#text
    this.#reserve(length)
    const { holds, fewest, whole } = this.#pattern
    if (whole) this.#blankOtherWords(this.#asItIs)
    let start = 0
    let at = 0
    let characters = 0
    let hash = HASH_START
    for (let i = 0; i < length; ) {
      const end = i + widthOf(bytes[i]!)
      if (holds(codePointAt(bytes, i))) {
        characters++
        for (; i < end; i++) {
          const byte = bytes[i]!
          bytes[at++] = byte
          hash = Math.imul(hash ^ byte, HASH_PRIME)
        }
      } else if (characters > 0) {
        if (characters >= fewest) {
          this.#push(start, at, hash)
          bytes[at++] = SPACE
          start = at
        } else {
          at = start
        }
        characters = 0
        hash = HASH_START
      }
      i = end
    }
    if (characters >= fewest) this.#push(start, at, hash)
  }

  /** Puts spaces in place of words that are not of the pattern's class from end to end. */
  #blankOtherWords(table: Uint8Array): void {
    const { bytes, length } = this.#text
    const { holds } = this.#pattern
    let start = 0
    let other = false
    for (let i = 0; i <= length; ) {
      const codePoint = i < length ? codePointAt(bytes, i) : SPACE
      const end = i + (i < length ? widthOf(bytes[i]!) : 1)
      if (isWordCharacter(codePoint)) {
        other ||= codePoint < 128 ? table[codePoint] === OUTSIDE : !holds(codePoint)
      } else {
        if (other) bytes.fill(SPACE, start, i)
        other = false
        start = end
      }
      i = end
    }
  }

  /** Words by UAX #29, as ICU tells them: with the apostrophe of "it's", and single letters too. */
  #readSegments(segmenter: Intl.Segmenter, text: string): void {
    const words: string[] = []
    for (const { segment, isWordLike } of segmenter.segment(text)) if (isWordLike) words.push(segment)
    this.#text.read(words.join(' '))
    const { bytes, length } = this.#text
    this.#reserve(length)
    let start = 0
    let hash = HASH_START
    for (let i = 0; i < length; i++) {
      const byte = bytes[i]!
      if (byte === SPACE) {
        this.#push(start, i, hash)
        start = i + 1
        hash = HASH_START
      } else {
        hash = Math.imul(hash ^ byte, HASH_PRIME)
      }
    }
    if (length > 0) this.#push(start, length, hash)
  }

  #push(start: number, end: number, hash: number): void {
    this.starts[this.count] = start
    this.ends[this.count] = end
    this.hashes[this.count++] = hash
  }

  /** Makes room for the words of a text of so many bytes: each has one, and one between it and the next. */
  #reserve(length: number): void {
    const most = (length >> 1) + 1
    if (most <= this.starts.length) return
    this.starts = grown(this.starts, most)
    this.ends = grown(this.ends, most)
    this.hashes = grown(this.hashes, most)
  }
}
