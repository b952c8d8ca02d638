import type { ModelVersion, Registry } from '../core/registry/types.ts'
import type { DeploymentPolicy, ModelPolicy } from './deployment/policy.ts'
import type { Judged } from './judge.ts'
import type { Candidate, Wish } from './plan/desired.ts'
import type { Plan } from './plan/plan.ts'
import type { Observed, ObservedModel } from './plan/state.ts'
import type { Target } from './targets/target.ts'

/** What is asked of a registry. */
type DeployedRegistry = Pick<
  Registry,
  | 'location'
  | 'artifactRoot'
  | 'searchModels'
  | 'getModel'
  | 'searchVersions'
  | 'getRun'
  | 'getDownloadUri'
  | 'download'
  | 'setVersionTag'
>

/** What is looked at, and by which policy. */
export interface LookOptions {
  readonly registry: DeployedRegistry
  readonly target: Target
  /** Default: every model with a champion, which replaces what served at once. */
  readonly policy?: DeploymentPolicy
  /** Milliseconds since the epoch; default the present. */
  readonly now?: () => number
  readonly signal?: AbortSignal
  /** Milliseconds that a registry may take to answer before it is looked whether a bad version serves meanwhile. Default 10,000. */
  readonly patience?: number
  /** Whether the registry is given up after that though nothing is to be done without it: somebody waits. Default false. */
  readonly hurried?: boolean
}

/** One model as it was found, and what is to be done about it. */
export interface ModelView extends Wish {
  readonly model: string
  readonly policy: ModelPolicy
  readonly observed: ObservedModel
  /** Those that decide; none where nothing was to be decided. */
  readonly versions: readonly ModelVersion[]
  readonly candidates: readonly Candidate[]
  /** How the versions on trial do. */
  readonly judged: readonly Judged[]
  readonly plan: Plan
}

/** A model of which the registry, or the target, could not say what is wanted or how it does. */
export interface BlindView {
  readonly model: string
  /** Undefined where it is that of all models. */
  readonly error: unknown
  /** What is to be done all the same, by what the target alone shows. */
  readonly retreat: ModelView | undefined
}

/** What was seen in one look. */
export interface Look {
  /** By name. */
  readonly views: readonly (ModelView | BlindView)[]
  /** Why the registry could not be asked which models there are; views are then of those that are to be helped without it. */
  readonly away?: unknown
  /** What the target has. */
  readonly observed: Observed
}

/** What a target has. */
export type Observe = () => Promise<Observed>

export function isBlind(view: ModelView | BlindView): view is BlindView {
  return 'retreat' in view
}
