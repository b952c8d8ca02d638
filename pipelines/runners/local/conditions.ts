import { Environment } from '@marcbachmann/cel-js'
import type { Json } from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'

// Numbers arrive as doubles, as from the server's protobuf values; being dynamic, they still equal integer literals.
const environment = new Environment().registerVariable('inputs', 'map<string, dyn>')

/** What is wrong with a trigger condition before any value is known, or undefined. */
export function faultOfCondition(condition: string): string | undefined {
  try {
    const { valid, type, error } = environment.parse(condition).check()
    if (!valid) return firstLine(error)
    return type === 'bool' || type === 'dyn'
      ? undefined
      : `it gives a value of type ${type}, not true or false`
  } catch (error) {
    return firstLine(error)
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
      where: firstLine(error),
      fix: 'a condition needs all its inputs: give the optional ones a default',
      cause: error,
    })
  }
  if (typeof value === 'boolean') return value
  throw new PressroomError('invalid-pipeline', `${condition} is neither true nor false`)
}

/** CEL's errors go on with a picture of the place. */
function firstLine(error: unknown): string {
  return (error as Error).message.split('\n', 1).join()
}
