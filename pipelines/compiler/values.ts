import { faultOf } from '../../components/definition/check.ts'
import type { AnyArtifact, AnyParameter } from '../../components/definition/index.ts'
import type { Channel } from '../language/graph.ts'
import { nodeOf } from '../language/recording.ts'
import { Reference } from '../language/references.ts'

/** What is wrong with a literal for a parameter, as the end of a sentence, or undefined. */
export function literalFault(definition: AnyParameter, value: unknown): string | undefined {
  return jsonFault(value) ?? faultOf(definition, value)
}

/** What keeps a value from being written as JSON and read back the same, or undefined. */
function jsonFault(value: unknown, outer: readonly object[] = []): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'holds half a surrogate pair'
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `holds ${value}`
  if (value instanceof Reference) return 'holds a reference inside a literal'
  if (nodeOf(value) !== undefined) return 'holds a task where one of its outputs is meant'
  if (typeof value !== 'object') return `holds ${value === undefined ? 'undefined' : `a ${typeof value}`}`
  if (outer.includes(value)) return 'refers to itself'
  const prototype = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    return `holds an instance of ${prototype.constructor?.name ?? 'a class'}`
  }
  for (const item of Object.values(value)) {
    const fault = jsonFault(item, [...outer, value])
    if (fault !== undefined) return fault
  }
  return undefined
}

/** What keeps a channel from feeding an input, as the end of a sentence, or undefined. */
export function channelFault(input: AnyParameter | AnyArtifact, channel: Channel): string | undefined {
  const given = channel.definition
  const fits =
    input.role === 'parameter'
      ? given.role === 'parameter' && given.kind === input.kind
      : given.role === 'artifact' && (input.type === 'any' || given.type === input.type)
  if (!fits) return `takes ${describe(input)}, not ${describe(given)}`
  if (given.presence === 'optional' && input.presence === 'required') {
    return `must be there, but the pipeline's input "${channel.name}" may be left out`
  }
  return undefined
}

/** What a definition stands for, for messages: `a string`, `a dataset artifact`. */
export function describe(definition: AnyParameter | AnyArtifact): string {
  if (definition.role === 'artifact')
    return definition.type === 'any' ? 'an artifact' : `a ${definition.type} artifact`
  return definition.kind === 'integer' ? 'an integer' : `a ${definition.kind}`
}
