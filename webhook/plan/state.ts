/** What a target has of one model. Plain data: the plan reads it, whatever made it. */
export interface ObservedModel {
  /** The versions that are loaded and can answer. */
  readonly versions: readonly string[]
  /** Percent of the requests by version, 100 in all, or empty when nothing serves. */
  readonly traffic: Readonly<Record<string, number>>
  /** Versions that the target is loading now, whoever told it to: found again after a restart, not remembered. */
  readonly loading?: readonly string[]
  /** Percent of the requests that a version gets as a copy, its answers dropped. */
  readonly shadow?: Readonly<Record<string, number>>
  /** The step of a rollout that is under way, as the target kept it with the traffic. */
  readonly rollout?: Rollout
  /** The target's own mark of this state (an etag, a resourceVersion): a step taken on another state is refused. */
  readonly revision?: string
  /** There is nothing left of ours, only what others put beside it: it is not ours to take away. */
  readonly foreign?: true
}

/** What a target must remember of a rollout, in its endpoint's labels or its object's annotations. */
export interface Rollout {
  /** The version that is being brought in. */
  readonly version: string
  /** Its percent of the requests. */
  readonly share: number
  /** When it got that share, in milliseconds since the epoch. */
  readonly since: number
  /** The version that served before, and takes over when this one is bad; it may have no traffic any more. */
  readonly before?: string
  /**
   * What this version was measured as when its traffic was taken back, `errorRate 0.5 of 100`: it stands here until the registry has it.
   * At most 30 characters, which is what the label of an endpoint holds.
   */
  readonly bad?: string
}

/** Percent of the requests that a version answers: none unless it is loaded, whatever the split says. */
export function shareOf({ versions, traffic }: ObservedModel, version: string): number {
  return versions.includes(version) ? (traffic[version] ?? 0) : 0
}

/** By model name. */
export interface Observed {
  readonly models: Readonly<Record<string, ObservedModel>>
}

/** One step that changes a target. Applying it twice leaves what applying it once leaves. */
export type TargetStep =
  /** Loads a version beside the others; it takes no traffic yet. */
  | { readonly do: 'load'; readonly model: string; readonly version: string }
  /** Replaces the model's traffic split (percent by version, 100 in all), and with it what is kept of a rollout. */
  | {
      readonly do: 'shift'
      readonly model: string
      readonly split: Readonly<Record<string, number>>
      readonly rollout?: Rollout
    }
  /** Gives a version copies of this percent of the requests, answers dropped; 0 ends it. Only where the target can shadow. */
  | { readonly do: 'shadow'; readonly model: string; readonly version: string; readonly share: number }
  /** Drops a version that has no traffic. */
  | { readonly do: 'unload'; readonly model: string; readonly version: string }
  /** Takes a model down, with its traffic: all that is ours of it, and nothing else. Requests for it fail from then on. */
  | { readonly do: 'retire'; readonly model: string }
