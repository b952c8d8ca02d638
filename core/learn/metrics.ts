import { PressroomError } from '../errors.ts'

interface ClassJudgement {
  readonly name: string
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** Rows that truly are of the class. */
  readonly support: number
}

export interface Judgement {
  readonly accuracy: number
  readonly macroPrecision: number
  readonly macroRecall: number
  readonly macroF1: number
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
  labels.forEach((label, row) => {
    confusion[label]![predicted[row]!]!++
  })
  const classes = classNames.map((name, k): ClassJudgement => {
    const right = confusion[k]![k]!
    const support = sum(confusion[k]!)
    const claimed = sum(confusion.map(row => row[k]!))
    return {
      name,
      precision: share(right, claimed),
      recall: share(right, support),
      f1: share(2 * right, support + claimed),
      support,
    }
  })
  const mean = (of: (judgement: ClassJudgement) => number) => sum(classes.map(of)) / classes.length
  return {
    accuracy: sum(confusion.map((row, k) => row[k]!)) / labels.length,
    macroPrecision: mean(each => each.precision),
    macroRecall: mean(each => each.recall),
    macroF1: mean(each => each.f1),
    classes,
    confusion,
  }
}

/**
 * The mean of -ln(probability given to the true class), in nats. `probabilities` is `rows × classes`. As in scikit-learn,
 * a probability counts as at least the double's epsilon, so that one sure mistake does not make the mean infinite.
 *
 * @throws PressroomError `no-rows` when there is nothing to judge.
 */
export function logLoss(labels: Int32Array, probabilities: Float64Array, classes: number): number {
  requireRows(labels)
  let total = 0
  labels.forEach((label, row) => {
    const given = probabilities[row * classes + label]!
    total -= Math.log(Math.min(Math.max(given, Number.EPSILON), 1 - Number.EPSILON))
  })
  return total / labels.length
}

function requireRows(labels: Int32Array): void {
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
