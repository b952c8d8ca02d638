import { PressroomError } from '../errors.ts'

/**
 * How many rows each class has; `labels[row]` is a class from 0 to `classes - 1`. With sample weights, the sum of the
 * weights of its rows.
 *
 * @throws PressroomError `too-few-classes` when fewer than two classes have rows (of a weight above 0): there is nothing to
 * tell apart.
 */
export function countLabels(labels: Int32Array, classes: number, sampleWeight?: Float64Array): Float64Array {
  const counts = new Float64Array(classes)
  for (let row = 0; row < labels.length; row++) counts[labels[row]!]! += sampleWeight?.[row] ?? 1
  const present = counts.filter(count => count > 0).length
  if (present < 2) {
    throw new PressroomError('too-few-classes', 'a classifier needs rows of at least two classes', {
      where: `the ${labels.length} training rows have ${present}`,
      fix: 'check the label column, or give rows of another class',
    })
  }
  return counts
}
