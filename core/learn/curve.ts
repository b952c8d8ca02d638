import type { FitProgress } from './control.ts'
import type { MlpEpoch } from './mlp-fit.ts'

/** How a fit went, a number a step in each list. */
export interface FitCurve {
  /** The learner's kind; of several that vote, its number among them before it: `model 2: linear-svm`. */
  readonly learner: string
  /** From 1; of a calibration whose models of all folds answer together. */
  readonly fold?: number | undefined
  readonly unit: 'iteration' | 'epoch'
  /** Ascending, from 1. */
  readonly steps: readonly number[]
  /** The objective that the learner lowers, penalty included, after the step. */
  readonly loss: readonly number[]
  /** The share that is right of the rows that early stopping keeps out of the fit. */
  readonly heldOutAccuracy?: readonly number[] | undefined
}

/** The losses that a fit told: of each group of classes, by its first, the loss after iteration `i` at `i`. Plain data. */
export type StepLosses = Map<number, number[]>

/** Notes a step. One that a resumed fit tells again replaces itself. */
export function noteLoss(losses: StepLosses, { iteration, loss, classes: [first] }: FitProgress): void {
  const group = losses.get(first)
  if (group !== undefined) group[iteration] = loss
  else {
    const begun: number[] = []
    begun[iteration] = loss
    losses.set(first, begun)
  }
}

/**
 * The loss of the whole after each step. Groups of one-vs-rest classes are solved one after the other and are apart from each other,
 * so step `i` is where all would stand had they begun together, each at its end once it has got there: the last is the fit's loss.
 * A fit that took no step has no curve.
 */
export function curvesOf(learner: string, losses: StepLosses): FitCurve[] {
  const groups = [...losses.values()]
  const most = groups.reduce((most, group) => Math.max(most, group.length - 1), 0)
  if (most === 0) return []
  const steps = Array.from({ length: most }, (_, i) => i + 1)
  const loss = steps.map(step =>
    groups.reduce((sum, group) => sum + group[Math.min(step, group.length - 1)]!, 0),
  )
  return [{ learner, unit: 'iteration', steps, loss }]
}

/** A network's. */
export function epochCurve(learner: string, epochs: readonly MlpEpoch[]): FitCurve {
  const heldOutAccuracy = epochs.flatMap(({ validationAccuracy }) => validationAccuracy ?? [])
  return {
    learner,
    unit: 'epoch',
    steps: epochs.map(({ epoch }) => epoch),
    loss: epochs.map(({ loss }) => loss),
    ...(heldOutAccuracy.length > 0 && { heldOutAccuracy }),
  }
}

/**
 * The same curves with about `most` points in all, the first and the last of each among them, at even steps between. A step whose
 * loss is no finite number, as in a network that runs away, is left out: no chart shows it, and JSON cannot say it.
 */
export function thinCurves(curves: readonly FitCurve[], most: number): FitCurve[] {
  const each = Math.max(2, Math.floor(most / curves.length))
  return curves.flatMap(({ steps, loss, heldOutAccuracy, ...curve }) => {
    const kept = evenly(
      Array.from(loss.keys()).filter(i => Number.isFinite(loss[i])),
      each,
    )
    if (kept.length === 0) return []
    const held = heldOutAccuracy && { heldOutAccuracy: kept.map(i => heldOutAccuracy[i]!) }
    return [{ ...curve, steps: kept.map(i => steps[i]!), loss: kept.map(i => loss[i]!), ...held }]
  })
}

function evenly<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items
  const stride = (items.length - 1) / (most - 1)
  return Array.from({ length: most }, (_, i) => items[Math.round(i * stride)]!)
}
