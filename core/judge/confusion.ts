import { PressroomError } from '../errors.ts'

interface ClassJudgement {
  readonly name: string
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** Rows that truly are of the class. */
  readonly support: number
}

/** Shares from 0 to 1. Micro averages are left out: with one class a row all of them are the accuracy. */
export interface Judgement {
  readonly accuracy: number
  /** The mean recall of the classes that have rows. */
  readonly balancedAccuracy: number
  readonly macroPrecision: number
  readonly macroRecall: number
  readonly macroF1: number
  /** Means over the classes, each by its share of the rows; the weighted recall is the accuracy. */
  readonly weightedPrecision: number
  readonly weightedF1: number
  readonly classes: readonly ClassJudgement[]
  /** `confusion[truth][predicted]`, in rows. */
  readonly confusion: readonly (readonly number[])[]
}

/**
 * Compares predicted classes with true ones. Both arrays hold indices into `classNames`, one a row.
 *
 * The definitions are scikit-learn's with `zero_division=0` and all classes as `labels`: a share of nothing is 0, and
 * a macro average is the plain mean over every class, also over those without rows.
 *
 * @throws PressroomError `no-rows` when there is nothing to judge.
 */
export function judge(labels: Int32Array, predicted: Int32Array, classNames: readonly string[]): Judgement {
  requireRows(labels)
  const confusion = classNames.map(() => classNames.map(() => 0))
  const supports = classNames.map(() => 0)
  const claims = classNames.map(() => 0)
  labels.forEach((label, row) => {
    confusion[label]![predicted[row]!]!++
    supports[label]!++
    claims[predicted[row]!]!++
  })
  const rows = labels.length
  const classes = classNames.map((name, k): ClassJudgement => {
    const right = confusion[k]![k]!
    const support = supports[k]!
    const claimed = claims[k]!
    return {
      name,
      precision: share(right, claimed),
      recall: share(right, support),
      f1: share(2 * right, support + claimed),
      support,
    }
  })
  const present = classes.filter(each => each.support > 0)
  const mean = (of: (judgement: ClassJudgement) => number) => sum(classes.map(of)) / classes.length
  const weighted = (of: (judgement: ClassJudgement) => number) =>
    sum(classes.map(each => of(each) * each.support)) / rows
  return {
    accuracy: sum(confusion.map((row, k) => row[k]!)) / rows,
    balancedAccuracy: sum(present.map(each => each.recall)) / present.length,
    macroPrecision: mean(each => each.precision),
    macroRecall: mean(each => each.recall),
    macroF1: mean(each => each.f1),
    weightedPrecision: weighted(each => each.precision),
    weightedF1: weighted(each => each.f1),
    classes,
    confusion,
  }
}

/** @throws PressroomError `no-rows` */
export function requireRows(labels: Int32Array): void {
  if (labels.length > 0) return
  throw new PressroomError('no-rows', 'there are no rows to judge a model by', {
    fix: 'give a larger test share or more rows',
  })
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
