import { counted } from '../../core/counted.ts'
import type { FitCurve } from '../../core/learn/index.ts'
import { formatFixedShare } from '../../core/report/numbers.ts'

/** What the table of fits has, its last column where a fit kept rows out. */
export function trainingHead(curves: readonly FitCurve[]): string[] {
  const head = ['fit', 'steps', 'first loss', 'last loss']
  return hasHeldOut(curves) ? [...head, 'best accuracy on rows kept out'] : head
}

/** A fit a row, as {@link trainingHead} names its cells. */
export function trainingRows(curves: readonly FitCurve[]): string[][] {
  return curves.map(({ learner, fold, unit, steps, loss, heldOutAccuracy }) => {
    const best = heldOutAccuracy === undefined ? '' : formatFixedShare(Math.max(...heldOutAccuracy))
    return [
      fitName({ learner, fold }),
      counted(steps.at(-1)!, unit),
      formatLoss(loss[0]!),
      formatLoss(loss.at(-1)!),
      ...(hasHeldOut(curves) ? [best] : []),
    ]
  })
}

export function fitName({ learner, fold }: Pick<FitCurve, 'learner' | 'fold'>): string {
  return fold === undefined ? learner : `${learner}, fold ${fold}`
}

/** A loss has any size; five digits tell its steps apart: `5,195.5`, `0.0023054`, `1.2346e+7`. */
export function formatLoss(loss: number): string {
  const size = Math.abs(loss)
  if (size === 0 || (size >= 1e-4 && size < 1e6)) {
    return loss.toLocaleString('en', { maximumSignificantDigits: 5 })
  }
  return Number(loss.toPrecision(5)).toExponential()
}

function hasHeldOut(curves: readonly FitCurve[]): boolean {
  return curves.some(({ heldOutAccuracy }) => heldOutAccuracy !== undefined)
}
