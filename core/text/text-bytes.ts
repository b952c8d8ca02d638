/** The UTF-8 bytes of one text after another, in one buffer that grows with the longest. */
export class TextBytes {
  bytes: Buffer = Buffer.allocUnsafeSlow(4096)
  /** Of `bytes`. */
  view: DataView = viewOf(this.bytes)
  length = 0

  /**
   * Takes the text in.
   * @returns whether all of it is ASCII, one byte a character
   */
  read(text: string): boolean {
    // A UTF-16 unit takes three bytes at most; what reads them may add one behind, and looks at four at a time.
    const most = 3 * text.length + 8
    if (most > this.bytes.length) {
      this.bytes = Buffer.allocUnsafeSlow(Math.max(most, 2 * this.bytes.length))
      this.view = viewOf(this.bytes)
    }
    this.length = this.bytes.write(text, 0)
    return this.length === text.length
  }
}

export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

/** The code point whose UTF-8 form starts at `at`; the bytes are well-formed. */
export function codePointAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!
  if (first < 0x80) return first
  if (first < 0xe0) return ((first & 0x1f) << 6) | (bytes[at + 1]! & 0x3f)
  if (first < 0xf0) return ((first & 0x0f) << 12) | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f)
  return (
    ((first & 0x07) << 18) |
    ((bytes[at + 1]! & 0x3f) << 12) |
    ((bytes[at + 2]! & 0x3f) << 6) |
    (bytes[at + 3]! & 0x3f)
  )
}

/** How many bytes the character has whose first byte this is. */
export function widthOf(first: number): number {
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
}

/** How many bytes the code point has in UTF-8. */
export function bytesOf(point: number): number {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
}

/** Writes the code point as UTF-8 from `at` on, and returns where it ends. */
export function writeCodePoint(bytes: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    bytes[at] = point
    return at + 1
  }
  const end = at + bytesOf(point)
  let rest = point
  for (let i = end - 1; i > at; i--, rest >>= 6) bytes[i] = 0x80 | (rest & 0x3f)
  // As many ones as there are bytes, a zero, and what is left of the code point.
  bytes[at] = ((0xf00 >> (end - at)) & 0xff) | rest
  return end
}
