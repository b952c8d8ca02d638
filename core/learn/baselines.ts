import { countLabels } from './labels.ts'

/**
 * The class with most rows, the first of several equal ones: what a model must beat to have learnt anything.
 *
 * @throws PressroomError `too-few-classes` when the rows have fewer than two classes.
 */
export function majorityClass(labels: Int32Array, classes: number): number {
  const counts = countLabels(labels, classes)
  return counts.indexOf(counts.reduce((a, b) => Math.max(a, b)))
}
