import { asPressroomError, PressroomError } from '../core/errors.ts'
import { type BlindView, type LookOptions, look, type ModelView } from './look.ts'
import type { Held } from './plan/desired.ts'
import type { Step } from './plan/plan.ts'
import { takeSteps } from './take-steps.ts'
import type { Target } from './targets/target.ts'

/** Looks that one pass takes at most: a step that others undo again and again is left to the next pass. */
const MOST_LOOKS = 8

/** What a reconciliation tells while it goes on; `line` is for a person. */
export type ReconcileEvent =
  | { readonly kind: 'step'; readonly step: Step; readonly line: string }
  /** The model's steps were taken, and the target was seen to have what is wanted. */
  | { readonly kind: 'serving'; readonly model: string; readonly version: string; readonly line: string }
  /** A version has its share for now, and the rollout goes on later. Told at each pass, in the same words while it waits for the same. */
  | { readonly kind: 'rolling'; readonly model: string; readonly version: string; readonly line: string }
  /** An alias names a version that is not brought in. */
  | { readonly kind: 'held'; readonly model: string; readonly held: Held; readonly line: string }
  | { readonly kind: 'unchanged'; readonly line: string }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly line: string }

export interface Failure {
  /** Undefined when the registry or the target could not be asked at all. */
  readonly model: string | undefined
  /** The version was found bad, and stays out: trying again would find the same. */
  readonly rejected: boolean
  readonly error: PressroomError
}

export interface ReconcileOptions extends LookOptions {
  readonly report?: (event: ReconcileEvent) => void
}

/** What a pass came to. */
export interface Pass {
  /** Each reported already. */
  readonly failures: readonly Failure[]
  /** When to look again though nothing happens, in milliseconds since the epoch. */
  readonly wakeAt: number | undefined
}

/**
 * Brings the target to what the registry says: looks at both, plans, takes the steps, and looks whether they worked. It can run at any
 * time and any number of times; aborted, it takes no further step and reports nothing more. A failed step ends its model's
 * steps, so that the version that served goes on serving; other models go on. Never rejects.
 */
export async function reconcile(options: ReconcileOptions): Promise<Pass> {
  const { target, report, signal } = options
  const failures: Failure[] = []
  const wakes = new Map<string, number>()

  function fail(failure: Failure): void {
    if (signal?.aborted) return
    failures.push(failure)
    report?.({ kind: 'failed', failure, line: `${target.name}: ${failure.error.message}` })
  }

  /**
   * Takes a model's steps.
   * @param before those that were taken last, in this pass
   * @returns those that another look must find to have worked; undefined when there is nothing to look for
   */
  async function act(
    view: ModelView,
    before: readonly Step[] | undefined,
  ): Promise<readonly Step[] | undefined> {
    const { model, plan } = view
    if (plan.wakeAt !== undefined) wakes.set(model, plan.wakeAt)
    if (plan.steps.length === 0) {
      if (before !== undefined || plan.wakeAt !== undefined) tellSettled(view)
      return undefined
    }
    if (before !== undefined && sameSteps(plan.steps, before)) {
      fail({ model, rejected: false, error: withoutEffect(view, target) })
      return undefined
    }
    const { failure, expected } = await takeSteps(view, options)
    if (failure !== undefined) fail(failure)
    return expected
  }

  /** Takes traffic back from a bad version, of which the registry is told when it answers again. */
  async function takeBack(view: ModelView): Promise<void> {
    const { model, judged } = view
    const { failure, expected } = await takeSteps(view, options)
    if (failure !== undefined) return fail(failure)
    // Somebody else was quicker.
    if (expected?.length === 0) return
    for (const { version, verdict } of judged) {
      if (verdict.is !== 'bad') continue
      const error = new PressroomError('deployment-failed', `${model} ${version} has lost its traffic`, {
        where: `it was measured: ${verdict.reason}`,
        fix: 'it is rejected when the registry can be told; until then the target remembers it',
      })
      fail({ model, rejected: false, error })
    }
  }

  function tellSettled({ model, observed, desired, plan }: ModelView): void {
    if (desired === undefined) return
    const { serve: version } = desired
    const share = observed.traffic[version] ?? 0
    const line = `${target.name}: ${model} ${version} takes ${share} %`
    if (plan.wakeAt === undefined) report?.({ kind: 'serving', model, version, line })
    else report?.({ kind: 'rolling', model, version, line: `${line} ${untilWhen(plan)}` })
  }

  try {
    let among: Map<string, readonly Step[]> | undefined
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const { views, away } = await look(options, among && new Set(among.keys()))
      if (signal?.aborted) break
      if (away !== undefined) fail({ model: undefined, rejected: false, error: asPressroomError(away) })
      const next = new Map<string, readonly Step[]>()
      for (const view of views) {
        if (isBlind(view)) {
          fail({ model: view.model, rejected: false, error: asPressroomError(view.error) })
          if (view.retreat !== undefined) await takeBack(view.retreat)
          continue
        }
        if (away !== undefined) {
          await takeBack(view)
          continue
        }
        if (among === undefined) for (const held of view.held) tellHeld(view.model, held, options)
        const expected = await act(view, among?.get(view.model))
        if (expected !== undefined) next.set(view.model, expected)
      }
      const idle = next.size === 0 && failures.length === 0 && wakes.size === 0 && among === undefined
      if (idle) report?.({ kind: 'unchanged', line: `${target.name}: nothing to do` })
      if (next.size === 0 || signal?.aborted) break
      among = next
    }
  } catch (error) {
    fail({ model: undefined, rejected: false, error: asPressroomError(error) })
  }
  return { failures, wakeAt: wakes.size === 0 ? undefined : Math.min(...wakes.values()) }
}

function isBlind(view: ModelView | BlindView): view is BlindView {
  return 'error' in view
}

function tellHeld(model: string, held: Held, { target, report }: ReconcileOptions): void {
  const { alias, version, reason } = held
  report?.({
    kind: 'held',
    model,
    held,
    line: `${target.name}: ${model} ${version} @${alias} is held: ${reason}`,
  })
}

/** How many requests it had is left out: it changes from pass to pass. */
function untilWhen({ wakeAt = 0, lacks }: ModelView['plan']): string {
  const [lack] = lacks ?? []
  if (lack === undefined) return `until ${new Date(wakeAt).toISOString()}`
  const end = new Date(lack.until).toISOString()
  return `and waits for requests to judge it by until ${end}, when its golden examples decide`
}

/** Times apart: a shift that is planned again has a later one. */
function sameSteps(a: readonly Step[], b: readonly Step[]): boolean {
  const plain = (steps: readonly Step[]) =>
    JSON.stringify(steps, (key, value) => (key === 'since' ? 0 : value))
  return plain(a) === plain(b)
}

/** The target said yes and did nothing, or somebody undoes what it does. */
function withoutEffect({ model, desired, plan }: ModelView, target: Target): PressroomError {
  const what = `${target.name} took every step for ${model} ${desired?.serve}, without effect`
  return new PressroomError('deployment-failed', what, {
    where: `still to do: ${plan.steps
      .map(step => step.do)
      .filter(each => each !== 'keep')
      .join(', ')}`,
    fix: 'look at its log; somebody else may be changing it at the same time',
  })
}
