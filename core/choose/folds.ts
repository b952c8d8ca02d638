import { PressroomError } from '../errors.ts'
import { stratifiedFolds } from '../learn/index.ts'
import { randomFrom, shuffle } from '../random.ts'

/** Rows shared out to folds. */
export interface Split {
  /** A class for each row, from 0, in the order of `names`. */
  readonly labels: Int32Array
  readonly names: readonly string[]
  /** The fold of each row, from 0. */
  readonly folds: Int32Array
  /** Of the rows that a share of the training rows takes. */
  readonly seed: number
}

/**
 * Shares rows out to stratified folds, in their order, as scikit-learn's StratifiedKFold does.
 *
 * @throws PressroomError `invalid-parameter` for fewer than two folds, or more than the rarest class has rows; `no-rows`;
 * `too-few-classes`.
 */
export function splitFolds(labels: readonly string[], folds: number, seed: number): Split {
  if (!Number.isSafeInteger(folds) || folds < 2) {
    throw new PressroomError('invalid-parameter', `folds is ${folds}`, {
      fix: 'give a whole number from 2 up',
    })
  }
  if (labels.length === 0) {
    throw new PressroomError('no-rows', 'there are no rows to compare candidates on', {
      fix: 'give more rows',
    })
  }
  const names = [...new Set(labels)].sort()
  const places = new Map(names.map((name, place) => [name, place]))
  const counts = new Map<string, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  const [rarest, rows] = [...counts].reduce((least, entry) => (entry[1] < least[1] ? entry : least))
  if (names.length > 1 && rows < folds) {
    throw new PressroomError(
      'invalid-parameter',
      `folds is ${folds}, and class ${JSON.stringify(rarest)} has ${rows} ${rows === 1 ? 'row' : 'rows'}`,
      {
        where: 'every fold holds out some rows of each class',
        fix:
          rows < 2
            ? 'give the class more rows, or leave it out'
            : `give ${rows} folds at most, or the class more rows`,
      },
    )
  }
  const indexes = Int32Array.from(labels, label => places.get(label)!)
  return { labels: indexes, names, folds: stratifiedFolds(indexes, names.length, folds), seed }
}

/** The rows that a fold holds out, ascending. */
export function heldOut({ folds }: Split, fold: number): Int32Array {
  return rowsWhere(folds, of => of === fold)
}

/**
 * The rows that a fold trains on, ascending; of a share below 1, so much of each class, rounded up. A larger share has all rows
 * of a smaller one.
 */
export function trainedOn(split: Split, fold: number, share: number): Int32Array {
  const all = rowsWhere(split.folds, of => of !== fold)
  if (share >= 1) return all
  const random = randomFrom(split.seed + fold)
  const byClass = split.names.map((): number[] => [])
  for (const row of all) byClass[split.labels[row]!]!.push(row)
  const chosen = byClass.flatMap(list => {
    const rows = Int32Array.from(list)
    shuffle(rows, rows.length, random)
    return [...rows.subarray(0, Math.ceil(share * rows.length))]
  })
  return Int32Array.from(chosen).sort()
}

function rowsWhere(folds: Int32Array, holds: (fold: number) => boolean): Int32Array {
  const rows: number[] = []
  for (let row = 0; row < folds.length; row++) if (holds(folds[row]!)) rows.push(row)
  return Int32Array.from(rows)
}
