import { isWalkable, MOST_LEVELS, MOST_VALUES, shown } from '../../core/object.ts'
import { shorten } from '../../core/report/shorten.ts'
import type { AnyParameter, Json, ParameterKind } from './parameters.ts'

const KIND_NAMES: Readonly<Record<ParameterKind, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  list: 'a list',
  struct: 'an object',
}

/** What is checked of a parameter. */
type Limits = Omit<AnyParameter, 'role' | 'help' | 'presence'>

/**
 * What is wrong with a value for a parameter, as the end of a sentence that begins with its name, or undefined.
 * The JSON Schema of the parameter (components/faces/schema.ts) accepts exactly the same values.
 */
export function faultOf(parameter: Limits, value: unknown): string | undefined {
  if (!isOfKind(parameter.kind, value)) return `must be ${KIND_NAMES[parameter.kind]}, not ${show(value)}`
  const { choices, pattern } = parameter
  if (typeof value === 'number') {
    const { min, max } = boundsOf(parameter)
    if (min !== undefined && value < min) return `must be at least ${min}, not ${value}`
    if (max !== undefined && value > max) return `must be at most ${max}, not ${value}`
  }
  if (typeof value === 'string') {
    // An empty string is how shells and workflows say "nothing"; taken for a value it fails far from its cause.
    if (value === '') return 'must not be empty'
    if (choices !== undefined && !choices.includes(value))
      return `must be ${oneOf(choices)}, not ${show(value)}`
    if (pattern !== undefined && !new RegExp(wholly(pattern), 'u').test(value)) {
      return `must match ${pattern}, not ${show(value)}`
    }
  }
  return undefined
}

/** {@link faultOf} of a value that came as text from outside: JSON of any depth is one, and would overflow whoever walks it. */
export function faultOfGiven(parameter: Limits, value: unknown): string | undefined {
  if (isWalkable(value)) return faultOf(parameter, value)
  return `must have at most ${MOST_LEVELS} levels and ${MOST_VALUES} values`
}

/** The least and the greatest value, both allowed. Beyond a whole number's own, a double cannot tell neighbours apart. */
export function boundsOf({ kind, min, max }: Limits): { min: number | undefined; max: number | undefined } {
  if (kind !== 'integer') return { min, max }
  return {
    min: Math.max(min ?? -Infinity, Number.MIN_SAFE_INTEGER),
    max: Math.min(max ?? Infinity, Number.MAX_SAFE_INTEGER),
  }
}

/** The pattern for a whole value. */
export function wholly(pattern: string): string {
  return `^(?:${pattern})$`
}

function isOfKind(kind: ParameterKind, value: unknown): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return Number.isFinite(value)
    case 'list':
      return Array.isArray(value)
    case 'struct':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
  }
}

/**
 * Reads a value from a flag, an environment variable or an action's input.
 * Lists are JSON, or plain words with commas between; structs are JSON. What cannot be read comes back as the text
 * itself, for {@link faultOf} to name.
 */
export function parseText(kind: ParameterKind, text: string): Json {
  switch (kind) {
    case 'string':
      return text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'integer':
    case 'number':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text
    case 'list':
      return text.trimStart().startsWith('[') ? parseJson(text) : parseWords(text)
    case 'struct':
      return parseJson(text)
  }
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

function parseWords(text: string): Json {
  const words = text.split(',').map(word => word.trim())
  return words.includes('') ? text : words
}

function show(value: unknown): string {
  // JSON has no NaN, infinities and undefined, and would show them as null or not at all.
  const quoted = typeof value === 'string' || typeof value === 'object'
  return shorten(quoted ? shown(value) : String(value), 80)
}

function oneOf(choices: readonly string[]): string {
  const quoted = choices.map(choice => JSON.stringify(choice))
  return quoted.length === 1 ? quoted.join() : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
}
