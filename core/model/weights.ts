import type { LinearModel } from '../learn/index.ts'
import { bytesToFloats } from './bytes.ts'

/*
 * weights.bin of format 1, as docs/model-folder.md lays it out byte by byte. The last two bytes of the magic number are those of
 * PNG's signature: a transfer that "repairs" line ends or stops at Ctrl-Z damages them.
 */
const MAGIC = new Uint8Array([0x50, 0x52, 0x45, 0x53, 0x53, 0x57, 0x1a, 0x0a])
const VERSION = 1
const FLOAT32 = 1
const HEADER_BYTES = 24

/** The numbers of a linear text classifier. */
export interface Weights {
  readonly idf: Float64Array
  readonly model: LinearModel
}

/**
 * Reads weights.bin of a folder of format 1, to the last byte.
 * @throws Error with a clause that says what is wrong; whoever knows the file's name makes a sentence of it.
 */
export function decodeWeights(bytes: Uint8Array): Weights {
  if (bytes.length < HEADER_BYTES || !MAGIC.every((byte, i) => bytes[i] === byte)) {
    throw new Error('it does not start as a weights file does')
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = header.getUint16(8, true)
  if (version !== VERSION) throw new Error(`its version is ${version}; this release reads ${VERSION}`)
  const type = header.getUint8(10)
  if (type !== FLOAT32) throw new Error(`its number type is ${type}; this release reads ${FLOAT32} (float32)`)
  const features = header.getUint32(12, true)
  const classes = header.getUint32(16, true)
  const expected = HEADER_BYTES + 4 * (features + classes + features * classes)
  if (bytes.length !== expected) {
    throw new Error(
      `it has ${bytes.length} bytes; ${features} features and ${classes} classes take ${expected}`,
    )
  }
  const values = bytesToFloats(bytes.subarray(HEADER_BYTES))
  if (!values.every(Number.isFinite)) throw new Error('it holds numbers that are not finite')
  return {
    idf: values.slice(0, features),
    model: {
      features,
      classes,
      intercepts: values.slice(features, features + classes),
      coefficients: values.slice(features + classes),
    },
  }
}
