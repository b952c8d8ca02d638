/** What a deployment file says, parsed: where models are deployed to, which, and how. */
export interface DeploymentPolicy {
  readonly target: TargetSettings
  /** By model name; each has all that it needs, the file's defaults filled in. */
  readonly models: ReadonlyMap<string, ModelPolicy>
  /** Of models that are not named; undefined when only named ones are deployed. */
  readonly others: ModelPolicy | undefined
  /** Models to take down, whatever their aliases say. */
  readonly retired: ReadonlySet<string>
  /** Where models may come from: addresses of folders. Undefined: only from the registry's own store. */
  readonly sources: readonly string[] | undefined
}

interface TargetSettings {
  readonly kind: TargetKind
  /** As the file has them: the target's own parser reads them. */
  readonly settings: Readonly<Record<string, unknown>>
}

export const TARGET_KINDS = ['local', 'vertex', 'kubernetes', 'cloud-run'] as const
type TargetKind = (typeof TARGET_KINDS)[number]

export interface ModelPolicy {
  /** The alias whose version serves. */
  readonly serve: string
  /** The alias whose version stands beside it, and what it gets. */
  readonly beside: Beside | undefined
  readonly gates: Gates
  /** The rising shares by which another version is brought in; the last is 100. */
  readonly steps: readonly CanaryStep[]
  /** What makes a version bad. */
  readonly limits: Limits
}

export interface Beside {
  readonly alias: string
  /** `load`: ready, but asked nothing. `canary`: a share of the requests. `shadow`: copies of a share of them. */
  readonly as: 'load' | 'canary' | 'shadow'
  /** Percent of the requests; 0 for `load`. */
  readonly share: number
}

/** What a version must have before it is brought in. What serves is not held against them again. */
export interface Gates {
  /** Tags with their values. */
  readonly tags: Readonly<Record<string, string>>
  /** Least values of its run's metrics. */
  readonly metrics: Readonly<Record<string, number>>
  /** A tag that must be there and say who approved. */
  readonly approval: string | undefined
}

export interface CanaryStep {
  /** Percent of the requests, whole. */
  readonly share: number
  /** Milliseconds to stay there, the version that served before still loaded. */
  readonly wait: number
}

/** Limits of what a target measures of a version during a step; what is left out is not looked at. */
export interface Limits {
  /** Largest share of requests that may fail. */
  readonly errorRate?: number
  /** Largest p99 in milliseconds. */
  readonly p99?: number
  /** Least share of labelled requests answered right. */
  readonly accuracy?: number
  /** Requests of a step, and where `accuracy` is limited labelled ones, below which nothing is concluded and a rollout does not go on. */
  readonly requests: number
  /** Milliseconds that a step waits for so many, after its own wait; then golden examples decide. */
  readonly within: number
}

/** A night and a day: whoever is asked anything is asked by then. */
const DAY_MS = 86_400_000

/** No steps: all traffic moves together. */
export const AT_ONCE: readonly CanaryStep[] = [{ share: 100, wait: 0 }]

/** Of a model about which nothing is said: the champion serves, and replaces what served at once. */
export const DEFAULT_MODEL: ModelPolicy = {
  serve: 'champion',
  beside: undefined,
  gates: { tags: {}, metrics: {}, approval: undefined },
  steps: AT_ONCE,
  limits: { requests: 50, within: DAY_MS },
}

/** Without a file: every model with a champion, on this machine. */
export const DEFAULT_POLICY: DeploymentPolicy = {
  target: { kind: 'local', settings: {} },
  models: new Map(),
  others: DEFAULT_MODEL,
  retired: new Set(),
  sources: undefined,
}

/** The policy of a model, or undefined when it is not to be deployed. */
export function policyOf(policy: DeploymentPolicy, model: string): ModelPolicy | undefined {
  return policy.retired.has(model) ? undefined : (policy.models.get(model) ?? policy.others)
}
