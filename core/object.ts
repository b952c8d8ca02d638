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

/** Levels of what may be walked by recursion: no document of ours or of a peer has as many, and YAML's reader has the same limit. */
export const MOST_LEVELS = 100
/** A pipeline of 10,000 tasks holds about 300,000; a few lines of YAML's nested aliases hold billions. */
export const MOST_VALUES = 2_000_000

/**
 * Whether plain data can be walked: objects and lists stand no deeper within each other than that, and hold no more values, those behind
 * an alias of YAML counted each time. Data that lead back to themselves have no end.
 */
export function isWalkable(data: unknown, levels = MOST_LEVELS): boolean {
  // No recursion: that is what this keeps from running out of stack.
  const rest: (readonly [value: unknown, level: number])[] = [[data, 0]]
  let values = 0
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const [value, level] = next
    values += 1
    if (values > MOST_VALUES) return false
    if (typeof value !== 'object' || value === null) continue
    if (level === levels) return false
    for (const item of Object.values(value)) rest.push([item, level + 1])
  }
  return true
}
