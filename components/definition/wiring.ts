import { PressroomError } from '../../core/errors.ts'
import type { Artifact, ArtifactType } from './artifacts.ts'
import type { Json, KindValues, Parameter, ParameterKind, Secret } from './parameters.ts'
import type { AnyStage } from './stage.ts'

/**
 * How stages are joined inside a pipeline, as types. `pipelines/language` implements them and installs itself with
 * {@link installRecorder}, so that a stage can be called without components knowing the language.
 */
declare const kind: unique symbol
declare const items: unique symbol

/** A truth known only while the pipeline runs. */
export interface Condition {
  readonly [kind]: 'condition'
}

/** What marks a reference with the kinds of input that take it. */
export interface Marked<K extends ParameterKind> {
  readonly [kind]: { readonly [P in K]: true }
}

type Comparand<K extends ParameterKind> = K extends ParameterKind ? KindValues[K] | Marked<K> : never

/** What every scalar compares by. */
export interface Equality<K extends ParameterKind> {
  is(value: Comparand<K>): Condition
  isNot(value: Comparand<K>): Condition
}

/** What strings and numbers compare by. */
export interface Order<K extends ParameterKind> extends Equality<K> {
  isLess(value: Comparand<K>): Condition
  isAtMost(value: Comparand<K>): Condition
  isMore(value: Comparand<K>): Condition
  isAtLeast(value: Comparand<K>): Condition
}

/** Parts of a struct, by key, or of a list, by position from 0. Without its kind, a part goes wherever it is put. */
export interface Parts<Key> {
  at(key: Key): UntypedReference
  at<K extends ParameterKind>(key: Key, kind: K): ParameterReference<K>
}

/** What a kind allows: lists and structs have no comparisons (Kubeflow refuses them as operands). */
type Abilities = {
  string: Order<'string'>
  integer: Order<'integer'>
  number: Order<'number'>
  boolean: Equality<'boolean'>
  list: Parts<number>
  struct: Parts<string>
}

/** A parameter whose value is known only while the pipeline runs. */
export type ParameterReference<K extends ParameterKind = ParameterKind> = K extends ParameterKind
  ? Marked<K> & Abilities[K]
  : never

/** A number of a literal list: whole or not, whoever takes it says. */
export type NumberReference = Marked<'integer' | 'number'> & Order<'integer' | 'number'>

/** A parameter of which nothing says what kind it is: whoever takes it does. */
export type UntypedReference = Marked<ParameterKind> &
  Parts<string | number> &
  Order<Exclude<ParameterKind, 'list' | 'struct'>>

/** A list of values of kind `K`, or of any. */
export type ListReference<K extends ParameterKind | undefined = undefined> = ParameterReference<'list'> & {
  readonly [items]: K
}

/** The kind of a reference to a parameter, or undefined where it has none of its own. */
export type KindOf<R> = R extends { readonly [kind]: infer M }
  ? ParameterKind extends keyof M
    ? undefined
    : Extract<keyof M, ParameterKind>
  : undefined

/** An artifact that exists only while the pipeline runs. */
export interface ArtifactReference<A extends ArtifactType = ArtifactType> {
  readonly [kind]: A
}

/** A list of artifacts that exists only while the pipeline runs. */
export interface ArtifactListReference<A extends ArtifactType = ArtifactType> {
  readonly [kind]: readonly [A]
}

/** Any reference: what a task, a branch, an iteration or a pipeline can hand out. */
export interface AnyReference {
  readonly [kind]: object | ArtifactType
}

/** Text made of constants and references. */
export interface FormattedText {
  readonly [kind]: 'text'
}

/** A literal that may hold references and formatted text at any depth. */
export type WiredJson =
  | Json
  | { readonly [kind]: object }
  | FormattedText
  | readonly WiredJson[]
  | { readonly [key: string]: WiredJson }

interface Literals {
  string: FormattedText
  list: readonly WiredJson[]
  struct: { readonly [key: string]: WiredJson }
}

/**
 * What an input takes inside a pipeline: a literal of its type or a reference of its kind. An `any` artifact takes every
 * type and goes everywhere, as in the Python SDK (`check_artifact_type_compatibility` of kfp/dsl/types/type_utils.py).
 */
