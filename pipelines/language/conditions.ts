import type { Condition, ParameterReference } from '../../components/definition/index.ts'
import { addCondition } from './recording.ts'
import { ConditionValue } from './references.ts'

/** A comparison, or a boolean taken as it is. */
export type Truth = Condition | ParameterReference<'boolean'>

/**
 * Runs the tasks that `body` calls only when the condition holds. What they put out stays inside: nothing outside may
 * use it or wait for it, since it need not exist.
 */
export function when(condition: Truth, body: () => void): void {
  addCondition(condition, body)
}

/** Holds when the condition does not. */
export function not(condition: Truth): Condition {
  return new ConditionValue({ kind: 'not', of: condition }) as unknown as Condition
}

/** Holds when all conditions do. */
export function and(first: Truth, ...others: readonly Truth[]): Condition {
  return new ConditionValue({ kind: 'and', of: [first, ...others] }) as unknown as Condition
}

/** Holds when one condition does. */
export function or(first: Truth, ...others: readonly Truth[]): Condition {
  return new ConditionValue({ kind: 'or', of: [first, ...others] }) as unknown as Condition
}
