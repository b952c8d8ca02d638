import type { AnyArtifact, AnyParameter, Call, OutputDefinitions } from '../../components/definition/index.ts'
import { PressroomError } from '../../core/errors.ts'
import { isValueName } from './component.ts'
import type { Component, Container, PipelineInputs } from './graph.ts'
import { pythonJson } from './python-json.ts'
import { addTask } from './recording.ts'

/** Where an artifact lies, as text that Kubeflow replaces before the container starts. */
interface ArtifactPlaceholders {
  readonly path: string
  readonly uri: string
  readonly metadata: string
  /** One value of its metadata. */
  metadataOf(key: string): string
}

type InputPlaceholder<D> = D extends { role: 'artifact'; list: true }
  ? string
  : D extends AnyArtifact
    ? ArtifactPlaceholders
    : string

type OutputPlaceholder<D> = D extends { role: 'artifact'; list: true }
  ? string
  : D extends AnyArtifact
    ? ArtifactPlaceholders
    : { readonly file: string }

/** Text that Kubeflow replaces before the container starts; it may stand inside longer text. */
export interface Placeholders<I, O> {
  /** A parameter's value, where an artifact lies, or a list of artifacts as JSON. */
  readonly inputs: { readonly [K in keyof I]: InputPlaceholder<I[K]> }
  /** The file that the container writes a parameter to, or where it puts an artifact. */
  readonly outputs: { readonly [K in keyof O]: OutputPlaceholder<O[K]> }
}

/** An argument that depends on whether an input is there. */
export interface IfPresent {
  readonly IfPresent: {
    readonly InputName: string
    readonly Then: Argument | readonly Argument[]
    readonly Else?: Argument | readonly Argument[]
  }
}

/** An argument made of several, without spaces between them. */
export interface Concatenation {
  readonly Concat: readonly Argument[]
}

/** An element of a command line. */
export type Argument = string | IfPresent | Concatenation

/** What to start. */
export interface ContainerStart extends Omit<Container, 'command' | 'args'> {
  readonly command?: readonly Argument[]
  readonly args?: readonly Argument[]
}

/** Arguments for when the input is given, others for when it is not; none by default. */
export function ifPresent(
  input: string,
  then: Argument | readonly Argument[],
  otherwise?: Argument | readonly Argument[],
): IfPresent {
  return {
    IfPresent: { InputName: input, Then: then, ...(otherwise !== undefined && { Else: otherwise }) },
  }
}

/** One argument of several. The open-source back end does not put them together: formatted text is safer. */
export function concat(...parts: readonly Argument[]): Concatenation {
  return { Concat: parts }
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
>(
  definition: ContainerDefinition<I, O>,
  start: (placeholders: Placeholders<I, O>) => ContainerStart,
): Call<I, O> {
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
    body: { kind: 'container', container: flattened(start(placeholders as unknown as Placeholders<I, O>)) },
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
  return faults
}

function inputText(name: string, definition: AnyParameter | AnyArtifact): string | ArtifactPlaceholders {
  return definition.role === 'artifact'
    ? artifactText('inputs', name, definition)
    : `{{$.inputs.parameters['${name}']}}`
}

function outputText(name: string, definition: AnyParameter | AnyArtifact) {
  return definition.role === 'artifact'
    ? artifactText('outputs', name, definition)
    : { file: `{{$.outputs.parameters['${name}'].output_file}}` }
}

function artifactText(
  side: 'inputs' | 'outputs',
  name: string,
  definition: AnyArtifact,
): string | ArtifactPlaceholders {
  const stem = `$.${side}.artifacts['${name}']`
  if (definition.list) return `{{${stem}}}`
  return {
    path: `{{${stem}.path}}`,
    uri: `{{${stem}.uri}}`,
    metadata: `{{${stem}.metadata}}`,
    metadataOf: key => `{{${stem}.metadata['${key}']}}`,
  }
}

/** The command line as text throughout: the launcher reads what is no text as JSON. */
function flattened({ command, args, ...rest }: ContainerStart): Container {
  const text = (argument: Argument) =>
    typeof argument === 'string' ? argument : pythonJson(argument as never)
  return {
    ...rest,
    ...(command !== undefined && { command: command.map(text) }),
    ...(args !== undefined && { args: args.map(text) }),
  }
}
