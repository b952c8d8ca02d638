import { own } from '../../core/object.ts'
import type { CanaryStep } from '../deployment/policy.ts'
import { accompany, dismiss, tidy } from './beside.ts'
import { note, reject, takeBack } from './rejecting.ts'
import { type Observed, type ObservedModel, type Rollout, shareOf, type TargetStep } from './state.ts'
import type { Verdict } from './verdict.ts'

/** What a registry and a policy want of one model. */
export interface DesiredModel {
  /** The version that takes all traffic in the end. */
  readonly serve: string
  /** How it is brought in when another one serves; the last share is 100. */
  readonly steps: readonly CanaryStep[]
  /** It served before and is to take over from what was found bad: at once, and unasked. */
  readonly urgent?: boolean
  /** That a version is bad which the target has a mark of, stands in the registry too. */
  readonly noted?: boolean
  /** Milliseconds that a step waits for requests to judge it by, after its own wait. Default none. */
  readonly patience?: number
  /** A version beside it; `share` in percent of the requests, 0 for `load`. */
  readonly beside?: {
    readonly version: string
    readonly as: 'load' | 'canary' | 'shadow'
    readonly share: number
  }
}

/** By model name. A model that is not here is left as it is: taking a model down is never a guess. */
export type Desired = ReadonlyMap<string, DesiredModel>

/** A step of a deployment: one that changes the target, a question to it, or a note in the registry. */
export type Step =
  | TargetStep
  /** Asks a loaded version its golden examples. When it fails, the version is rejected. */
  | { readonly do: 'check'; readonly model: string; readonly version: string }
  /** Notes on a version that it is good: what can be gone back to. */
  | { readonly do: 'keep'; readonly model: string; readonly version: string }
  /** Notes on a version that it is bad, so that it stays out until somebody takes the note away. */
  | { readonly do: 'reject'; readonly model: string; readonly version: string; readonly reason: string }

/** What the rules look at besides desired and observed. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** What was measured of a version, by model and version; unknown where nothing is said. */
  readonly verdicts?: ReadonlyMap<string, ReadonlyMap<string, Verdict>>
}

export interface Plan {
  readonly steps: readonly Step[]
  /** When to look again though nothing has happened, in milliseconds since the epoch: a rollout waits until then. */
  readonly wakeAt?: number
  /** Rollouts that wait for requests, since those they had are too few to judge them by. */
  readonly lacks?: readonly Lack[]
}

interface Lack {
  readonly model: string
  readonly version: string
  /** `3 of 50 requests`. */
  readonly had: string
  /** What there is too little of: `labelled requests`. */
  readonly unit: string
  /** When it no longer waits for them, in milliseconds since the epoch. */
  readonly until: number
}

/** What clocks of two deployers may differ by. */
const SKEW_MS = 60_000
/** Requests come without an event: who waits for them looks as often as the step is long, within these bounds. */
const SHORTEST_LOOK_MS = 1000
const LONGEST_LOOK_MS = 60_000

const NOTHING: ObservedModel = { versions: [], traffic: {} }

/**
 * The steps from what is to what is wanted, as far as they can be taken now: pure, models by name, none when they agree. Whatever was
 * observed, looking and planning again and again reaches what is wanted, and a model that serves goes on serving after
 * each step.
 */
export function plan(desired: Desired, observed: Observed, moment: Moment): Plan {
  const plans = [...desired]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([model, wanted]) => planModel(model, wanted, observedModel(observed, model), moment))
  const wakes = plans.flatMap(({ wakeAt }) => wakeAt ?? [])
  const lacks = plans.flatMap(each => each.lacks ?? [])
  return {
    steps: plans.flatMap(({ steps }) => steps),
    ...(wakes.length > 0 && { wakeAt: Math.min(...wakes) }),
    ...(lacks.length > 0 && { lacks }),
  }
}

