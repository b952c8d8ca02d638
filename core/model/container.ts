import { isWalkable, shown } from '../object.ts'
import { dequantised, quantised } from './int8.ts'

/*
 * features.bin and model.bin, as docs/model-folder.md lays them out byte by byte: plain data with typed arrays anywhere in it. The
 * last two bytes of the magic number are those of PNG's signature: a transfer that "repairs" line ends or stops at Ctrl-Z
 * damages them.
 */
const MAGIC = new Uint8Array([0x50, 0x52, 0x45, 0x53, 0x53, 0x41, 0x1a, 0x0a])
const VERSION = 2
/** Without `steps`. */
const FIRST_VERSION = 1
/** Why a container is neither written nor read. */
export const NOT_FINITE = 'it holds numbers that are not finite'
const HEADER_BYTES = 16
/** Every array begins at a multiple, so that a reader may map it in place. */
const ALIGNMENT = 8

/** How the numbers of an array lie in the file; all little endian. */
const STORED = {
  int8: Int8Array,
  uint8: Uint8Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float16: Float16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const
type StoredType = keyof typeof STORED

/** A type that numbers of double precision can be rounded to. */
export type FloatType = 'float16' | 'float32' | 'float64'
const FLOAT_TYPES = ['float16', 'float32', 'float64'] as const satisfies readonly FloatType[]

/** How an array of broken numbers is kept: rounded to a type, or as int8 with a scale for each of so many columns. */
export type Stored = FloatType | { readonly type: 'int8'; readonly columns: number }

/** The typed arrays that can be kept. */
type KeptArray = Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array
const KEPT = [
  [Uint8Array, 'uint8'],
  [Int32Array, 'int32'],
  [Uint32Array, 'uint32'],
  [Float32Array, 'float32'],
  [Float64Array, 'float64'],
] as const

/** An array's entry in the header. */
interface Entry {
  /** In the file. */
  readonly type: StoredType
  readonly length: number
  /** Whether it was of doubles. */
  readonly doubles: boolean
  /** Of int8: a scale a column. */
  readonly scales?: readonly number[]
  /** Whether it is of uint32, and bytes say by how much each number is above the one before. */
  readonly steps?: boolean
}

/** What stands in the header's data where an array was. */
const PLACE = 'array'

/**
 * Writes plain data. Equal data give equal bytes.
 * @param storedAs how an array of single or double precision is kept, by the key that it stands under and the object that has the key;
 *   undefined: as it is
 * @throws Error with a clause that says what cannot be kept: a number that is not finite, or not after rounding.
 */
export function encodeContainer(
  data: object,
  storedAs: (key: string, holder: object) => Stored | undefined,
): Uint8Array {
  const arrays: (Entry & { readonly source: KeptArray | Int8Array })[] = []
  const header = JSON.stringify({
    data: walk(data, '', data, (key, value, holder) => {
      if (!ArrayBuffer.isView(value)) {
        if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${key} is ${value}`)
        return value
      }
      const [, own] = KEPT.find(([type]) => value instanceof type) ?? []
      if (own === undefined) throw new Error(`${key} is an array of another kind`)
      const source = value as KeptArray
      const wanted = isFloat(own) ? storedAs(key, holder) : undefined
      // More digits than an array has would be zeros.
      const stored = wanted === undefined || (own === 'float32' && wanted === 'float64') ? own : wanted
      arrays.push({ length: source.length, doubles: own === 'float64', ...keep(source, stored) })
      return { [PLACE]: arrays.length - 1 }
    }),
    arrays: arrays.map(({ source: _, ...entry }) => entry),
  })
  const text = new TextEncoder().encode(header)
  let size = aligned(HEADER_BYTES + text.length)
  const offsets = arrays.map(({ type, length }) => {
    const offset = size
    size = aligned(size + length * STORED[type].BYTES_PER_ELEMENT)
    return offset
  })
  const bytes = new Uint8Array(size)
  bytes.set(MAGIC)
  const view = new DataView(bytes.buffer)
  view.setUint32(8, VERSION, true)
  view.setUint32(12, text.length, true)
  bytes.set(text, HEADER_BYTES)
  arrays.forEach(({ type, length, source }, i) => {
    const into = new STORED[type](bytes.buffer, offsets[i], length)
    into.set(source)
    if (!allFinite(into)) throw new Error(NOT_FINITE)
    toLittleEndian(into)
  })
  return bytes
}

function keep(source: KeptArray, stored: Stored | StoredType) {
  if (source instanceof Uint32Array) {
    const steps = stepsOf(source)
    if (steps !== undefined) return { type: 'uint8', steps: true, source: steps } as const
  }
  if (typeof stored === 'string') return { type: stored, source }
  if (!allFinite(source)) throw new Error(NOT_FINITE)
  const { whole, scales } = quantised(source, stored.columns)
  return { type: stored.type, scales: [...scales], source: whole }
}

/** By how much each number is above the one before, where bytes can say it: of where n-grams end, how long each is. */
function stepsOf(numbers: Uint32Array): Uint8Array | undefined {
  const steps = new Uint8Array(numbers.length)
  let last = 0
  for (let i = 0; i < numbers.length; i++) {
    const step = numbers[i]! - last
    if (step < 0 || step > 255) return undefined
    steps[i] = step
    last = numbers[i]!
  }
  return steps
}

function fromSteps(steps: NodeJS.TypedArray): Uint32Array {
  const numbers = new Uint32Array(steps.length)
  let last = 0
  for (let i = 0; i < steps.length; i++) {
    last += Number(steps[i])
    numbers[i] = last
  }
  return numbers
}

/**
 * Reads what {@link encodeContainer} wrote, to the last byte. Arrays are copies, aligned and in this machine's byte order.
 * @throws Error with a clause that says what is wrong; whoever knows the file's name makes a sentence of it.
 */
export function decodeContainer(bytes: Uint8Array): unknown {
  if (bytes.length < HEADER_BYTES || !MAGIC.every((byte, i) => bytes[i] === byte)) {
    throw new Error('it does not start as such a file does')
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint32(8, true)
  if (version < FIRST_VERSION || version > VERSION) {
    throw new Error(`its version is ${version}; this release reads ${FIRST_VERSION} to ${VERSION}`)
  }
  const headerBytes = view.getUint32(12, true)
  if (HEADER_BYTES + headerBytes > bytes.length) throw new Error('its header is cut off')
  const { data, entries } = parseHeader(bytes.subarray(HEADER_BYTES, HEADER_BYTES + headerBytes))
  let offset = aligned(HEADER_BYTES + headerBytes)
  const size = entries.reduce(
    (sum, { type, length }) => aligned(sum + length * STORED[type].BYTES_PER_ELEMENT),
    offset,
  )
  if (bytes.length !== size) throw new Error(`it has ${bytes.length} bytes; its header takes ${size}`)
  const arrays = entries.map(({ type, length, doubles, scales, steps }) => {
    const end = offset + length * STORED[type].BYTES_PER_ELEMENT
    // Not bytes.slice: of what readFile gives, a Buffer, that is a view of all of it.
    const { buffer, byteOffset } = bytes
    const stored = new STORED[type]((buffer as ArrayBuffer).slice(byteOffset + offset, byteOffset + end))
    offset = aligned(end)
    toLittleEndian(stored)
    if (!allFinite(stored)) throw new Error(NOT_FINITE)
    if (steps) return fromSteps(stored)
    if (!isFloat(type)) return stored
    const Own = doubles ? Float64Array : Float32Array
    if (!(stored instanceof Int8Array)) return stored instanceof Own ? stored : new Own(stored)
    return dequantised({ whole: stored, scales: Float64Array.from(scales!) }, new Own(length))
  })
  const taken = new Set<number>()
  const filled = walk(data, '', data as object, (_, value) => {
    const place = placeOf(value)
    if (place === undefined) return value
    const array = arrays[place]
    if (array === undefined || taken.has(place)) throw new Error(`its data name the array ${place} wrongly`)
    taken.add(place)
    return array
  })
  if (taken.size < arrays.length) throw new Error('it has arrays that its data do not name')
  return filled
}

function parseHeader(bytes: Uint8Array): { data: unknown; entries: Entry[] } {
  let header: { data?: unknown; arrays?: unknown } | null
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw new Error('its header is not JSON in UTF-8')
  }
  if (!isWalkable(header)) throw new Error('its header is nested too deeply')
  const { data, arrays } = header ?? {}
  if (typeof data !== 'object' || data === null || !Array.isArray(arrays)) {
    throw new Error('its header has no data and arrays')
  }
  return { data, entries: arrays.map(anEntry) }
}

function anEntry(value: unknown): Entry {
  const { type, length, doubles, scales, steps } = (value ?? {}) as Entry
  // Two gigabytes hold fewer; a larger number is no length, and must not overflow a sum.
  const fits = Number.isSafeInteger(length) && length >= 0 && length < 2 ** 31
  // A list of one would be taken for the text in it.
  const isKnown =
    typeof type === 'string' &&
    Object.hasOwn(STORED, type) &&
    fits &&
    typeof doubles === 'boolean' &&
    (isFloat(type) || !doubles)
  const isPlain = isKnown && steps === undefined
  if (isPlain && type !== 'int8' && scales === undefined) return { type, length, doubles }
  if (isPlain && type === 'int8' && areScales(scales, length)) return { type, length, doubles, scales }
  if (isKnown && type === 'uint8' && scales === undefined && steps === true)
    return { type, length, doubles, steps }
  throw new Error(`its header lists an array that cannot be: ${shown(value)}`)
}

/** Whether it keeps broken numbers. */
function isFloat(type: StoredType): boolean {
  return type === 'int8' || (FLOAT_TYPES as readonly string[]).includes(type)
}

function areScales(value: unknown, length: number): value is readonly number[] {
  if (!Array.isArray(value) || value.length === 0 || length % value.length !== 0) return false
  return value.every(scale => typeof scale === 'number' && Number.isFinite(scale) && scale > 0)
}

function placeOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { [PLACE]: place, ...rest } = value as Record<string, unknown>
  return typeof place === 'number' && Object.keys(rest).length === 0 ? place : undefined
}

/**
 * The same data with every leaf replaced: what is no list or object, and what `replace` makes another of. It is told the key and the
 * object that has it; items of a list have their list's. Absent values stay absent.
 */
function walk(
  value: unknown,
  key: string,
  holder: object,
  replace: (key: string, value: unknown, holder: object) => unknown,
): unknown {
  const replaced = replace(key, value, holder)
  if (replaced !== value || ArrayBuffer.isView(value)) return replaced
  if (Array.isArray(value)) return value.map(item => walk(item, key, holder, replace))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.map(([name, item]) => [name, walk(item, name, value, replace)]))
}

function allFinite(array: NodeJS.TypedArray): boolean {
  if (!(array instanceof Float16Array || array instanceof Float32Array || array instanceof Float64Array)) {
    return true
  }
  for (let i = 0; i < array.length; i++) if (!Number.isFinite(array[i]!)) return false
  return true
}

const BIG_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0

/** Turns each number's bytes around where this machine's order is the other; done twice it is undone. */
function toLittleEndian({
  buffer,
  byteOffset,
  byteLength,
  BYTES_PER_ELEMENT: width,
}: NodeJS.TypedArray): void {
  if (!BIG_ENDIAN || width === 1) return
  const bytes = new Uint8Array(buffer, byteOffset, byteLength)
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse()
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT
}
