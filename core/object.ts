import { shorten } from './report/shorten.ts'

/** Whether a value is an object with keys, as JSON and YAML have them: neither null nor a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a record itself has under a key from outside: `constructor` is no entry of an empty one. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

/** The object at a path; or an empty one and a fault, so that the rest is read and all faults are told at once. */
export function objectIn(value: unknown, at: string, faults: string[]): Record<string, unknown> {
  if (isObject(value)) return value
  faults.push(`${at} must be an object, not ${shown(value)}`)
  return {}
}

/** A value as messages show it, in {@link LONGEST_SHOWN} characters, whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return String(value)
  try {
    return shorten(JSON.stringify(value) ?? 'undefined', LONGEST_SHOWN)
  } catch {
    // It leads back to itself, is nested deeper than the stack, or holds a bigint.
    return 'what JSON cannot write'
  }
}

/** Enough to recognise what one wrote. */
const LONGEST_SHOWN = 200

/**
 * What is nested deeper is no document of ours or of a peer, and whoever walks it by recursion runs out of stack. YAML's reader has the
 * same limit.
 */
export const MAX_DEPTH = 100

/** Whether objects and lists stand at most so many levels within each other. */
export function isShallow(value: unknown, levels = MAX_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every(child => isShallow(child, levels - 1))
}
