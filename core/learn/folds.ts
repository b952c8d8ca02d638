import { countLabels } from './labels.ts'
import { invalid } from './parameters.ts'

/**
 * The fold of each row, from 0: every class spread over all folds as evenly as can be, in the order of the rows, exactly as
 * scikit-learn's StratifiedKFold without shuffling.
 *
 * @throws PressroomError `invalid-parameter` when a class has fewer rows than there are folds; `too-few-classes`.
 */
export function stratifiedFolds(labels: Int32Array, classes: number, folds: number): Int32Array {
  const counts = countLabels(labels, classes)
  const small = counts.findIndex(count => count > 0 && count < folds)
  if (small >= 0) {
    throw invalid(
      'folds',
      `is ${folds}, and class ${small} has ${counts[small]} rows`,
      'give fewer folds, or more rows',
    )
  }
  // scikit-learn deals the sorted labels out, classes in the order in which the rows first show them.
  const sequence = [...new Set(labels)]
  const quotas = sequence.map(() => new Int32Array(folds))
  let dealt = 0
  for (const [rank, label] of sequence.entries()) {
    for (let i = 0; i < counts[label]!; i++) quotas[rank]![dealt++ % folds]!++
  }
  const rankOf = new Map(sequence.map((label, rank) => [label, rank]))
  return labels.map(label => {
    const quota = quotas[rankOf.get(label)!]!
    const fold = quota.findIndex(left => left > 0)
    quota[fold]!--
    return fold
  })
}
