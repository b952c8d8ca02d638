import {
  type AnyArtifact,
  type AnyParameter,
  type Call,
  type OutputDefinitions,
  RESERVED_OUTPUTS,
} from '../../components/definition/index.ts'
import { PressroomError } from '../../core/errors.ts'
import { isValueName } from './component.ts'
import type { Component, Container, PipelineInputs } from './graph.ts'
import { addTask } from './recording.ts'

/** Where an artifact lies, as text that Kubeflow replaces before the container starts. */
interface ArtifactPlaceholders {
  readonly path: string
  readonly uri: string
  readonly metadata: string
}

/** Text that Kubeflow replaces before the container starts; it may stand inside longer text. */
export interface Placeholders<I, O> {
  /** A parameter's value, or where an artifact lies. */
  readonly inputs: { readonly [K in keyof I]: I[K] extends AnyArtifact ? ArtifactPlaceholders : string }
  /** The file that the container writes a parameter to, or where it puts an artifact. */
  readonly outputs: {
    readonly [K in keyof O]: O[K] extends AnyArtifact ? ArtifactPlaceholders : { readonly file: string }
  }
}

/** What a container takes and gives. */
export interface ContainerDefinition<I, O> {
  readonly name: string
  readonly inputs?: I
  readonly outputs?: O
}

/**
 * Describes a component that runs any image; `start` says how, given the placeholders. The result is called inside a
 * pipeline as a stage is.
 * @throws PressroomError `invalid-stage` for names that Kubeflow or a task cannot carry
 */
export function container<
  const I extends PipelineInputs = Record<never, never>,
  const O extends OutputDefinitions = Record<never, never>,
>(definition: ContainerDefinition<I, O>, start: (placeholders: Placeholders<I, O>) => Container): Call<I, O> {
  const { name } = definition
  const inputs: PipelineInputs = definition.inputs ?? {}
  const outputs: OutputDefinitions = definition.outputs ?? {}
  const faults = faultsOf(inputs, outputs)
  if (faults.length > 0) {
    throw new PressroomError('invalid-stage', `container "${name}" cannot be defined`, {
      where: faults.join('\n  '),
    })
  }
  const placeholders = {
    inputs: Object.fromEntries(Object.entries(inputs).map(([key, input]) => [key, inputText(key, input)])),
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([key, output]) => [key, outputText(key, output)]),
    ),
  }
  const component: Component = {
    name,
    inputs,
    secrets: new Map(),
    outputs,
    container: start(placeholders as unknown as Placeholders<I, O>),
    resources: {},
    cacheable: true,
  }
  const call = (args: Readonly<Record<string, unknown>> = {}) => addTask(component, args)
  return call as unknown as Call<I, O>
}

function faultsOf(inputs: PipelineInputs, outputs: OutputDefinitions): string[] {
  const faults: string[] = []
  for (const key of [...Object.keys(inputs), ...Object.keys(outputs)]) {
    if (!isValueName(key))
      faults.push(`"${key}" does not begin with a letter and go on with letters, digits and _`)
  }
  for (const key of Object.keys(outputs)) {
    if (RESERVED_OUTPUTS.has(key)) faults.push(`output "${key}" would hide the task's own ${key}()`)
    if (Object.hasOwn(inputs, key)) faults.push(`"${key}" is both an input and an output`)
  }
  return faults
}

function inputText(name: string, definition: AnyParameter | AnyArtifact): string | ArtifactPlaceholders {
  return definition.role === 'artifact' ? artifactText('inputs', name) : `{{$.inputs.parameters['${name}']}}`
}

function outputText(name: string, definition: AnyParameter | AnyArtifact) {
  return definition.role === 'artifact'
    ? artifactText('outputs', name)
    : { file: `{{$.outputs.parameters['${name}'].output_file}}` }
}

function artifactText(side: 'inputs' | 'outputs', name: string): ArtifactPlaceholders {
  const stem = `$.${side}.artifacts['${name}']`
  return { path: `{{${stem}.path}}`, uri: `{{${stem}.uri}}`, metadata: `{{${stem}.metadata}}` }
}
