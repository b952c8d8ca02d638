import { grown } from './bytes.ts'
import type { Preparation } from './prepare.ts'
import type { VectorizerSettings } from './settings.ts'
import { codePointAt, TextBytes, widthOf, writeCodePoint } from './text-bytes.ts'
import { isSpace } from './unicode.ts'

const SPACE = 0x20

/**
 * The characters of one text after another, normalised, as scikit-learn's analyzers `char` and `char_wb` cut them: in pieces,
 * out of which no n-gram reaches. For `char` the text is one piece, in which two or more white spaces are one space. For
 * `char_wb` each word is a piece with a space before and behind, and neighbours share that space.
 *
 * Everything is overwritten by the next text.
 */
export class Characters {
  /** Code points. */
  symbols = new Int32Array(4096)
  /** Where each character's bytes start in `bytes`, and where those of the last end. */
  offsets = new Int32Array(4097)
  bytes: Uint8Array = new Uint8Array(4096)
  /** Piece `i` is the characters from `starts[i]` up to `ends[i]`. */
  starts = new Int32Array(256)
  ends = new Int32Array(256)
  pieces = 0
  #count = 0
  readonly #text = new TextBytes()
  readonly #preparation: Preparation
  readonly #wordBounds: boolean

  constructor(settings: Pick<VectorizerSettings, 'analyzer'>, preparation: Preparation) {
    this.#preparation = preparation
    this.#wordBounds = settings.analyzer === 'char_wb'
  }

  read(text: string): void {
    const { always, beyondAscii, lowercase } = this.#preparation
    const prepared = always === undefined ? text : always(text)
    const ascii = this.#text.read(prepared)
    if (!ascii) this.#text.read(beyondAscii(prepared))
    // A space before and one behind, which `char_wb` adds.
    const most = this.#text.length + 2
    if (most >= this.symbols.length) {
      this.symbols = grown(this.symbols, most)
      this.offsets = grown(this.offsets, most + 1)
      this.bytes = grown(this.bytes, 4 * most)
    }
    this.#count = 0
    this.pieces = 0
    this.offsets[0] = 0
    if (this.#wordBounds) this.#readWords(ascii && lowercase)
    else this.#readAll(ascii && lowercase)
  }

  #readWords(lowercase: boolean): void {
    const { bytes, length } = this.#text
    this.#put(SPACE)
    let start = 0
    for (let i = 0; i < length; i += widthOf(bytes[i]!)) {
      const symbol = codePointAt(bytes, i)
      if (symbol < 0x80 ? isAsciiSpace(symbol) : isSpace(symbol)) {
        if (this.#count - start > 1) start = this.#endWord(start)
      } else {
        this.#put(lowercase ? lowered(symbol) : symbol)
      }
    }
    if (this.#count - start > 1) this.#endWord(start)
  }

  #endWord(start: number): number {
    this.#put(SPACE)
    this.#endPiece(start, this.#count)
    return this.#count - 1
  }

  #readAll(lowercase: boolean): void {
    const { bytes, length } = this.#text
    for (let i = 0; i < length; i += widthOf(bytes[i]!)) {
      const symbol = codePointAt(bytes, i)
      if (!isSpace(symbol)) {
        this.#put(lowercase ? lowered(symbol) : symbol)
        continue
      }
      // A white space alone stays what it is; only runs become a space (`\s\s+`).
      let spaces = 1
      for (let next = i + widthOf(bytes[i]!); next < length && isSpace(codePointAt(bytes, next)); spaces++) {
        i = next
        next += widthOf(bytes[next]!)
      }
      this.#put(spaces > 1 ? SPACE : symbol)
    }
    this.#endPiece(0, this.#count)
  }

  #put(symbol: number): void {
    const end = writeCodePoint(this.bytes, this.offsets[this.#count]!, symbol)
    this.symbols[this.#count++] = symbol
    this.offsets[this.#count] = end
  }

  #endPiece(start: number, end: number): void {
    if (this.pieces === this.starts.length) {
      this.starts = grown(this.starts, 0)
      this.ends = grown(this.ends, 0)
    }
    this.starts[this.pieces] = start
    this.ends[this.pieces++] = end
  }
}

function isAsciiSpace(symbol: number): boolean {
  return symbol <= 0x20 && (symbol === 0x20 || (symbol >= 9 && symbol <= 13) || symbol >= 0x1c)
}

function lowered(symbol: number): number {
  return symbol >= 0x41 && symbol <= 0x5a ? symbol + 0x20 : symbol
}
