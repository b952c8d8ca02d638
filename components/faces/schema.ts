import { boundsOf, wholly } from '../definition/check.ts'
import type { AnyParameter, InputDefinitions, Json, ParameterKind } from '../definition/index.ts'

/** A JSON Schema (2020-12), as plain data. */
export type Schema = { readonly [keyword: string]: Json }

const TYPES: Readonly<Record<ParameterKind, string>> = {
  string: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  list: 'array',
  struct: 'object',
}

/** The schema of one parameter; it accepts what `faultOf` (components/definition/check.ts) finds no fault in. */
export function schemaOfParameter(parameter: AnyParameter): Schema {
  const { kind, help, choices, pattern, examples } = parameter
  const { min, max } = boundsOf(parameter)
  return {
    type: TYPES[kind],
    description: help,
    ...(kind === 'string' && choices === undefined && { minLength: 1 }),
    ...(min !== undefined && { minimum: min }),
    ...(max !== undefined && { maximum: max }),
    ...(choices !== undefined && { enum: choices }),
    ...(pattern !== undefined && { pattern: wholly(pattern) }),
    ...(parameter.default !== undefined && { default: parameter.default as Json }),
    ...(examples !== undefined && { examples: examples as Json }),
  }
}

/**
 * The schema of an object that holds settings of a stage or a command: nothing unknown, nothing required, since flags
 * and the environment may bring the rest. Artifacts are paths; secrets are left out, as a file is no place for them.
 */
export function schemaOfSettings(inputs: InputDefinitions, description: string): Schema {
  const properties: Record<string, Schema> = {}
  for (const [key, input] of Object.entries(inputs)) {
    if (input.role === 'parameter') properties[key] = schemaOfParameter(input)
    if (input.role === 'artifact') properties[key] = { type: 'string', minLength: 1, description: input.help }
  }
  return { type: 'object', description, properties, additionalProperties: false }
}