type Wire<D> =
  D extends Parameter<infer K, infer T, infer _P>
    ? T | Marked<K> | (K extends keyof Literals ? Literals[K] : never)
    : D extends { role: 'artifact'; list: true; type: infer A extends ArtifactType }
      ? ArtifactListReference<A extends 'any' ? ArtifactType : A | 'any'>
      : D extends Artifact<infer A, infer _P>
        ? ArtifactReference<A extends 'any' ? ArtifactType : A | 'any'>
        : never

type Wired<I> = { [K in keyof I as I[K] extends Secret<'required' | 'optional'> ? never : K]: I[K] }
type RequiredKeys<I> = { [K in keyof I]: I[K] extends { presence: 'required' } ? K : never }[keyof I]

/** The arguments of a stage's call. Secrets are not among them: they come from the environment of the task. */
export type Arguments<I> = {
  readonly [K in keyof Wired<I> as K extends RequiredKeys<I> ? K : never]: Wire<I[K & keyof I]>
} & {
  readonly [K in keyof Wired<I> as K extends RequiredKeys<I> ? never : K]?: Wire<I[K & keyof I]>
}

/** The reference that stands for what a definition describes. */
export type ReferenceTo<D> = D extends { role: 'parameter'; kind: 'list' }
  ? ListReference<D extends { of: infer K extends ParameterKind } ? K : undefined>
  : D extends Parameter<infer N, infer _T, infer _P>
    ? ParameterReference<N>
    : D extends { role: 'artifact'; list: true; type: infer A extends ArtifactType }
      ? ArtifactListReference<A>
      : D extends Artifact<infer A, infer _P>
        ? ArtifactReference<A>
        : never

/** A task's outputs, by name. */
export type References<O> = { readonly [K in keyof O]: ReferenceTo<O[K]> }

/** Text, or a reference to text that the run brings. */
export type TextSetting = string | Marked<'string'>

/** Settings of one task; each returns the task. */
export interface TaskSettings {
  /** Limit, as a Kubernetes quantity: `'2'`, `'500m'`; `request` is what is kept free for it. */
  cpu(limit: TextSetting | undefined, options?: { request?: TextSetting }): this
  /** Limit, as a whole Kubernetes quantity: `'4Gi'`; `request` is what is kept free for it. */
  memory(limit: TextSetting | undefined, options?: { request?: TextSetting }): this
  /** Graphics cards and their like: `'nvidia.com/gpu'`, `'NVIDIA_TESLA_T4'`; one by default. */
  accelerator(type: TextSetting | undefined, count?: number | Marked<'integer'> | Marked<'string'>): this
  /** The image to run, in place of the component's. */
  image(image: TextSetting): this
  /** Environment variables; later calls add to earlier ones. */
  env(variables: Readonly<Record<string, string>>): this
  /**
   * Times to try again after a failure, waiting `backoff` seconds (default 0) the first time, `factor` times as long
   * (default 2) each time after, never more than `longest` seconds (default 3600).
   */
  retry(times: number, options?: { backoff?: number; factor?: number; longest?: number }): this
  /**
   * Whether an earlier result for the same inputs may be taken. Default true, false for stages with effects outside.
   * A `key` stands for the inputs.
   */
  cache(enabled: boolean | { readonly key: string }): this
  /** Waits for these tasks and exit handlers although nothing of theirs is used. */
  after(...tasks: readonly (AnyTask | ExitHandler)[]): this
  /** Runs when what it waits for has ended, even in failure. */
  ignoreUpstreamFailure(): this
  /** The name people read, in place of the stage's. */
  named(displayName: string): this
}

/** A group of tasks with a task that runs after them whatever came of them; something to wait for. */
export interface ExitHandler {
  readonly [kind]: 'exit-handler'
}

/** A stage called inside a pipeline; an output whose name is that of a setting is found under `outputs`. */
export type Task<O = unknown> = TaskSettings &
  Omit<References<O>, keyof TaskSettings | 'outputs' | 'then'> & { readonly outputs: References<O> }

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
  'accelerator',
  'image',
  'env',
  'retry',
  'cache',
  'after',
  'ignoreUpstreamFailure',
  'named',
  'then',
  'outputs',
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
