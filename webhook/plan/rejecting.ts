import type { Step } from './plan.ts'
import type { ObservedModel, Rollout } from './state.ts'
import { retreat } from './trials.ts'
import type { Verdict } from './verdict.ts'

/** Before it is rejected: traffic is taken back whether or not the registry can be told. */
export function takeBack(
  model: string,
  version: string,
  verdict: Verdict,
  observed: ObservedModel,
  now: number,
): Step[] {
  return verdict.is === 'bad' ? retreat(model, version, verdict.brief, observed, now) : []
}

export function reject(model: string, version: string, verdict: Verdict): Step[] {
  return verdict.is === 'bad' ? [{ do: 'reject', model, version, reason: verdict.reason }] : []
}

/** Notes in the registry what the target's mark says. */
export function note(model: string, marked: Rollout | undefined): Step[] {
  if (marked?.bad === undefined) return []
  const { version, bad, since } = marked
  const at = new Date(since).toISOString()
  const reason = `${bad} requests at ${at}, when the registry could not be told`
  return [{ do: 'reject', model, version, reason }]
}
