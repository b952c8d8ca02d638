import { PressroomError } from '../../core/errors.ts'
import type { AnyArtifact, Artifact } from './artifacts.ts'
import type { AnyParameter, Json, Parameter, Presence, Secret } from './parameters.ts'
import { faultsOf } from './stage-faults.ts'
import { type Call, recordCall } from './wiring.ts'

export type InputDefinition = AnyParameter | AnyArtifact | Secret<'required' | 'optional'>
export type OutputDefinition = AnyParameter | AnyArtifact
export type InputDefinitions = Readonly<Record<string, InputDefinition>>
export type OutputDefinitions = Readonly<Record<string, OutputDefinition>>

/** Kubernetes quantities: `cpu: '2'`, `memory: '4Gi'`. Limits, not requests. */
export interface Resources {
  readonly cpu?: string
  readonly memory?: string
}

/** How often a stage is run again after faults that are likely to pass: dropped connections, busy servers, locked folders. */
export interface StageRetry {
  /** Further tries, 0 to 10. Default 3. */
  readonly times?: number
  /** Seconds before the first of them, doubled for each next one. Default 2. */
  readonly pauseSeconds?: number
}

/** Where an artifact lies for the length of a run: `path` on this machine, `uri` as the orchestrator names it. */
export interface ArtifactFile {
  readonly path: string
  readonly uri: string
  readonly metadata: Readonly<Record<string, Json>>
}

type InputValue<D> =
  D extends Parameter<infer _K, infer T, infer P>
    ? T | (P extends 'optional' ? undefined : never)
    : D extends Artifact<infer _A, infer P>
      ? ArtifactFile | (P extends 'optional' ? undefined : never)
      : D extends Secret<infer P>
        ? string | (P extends 'optional' ? undefined : never)
        : never

type ParameterKeys<D> = { [K in keyof D]: D[K] extends AnyParameter ? K : never }[keyof D]
type VerdictKeys<D> = {
  [K in keyof D & string]: D[K] extends Parameter<'boolean', boolean, Presence> ? K : never
}[keyof D & string]
type ArtifactKeys<D> = { [K in keyof D]: D[K] extends AnyArtifact ? K : never }[keyof D]

export interface Log {
  /** A line for a person, kept in the task's log. Never a secret. */
  info(line: string): void
  /** Something a person should look at although the stage goes on. */
  warn(line: string): void
}

/** What `run` gets: parsed inputs, places to write, a log and a signal. It never learns who called it. */
export interface StageContext<I extends InputDefinitions, O extends OutputDefinitions> {
  readonly inputs: { readonly [K in keyof I]: InputValue<I[K]> }
  /** `path` does not exist yet, its folder does: write a file there or make it a folder. */
  readonly outputs: { readonly [K in ArtifactKeys<O>]: Omit<ArtifactFile, 'metadata'> }
  readonly log: Log
  /** Aborted on Ctrl-C, cancel and time-out: stop, and leave nothing half-written. */
  readonly signal: AbortSignal
}

/** What `run` answers. */
export interface StageResult<O extends OutputDefinitions> {
  readonly parameters: { readonly [K in ParameterKeys<O>]: InputValue<O[K]> }
  /** Metadata to store beside artifacts; metrics artifacts are drawn from it. */
  readonly metadata?: { readonly [K in ArtifactKeys<O>]?: Readonly<Record<string, Json>> }
  /** The outcome in a few words, for the line a person reads: `1,204 rows, 4 classes`. */
  readonly summary: string
}

/** The default export of the module that a stage's `run` loads. */
export type StageRun<I extends InputDefinitions, O extends OutputDefinitions> = (
  context: StageContext<I, O>,
) => Promise<StageResult<O>>

/** A stage as its author writes it. */
export interface StageDefinition<I extends InputDefinitions, O extends OutputDefinitions> {
  /** Kebab-case; it names the command, the action, the component and the folder. */
  readonly name: string
  readonly description: string
  readonly inputs: I
  readonly outputs: O
  readonly resources?: Resources
  /**
   * The image that holds it, for a team's own stage: one built on ours, with the stage registered in it (the Containerfile
   * that `pressroom generate` writes). Stages that ship are in ours, and name none.
   */
  readonly image?: string
  readonly retry?: StageRetry
  /**
   * The stage changes something outside its outputs (a registry, an endpoint), or goes by what is there. It is then never
   * cached and must be idempotent by itself: run twice with the same inputs, it leaves the same state.
   */
  readonly effects?: 'outside'
  /** The output that is false when what the stage judges is not good enough: with --exit-code its command then ends with 3. */
  readonly verdict?: VerdictKeys<O>
  /**
   * Loads what the stage does, and with it whatever that needs. Its module types itself by `typeof inputs` and
   * `typeof outputs`, exported beside the stage: by `typeof stage` the type would depend on itself.
   */
  readonly run: () => Promise<{ readonly default: StageRun<I, O> }>
}

/** A stage: its definition, and a call that adds it to the pipeline being written. */
export interface Stage<
  I extends InputDefinitions = InputDefinitions,
  O extends OutputDefinitions = OutputDefinitions,
> extends StageDefinition<I, O>,
    Call<I, O> {}

/** A stage seen without its types: what faces, recorders and generators work with. */
export interface AnyStage
  extends Omit<StageDefinition<InputDefinitions, OutputDefinitions>, 'run' | 'verdict'> {
  readonly verdict?: string
  // biome-ignore lint/suspicious/noExplicitAny: the types were erased on purpose
  readonly run: () => Promise<{ readonly default: StageRun<any, any> }>
}

/**
 * Defines a stage, once, for all its faces.
 * @throws PressroomError `invalid-stage` with everything that could not become one of the faces or contradicts itself.
 */
export function defineStage<const I extends InputDefinitions, const O extends OutputDefinitions>(
  definition: StageDefinition<I, O>,
): Stage<I, O> {
  const faults = faultsOf(definition)
  if (faults.length > 0) {
    throw new PressroomError('invalid-stage', `stage "${definition.name}" cannot be defined`, {
      where: faults.join('\n  '),
    })
  }
  const call = (args?: Readonly<Record<string, unknown>>) => recordCall(stage, args)
  // A function's own `name` refuses assignment, so the definition is laid onto the call property by property.
  const properties = Object.entries(definition).map(([key, value]) => [key, { value, enumerable: true }])
  const stage = Object.defineProperties(call, Object.fromEntries(properties)) as unknown as Stage<I, O>
  return stage
}
