import type { Channel } from '../language/graph.ts'
import { ConditionValue, Reference } from '../language/references.ts'
import type { Faults } from './faults.ts'
import type { Operand, Predicate } from './predicate.ts'
import { describe } from './values.ts'

const KINDS = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean' } as const

/**
 * Checks a condition.
 * @param reachable whether a channel's value exists where the condition is asked; reports it when not
 * @returns undefined when it has a fault
 */
export function resolveCondition(
  condition: unknown,
  where: string,
  faults: Faults,
  reachable: (channel: Channel) => boolean,
): Predicate | undefined {
  const channelOperand = (channel: Channel): Operand | undefined => {
    const { definition } = channel
    if (definition.role === 'artifact' || definition.kind === 'list' || definition.kind === 'struct') {
      const what = `compares ${describe(definition)}, "${channel.name}"`
      faults.add(where, what, 'only strings, integers, numbers and booleans compare')
      return undefined
    }
    return reachable(channel) ? { channel } : undefined
  }
  const resolve = (value: unknown): Predicate | undefined => {
    if (value instanceof Reference) {
      const left = channelOperand(value.channel)
      if (left === undefined) return undefined
      if (kindOf(left) === 'boolean') {
        return { kind: 'comparison', operator: '==', left, right: { constant: true } }
      }
      const what = `takes "${value.channel.name}" for a condition`
      faults.add(where, what, 'compare it: .is(…)')
      return undefined
    }
    if (!(value instanceof ConditionValue)) {
      faults.add(where, 'was given something that is no condition', 'compare an output: task.output.is(…)')
      return undefined
    }
    const { expression } = value
    if (expression.kind === 'not') {
      const of = resolve(expression.of)
      return of && { kind: 'not', of }
    }
    if (expression.kind !== 'comparison') {
      const of = expression.of.map(resolve).filter(part => part !== undefined)
      return of.length === expression.of.length ? { kind: expression.kind, of } : undefined
    }
    const { operator, left: channel, right: raw } = expression
    const left = channelOperand(channel)
    const right = raw instanceof Reference ? channelOperand(raw.channel) : literalOperand(raw)
    if (left === undefined || right === undefined) {
      if (!(raw instanceof Reference) && right === undefined) {
        faults.add(
          where,
          `compares "${channel.name}" with what is no value`,
          'compare with a literal of its kind',
        )
      }
      return undefined
    }
    if (kindOf(left) !== kindOf(right)) {
      const what = `compares "${channel.name}", a ${kindOf(left)}, with a ${kindOf(right)}`
      faults.add(where, what, 'compare values of one kind')
      return undefined
    }
    if (kindOf(left) === 'boolean' && operator !== '==' && operator !== '!=') {
      faults.add(where, `orders "${channel.name}", a boolean`, 'use is() or isNot()')
      return undefined
    }
    return { kind: 'comparison', operator, left, right }
  }
  return resolve(condition)
}

function literalOperand(value: unknown): Operand | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) {
    return { constant: value as string | boolean | number }
  }
  return undefined
}

function kindOf(operand: Operand): string {
  if ('constant' in operand) return typeof operand.constant
  const { definition } = operand.channel
  return definition.role === 'parameter' ? KINDS[definition.kind as keyof typeof KINDS] : 'artifact'
}
