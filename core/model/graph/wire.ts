import protobuf from 'protobufjs/light.js'

/** One field of a protobuf message: its number, and its content as it stands. */
interface Field {
  readonly id: number
  /** Whether the content is one whole number; else it is a message, a string, bytes, or whole numbers one after another. */
  readonly isNumber: boolean
  readonly content: Uint8Array
}

const VARINT = 0
const BYTES = 2

/**
 * The fields of a message, one after another; those of fixed width are passed over. Contents are views, so that a model of a
 * gigabyte is read without a copy, and what nobody asks for is never decoded.
 * @throws Error where the bytes are no protobuf message
 */
function* fieldsOf(message: Uint8Array): Generator<Field> {
  const reader = new protobuf.Reader(message)
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    const [id, wire] = [tag >>> 3, tag & 7]
    if (id === 0) throw new Error('a field has no number')
    const length = wire === BYTES ? reader.uint32() : 0
    const from = reader.pos
    if (wire === BYTES) reader.skip(length)
    else reader.skipType(wire)
    if (wire !== BYTES && wire !== VARINT) continue
    yield { id, isNumber: wire === VARINT, content: message.subarray(from, reader.pos) }
  }
}

/** The messages, strings or byte strings that are one of the fields `ids`. */
export function* bytesOf(message: Uint8Array, ...ids: readonly number[]): Generator<Uint8Array> {
  for (const { id, isNumber, content } of fieldsOf(message)) if (!isNumber && ids.includes(id)) yield content
}

/** The strings that are field `id`. */
export function stringsOf(message: Uint8Array, id: number): string[] {
  return Array.from(bytesOf(message, id), decodeText)
}

/** The last string that is field `id`: '' where there is none, as protobuf has it. */
export function stringOf(message: Uint8Array, id: number): string {
  return stringsOf(message, id).at(-1) ?? ''
}

/** The whole numbers that are field `id`, whether packed or not. */
export function integersOf(message: Uint8Array, id: number): bigint[] {
  const numbers: bigint[] = []
  for (const field of fieldsOf(message)) {
    if (field.id !== id) continue
    const reader = new protobuf.Reader(field.content)
    while (reader.pos < reader.len) numbers.push(BigInt(reader.int64().toString()))
  }
  return numbers
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}
