import { isObject } from './object.ts'

/**
 * Reads a JSON value as a `T`; `at` is its path, for the message.
 * @throws Error that says in one clause which part is wrong: `metrics.accuracy must be a number`.
 */
export type Decoder<T> = (value: unknown, at: string) => T

/** The type that a decoder gives. */
export type Decoded<D> = D extends Decoder<infer T> ? T : never

function check<T>(what: string, holds: (value: unknown) => boolean): Decoder<T> {
  return (value, at) => {
    if (!holds(value)) throw new Error(`${at} must be ${what}`)
    return value as T
  }
}

export const aString = check<string>('a string', value => typeof value === 'string')
export const aBoolean = check<boolean>('true or false', value => typeof value === 'boolean')
/** Finite: JSON has no other. */
export const aNumber = check<number>('a number', Number.isFinite)
/** Milliseconds since the epoch, of a time that JavaScript can write: until the year 275760 (ECMA-262, Time Values). */
export const aMoment = check<number>(
  'milliseconds since the epoch',
  value => typeof value === 'number' && value >= 0 && value <= 8.64e15,
)
/** A whole number from 0 up. */
export const aCount = check<number>(
  'a whole number from 0 up',
  value => Number.isSafeInteger(value) && (value as number) >= 0,
)
/** A number from 0 to 1. */
export const aShare = check<number>(
  'a number from 0 to 1',
  value => typeof value === 'number' && value >= 0 && value <= 1,
)
/** Also as text: so protobuf's JSON writes whole numbers of 64 bits, and "NaN" and "Infinity", for which JSON has no word. */
export const aNumberOrText: Decoder<number> = (value, at) => {
  const read = typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof read !== 'number') throw new Error(`${at} must be a number`)
  return read
}
/** A string that matches the whole of `pattern`, which `what` describes. */
export const aStringLike = (pattern: RegExp, what: string) =>
  check<string>(what, value => typeof value === 'string' && pattern.test(value))
/** One of a few values. */
export const oneOf = <const T extends readonly (string | number)[]>(...values: T) =>
  check<T[number]>(values.map(value => JSON.stringify(value)).join(' or '), value =>
    (values as readonly unknown[]).includes(value),
  )

/** An object with keys, whatever they hold. */
export const anObject = check<Readonly<Record<string, unknown>>>('an object', isObject)

/** A list of values of one kind. */
export function listOf<T>(item: Decoder<T>): Decoder<T[]> {
  const list = check<unknown[]>('a list', Array.isArray)
  return (value, at) => list(value, at).map((entry, i) => item(entry, `${at}[${i}]`))
}

/** An object with any keys and values of one kind. */
export function recordOf<T>(item: Decoder<T>): Decoder<Record<string, T>> {
  const object = check<object>('an object', isObject)
  return (value, at) => {
    const entries = Object.entries(object(value, at))
    return Object.fromEntries(entries.map(([key, entry]) => [key, item(entry, `${at}.${key}`)]))
  }
}

/** An object with at least these fields. What else it has is left out of the result. */
export function objectWith<F extends Record<string, Decoder<unknown>>>(
  fields: F,
): Decoder<{ [K in keyof F]: Decoded<F[K]> }> {
  const object = check<Record<string, unknown>>('an object', isObject)
  return (value, at) => {
    const found = object(value, at)
    const entries = Object.entries(fields).map(([key, field]) => [key, field(found[key], `${at}.${key}`)])
    return Object.fromEntries(entries)
  }
}

/** An object with exactly these fields. */
export function objectOf<F extends Record<string, Decoder<unknown>>>(
  fields: F,
): Decoder<{ [K in keyof F]: Decoded<F[K]> }> {
  const known = objectWith(fields)
  return (value, at) => {
    const result = known(value, at)
    const extra = Object.keys(value as object).find(key => !Object.hasOwn(fields, key))
    if (extra !== undefined) throw new Error(`${at} has an unknown field ${JSON.stringify(extra)}`)
    return result
  }
}

/** What the decoder reads, or undefined when the value is absent. */
export function maybe<T>(decoder: Decoder<T>): Decoder<T | undefined> {
  return (value, at) => (value === undefined ? undefined : decoder(value, at))
}

/** What the decoder reads, or undefined when the value is absent or null: so protobuf's JSON and Go write what is not set. */
export function orAbsent<T>(decoder: Decoder<T>): Decoder<T | undefined> {
  return (value, at) => (value === undefined || value === null ? undefined : decoder(value, at))
}
