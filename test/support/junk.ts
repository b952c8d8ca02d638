import { expect } from '@jest/globals'
import { PressroomError } from '../../core/errors.ts'
import * as fc from './properties.ts'

/*
 * What a sender may put where another value belongs. JSON has more than its types tell: objects that JavaScript cannot
 * make a text or a number of, names that every object has, text that is no Unicode, and depth without end.
 */

/** Stands in a value for lists within lists, deeper than any reader's stack. */
const ABYSS = '«abyss»'
const DEPTH = 100_000

/** A value that no document of ours has in most of its places. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[null, true, {}, [], [[]], '', ' ', '__proto__', 'constructor', '\ud800', 'a\0b', ['x'], [null], [1]],
    ...[0, -1, 1.5, 1e-7, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308],
    ...['NaN', 'Infinity', '1e999', '2026-13-45T99:99:99Z', '-1', '٣'],
    ...[{ toString: [] }, { toString: null, valueOf: 1 }, { toJSON: 'x' }, { length: 2 ** 33 }],
    ...[{ name: {} }, { '': '' }, { constructor: { prototype: { polluted: true } } }],
    JSON.parse('{"__proto__": {"polluted": true}}'),
    ABYSS,
  ),
  fc.jsonValue(),
)

export type Place = readonly string[]

/** Every place of a document where a value stands, from the whole (an empty path) to the leaves. */
export function placesIn(value: unknown, path: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))]
}

/** A document's JSON with another value in one place. */
export function spoilt(document: unknown, place: Place, value: unknown): string {
  const within = (inner: unknown, [key, ...rest]: Place): unknown => {
    if (key === undefined) return value
    const copy = (Array.isArray(inner) ? [...inner] : { ...(inner as object) }) as Record<string, unknown>
    copy[key] = within(copy[key], rest)
    return copy
  }
  const text = JSON.stringify(within(document, place)) ?? 'null'
  return text.replaceAll(JSON.stringify(ABYSS), () => '['.repeat(DEPTH) + ']'.repeat(DEPTH))
}

/** The words of an engine that met what nobody had looked at. */
const CRASHED =
  /cannot (read|set|convert|mix|destructure|access)|is not (a function|iterable|a constructor|defined)|call stack|invalid (time value|array|string|count)|\[object |circular structure|primitive value/i

/** Fails unless an error is one of ours, says its own words, and nothing was added to what all objects have. */
export function expectOurs(error: unknown): void {
  if (!(error instanceof PressroomError)) throw error
  expect(error.message).not.toMatch(CRASHED)
  expectUnpolluted()
}

export function expectUnpolluted(): void {
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
}
