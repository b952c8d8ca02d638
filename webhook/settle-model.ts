import { PressroomError } from '../core/errors.ts'
import { lookAt } from './look.ts'
import type { Held } from './plan/desired.ts'
import type { Step } from './plan/plan.ts'
import type { ReconcileOptions } from './reconcile.ts'
import { takeSteps } from './take-steps.ts'
import type { Target } from './targets/target.ts'
import { isBlind, type ModelView, type Observe } from './view.ts'

/** Looks that one pass takes at a model at most: a step that others undo again and again is left to the next pass. */
const MOST_LOOKS = 8

export interface SettleOptions extends ReconcileOptions {
  readonly observe: Observe
  readonly fail: (model: string | undefined, thrown: unknown, rejected?: boolean) => void
  /** The model waits until then, in milliseconds since the epoch. */
  readonly due: (at: number) => void
}

/**
 * Takes one model's steps, looks whether they worked, and goes on until there is nothing to do now.
 * @param waited so long that what was seen may have changed: it is looked at again first
 */
export async function settleModel(seen: ModelView, waited: boolean, options: SettleOptions): Promise<void> {
  const { signal } = options
  if (signal?.aborted) return
  let view: ModelView | undefined = waited ? await lookAgain(seen.model, options) : seen
  if (view === undefined || signal?.aborted) return
  for (const held of view.held) tellHeld(view.model, held, options)
  let before: readonly Step[] | undefined
  for (let looks = 1; ; looks++) {
    before = await act(view, before, options)
    if (before === undefined || looks === MOST_LOOKS || signal?.aborted) return
    view = await lookAgain(seen.model, options)
    if (view === undefined || signal?.aborted) return
  }
}

/** Takes traffic back from a bad version, of which the registry is told when it answers again. */
export async function takeTrafficBack(view: ModelView, options: SettleOptions): Promise<void> {
  const { model, judged } = view
  const { failure, expected } = await takeSteps(view, options)
  if (failure !== undefined) return options.fail(model, failure.error, failure.rejected)
  // Somebody else was quicker.
  if (expected?.length === 0) return
  for (const { version, verdict } of judged) {
    if (verdict.is !== 'bad') continue
    const error = new PressroomError('deployment-failed', `${model} ${version} has lost its traffic`, {
      where: `it was measured: ${verdict.reason}`,
      fix: 'it is rejected when the registry can be told; until then the target remembers it',
    })
    options.fail(model, error)
  }
}

/** Only this model: a look at all for each that had something to do would cost their number squared. */
async function lookAgain(model: string, options: SettleOptions): Promise<ModelView | undefined> {
  const view = await lookAt(model, await options.observe(), options)
  if (view === undefined || !isBlind(view)) return view
  if (!options.signal?.aborted) options.fail(model, view.error)
  if (view.retreat !== undefined) await takeTrafficBack(view.retreat, options)
  return undefined
}

/**
 * Takes a model's steps.
 * @param before those that were taken last, in this pass
 * @returns those that another look must find to have worked; undefined when there is nothing to look for
 */
async function act(
  view: ModelView,
  before: readonly Step[] | undefined,
  options: SettleOptions,
): Promise<readonly Step[] | undefined> {
  const { model, plan } = view
  if (plan.wakeAt !== undefined) options.due(plan.wakeAt)
  if (plan.steps.length === 0) {
    if (before !== undefined || plan.wakeAt !== undefined) tellSettled(view, options)
    return undefined
  }
  if (before !== undefined && sameSteps(plan.steps, before)) {
    options.fail(model, withoutEffect(view, options.target))
    return undefined
  }
  const { failure, expected } = await takeSteps(view, options)
  if (failure !== undefined) options.fail(model, failure.error, failure.rejected)
  return expected
}

function tellSettled(
  { model, observed, desired, plan }: ModelView,
  { target, report }: ReconcileOptions,
): void {
  if (desired === undefined) return
  const { serve: version, beside } = desired
  const share = observed.traffic[version] ?? 0
  const line = `${target.name}: ${model} ${version} takes ${share} %`
  if (plan.wakeAt !== undefined) {
    report?.({ kind: 'rolling', model, version, line: `${line} ${untilWhen(plan)}` })
  } else if (beside === undefined) {
    report?.({ kind: 'serving', model, version, line })
  } else {
    const { [beside.as]: gets } = {
      load: 'stands',
      canary: `takes ${beside.share} %`,
      shadow: `gets copies of ${beside.share} %`,
    }
    const both = `${line}, and ${beside.version} ${gets} beside it`
    report?.({ kind: 'serving', model, version, beside: beside.version, line: both })
  }
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
  const { unit } = lack
  const end = new Date(lack.until).toISOString()
  return `and waits for ${unit} to judge it by until ${end}, when its golden examples decide`
}

/** Times apart: a shift that is planned again has a later one. */
function sameSteps(a: readonly Step[], b: readonly Step[]): boolean {
  const plain = (steps: readonly Step[]) =>
    JSON.stringify(steps, (key, value) => (key === 'since' ? 0 : value))
  return plain(a) === plain(b)
}

/** The target said yes and did nothing, or somebody undoes what it does. */
function withoutEffect({ model, desired, plan }: ModelView, target: Target): PressroomError {
  const what = `${target.name} took every step for ${[model, desired?.serve].join(' ').trim()}, without effect`
  return new PressroomError('deployment-failed', what, {
    where: `still to do: ${plan.steps
      .map(step => step.do)
      .filter(each => each !== 'keep')
      .join(', ')}`,
    fix: 'look at its log; somebody else may be changing it at the same time',
  })
}
