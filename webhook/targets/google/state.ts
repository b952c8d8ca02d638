import { messageOf, PressroomError } from '../../../core/errors.ts'
import { CODE, codeOf } from '../../../core/google/status.ts'
import type { ObservedModel, Rollout } from '../../plan/state.ts'
import { rolloutIn } from '../kept-rollout.ts'
import { fromLabel, hashOf, toLabel } from './fitted.ts'

/** Where a rollout is kept with the traffic: labels of an endpoint, annotations of a service. */
const ROLLOUT = {
  version: 'pressroom-rollout',
  share: 'pressroom-rollout-share',
  since: 'pressroom-rollout-since',
  before: 'pressroom-rollout-before',
  bad: 'pressroom-rollout-bad',
}

/** A rollout as labels. */
export function rolloutLabels(rollout: Rollout | undefined): Record<string, string> {
  if (rollout === undefined) return {}
  const { version, share, since, before = '', bad = '' } = rollout
  const label = toLabel(version)
  if (label === undefined) {
    throw new PressroomError('deployment-failed', `version ${version} is too long for the label of a rollout`)
  }
  // A label has no point: 12.5 is written 12_5.
  const written = String(share).replace('.', '_')
  const more = Object.entries({ [ROLLOUT.before]: toLabel(before), [ROLLOUT.bad]: toLabel(bad) })
  return {
    [ROLLOUT.version]: label,
    [ROLLOUT.share]: written,
    [ROLLOUT.since]: String(since),
    // A version that is too long for a label is not gone back to without the registry.
    ...Object.fromEntries(more.filter((entry): entry is [string, string] => !!entry[1] && entry[1] !== 'x-')),
  }
}

/** The rollout that labels tell; undefined when they tell none, or were edited into nonsense. */
export function readRollout(labels: Readonly<Record<string, string>>): Rollout | undefined {
  const version = labels[ROLLOUT.version]
  const [before, bad] = [labels[ROLLOUT.before], labels[ROLLOUT.bad]]
  return rolloutIn({
    version: version && fromLabel(version),
    share: Number(labels[ROLLOUT.share]?.replace('_', '.') ?? Number.NaN),
    since: Number(labels[ROLLOUT.since] ?? Number.NaN),
    before: before && fromLabel(before),
    bad: bad && fromLabel(bad),
  })
}

/** Labels without those of a rollout. */
export function withoutRollout(labels: Readonly<Record<string, string>>): Record<string, string> {
  const own: readonly string[] = Object.values(ROLLOUT)
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !own.includes(key)))
}

/**
 * The mark of a model's traffic and rollout. An etag would do less: loading a version changes it too, so that the shift
 * that follows in the same plan would always find it old. The etag guards the write itself, see {@link conflictOf}.
 */
export function revisionOf({ traffic, rollout }: Pick<ObservedModel, 'traffic' | 'rollout'>): string {
  const shares = Object.entries(traffic)
    .filter(([, share]) => share > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const { version, share, since, bad } = rollout ?? {}
  return hashOf(JSON.stringify([shares, version, share, since, bad]), 16)
}

/**
 * Checks that a shift still stands on what it was planned on, and that it can be made.
 * @returns false when there is nothing to change
 * @throws PressroomError `deployment-conflict`; `deployment-failed` for a version that is not loaded, and for parts of a percent
 */
export function mustShift(
  model: string,
  step: { readonly split: Readonly<Record<string, number>>; readonly rollout?: Rollout },
  planned: ObservedModel,
  now: ObservedModel,
): boolean {
  const { split, rollout } = step
  const shares = Object.values(split)
  const sum = shares.reduce((total, share) => total + share, 0)
  if (sum !== 100 || !shares.every(share => Number.isInteger(share) && share >= 0)) {
    throw new PressroomError('deployment-failed', `traffic of ${model} cannot be split like this`, {
      where: Object.entries(split)
        .map(([version, share]) => `${version}: ${share} %`)
        .join(', '),
      fix: 'Google Cloud takes whole percents, 100 in all',
    })
  }
  const absent = Object.keys(split).find(version => !now.versions.includes(version))
  if (absent !== undefined) {
    throw new PressroomError('deployment-failed', `${model} ${absent} is not loaded, and can get no traffic`)
  }
  const current = revisionOf(now)
  if (current === revisionOf({ traffic: split, ...(rollout && { rollout }) })) return false
  if (current !== (planned.revision ?? revisionOf({ traffic: {} }))) throw conflict(model)
  return true
}

/** The error of a guarded write as ours: an old etag is a conflict (google.aip.dev/154 has ABORTED for it). */
export function conflictOf(error: unknown, model: string): unknown {
  const code = codeOf(error)
  const refused = code === CODE.failedPrecondition || code === CODE.invalidArgument
  const stale = code === CODE.aborted || (refused && /etag/i.test(messageOf(error)))
  return stale ? conflict(model, error) : error
}

function conflict(model: string, cause?: unknown): PressroomError {
  return new PressroomError('deployment-conflict', `the traffic of ${model} was changed in the meantime`, {
    where: 'by another deployer or by hand; this step was not taken',
    fix: 'look again',
    cause,
  })
}
