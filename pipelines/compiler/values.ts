import { faultOf } from '../../components/definition/check.ts'
import {
  type AnyArtifact,
  type AnyParameter,
  type Json,
  schemaTitle,
} from '../../components/definition/index.ts'
import type { Channel } from '../language/graph.ts'
import { Reference, TextValue } from '../language/references.ts'
import { nodeOf } from '../language/task-handle.ts'
import { isUntyped, isWholeLiteral } from './channels.ts'

/** A constant in which references and formatted text may stand for text. */
export type Template =
  | Json
  | TextValue
  | Reference
  | readonly Template[]
  | { readonly [key: string]: Template }

/** Bytes of JSON; a constant travels through arguments and Kubernetes objects, which hold no more than this. */
export const LARGEST_CONSTANT = 1_000_000

/** The references in a value, each once. */
export function channelsIn(value: unknown): readonly Channel[] {
  const channels = new Set<Channel>()
  const visit = (part: unknown) => {
    if (part instanceof Reference) channels.add(part.channel)
    else if (part instanceof TextValue) part.values.forEach(visit)
    else if (typeof part === 'object' && part !== null && nodeOf(part) === undefined) {
      Object.values(part).forEach(visit)
    }
  }
  visit(value)
  return [...channels]
}

/**
 * A constant with placeholders where references stand.
 * @param nameOf the input of the task that a value comes in by
 */
export function expand(template: Template, nameOf: (channel: Channel) => string): Json {
  if (template instanceof Reference) return `{{$.inputs.parameters['${nameOf(template.channel)}']}}`
  if (template instanceof TextValue) {
    const { constants, values } = template
    return constants.reduce((text, constant, position) => {
      return `${text}${expand(values[position - 1] as Template, nameOf)}${constant}`
    })
  }
  if (Array.isArray(template)) return template.map(item => expand(item, nameOf))
  if (typeof template !== 'object' || template === null) return template as Json
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => [key, expand(value as Template, nameOf)]),
  )
}

/**
 * What is wrong with a literal for a parameter, as the end of a sentence, or undefined.
 * @param filled whether empty text is refused, as stages refuse it
 */
export function literalFault(definition: AnyParameter, value: unknown, filled = false): string | undefined {
  const fault = jsonFault(value) ?? sizeFault(value)
  if (fault !== undefined) return fault
  if (value === '' && !filled && definition.kind === 'string' && definition.choices === undefined) {
    return undefined
  }
  if (definition.kind === 'list' || definition.kind === 'struct' || !holdsReference(value)) {
    return faultOf(definition, value)
  }
  if (value instanceof TextValue && definition.kind === 'string') return undefined
  return value instanceof TextValue
    ? `takes ${describe(definition)}, not formatted text`
    : 'holds a reference inside a literal'
}

function holdsReference(value: unknown): boolean {
  return value instanceof TextValue || channelsIn(value).length > 0
}

/** What keeps a value from being written as JSON and read back the same, references aside, or undefined. */
function jsonFault(value: unknown, outer: readonly object[] = []): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'holds half a surrogate pair'
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `holds ${value}`
  if (value instanceof Reference) return undefined
  if (value instanceof TextValue) {
    return [...value.constants, ...value.values]
      .map(part => jsonFault(part, outer))
      .find(fault => fault !== undefined)
  }
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

/** What keeps a value from travelling as a constant, or undefined; its texts alone say how large it is. */
function sizeFault(value: unknown): string | undefined {
  const bytes = bytesOfText(value)
  return bytes < LARGEST_CONSTANT
    ? undefined
    : `is a constant of ${bytes} bytes; pass an artifact instead, made by a task or an importer`
}

function bytesOfText(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (value instanceof Reference || typeof value !== 'object' || value === null) return 0
  const parts = value instanceof TextValue ? [...value.constants, ...value.values] : Object.values(value)
  return parts.reduce<number>((sum, part) => sum + bytesOfText(part), 0)
}

/** What keeps a channel from feeding an input, as the end of a sentence, or undefined. */
export function channelFault(input: AnyParameter | AnyArtifact, channel: Channel): string | undefined {
  const given = channel.definition
  if (!fits(input, channel)) return `takes ${describe(input)}, not ${describe(given)}`
  const left = given.presence === 'optional' && !(given.role === 'parameter' && given.special)
  if (left && input.presence === 'required') {
    return `must be there, but the pipeline's input "${channel.name}" may be left out`
  }
  return undefined
}

function fits(input: AnyParameter | AnyArtifact, channel: Channel): boolean {
  const given = channel.definition
  if (input.role === 'parameter') {
    if (given.role !== 'parameter') return false
    if (isWholeLiteral(channel) && input.kind === 'number') return true
    return isUntyped(channel) || given.kind === input.kind
  }
  if (given.role !== 'artifact' || (given.list ?? false) !== (input.list ?? false)) return false
  const titles = [schemaTitle(input.type), schemaTitle(given.type)]
  return titles.includes('system.Artifact') || titles[0] === titles[1]
}

/** What a definition stands for, for messages: `a string`, `a dataset artifact`. */
export function describe(definition: AnyParameter | AnyArtifact): string {
  if (definition.role === 'artifact') {
    const type = definition.type === 'any' ? '' : `${definition.type} `
    if (definition.list) return `a list of ${type}artifacts`
    return type === '' ? 'an artifact' : `a ${type}artifact`
  }
  return definition.kind === 'integer' ? 'an integer' : `a ${definition.kind}`
}
