import { PressroomError } from '../../core/errors.ts'
import type { Artifact, ArtifactType } from './artifacts.ts'
import type { KindValues, Parameter, ParameterKind, Secret } from './parameters.ts'
import type { AnyStage } from './stage.ts'

/**
 * How stages are joined inside a pipeline, as types. `pipelines/language` implements them and installs itself with
 * {@link installRecorder}, so that a stage can be called without components knowing the language.
 */
declare const kind: unique symbol

/** A truth known only while the pipeline runs. */
export interface Condition {
  readonly [kind]: 'condition'
}

interface Equality<K extends ParameterKind> {
  is(value: KindValues[K] | ParameterReference<K>): Condition
  isNot(value: KindValues[K] | ParameterReference<K>): Condition
}

interface Order<K extends ParameterKind> extends Equality<K> {
  isLess(value: KindValues[K] | ParameterReference<K>): Condition
  isAtMost(value: KindValues[K] | ParameterReference<K>): Condition
  isMore(value: KindValues[K] | ParameterReference<K>): Condition
  isAtLeast(value: KindValues[K] | ParameterReference<K>): Condition
}

/** Comparisons that a kind allows: lists and structs have none (Kubeflow refuses them as operands). */
type Comparisons = {
  string: Order<'string'>
  integer: Order<'integer'>
  number: Order<'number'>
  boolean: Equality<'boolean'>
  list: unknown
  struct: unknown
}

/** A parameter whose value is known only while the pipeline runs. */
export type ParameterReference<K extends ParameterKind = ParameterKind> = {
  readonly [kind]: K
} & Comparisons[K]

/** An artifact that exists only while the pipeline runs. */
export interface ArtifactReference<A extends ArtifactType = ArtifactType> {
  readonly [kind]: A
}

/** What an input takes inside a pipeline: a literal of its type or a reference of its kind. An `any` artifact takes every type. */
type Wire<D> =
  D extends Parameter<infer K, infer T, infer _P>
    ? T | ParameterReference<K>
    : D extends Artifact<infer A, infer _P>
      ? ArtifactReference<A extends 'any' ? ArtifactType : A>
      : never

type Wired<I> = { [K in keyof I as I[K] extends Secret<'required' | 'optional'> ? never : K]: I[K] }
type RequiredKeys<I> = { [K in keyof I]: I[K] extends { presence: 'required' } ? K : never }[keyof I]

/** The arguments of a stage's call. Secrets are not among them: they come from the environment of the task. */
export type Arguments<I> = {
  readonly [K in keyof Wired<I> as K extends RequiredKeys<I> ? K : never]: Wire<I[K & keyof I]>
} & {
  readonly [K in keyof Wired<I> as K extends RequiredKeys<I> ? never : K]?: Wire<I[K & keyof I]>
}

/** A task's outputs, by name. */
export type References<O> = {
  readonly [K in keyof O]: O[K] extends Parameter<infer N, infer _T, infer _P>
    ? ParameterReference<N>
    : O[K] extends Artifact<infer A, infer _P>
      ? ArtifactReference<A>
      : never
}

/** Settings of one task; each returns the task. */
export interface TaskSettings {
  /** Limit, as a Kubernetes quantity: `'2'`, `'500m'`. */
  cpu(limit: string): this
  /** Limit, as a whole Kubernetes quantity: `'4Gi'`. */
  memory(limit: string): this
  /** Times to try again after a failure, waiting `backoff` seconds (default 0), doubled each time. */
  retry(times: number, options?: { backoff?: number }): this
  /** Whether an earlier result for the same inputs may be taken. Default true, false for stages with effects outside. */
  cache(enabled: boolean): this
  /** Waits for these tasks although nothing of theirs is used. */
  after(...tasks: readonly AnyTask[]): this
  /** The name people read, in place of the stage's. */
  named(displayName: string): this
}

/** A stage called inside a pipeline. */
export type Task<O = unknown> = TaskSettings & References<O>

// biome-ignore lint/suspicious/noExplicitAny: a task with whatever outputs, used only as an argument's bound
export type AnyTask = TaskSettings & Record<string, any>

/** A stage as a function, for use inside a pipeline. */
export type Call<I, O> = (
  // biome-ignore lint/complexity/noBannedTypes: {} asks whether the arguments have no required key
  ...args: {} extends Arguments<I> ? [args?: Arguments<I>] : [args: Arguments<I>]
) => Task<O>

/** Output names that would hide a task's own members. */
export const RESERVED_OUTPUTS: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'retry',
  'cache',
  'after',
  'named',
  'then',
  'outputs',
  'name',
])

type Recorder = (stage: AnyStage, args: Readonly<Record<string, unknown>>) => AnyTask

let recorder: Recorder | undefined

/** Installs what turns stage calls into tasks, for as long as a pipeline's body runs; returns what undoes it. */
export function installRecorder(next: Recorder): () => void {
  const previous = recorder
  recorder = next
  return () => {
    recorder = previous
  }
}

export function recordCall(stage: AnyStage, args: Readonly<Record<string, unknown>> = {}): AnyTask {
  if (recorder === undefined) {
    throw new PressroomError('invalid-pipeline', `stage "${stage.name}" was called outside a pipeline`, {
      fix: 'call it inside the function given to pipeline(), or run it with its command',
    })
  }
  return recorder(stage, args)
}
