/** The numbers as IEEE 754 single precision, little endian, whatever this machine's own order is. */
export function floatsToBytes(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < values.length; i++) view.setFloat32(i * 4, values[i]!, true)
  return bytes
}

/** The inverse of {@link floatsToBytes}; `bytes` holds a whole number of floats. */
export function bytesToFloats(bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float64Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(i * 4, true))
}
