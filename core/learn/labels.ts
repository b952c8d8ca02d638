import { PressroomError } from '../errors.ts'

/**
 * How many rows each class has; `labels[row]` is a class from 0 to `classes - 1`.
 *
 * @throws PressroomError `too-few-classes` when fewer than two classes have rows: there is nothing to tell apart.
 */
export function countLabels(labels: Int32Array, classes: number): Int32Array {
  const counts = new Int32Array(classes)
  for (const label of labels) counts[label]!++
  const present = counts.filter(count => count > 0).length
  if (present < 2) {
    throw new PressroomError('too-few-classes', 'a classifier needs rows of at least two classes', {
      where: `the ${labels.length} training rows have ${present}`,
      fix: 'check the label column, or give rows of another class',
    })
  }
  return counts
}
