import {
  type AnyArtifact,
  type AnyParameter,
  type Json,
  type OutputDefinitions,
  schemaTitle,
} from '../../components/definition/index.ts'
import type { PipelineInputs } from '../language/graph.ts'
import { PARAMETER_TYPES } from '../parameter-types.ts'
import type {
  ArtifactTypeSchema,
  InputArtifactSpec,
  InputParameterSpec,
  InputsSpec,
  OutputsSpec,
  ParameterType,
} from '../specification.ts'

/** Splits definitions by role and describes each; undefined when there are none. */
export function byRole<D extends AnyParameter | AnyArtifact, P, A>(
  definitions: Iterable<readonly [string, D]>,
  parameter: (definition: AnyParameter, name: string) => P,
  artifact: (definition: AnyArtifact, name: string) => A,
): { parameters?: Record<string, P>; artifacts?: Record<string, A> } | undefined {
  const parameters: [string, P][] = []
  const artifacts: [string, A][] = []
  for (const [name, definition] of definitions) {
    if (definition.role === 'parameter') parameters.push([name, parameter(definition, name)])
    else artifacts.push([name, artifact(definition, name)])
  }
  if (parameters.length + artifacts.length === 0) return undefined
  return {
    ...(parameters.length > 0 && { parameters: Object.fromEntries(parameters) }),
    ...(artifacts.length > 0 && { artifacts: Object.fromEntries(artifacts) }),
  }
}

/**
 * The inputs of a component or of a pipeline.
 * @param values defaults that replace those of the definitions
 */
export function inputsSpec(
  inputs: PipelineInputs,
  values: Readonly<Record<string, Json>> = {},
): InputsSpec | undefined {
  return byRole(
    Object.entries(inputs),
    (definition, name): InputParameterSpec => {
      const value = Object.hasOwn(values, name) ? values[name] : (definition.default as Json | undefined)
      return {
        parameterType: parameterType(definition),
        ...(value !== undefined && { defaultValue: value }),
        ...(definition.presence !== 'required' && { isOptional: true }),
        ...(definition.enforced && definition.choices && { literals: definition.choices }),
        ...descriptionOf(definition),
      }
    },
    (definition): InputArtifactSpec => ({
      ...artifactShape(definition),
      ...(definition.presence === 'optional' && { isOptional: true }),
      ...descriptionOf(definition),
    }),
  )
}

/** The outputs of a component or of a pipeline. */
export function outputsSpec(outputs: OutputDefinitions): OutputsSpec | undefined {
  return byRole(
    Object.entries(outputs),
    definition => ({ parameterType: parameterType(definition), ...descriptionOf(definition) }),
    definition => ({ ...artifactShape(definition), ...descriptionOf(definition) }),
  )
}

export function parameterType({ kind, special }: AnyParameter): ParameterType {
  if (special !== undefined) return special === 'final-status' ? 'TASK_FINAL_STATUS' : 'TASK_CONFIG'
  return PARAMETER_TYPES[kind]
}

/** An artifact's type, and whether it is a list of them. */
export function artifactShape(definition: AnyArtifact): {
  artifactType: ArtifactTypeSchema
  isArtifactList?: boolean
} {
  const { type, schemaVersion = '0.0.1', list } = definition
  return {
    artifactType: { schemaTitle: schemaTitle(type), schemaVersion },
    ...(list && { isArtifactList: true }),
  }
}

/**
 * Choices are said in words and, unless they are to be enforced, not as `literals`: API servers and SDKs that do not know
 * that young field refuse the whole file as unknown.
 */
function descriptionOf(definition: AnyParameter | AnyArtifact): { description?: string } {
  const choices = definition.role === 'parameter' ? definition.choices : undefined
  const sentences = [definition.help, ...(choices ? [`One of: ${choices.join(', ')}.`] : [])]
  const description = sentences.filter(sentence => sentence !== '').join(' ')
  return description === '' ? {} : { description }
}
