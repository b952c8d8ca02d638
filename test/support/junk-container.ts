import { spoiltText } from './junk-answers.ts'

const HEADER_BYTES = 16
const aligned = (offset: number) => Math.ceil(offset / 8) * 8

/** The bytes of a container (core/model/container.ts) with another value in one place of its header. */
export function spoiltContainer(bytes: Uint8Array, place: number, value: unknown): Buffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = HEADER_BYTES + view.getUint32(12, true)
  const text = Buffer.from(
    spoiltText(Buffer.from(bytes.subarray(HEADER_BYTES, end)).toString(), place, value),
  )
  const header = Buffer.alloc(aligned(HEADER_BYTES + text.length))
  header.set(bytes.subarray(0, 12))
  header.writeUint32LE(text.length, 12)
  header.set(text, HEADER_BYTES)
  return Buffer.concat([header, bytes.subarray(aligned(end))])
}
