import type { Json } from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import type { ComponentSpec, TaskInputParameter, TaskSpec } from '../../specification.ts'
import { fillConstant, select, textOf } from './expressions.ts'
import type { Outcome, StoredArtifact, Values } from './types.ts'

/** What a task's inputs can come from. */
export interface Scope {
  /** The inputs of the DAG that the task is in. */
  readonly inputs: Values
  /** How the tasks that it depends on ended. */
  readonly outcomes: ReadonlyMap<string, Outcome>
  /** What texts may name of job and task: `pipeline_job_name` and its like. */
  readonly constants: Readonly<Record<string, string>>
}

/** A task's inputs, or the task whose output it cannot have. */
export type ResolvedInputs =
  | {
      /** All that the task was given, as its trigger condition sees them. */
      readonly given: Values
      /** Those that its component declares. */
      readonly bound: Values
    }
  | { readonly without: string }

/**
 * Finds the values of a task's inputs: sources first, then the constants whose text names other inputs, then defaults.
 * @throws PressroomError `invalid-pipeline` when a required input has no source, `invalid-parameter` for a selector
 */
export function resolveInputs(task: TaskSpec, component: ComponentSpec, scope: Scope): ResolvedInputs {
  const { parameters = {}, artifacts = {} } = component.inputDefinitions ?? {}
  const item = (task.parameterIterator ?? task.artifactIterator)?.itemInput
  const given: Values = {
    parameters: { ...defaultsOf(component), ...resolveParameters(task, scope) },
    artifacts: resolveArtifacts(task, scope),
  }
  for (const [kind, definitions] of Object.entries({ parameters, artifacts }) as [
    keyof Values,
    Definitions,
  ][]) {
    for (const [name, definition] of Object.entries(definitions)) {
      if (given[kind][name] !== undefined || definition.isOptional === true || name === item) continue
      const producer = producerOf(task, name)
      if (producer !== undefined) return { without: producer }
      throw new PressroomError('invalid-pipeline', `its input "${name}" has no value`, {
        fix: 'wire it, or give it a default',
      })
    }
  }
  return {
    given,
    bound: { parameters: bind(given.parameters, component), artifacts: pick(given.artifacts, artifacts) },
  }
}

type Definitions = Readonly<Record<string, { readonly isOptional?: boolean }>>

/** The defaults that a component declares. */
export function defaultsOf(component: ComponentSpec): Record<string, Json> {
  const definitions = Object.entries(component.inputDefinitions?.parameters ?? {})
  return present(definitions.map(([name, definition]) => [name, definition.defaultValue]))
}

function resolveParameters(task: TaskSpec, scope: Scope): Record<string, Json> {
  const sources = Object.entries(task.inputs?.parameters ?? {})
  const values = present(
    sources.map(([name, source]) => [name, selected(source, sourceValue(source, scope))]),
  )
  const constants = sources.flatMap(([name, source]) => {
    return 'runtimeValue' in source ? [[name, source] as const] : []
  })
  for (const [name, source] of constants) {
    const filled = fillConstant(source.runtimeValue.constant, values, scope.constants)
    values[name] = selected(source, filled) as Json
  }
  return values
}

/** What a source holds, or undefined when that does not exist; constants are for later. */
function sourceValue(source: TaskInputParameter, scope: Scope): Json | undefined {
  const { inputs, outcomes } = scope
  if ('componentInputParameter' in source) return inputs.parameters[source.componentInputParameter]
  if ('taskFinalStatus' in source) return finalStatus(source.taskFinalStatus.producerTask, scope)
  if (!('taskOutputParameter' in source)) return undefined
  const { producerTask, outputParameterKey } = source.taskOutputParameter
  return outcomes.get(producerTask)?.outputs.parameters[outputParameterKey]
}

/** As the server's driver gives it (seen with 2.17.0), which says COMPLETE where the SDK's documentation has SUCCEEDED. */
function finalStatus(task: string, { outcomes, constants }: Scope): Json {
  const { state, failing, error } = outcomes.get(task) as Outcome
  return {
    state: state === 'cancelled' ? 'CANCELLED' : failing ? 'FAILED' : 'COMPLETE',
    // Codes of google.rpc.Status: UNKNOWN says nothing that the message does not.
    error: error === undefined ? {} : { code: 2, message: error.message },
    pipelineJobResourceName: constants.pipeline_job_resource_name ?? '',
    pipelineTaskName: task,
  }
}

function selected(source: TaskInputParameter, value: Json | undefined): Json | undefined {
  const { parameterExpressionSelector: selector } = source
  return selector === undefined || value === undefined ? value : select(selector, value)
}

function resolveArtifacts(task: TaskSpec, { inputs, outcomes }: Scope): Values['artifacts'] {
  const sources = Object.entries(task.inputs?.artifacts ?? {})
  const found = sources.map(([name, source]): [string, readonly StoredArtifact[] | undefined] => {
    if ('componentInputArtifact' in source) return [name, inputs.artifacts[source.componentInputArtifact]]
    const { producerTask, outputArtifactKey } = source.taskOutputArtifact
    return [name, outcomes.get(producerTask)?.outputs.artifacts[outputArtifactKey]]
  })
  return present(found)
}

function producerOf(task: TaskSpec, name: string): string | undefined {
  const parameter = task.inputs?.parameters?.[name]
  if (parameter !== undefined && 'taskOutputParameter' in parameter)
    return parameter.taskOutputParameter.producerTask
  const artifact = task.inputs?.artifacts?.[name]
  return artifact !== undefined && 'taskOutputArtifact' in artifact
    ? artifact.taskOutputArtifact.producerTask
    : undefined
}

/** Those that the component declares. An executor takes all as text that it declares so, as the server's driver has it. */
function bind(values: Values['parameters'], component: ComponentSpec): Record<string, Json> {
  const definitions = component.inputDefinitions?.parameters ?? {}
  const declared = Object.entries(pick(values, definitions))
  return Object.fromEntries(
    declared.map(([name, value]) => {
      const asText = component.dag === undefined && definitions[name]?.parameterType === 'STRING'
      return [name, asText && value !== null ? textOf(value) : value]
    }),
  )
}

function present<T>(entries: readonly (readonly [string, T | undefined])[]): Record<string, T> {
  return Object.fromEntries(entries.filter((entry): entry is readonly [string, T] => entry[1] !== undefined))
}

function pick<T>(
  values: Readonly<Record<string, T>>,
  keys: Readonly<Record<string, unknown>>,
): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => Object.hasOwn(keys, key)))
}
