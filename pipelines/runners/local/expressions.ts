import type { Json } from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'

type Parameters = Readonly<Record<string, Json>>

const PLACEHOLDER = /\{\{\$\.inputs\.parameters\['([^']+)'\]\}\}/g
const SELECTOR = /^parseJson\(string_value\)((?:\["(?:[^"\\]|\\.)*"\])+)$/

/**
 * A constant with the task's other inputs put in where its text names them. What they hold is not searched again, and
 * text that only looks like a placeholder stays. Lists and structs are searched all through.
 * @throws PressroomError `invalid-pipeline` when an input that it names has no value
 */
export function fillConstant(constant: Json, inputs: Parameters): Json {
  if (typeof constant === 'string') {
    return constant.replaceAll(PLACEHOLDER, (_, name: string) => textOf(name, inputs[name]))
  }
  if (Array.isArray(constant)) return constant.map(item => fillConstant(item, inputs))
  if (typeof constant !== 'object' || constant === null) return constant
  return Object.fromEntries(
    Object.entries(constant).map(([key, value]) => [key, fillConstant(value, inputs)]),
  )
}

/** As the server's driver writes values into text: strings as they are, all else as JSON. */
function textOf(name: string, value: Json | undefined): string {
  if (value !== undefined) return typeof value === 'string' ? value : JSON.stringify(value)
  throw new PressroomError('invalid-pipeline', `a text is made of "${name}", which has no value`, {
    fix: 'give the optional input a default',
  })
}

/** Whether the local runner understands a parameterExpressionSelector. */
export function isSelector(selector: string): boolean {
  return SELECTOR.test(selector)
}

/**
 * The part of a value that `parseJson(string_value)["key"]` selects; the value is JSON text or already parsed.
 * @throws PressroomError `invalid-parameter` when the value has no such part
 */
export function select(selector: string, value: Json): Json {
  const keys = (SELECTOR.exec(selector)?.[1] ?? '').match(/"(?:[^"\\]|\\.)*"/g) ?? []
  let part = typeof value === 'string' ? parse(value) : value
  for (const key of keys.map(text => JSON.parse(text) as string)) {
    if (typeof part !== 'object' || part === null || Array.isArray(part) || !Object.hasOwn(part, key)) {
      throw new PressroomError('invalid-parameter', `no "${key}" in ${JSON.stringify(value)}`)
    }
    part = (part as Record<string, Json>)[key] as Json
  }
  return part
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new PressroomError('invalid-parameter', `${JSON.stringify(text)} is not JSON`, { cause })
  }
}
