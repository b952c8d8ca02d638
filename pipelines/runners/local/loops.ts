import type { Json } from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import { shown } from '../../../core/object.ts'
import { shorten } from '../../../core/report/shorten.ts'
import type { ComponentSpec, PipelineSpec, TaskSpec } from '../../specification.ts'
import { textOf } from './expressions.ts'
import type { Outcome, StoredArtifact, Values } from './types.ts'

/** Characters of an item that people are shown. */
const LABEL = 60

/** What a loop goes over: one item an iteration, and how an iteration's inputs come to hold it. */
export interface Items {
  /** The items as people read them, in a line each: values as text, artifacts by their name. */
  readonly labels: readonly string[]
  readonly inputs: readonly Values[]
}

/**
 * The iterations of a task, or undefined when it is no loop.
 * @throws PressroomError `invalid-parameter` when what it is to go over is not a list
 */
export function itemsOf(task: TaskSpec, given: Values, bound: Values): Items | undefined {
  const { parameterIterator, artifactIterator } = task
  if (parameterIterator !== undefined) {
    const { itemInput, items } = parameterIterator
    const [name, value] =
      'raw' in items ? ['items', items.raw] : [items.inputParameter, given.parameters[items.inputParameter]]
    const list = listOf(name, value)
    return {
      labels: list.map(item => shorten(textOf(item), LABEL)),
      inputs: list.map(item => ({ ...bound, parameters: { ...bound.parameters, [itemInput]: item } })),
    }
  }
  if (artifactIterator !== undefined) {
    const { itemInput, items } = artifactIterator
    const artifacts = given.artifacts[items.inputArtifact] ?? []
    return {
      labels: artifacts.map(({ name }) => shorten(name, LABEL)),
      inputs: artifacts.map(item => ({ ...bound, artifacts: { ...bound.artifacts, [itemInput]: [item] } })),
    }
  }
  return undefined
}

/** The list, which may come as its JSON text: a part that was selected from a text, say. */
function listOf(name: string, value: Json | undefined): readonly Json[] {
  const list = typeof value === 'string' ? parse(value) : value
  if (Array.isArray(list)) return list
  throw new PressroomError('invalid-parameter', `"${name}" is not a list to go over: ${shown(value)}`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * What a loop gives outside: lists of what its iterations gave, those that gave nothing left out. Loops within loops
 * give one flat list, as the server's driver collects them.
 */
export function collectIterations(
  spec: PipelineSpec,
  component: ComponentSpec,
  outcomes: readonly Outcome[],
): Values {
  const { parameters = {}, artifacts = {} } = component.outputDefinitions ?? {}
  const collect = <T>(names: object, values: (outcome: Outcome, name: string) => readonly T[]) => {
    return Object.fromEntries(
      Object.keys(names).map(name => [name, outcomes.flatMap(outcome => values(outcome, name))]),
    )
  }
  return {
    parameters: collect<Json>(parameters, ({ outputs }, name) => {
      const value = outputs.parameters[name]
      if (value === undefined) return []
      return Array.isArray(value) && isCollected(spec, component, name) ? value : [value]
    }),
    artifacts: collect<StoredArtifact>(artifacts, ({ outputs }, name) => outputs.artifacts[name] ?? []),
  }
}

/** Whether a component's output parameter is a list because a loop in it made one. */
function isCollected(spec: PipelineSpec, component: ComponentSpec, name: string): boolean {
  const source = component.dag?.outputs?.parameters?.[name]?.valueFromParameter
  const producer = component.dag?.tasks?.[source?.producerSubtask ?? '']
  if (source === undefined || producer === undefined) return false
  if ((producer.parameterIterator ?? producer.artifactIterator) !== undefined) return true
  const inner = spec.components?.[producer.componentRef.name]
  return inner !== undefined && isCollected(spec, inner, source.outputParameterKey)
}
