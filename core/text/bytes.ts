/**
 * The array at twice its length, and at least at `least`, zeros behind. What it was before must not be used any more: its memory
 * is given back at once, not when the garbage collector sees a reason to.
 */
export function grown<T extends Int32Array | Float64Array | Uint8Array>(array: T, least: number): T {
  const { BYTES_PER_ELEMENT: width, buffer, length } = array
  const longer = (buffer as ArrayBuffer).transfer(width * Math.max(2 * length, least))
  return new (array.constructor as new (buffer: ArrayBuffer) => T)(longer)
}

/** Gives the array's memory back at once. */
export function released(array: Int32Array): void {
  ;(array.buffer as ArrayBuffer).transfer(0)
}

/** Any number of strings as UTF-8 in one piece: string `i` lies from `ends[i - 1]` (0 for the first) up to `ends[i]`. */
export interface PackedStrings {
  readonly bytes: Uint8Array
  readonly ends: Uint32Array
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

export function packedString({ bytes, ends }: PackedStrings, index: number): string {
  return decoder.decode(bytes.subarray(index === 0 ? 0 : ends[index - 1], ends[index]))
}

export function packStrings(strings: readonly string[]): PackedStrings {
  const bytes = Buffer.allocUnsafeSlow(strings.reduce((sum, string) => sum + Buffer.byteLength(string), 0))
  const ends = new Uint32Array(strings.length)
  let end = 0
  strings.forEach((string, i) => {
    end += bytes.write(string, end)
    ends[i] = end
  })
  return { bytes: new Uint8Array(bytes.buffer), ends }
}

export function unpackStrings(packed: PackedStrings): string[] {
  return Array.from(packed.ends, (_, i) => packedString(packed, i))
}
