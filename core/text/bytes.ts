/**
 * A copy at twice the length, and at least at `least`, zeros behind. The array is not handed on by `ArrayBuffer.transfer`, which
 * would give its memory back at once: from the first buffer that is detached V8 throws all compiled code away that reads typed
 * arrays, and checks each for it wherever it reads one.
 */
export function grown<T extends Int32Array | Float64Array | Uint8Array>(array: T, least: number): T {
  const longer = new (array.constructor as new (length: number) => T)(Math.max(2 * array.length, least))
  longer.set(array)
  return longer
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
