import type { Json } from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import { own, shown } from '../../../core/object.ts'

type Parameters = Readonly<Record<string, Json>>

const PLACEHOLDER = /\{\{\$(?:\.((?:[^{}']|'[^']*')+))?\}\}/g
const INPUT_PARAMETER = /^inputs\.parameters\['([^']+)'\]$/
const SELECTOR = /^parseJson\(string_value\)((?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])+)$/

/**
 * A text with its placeholders filled in. What is put in is not searched again, and what only looks like a placeholder
 * stays.
 * @param resolve the value of what stands between `{{$.` and `}}` (empty for `{{$}}`); undefined for what it does not know
 */
export function fillText(text: string, resolve: (name: string) => Json | undefined): string {
  return text.replaceAll(PLACEHOLDER, (whole, name: string = '') => {
    const value = resolve(name)
    return value === undefined ? whole : textOf(value)
  })
}

/**
 * A constant with the task's other inputs, and what it names of the job, put into its texts. Lists and structs are searched
 * all through.
 * @throws PressroomError `invalid-pipeline` when an input that it names has no value
 */
export function fillConstant(
  constant: Json,
  inputs: Parameters,
  constants: Readonly<Record<string, string>> = {},
): Json {
  if (typeof constant === 'string') {
    return fillText(constant, name => inputValue(name, inputs) ?? own(constants, name))
  }
  if (Array.isArray(constant)) return constant.map(item => fillConstant(item, inputs, constants))
  if (typeof constant !== 'object' || constant === null) return constant
  return Object.fromEntries(
    Object.entries(constant).map(([key, value]) => [key, fillConstant(value, inputs, constants)]),
  )
}

/**
 * The value of the input parameter that a placeholder names; undefined for another kind of placeholder.
 * @throws PressroomError `invalid-pipeline` when it has none
 */
export function inputValue(placeholder: string, inputs: Parameters): Json | undefined {
  const name = INPUT_PARAMETER.exec(placeholder)?.[1]
  if (name === undefined) return undefined
  const value = own(inputs, name)
  if (value !== undefined) return value
  throw new PressroomError('invalid-pipeline', `a text is made of "${name}", which has no value`, {
    fix: 'give the optional input a default',
  })
}

/** As the server's driver writes values into text: strings as they are, all else as JSON. */
export function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Whether the local runner understands a parameterExpressionSelector. */
export function isSelector(selector: string): boolean {
  return SELECTOR.test(selector)
}

/**
 * The part of a value that `parseJson(string_value)["key"][0]` selects; the value is JSON text or already parsed.
 * @throws PressroomError `invalid-parameter` when the value has no such part
 */
export function select(selector: string, value: Json): Json {
  const keys = (SELECTOR.exec(selector)?.[1] ?? '').match(/"(?:[^"\\]|\\.)*"|\d+/g) ?? []
  let part = typeof value === 'string' ? parse(value) : value
  for (const key of keys.map(text => JSON.parse(text) as string | number)) {
    const fits =
      typeof part === 'object' && part !== null && Array.isArray(part) === (typeof key === 'number')
    if (!fits || !Object.hasOwn(part as object, key)) {
      throw new PressroomError('invalid-parameter', `no ${JSON.stringify(key)} in ${shown(value)}`)
    }
    part = (part as Record<string, Json>)[key] as Json
  }
  return part
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new PressroomError('invalid-parameter', `${shown(text)} is not JSON`, { cause })
  }
}
