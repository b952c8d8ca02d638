import { PressroomError } from '../errors.ts'
import { shown } from '../object.ts'

/** What a learner's parameter must be; the table of them is the learner's signature. */
type Rule = (name: string, value: unknown) => void

export function invalid(name: string, is: string, fix: string): PressroomError {
  return new PressroomError('invalid-parameter', `${name} ${is}`, { fix })
}

/** How a wrong value is told, whatever it is. */
export function is(value: unknown): string {
  return `is ${typeof value === 'string' ? value : shown(value)}`
}

/** A finite number above 0. */
export const positive: Rule = (name, value) => {
  if (typeof value === 'number' && value > 0 && value < Infinity) return
  throw invalid(name, is(value), 'give a number above 0')
}

/** Above 0, or infinite. */
export const positiveOrInfinite: Rule = (name, value) => {
  if (value !== Infinity) positive(name, value)
}

/** A finite number from 0 up. */
export const notNegative: Rule = (name, value) => {
  if (typeof value === 'number' && value >= 0 && value < Infinity) return
  throw invalid(name, is(value), 'give a number from 0 up')
}

export const share: Rule = (name, value) => {
  if (typeof value === 'number' && value >= 0 && value <= 1) return
  throw invalid(name, is(value), 'give a number from 0 to 1')
}

/** A whole number from `least` up. */
export const atLeast = (least: number): Rule => {
  return (name, value) => {
    if (Number.isSafeInteger(value) && (value as number) >= least) return
    throw invalid(name, is(value), `give a whole number from ${least} up`)
  }
}

export const wholeNumber: Rule = (name, value) => {
  if (!Number.isSafeInteger(value)) throw invalid(name, is(value), 'give a whole number')
}

export const flag: Rule = (name, value) => {
  if (typeof value !== 'boolean') throw invalid(name, is(value), 'give true or false')
}

export const choice = (...values: readonly string[]): Rule => {
  return (name, value) => {
    if (!values.includes(value as string)) throw invalid(name, is(value), `give ${values.join(' or ')}`)
  }
}

/** Checked by whoever knows the classes, or the parts of it. */
export const elsewhere: Rule = () => {}

/**
 * Defaults with what was given put over them, all checked. A parameter given as undefined has its default; so has one given as null
 * whose default is to be undefined.
 *
 * @throws PressroomError `invalid-parameter` with all that break their rules; or with the first that there is none of.
 */
export function complete<P extends object>(
  defaults: P,
  rules: Readonly<Record<keyof P, Rule>>,
  given: Partial<P>,
): P {
  const unknown = Object.keys(given).find(name => !Object.hasOwn(rules, name))
  if (unknown !== undefined) {
    throw invalid(unknown, 'is no parameter of this learner', `it has: ${Object.keys(rules).join(', ')}`)
  }
  // JSON and YAML have no undefined: there null leaves open what may be left open, as None does in Python.
  const isOpen = (name: string, value: unknown) => {
    return value === undefined || (value === null && defaults[name as keyof P] === undefined)
  }
  const set = Object.entries(given).filter(([name, value]) => !isOpen(name, value))
  const parameters = { ...defaults, ...Object.fromEntries(set) }
  const faults = (Object.keys(rules) as (keyof P & string)[]).flatMap(name => {
    return faultsOf(() => rules[name](name, parameters[name]))
  })
  const [first, ...others] = faults
  if (first === undefined) return parameters
  if (others.length === 0) throw first
  throw new PressroomError('invalid-parameter', `${faults.length} parameters are not valid`, {
    where: faults.map(({ what, fix }) => `${what}: ${fix}`).join('\n  '),
  })
}

/** The error of ours that the body throws, if it does. */
export function faultsOf(body: () => unknown): PressroomError[] {
  try {
    body()
    return []
  } catch (error) {
    if (error instanceof PressroomError) return [error]
    throw error
  }
}