/** The rules: the first that holds says what is to be done. */
function planModel(
  model: string,
  wanted: DesiredModel,
  observed: ObservedModel,
  { now, verdicts }: Moment,
): Plan {
  const { serve: version, urgent = false } = wanted
  const marked = observed.rollout
  const mark = marked?.version === version && marked.bad === undefined && !urgent ? marked : undefined
  const { share, rival } = sceneOf(wanted, observed, mark !== undefined)
  const loaded = observed.versions.includes(version)
  const verdictOn = (each: string): Verdict => verdicts?.get(model)?.get(each) ?? { is: 'unknown' }
  const verdict = verdictOn(version)
  const besideIs = verdictOn(wanted.beside?.version ?? '')
  const inStep = mark !== undefined && share === mark.share
  const wait = inStep ? waitOf(wanted, mark) : 0
  const ends = inStep ? mark.since + wait : now
  const until = ends + (wanted.patience ?? 0)
  const few = inStep && verdict.is === 'few' ? verdict : undefined

  const load: Step[] = loaded ? [] : [{ do: 'load', model, version }]
  const check: Step[] = urgent ? [] : [{ do: 'check', model, version }]
  const keep = (good: string): Step => ({ do: 'keep', model, version: good })
  // Somebody else may have deployed it. What has the smaller share was never the one that served.
  const replaced = rival !== undefined && !urgent && mark === undefined && rival.share > share
  const shift = (to: number, rollout?: Rollout): Step => {
    const split =
      to === 100 || rival === undefined ? { [version]: 100 } : { [version]: to, [rival.version]: 100 - to }
    return { do: 'shift', model, split, ...(rollout && { rollout }) }
  }
  const next = nextOf(wanted, share, mark)
  const before = rival?.version ?? mark?.before
  const markOf = (to: number): Rollout => ({ version, share: to, since: now, ...(before && { before }) })
  const begin = next.share === 100 && next.wait === 0 ? undefined : markOf(next.share)
  const moved = mark !== undefined && !inStep && mark.share < 100
  const ahead = inStep && mark.since > now + SKEW_MS

  const rules: readonly (readonly [when: boolean, then: Plan])[] = [
    // Its traffic was taken back while the registry could not be told.
    [marked?.bad !== undefined && !wanted.noted, { steps: note(model, marked) }],
    // A version is measured while its own mark stands, so that it is not blamed for what another did.
    [
      mark !== undefined && verdict.is === 'bad',
      {
        steps: [...takeBack(model, version, verdict, observed, now), ...reject(model, version, verdict)],
      },
    ],
    [besideIs.is === 'bad', { steps: dismiss(model, wanted.beside, besideIs, observed, now) }],
    // Nothing serves: there is nothing to compare with and nothing to wait for.
    [rival === undefined && share === 0, { steps: [...load, ...check, keep(version), shift(100)] }],
    // What served before was lost: its share of the requests is answered by nobody, and no step is worth waiting for.
    [mark !== undefined && rival === undefined && share < 100, { steps: [shift(100, markOf(100))] }],
    // Somebody moved the traffic, or the version was lost, while a rollout was under way: back to its step.
    [
      rival !== undefined && moved,
      {
        steps: [...load, ...(share > 0 ? [] : check), shift(mark?.share ?? 0, markOf(mark?.share ?? 0))],
      },
    ],
    // Marked by a clock that is off: the step begins now.
    [ahead, { steps: [shift(share, markOf(share))] }],
    [ends > now, { steps: [], wakeAt: ends }],
    // Good is only what was asked enough. At night nobody asks: the step lasts until somebody does, or for as long as is said.
    [
      few !== undefined && until > now,
      {
        steps: [],
        wakeAt: Math.min(now + lookAfter(wait), until),
        lacks: few ? [{ model, version, had: few.had, unit: few.unit, until }] : [],
      },
    ],
    [
      rival !== undefined,
      {
        steps: [
          ...load,
          ...check,
          ...(replaced ? [keep(rival!.version)] : []),
          ...(begin === undefined ? [keep(version)] : []),
          shift(next.share, begin),
        ],
      },
    ],
    // It was watched to the end.
    [
      inStep,
      { steps: [keep(version), ...accompany(model, wanted, observed), ...tidy(model, wanted, observed)] },
    ],
    // It serves: what stands beside it follows, and what nobody wants goes.
    [true, { steps: [...accompany(model, wanted, observed), ...tidy(model, wanted, observed)] }],
  ]
  return rules.find(([when]) => when)![1]
}

/**
 * The wanted version's share, and which other one serves most. The version beside it has a share of its own, but not during a rollout, and
 * not when it has more of it: who was champion and is challenger now has yet to be replaced.
 */
function sceneOf({ serve, beside }: DesiredModel, observed: ObservedModel, isRollout: boolean) {
  const share = shareOf(observed, serve)
  const canary = beside?.as === 'canary' && share > 0 && !isRollout ? beside : undefined
  const accompanies = (version: string) =>
    version === canary?.version && shareOf(observed, version) <= Math.max(share, canary.share)
  const [rival] = Object.keys(observed.traffic)
    .map(version => ({ version, share: shareOf(observed, version) }))
    .filter(each => each.version !== serve && each.share > 0 && !accompanies(each.version))
    .sort((a, b) => b.share - a.share || (a.version < b.version ? -1 : 1))
  return { share, rival }
}

/** Milliseconds that the marked step has to last. */
function waitOf({ steps }: DesiredModel, { share }: Rollout): number {
  return steps.findLast(step => step.share <= share)?.wait ?? 0
}

function lookAfter(wait: number): number {
  return Math.min(Math.max(wait, SHORTEST_LOOK_MS), LONGEST_LOOK_MS)
}

/** The step after the one that is marked, or the first that is more than it has. */
function nextOf({ steps, urgent }: DesiredModel, share: number, mark: Rollout | undefined): CanaryStep {
  const reached = Math.max(share, mark?.share ?? 0)
  const next = urgent ? undefined : steps.find(step => step.share > reached)
  return next ?? { share: 100, wait: 0 }
}

/** What a target has of a model; the names of models come from outside, `constructor` among them. */
export function observedModel(observed: Observed, model: string): ObservedModel {
  return own(observed.models, model) ?? NOTHING
}
