import type { Beside } from '../deployment/policy.ts'
import type { TimeWindow } from '../targets/target.ts'
import type { DesiredModel } from './plan.ts'
import { type ObservedModel, shareOf, type TargetStep } from './state.ts'

/** A version that answers somebody and is not trusted yet. */
export interface Trial {
  readonly version: string
  /** `rollout`: it is being brought in. Else it stands beside the one that serves, with a share or with copies. */
  readonly as: 'rollout' | 'canary' | 'shadow'
  /** When that began, in milliseconds since the epoch; undefined of what stands beside another, which is watched for as long as it does. */
  readonly since?: number
}

/** What stands beside another is judged by its last hour: the local service has that at least, and a fault after weeks is not lost in them. */
const BESIDE_MS = 3_600_000

/** The window that a trial is judged by. */
export function windowOf({ since }: Trial, now: number): TimeWindow {
  return { from: Math.min(since ?? now - BESIDE_MS, now), to: now }
}

/** The versions on trial among those that are wanted. */
export function trialsOf({ serve, urgent, beside }: DesiredModel, observed: ObservedModel): Trial[] {
  const { rollout, shadow = {} } = observed
  const trials: Trial[] = []
  if (rollout?.version === serve && rollout.bad === undefined && !urgent) {
    trials.push({ version: serve, as: 'rollout', since: rollout.since })
  }
  if (beside?.as === 'canary' && rollout === undefined && shareOf(observed, beside.version) > 0) {
    trials.push({ version: beside.version, as: 'canary' })
  }
  if (beside?.as === 'shadow' && shadow[beside.version])
    trials.push({ version: beside.version, as: 'shadow' })
  return trials
}

/**
 * The version on trial as the target alone shows it, for when nobody can say what is wanted: what the mark of a rollout names, or what
 * has just the share that is meant for a version beside another. Copies harm nobody, and wait for the registry.
 */
export function trialWithoutRegistry(observed: ObservedModel, beside: Beside | undefined): Trial | undefined {
  const { rollout, versions } = observed
  if (rollout !== undefined) {
    const { version, since, bad } = rollout
    return bad === undefined ? { version, as: 'rollout', since } : undefined
  }
  if (beside?.as !== 'canary' || beside.share >= 50) return undefined
  const version = versions.find(each => shareOf(observed, each) === beside.share)
  return version === undefined ? undefined : { version, as: 'canary' }
}

/**
 * Gives the traffic of a bad version to the one that served before, and marks why: the mark stays until the registry has it, so that
 * whoever looks next knows, though it may be somebody else.
 * @param bad a few words, 30 characters at most
 * @returns no step when there is nothing to go back to
 */
export function retreat(
  model: string,
  version: string,
  bad: string,
  observed: ObservedModel,
  now: number,
): TargetStep[] {
  const { versions, rollout } = observed
  const [serving] = versions
    .filter(each => each !== version && shareOf(observed, each) > 0)
    .sort((a, b) => shareOf(observed, b) - shareOf(observed, a) || (a < b ? -1 : 1))
  const before = rollout?.version === version ? rollout.before : undefined
  const to = serving ?? versions.find(each => each === before && each !== version)
  if (to === undefined) return []
  return [{ do: 'shift', model, split: { [to]: 100 }, rollout: { version, share: 0, since: now, bad } }]
}
