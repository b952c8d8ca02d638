import { type Limit, limitTo, shareAnswers } from '../core/at-once.ts'
import { asPressroomError } from '../core/errors.ts'
import { look } from './look.ts'
import type { Failure, Pass, ReconcileOptions } from './reconcile.ts'
import { settleModel, takeTrafficBack } from './settle-model.ts'
import { isBlind, type ModelView, type Observe } from './view.ts'

/** Loading takes a cloud minutes; more at once would meet its quotas, fewer would let a slow one hold up many. */
const MOST_MODELS = 10

/** What the passes of one deployer share. */
export interface Work {
  /** Models that are worked on, or wait for it. */
  readonly busy: Set<string>
  /** Of those, the ones that another pass would have looked at. */
  readonly missed: Set<string>
  readonly limit: Limit
  /** What the target has now, asked once for all whose steps were taken meanwhile. */
  readonly observe: Observe
}

/** Nothing under way. */
export function createWork({ target, signal }: Pick<ReconcileOptions, 'target' | 'signal'>): Work {
  return {
    busy: new Set(),
    missed: new Set(),
    limit: limitTo(MOST_MODELS),
    observe: shareAnswers(() => target.observe(signal)),
  }
}

/** What is told while a pass is under way, since one slow model may hold its end for long. */
export interface PassHooks {
  /** Something is to be looked at then though nothing happens, in milliseconds since the epoch. */
  readonly due?: (at: number) => void
  readonly failed?: (failure: Failure) => void
  /** A model is free again that another pass left out. */
  readonly missed?: () => void
}

/** A pass under way. Neither promise rejects. */
export interface RunningPass {
  /** Everything was looked at, and what is to be done has begun: another pass may start. */
  readonly looked: Promise<void>
  readonly ended: Promise<Pass>
}

/** Starts a pass over the models that no other pass is working on. */
export function startPass(options: ReconcileOptions, work: Work, hooks: PassHooks = {}): RunningPass {
  const { target, report, signal } = options
  const failures: Failure[] = []
  const wakes: number[] = []
  const looked = Promise.withResolvers<void>()

  function fail(model: string | undefined, thrown: unknown, rejected = false): void {
    if (signal?.aborted) return
    const failure = { model, rejected, error: asPressroomError(thrown) }
    failures.push(failure)
    report?.({ kind: 'failed', failure, line: `${target.name}: ${failure.error.message}` })
    hooks.failed?.(failure)
  }

  function due(at: number): void {
    wakes.push(at)
    hooks.due?.(at)
  }

  /** Works on one model, apart from all others. */
  async function on(model: string, settle: (waited: boolean) => Promise<void>): Promise<void> {
    work.busy.add(model)
    try {
      await work.limit(settle)
    } catch (error) {
      fail(model, error)
    } finally {
      work.busy.delete(model)
      if (work.missed.delete(model) && !signal?.aborted) hooks.missed?.()
    }
  }

  async function run(): Promise<void> {
    const busy = new Set(work.busy)
    for (const model of busy) work.missed.add(model)
    const { views, away } = await look(options, busy)
    if (signal?.aborted) return
    if (away !== undefined) fail(undefined, away)
    const settling = { ...options, observe: work.observe, fail, due }
    const pieces = views.map(view => {
      const { model } = view
      if (!isBlind(view)) {
        // Who only waits, or is at rest, waits for no place.
        if (view.plan.steps.length === 0) return settleModel(view, false, settling)
        return on(model, waited => settleModel(view, waited, settling))
      }
      if (view.error !== undefined) fail(model, view.error)
      const { retreat } = view
      return retreat === undefined ? undefined : on(model, () => takeTrafficBack(retreat, settling))
    })
    const rests = views.every(view => !isBlind(view) && isAtRest(view))
    if (rests && away === undefined && busy.size === 0)
      report?.({ kind: 'unchanged', line: `${target.name}: nothing to do` })
    looked.resolve()
    await Promise.all(pieces)
  }

  const ended = run()
    .catch(error => fail(undefined, error))
    .then(() => {
      looked.resolve()
      return { failures, wakeAt: wakes.length === 0 ? undefined : Math.min(...wakes) }
    })
  return { looked: looked.promise, ended }
}

function isAtRest({ plan }: ModelView): boolean {
  return plan.steps.length === 0 && plan.wakeAt === undefined
}
