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

/** A value as messages show it. */
export function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'undefined')
}
