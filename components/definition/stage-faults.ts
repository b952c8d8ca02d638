import { faultOf } from './check.ts'
import type { AnyParameter } from './parameters.ts'
import type { AnyStage, InputDefinition, OutputDefinition } from './stage.ts'
import { RESERVED_OUTPUTS } from './wiring.ts'

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const KEY = /^[a-z][A-Za-z0-9]*$/
/** The grammar of github.com/distribution/reference, its length limits aside. */
const IMAGE =
  /^([a-zA-Z0-9.-]+(:\d+)?\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*(:\w[\w.-]*)?(@sha256:[0-9a-f]{64})?$/
/** Of docs.python.org/3/reference/lexical_analysis.html#keywords, those that could be a key. */
const PYTHON = new Set(
  `and as assert async await break class continue def del elif else except finally for from global if import in is lambda
   nonlocal not or pass raise return try while with yield`.split(/\s+/),
)
const VARIABLE = /^[A-Z][A-Z0-9_]*$/

/** Everything in a stage's definition that could not become one of its faces or contradicts itself. */
export function faultsOf({
  name,
  description,
  inputs,
  outputs,
  image,
  retry = {},
  verdict,
}: Omit<AnyStage, 'run'>): string[] {
  const faults: string[] = []
  if (!NAME.test(name)) faults.push(`name "${name}" is not kebab-case`)
  if (!description) faults.push('it has no description')
  if (image !== undefined && !IMAGE.test(image)) faults.push(`"${image}" is not the name of an image`)
  const { times = 0, pauseSeconds = 0 } = retry
  if (!Number.isInteger(times) || times < 0 || times > 10) {
    faults.push(`its retry.times must be a whole number from 0 to 10, not ${times}`)
  }
  if (!(pauseSeconds >= 0 && pauseSeconds <= 3600)) {
    faults.push(`its retry.pauseSeconds must be from 0 to 3600, not ${pauseSeconds}`)
  }
  for (const [key, input] of Object.entries(inputs)) {
    faults.push(...faultsOfAny(`input "${key}"`, key, input))
    if (PYTHON.has(key)) faults.push(`input "${key}" is a word of Python's, whose SDK passes inputs by name`)
    // Option parsers take --no-cache for "cache: false".
    if (/^no[A-Z]/.test(key)) faults.push(`input "${key}" would read as a negation on the command line`)
  }
  for (const [key, output] of Object.entries(outputs)) {
    faults.push(...faultsOfAny(`output "${key}"`, key, output))
    if (RESERVED_OUTPUTS.has(key)) faults.push(`output "${key}" would hide the task's own ${key}()`)
    if (output.presence !== 'required') faults.push(`output "${key}" cannot be ${output.presence}`)
  }
  if (verdict !== undefined && !isBoolean(outputs[verdict]))
    faults.push(`its verdict "${verdict}" is no output that is true or false`)
  return faults
}

function isBoolean(output: OutputDefinition | undefined): boolean {
  return output?.role === 'parameter' && output.kind === 'boolean'
}

function faultsOfAny(subject: string, key: string, definition: InputDefinition | OutputDefinition): string[] {
  const faults: string[] = []
  if (!KEY.test(key)) faults.push(`${subject} is not camelCase`)
  if (!definition.help) faults.push(`${subject} has no help`)
  if (definition.role === 'artifact') return faults
  if (definition.env !== undefined && !VARIABLE.test(definition.env)) {
    faults.push(`${subject} names "${definition.env}", which is no environment variable's name`)
  }
  if (definition.role === 'secret') return faults
  return [...faults, ...faultsOfParameter(definition).map(fault => `${subject} ${fault}`)]
}

function faultsOfParameter(parameter: AnyParameter): string[] {
  const { presence, min = -Infinity, max = Infinity, choices, pattern, examples = [] } = parameter
  const faults: string[] = []
  if (min > max) faults.push(`has a least value, ${min}, above its greatest, ${max}`)
  if (choices !== undefined && (choices.includes('') || new Set(choices).size !== choices.length)) {
    faults.push('has a choice that is empty or there twice')
  }
  if (pattern !== undefined && !isPattern(pattern))
    faults.push(`has a pattern that does not parse: ${pattern}`)
  if (faults.length > 0) return faults
  const standard = presence === 'defaulted' ? [['default', parameter.default] as const] : []
  const values = [...standard, ...examples.map(example => ['example', example] as const)]
  return values.flatMap(([what, value]) => {
    const fault = faultOf(parameter, value)
    return fault === undefined ? [] : [`has a wrong ${what}: it ${fault}`]
  })
}

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u')
    return true
  } catch {
    return false
  }
}
