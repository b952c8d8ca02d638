import type { ParameterKind } from '../../components/definition/index.ts'
import type { Channel, Comparison } from '../language/graph.ts'

/** A condition that was checked: what the compiler prints as CEL. */
export type Predicate =
  | {
      readonly kind: 'comparison'
      readonly operator: Comparison
      readonly left: Operand
      readonly right: Operand
    }
  | { readonly kind: 'not'; readonly of: Predicate }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Predicate[] }

export type Operand = { readonly channel: Channel } | { readonly constant: string | number | boolean }

/** The values a condition looks at. */
export function channelsOf(predicate: Predicate): readonly Channel[] {
  switch (predicate.kind) {
    case 'comparison':
      return [predicate.left, predicate.right].flatMap(operand =>
        'channel' in operand ? [operand.channel] : [],
      )
    case 'not':
      return channelsOf(predicate.of)
    default:
      return predicate.of.flatMap(channelsOf)
  }
}

/** What CEL needs to know of a channel. */
export interface CelNames {
  /** The input it comes in by. */
  nameOf(channel: Channel): string
  kindOf(channel: Channel): ParameterKind | undefined
}

/** The condition in CEL, over the inputs of the group it guards. */
export function toCel(predicate: Predicate, names: CelNames): string {
  switch (predicate.kind) {
    case 'comparison': {
      const double = [predicate.left, predicate.right].some(operand => isDouble(operand, names))
      const [left, right] = [predicate.left, predicate.right].map(operand =>
        celOperand(operand, double, names),
      )
      return `${left} ${predicate.operator} ${right}`
    }
    case 'not':
      return `!(${toCel(predicate.of, names)})`
    default:
      return predicate.of
        .map(part => {
          const text = toCel(part, names)
          return part.kind === 'and' || part.kind === 'or' ? `(${text})` : text
        })
        .join(predicate.kind === 'and' ? ' && ' : ' || ')
  }
}

function isDouble(operand: Operand, { kindOf }: CelNames): boolean {
  if ('constant' in operand)
    return typeof operand.constant === 'number' && !Number.isInteger(operand.constant)
  return kindOf(operand.channel) === 'number'
}

/**
 * Numbers reach the server's CEL as doubles, so integers are cast; and since CEL compares no double with an int, both
 * sides of a comparison with a double are doubles (what kfp 2.17.0 prints, and its Go driver evaluates).
 */
function celOperand(operand: Operand, double: boolean, { nameOf, kindOf }: CelNames): string {
  if ('constant' in operand) return celLiteral(operand.constant, double)
  const value = `inputs.parameter_values['${nameOf(operand.channel)}']`
  if (kindOf(operand.channel) !== 'integer') return value
  return double ? `double(int(${value}))` : `int(${value})`
}

function celLiteral(value: string | number | boolean, double: boolean): string {
  if (typeof value === 'string') return `'${celText(value)}'`
  const text = String(value)
  return double && /^-?\d+$/.test(text) ? `${text}.0` : text
}

/** `{{` is broken up too: Argo, which carries the expression, would take it for the start of a template. */
function celText(text: string): string {
  return text
    .replace(/[\\']/g, '\\$&')
    .replace(/\{(?=\{)/g, '\\x7b')
    .replace(/\p{Cc}/gu, character => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
