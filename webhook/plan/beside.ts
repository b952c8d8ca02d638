import type { DesiredModel, Step } from './plan.ts'
import { reject, takeBack } from './rejecting.ts'
import type { ObservedModel } from './state.ts'
import type { Verdict } from './verdict.ts'

/** What the version beside the one that serves still lacks, or has too much. The mark of a rollout goes with the rollout. */
export function accompany(
  model: string,
  { serve, beside }: DesiredModel,
  { versions, traffic, shadow = {}, rollout }: ObservedModel,
): Step[] {
  const version = beside?.version
  const shadowed = beside?.as === 'shadow' ? beside.share : 0
  const over = Object.keys(shadow).filter(each => shadow[each]! > 0 && !(each === version && shadowed > 0))
  const steps: Step[] = over.map(each => ({ do: 'shadow', model, version: each, share: 0 }))
  const split =
    beside?.as === 'canary'
      ? { [serve]: 100 - beside.share, [beside.version]: beside.share }
      : { [serve]: 100 }
  const shared = Object.entries(split).every(([each, share]) => traffic[each] === share)
  const fits = shared && rollout === undefined
  if (version === undefined) return fits ? steps : [...steps, { do: 'shift', model, split }]
  const lacks = !versions.includes(version)
  const asked =
    lacks || (!shared && !traffic[version] && beside!.as === 'canary') || (shadowed > 0 && !shadow[version])
  if (lacks) steps.push({ do: 'load', model, version })
  if (asked) steps.push({ do: 'check', model, version })
  if (!fits) steps.push({ do: 'shift', model, split })
  if (shadowed > 0 && shadow[version] !== shadowed)
    steps.push({ do: 'shadow', model, version, share: shadowed })
  return steps
}

/** What nobody wants any more costs money or memory. */
export function tidy(model: string, { serve, beside }: DesiredModel, { versions }: ObservedModel): Step[] {
  return versions
    .filter(version => version !== serve && version !== beside?.version)
    .map(version => ({ do: 'unload', model, version }))
}

/** What stands beside another and is bad. Copies harm nobody, and end once it is rejected. */
export function dismiss(
  model: string,
  beside: DesiredModel['beside'],
  verdict: Verdict,
  observed: ObservedModel,
  now: number,
): Step[] {
  if (beside === undefined) return []
  const { version, as } = beside
  const back = as === 'canary' ? takeBack(model, version, verdict, observed, now) : []
  return [...back, ...reject(model, version, verdict)]
}
