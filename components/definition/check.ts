import type { AnyParameter, Json, ParameterKind } from './parameters.ts'

const KIND_NAMES: Readonly<Record<ParameterKind, string>> = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  list: 'a list',
  struct: 'an object',
}

/**
 * What is wrong with a value for a parameter, as the end of a sentence that begins with its name, or undefined.
 * The JSON Schema of the parameter (components/faces/schema.ts) accepts exactly the same values.
 */
export function faultOf(
  parameter: Omit<AnyParameter, 'role' | 'help' | 'presence'>,
  value: unknown,
): string | undefined {
  if (!isOfKind(parameter.kind, value)) return `must be ${KIND_NAMES[parameter.kind]}, not ${show(value)}`
  const { min, max, choices, pattern } = parameter
  if (typeof value === 'number') {
    if (min !== undefined && value < min) return `must be at least ${min}, not ${value}`
    if (max !== undefined && value > max) return `must be at most ${max}, not ${value}`
  }
  if (typeof value === 'string') {
    if (choices !== undefined && !choices.includes(value))
      return `must be ${oneOf(choices)}, not ${show(value)}`
    // An empty string is how shells and workflows say "nothing"; taken for a value it fails far from its cause.
    if (value === '') return 'must not be empty'
    if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`, 'u').test(value)) {
      return `must match ${pattern}, not ${show(value)}`
    }
  }
  return undefined
}

function isOfKind(kind: ParameterKind, value: unknown): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
      return Number.isSafeInteger(value)
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
      return text.trimStart().startsWith('[') ? parseJson(text) : text.split(',').map(item => item.trim())
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

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

function oneOf(choices: readonly string[]): string {
  const quoted = choices.map(choice => JSON.stringify(choice))
  return quoted.length === 1 ? quoted.join() : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`
}
