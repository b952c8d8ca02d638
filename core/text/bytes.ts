/** From so many bytes on an outgrown array's memory is worth giving back at once. */
const LARGE = 1 << 20

/**
 * The array at twice its length, and at least at `least`, zeros behind. What it was before must not be used any more: the memory
 * of a large one is given back at once, not when the garbage collector sees a reason to. Small ones are left to it, because
 * from the first array that is detached V8 checks all typed arrays of the process for it, wherever it reads them.
 */
export function grown<T extends Int32Array | Float64Array | Uint8Array>(array: T, least: number): T {
  const { BYTES_PER_ELEMENT: width, buffer, length } = array
  const Type = array.constructor as new (from: number | ArrayBuffer) => T
  const longer = Math.max(2 * length, least)
  if (width * length >= LARGE) return new Type((buffer as ArrayBuffer).transfer(width * longer))
  const copy = new Type(longer)
  copy.set(array)
  return copy
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
