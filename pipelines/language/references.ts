import { PressroomError } from '../../core/errors.ts'
import type { Channel, Comparison, Expression } from './graph.ts'

/** What stands behind `Condition` of components/definition/wiring.ts. */
export class ConditionValue {
  readonly expression: Expression

  constructor(expression: Expression) {
    this.expression = expression
  }
}

/**
 * What stands behind `ParameterReference` and `ArtifactReference`. Every reference carries every comparison; types and
 * compiler keep them to the kinds that have them.
 */
export class Reference {
  readonly channel: Channel

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

  #compare(operator: Comparison, right: unknown): ConditionValue {
    return new ConditionValue({ kind: 'comparison', operator, left: this.channel, right })
  }

  /** Without this a reference inside a template string would be compiled as the text "[object Object]". */
  [Symbol.toPrimitive](): never {
    throw new PressroomError('invalid-pipeline', `"${this.channel.name}" was used as text or as a number`, {
      where: 'its value is known only while the pipeline runs',
      fix: 'pass the reference itself to an input, or compare it with is(), isMore() and the like',
    })
  }
}
