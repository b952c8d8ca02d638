import type { ArtifactReference, ParameterReference, References } from '../../components/definition/index.ts'
import type { PipelineInputs } from './graph.ts'

/** What a pipeline hands out, by name. */
export type PipelineOutputs = Readonly<Record<string, ParameterReference | ArtifactReference>>

/** A pipeline as its author describes it. */
export interface PipelineDefinition<I extends PipelineInputs> {
  /** Lower-case letters, digits and dashes, 128 at most. */
  readonly name: string
  readonly description?: string
  /** The name people read, in place of the other. */
  readonly displayName?: string
  readonly inputs?: I
}

/** A pipeline: its definition, and a body that records what it does. */
export interface Pipeline<
  I extends PipelineInputs = PipelineInputs,
  // biome-ignore lint/suspicious/noConfusingVoidType: a body without outputs is a function that returns nothing
  O extends PipelineOutputs | void = PipelineOutputs | void,
> extends Required<Pick<PipelineDefinition<I>, 'name' | 'inputs'>>,
    Pick<PipelineDefinition<I>, 'description' | 'displayName'> {
  readonly role: 'pipeline'
  readonly body: (inputs: References<I>) => O
}

/** A pipeline seen without its types: what the compiler takes. */
export interface AnyPipeline extends Omit<Pipeline, 'body'> {
  // biome-ignore lint/suspicious/noExplicitAny: the types were erased on purpose
  readonly body: (inputs: any) => unknown
}

/**
 * Describes a pipeline. The body calls stages and passes their outputs on; it runs when the pipeline is compiled, each
 * time anew, and returns what the pipeline hands out.
 */
export function pipeline<
  const I extends PipelineInputs = Record<never, never>,
  // biome-ignore lint/suspicious/noConfusingVoidType: a body without outputs is a function that returns nothing
  O extends PipelineOutputs | void = void,
>(definition: PipelineDefinition<I>, body: (inputs: References<I>) => O): Pipeline<I, O> {
  return { role: 'pipeline', ...definition, inputs: definition.inputs ?? ({} as I), body }
}

/** Whether a value, a module's default export for example, is a pipeline. */
export function isPipeline(value: unknown): value is AnyPipeline {
  return typeof value === 'object' && value !== null && 'role' in value && value.role === 'pipeline'
}
