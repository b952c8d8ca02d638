import type { PressroomError } from '../../core/errors.ts'
import type { Observed, ObservedModel, TargetStep } from '../plan/state.ts'

export type { TargetStep } from '../plan/state.ts'

/** A place where models serve. What it must remember it keeps itself: the deployer has no database. */
export interface Target {
  /** As a person calls it: `local`, `vertex`, `kubernetes`, `cloud-run`. */
  readonly name: string
  /** What it can do besides replacing one version by another; a plan that needs more is refused by name. */
  readonly can: Abilities

  /** What is loaded and what takes traffic now. */
  observe(signal?: AbortSignal): Promise<Observed>

  /**
   * Takes one step and waits until it has its effect; taking it again changes nothing.
   * @throws PressroomError `deployment-conflict` when the state is not that of `context.observed` any more: look again.
   */
  apply(step: TargetStep, context: StepContext): Promise<void>

  /** The labels that one loaded version gives these texts, traffic or not, in their order. */
  ask(model: string, version: string, texts: readonly string[]): Promise<readonly string[]>

  /**
   * What one version did in a window of time; undefined where nothing was measured. Only where `can.measure` is not empty.
   */
  measure?(model: string, version: string, window: TimeWindow): Promise<Measured | undefined>

  /** Has `listener` called with the reason when the target lost what it had loaded without being told to. */
  onLost?(listener: (reason: PressroomError) => void): void
}

export interface Abilities {
  /** Splits traffic between two versions. */
  readonly canary: boolean
  /** Gives a version copies of requests. */
  readonly shadow: boolean
  /** What `measure` can tell. */
  readonly measure: readonly Measure[]
}

/** `errorRate` is the share of requests that failed, `p99` milliseconds, `accuracy` the share of labelled requests answered right. */
export const MEASURES = ['errorRate', 'p99', 'accuracy'] as const
export type Measure = (typeof MEASURES)[number]

/** Milliseconds since the epoch. */
export interface TimeWindow {
  readonly from: number
  readonly to: number
}

export interface Measured extends Readonly<Partial<Record<Measure, number>>> {
  /** How many requests the figures are of. */
  readonly requests: number
  /** How many of them, or of the texts asked again, somebody labelled: what `accuracy` is of. */
  readonly labelled?: number
}

/** What a step is taken with. */
export interface StepContext {
  /** The model as it was when the step was planned. */
  readonly observed: ObservedModel
  /** The version that the step loads, as the registry has it; undefined for other steps. */
  readonly source: VersionSource | undefined
  readonly signal: AbortSignal
}

/** A version's files, from the registry and never from an event. */
export interface VersionSource {
  /** Where the registry keeps it, checked against the allowed prefixes: `gs://…`, `s3://…`, a folder. */
  readonly uri: string
  readonly digest: string
  readonly aliases: readonly string[]
  readonly tags: Readonly<Record<string, string>>
  /** Its folder on this machine, downloaded and checked when it is first asked for. */
  files(): Promise<string>
}
