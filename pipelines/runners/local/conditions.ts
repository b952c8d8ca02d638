import { Environment } from '@marcbachmann/cel-js'
import type { Json } from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import { firstLine } from './error-record.ts'

// Numbers arrive as doubles, as from the server's protobuf values; being dynamic, they still equal integer literals.
const environment = new Environment().registerVariable('inputs', 'map<string, dyn>')

/** What is wrong with a trigger condition before any value is known, or undefined. */
export function faultOfCondition(condition: string): string | undefined {
  try {
    const { valid, type, error } = environment.parse(condition).check()
    // CEL's messages go on with a picture of the place.
    if (!valid) return firstLine(error as Error)
    return type === 'bool' || type === 'dyn'
      ? undefined
      : `it gives a value of type ${type}, not true or false`
  } catch (error) {
    return firstLine(error as Error)
  }
}

/**
 * Evaluates a trigger condition: CEL over `inputs.parameter_values`, as the server's driver does.
 * @throws PressroomError `invalid-pipeline` when it has no value, for want of an input above all, or is no truth
 */
export function evaluateCondition(condition: string, parameters: Readonly<Record<string, Json>>): boolean {
  let value: unknown
  try {
    value = environment.parse(condition)({ inputs: { parameter_values: parameters } })
  } catch (error) {
    throw new PressroomError('invalid-pipeline', `cannot tell whether ${condition}`, {
      where: firstLine(error as Error),
      fix: 'a condition needs all its inputs: give the optional ones a default',
      cause: error,
    })
  }
  if (typeof value === 'boolean') return value
  throw new PressroomError('invalid-pipeline', `${condition} is neither true nor false`)
}
