import type { Json } from '../../../components/definition/index.ts'
import { isObject } from '../../../core/object.ts'
import { LARGEST_CONSTANT } from '../values.ts'

/**
 * Reads one value of a file: gives what it stands for, undefined when it stands for nothing. What is wrong goes to the
 * reading; the caller throws what it gathered.
 */
export type Rule = (value: unknown, path: string, reading: Reading) => unknown

/**
 * Begins with a letter, a digit or _ and has no slash, quote or control character: names become parts of paths, of
 * placeholders and of Kubernetes objects.
 */
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_. -]{0,252}$/u

/** Gathers what is wrong with a file while it is read. */
export class Reading {
  readonly faults: string[] = []

  /** Stands for nothing, so that a rule can return it. */
  fault(path: string, what: string): undefined {
    this.faults.push(`${path || 'the file'} ${what}`)
  }
}

/** Text; the empty one stands for nothing, as everywhere in proto3. */
export const text: Rule = (value, path, reading) => {
  if (typeof value === 'string') return value === '' ? undefined : value
  return reading.fault(path, `is ${shown(value)}, not text`)
}

/** Text that becomes part of paths and of other names. */
export const name: Rule = (value, path, reading) => {
  const read = text(value, path, reading)
  if (typeof read !== 'string' || NAME.test(read)) return read
  return reading.fault(path, `is ${shown(read)}, which is no name`)
}

/** Text whose field is there even when it is empty: one of several fields that exclude each other. */
export const presentText: Rule = (value, path, reading) => {
  return value === '' ? value : text(value, path, reading)
}

export const flag: Rule = (value, path, reading) => {
  if (typeof value === 'boolean') return value || undefined
  return reading.fault(path, `is ${shown(value)}, not true or false`)
}

/** A number, which the JSON of a proto may also give as text; 0 stands for nothing. */
export const numeric: Rule = (value, path, reading) => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number)) return number === 0 ? undefined : number
  return reading.fault(path, `is ${shown(value)}, not a number`)
}

/** A whole number of 64 bits, which the JSON of a proto gives as text. */
export const wide: Rule = (value, path, reading) => {
  const written = typeof value === 'number' ? String(value) : value
  if (typeof written === 'string' && /^-?\d+$/.test(written)) return written === '0' ? undefined : written
  return reading.fault(path, `is ${shown(value)}, not a whole number`)
}

/** One of a closed list. */
export function among(...values: readonly string[]): Rule {
  return (value, path, reading) => {
    if (values.includes(value as string)) return value
    return reading.fault(path, `is ${shown(value)}, not one of ${values.join(', ')}`)
  }
}

/** Any JSON. */
export const json: Rule = (value, path, reading) => {
  if (Array.isArray(value)) return value.map((item, i) => json(item, `${path}[${i}]`, reading))
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    return Object.fromEntries(entries.map(([key, item]) => [key, json(item, `${path}.${key}`, reading)]))
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return reading.fault(path, `is ${value}`)
  return value as Json
}

/** JSON that is passed to a task. */
export const constant: Rule = (value, path, reading) => {
  const read = json(value, path, reading)
  const size = Buffer.byteLength(JSON.stringify(read) ?? '')
  if (size < LARGEST_CONSTANT) return read
  return reading.fault(path, `is a constant of ${size} bytes; pass an artifact instead`)
}

export function listOf(rule: Rule): Rule {
  return (value, path, reading) => {
    if (!Array.isArray(value)) return reading.fault(path, `is ${shown(value)}, not a list`)
    // An empty text or a 0 in a list is an item, not nothing.
    const items = value.map((item, i) => rule(item, `${path}[${i}]`, reading) ?? item)
    return items.length === 0 ? undefined : items
  }
}

/** A mapping from names, each of which something can be called. */
export function mapOf(rule: Rule): Rule {
  return (value, path, reading) => {
    if (!isObject(value)) return reading.fault(path, `is ${shown(value)}, not a mapping`)
    const entries = Object.entries(value).map(([key, item]) => {
      const at = `${path}.${key}`
      if (!NAME.test(key) || key === '__proto__') reading.fault(at, 'is no name')
      return [key, rule(item, at, reading)]
    })
    return entries.length === 0 ? undefined : Object.fromEntries(entries)
  }
}

/**
 * A message of the proto: its fields, in camel case or in the proto's own snake case, and no others.
 * @param required fields without which it means nothing
 */
export function message(fields: Readonly<Record<string, Rule>>, required: readonly string[] = []): Rule {
  return (value, path, reading) => {
    if (!isObject(value)) return reading.fault(path, `is ${shown(value)}, not a mapping`)
    const read: Record<string, unknown> = {}
    const faulty = new Set<string>()
    for (const [key, item] of Object.entries(value)) {
      const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
      const rule = Object.hasOwn(fields, name) ? fields[name] : undefined
      const at = path === '' ? key : `${path}.${key}`
      if (rule === undefined) reading.fault(at, 'is no field of the specification')
      // null stands for a field left out, except where any JSON may stand.
      else if (item !== null || rule === json || rule === constant) {
        const before = reading.faults.length
        const result = rule(item, at, reading)
        if (result !== undefined) read[name] = result
        else if (reading.faults.length > before) faulty.add(name)
      }
    }
    for (const name of required) {
      if (name in read || faulty.has(name)) continue
      reading.fault(path === '' ? name : `${path}.${name}`, 'is missing')
    }
    return read
  }
}

/** A message of which exactly one field of a group is given; `also` may stand beside it. */
export function oneOf(
  fields: Readonly<Record<string, Rule>>,
  also: Readonly<Record<string, Rule>> = {},
): Rule {
  const all = message({ ...fields, ...also })
  return (value, path, reading) => {
    const before = reading.faults.length
    const read = all(value, path, reading) as object | undefined
    if (read === undefined || reading.faults.length > before) return undefined
    const given = Object.keys(fields).filter(name => name in read)
    if (given.length === 1) return read
    const names = Object.keys(fields).join(', ')
    return reading.fault(path, `has ${given.length === 0 ? 'none' : 'more than one'} of ${names}`)
  }
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (isObject(value)) return 'a mapping'
  return (JSON.stringify(value) ?? 'nothing').slice(0, 40)
}
