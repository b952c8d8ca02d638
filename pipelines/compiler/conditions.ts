import type { ParameterKind } from '../../components/definition/index.ts'
import type { Channel } from '../language/graph.ts'
import { ConditionValue, Reference } from '../language/references.ts'
import { isUntyped } from './channels.ts'
import type { Faults } from './faults.ts'
import type { Operand, Predicate } from './predicate.ts'
import { describe } from './values.ts'

const KINDS = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean' } as const

/** What a condition asks about its operands. */
interface Operands {
  /** Whether a channel's value exists where the condition is asked; reports it when not. */
  reachable(channel: Channel): boolean
  /** Notes the kind that a condition takes a value for. */
  want(channel: Channel, kind: ParameterKind): void
}

/**
 * Checks a condition.
 * @returns undefined when it has a fault
 */
export function resolveCondition(
  condition: unknown,
  where: string,
  faults: Faults,
  { reachable, want }: Operands,
): Predicate | undefined {
  const channelOperand = (channel: Channel): Operand | undefined => {
    const { definition } = channel
    if (definition.role === 'artifact' || isComposite(channel)) {
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
      if (kindOf(left) === 'boolean' || kindOf(left) === undefined) {
        want(value.channel, 'boolean')
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
    const kinds = [kindOf(left), kindOf(right)]
    if (kinds[0] !== undefined && kinds[1] !== undefined && kinds[0] !== kinds[1]) {
      const what = `compares "${channel.name}", a ${kinds[0]}, with a ${kinds[1]}`
      faults.add(where, what, 'compare values of one kind')
      return undefined
    }
    for (const [operand, other] of [[left, right] as const, [right, left] as const]) {
      const kind = exactKindOf(other)
      if ('channel' in operand && kind !== undefined) want(operand.channel, kind)
    }
    if ((kinds[0] ?? kinds[1]) === 'boolean' && operator !== '==' && operator !== '!=') {
      faults.add(where, `orders "${channel.name}", a boolean`, 'use is() or isNot()')
      return undefined
    }
    return { kind: 'comparison', operator, left, right }
  }
  return resolve(condition)
}

function isComposite(channel: Channel): boolean {
  if (channel.definition.role === 'artifact' || isUntyped(channel)) return false
  return channel.definition.kind === 'list' || channel.definition.kind === 'struct'
}

function literalOperand(value: unknown): Operand | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) {
    return { constant: value as string | boolean | number }
  }
  return undefined
}

/** Undefined for a value of which nothing says what kind it is. */
function kindOf(operand: Operand): string | undefined {
  if ('constant' in operand) return typeof operand.constant
  if (isUntyped(operand.channel)) return undefined
  const { definition } = operand.channel
  return definition.role === 'parameter' ? KINDS[definition.kind as keyof typeof KINDS] : 'artifact'
}

function exactKindOf(operand: Operand): ParameterKind | undefined {
  if ('constant' in operand) {
    const { constant } = operand
    if (typeof constant !== 'number') return typeof constant as 'string' | 'boolean'
    return Number.isInteger(constant) ? 'integer' : 'number'
  }
  if (isUntyped(operand.channel)) return undefined
  const { definition } = operand.channel
  return definition.role === 'parameter' ? definition.kind : undefined
}
