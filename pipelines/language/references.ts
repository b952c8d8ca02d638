import type { AnyParameter, ParameterKind } from '../../components/definition/index.ts'
import { PressroomError } from '../../core/errors.ts'
import type { Channel, Comparison, Expression } from './graph.ts'

/** What stands behind `Condition` of components/definition/wiring.ts. */
export class ConditionValue {
  readonly expression: Expression

  constructor(expression: Expression) {
    this.expression = expression
  }
}

/** What stands behind `FormattedText`: constants and references by turns, a constant first and last. */
export class TextValue {
  readonly constants: readonly string[]
  readonly values: readonly unknown[]

  constructor(constants: readonly string[], values: readonly unknown[]) {
    this.constants = constants
    this.values = values
  }

  [Symbol.toPrimitive](): never {
    throw usedAsText('formatted text')
  }
}

/**
 * What stands behind every kind of reference. Each carries every comparison and every part; types and compiler keep them
 * to the kinds that have them.
 */
export class Reference {
  readonly channel: Channel
  readonly #parts = new Map<string, Reference>()

  constructor(channel: Channel) {
    this.channel = channel
  }

  is(value: unknown): ConditionValue {
    return this.#compare('==', value)
  }
  isNot(value: unknown): ConditionValue {
    return this.#compare('!=', value)
  }
  isLess(value: unknown): ConditionValue {
    return this.#compare('<', value)
  }
  isAtMost(value: unknown): ConditionValue {
    return this.#compare('<=', value)
  }
  isMore(value: unknown): ConditionValue {
    return this.#compare('>', value)
  }
  isAtLeast(value: unknown): ConditionValue {
    return this.#compare('>=', value)
  }

  /** A part asked for twice is one reference: the borders of groups let a value in once. */
  at(key: string | number, kind?: ParameterKind): Reference {
    const id = JSON.stringify([key, kind])
    const known = this.#parts.get(id)
    if (known !== undefined) return known
    const { channel } = this
    const of = channel.from === 'field' ? channel.of : channel
    const path = channel.from === 'field' ? [...channel.path, key] : [key]
    const definition: AnyParameter = {
      role: 'parameter',
      kind: kind ?? 'string',
      presence: 'required',
      help: '',
    }
    // `LoopArgumentVariable._get_name_override` of kfp/dsl/for_loop.py
    const name = `${channel.name}-subvar-${key}`
    const part = new Reference({ from: 'field', of, path, name, definition, untyped: kind === undefined })
    this.#parts.set(id, part)
    return part
  }

  #compare(operator: Comparison, right: unknown): ConditionValue {
    return new ConditionValue({ kind: 'comparison', operator, left: this.channel, right })
  }

  /** Without this a reference inside a template string would be compiled as the text "[object Object]". */
  [Symbol.toPrimitive](): never {
    throw usedAsText(`"${this.channel.name}"`)
  }
}

function usedAsText(what: string): PressroomError {
  return new PressroomError('invalid-pipeline', `${what} was used as text or as a number`, {
    where: 'its value is known only while the pipeline runs',
    fix: 'pass it to an input, put it into format`…`, or compare it with is(), isMore() and the like',
  })
}
