import { countLabels } from './labels.ts'
import type { LinearModel } from './linear-model.ts'
import type { SparseMatrix } from './matrix.ts'

/**
 * Multinomial naive Bayes with Laplace smoothing (alpha 1), as scikit-learn's MultinomialNB: a linear model of the log
 * share of each feature in each class, and of the log share of each class.
 *
 * @throws PressroomError `too-few-classes` when the rows have fewer than two classes.
 */
export function fitNaiveBayes(matrix: SparseMatrix, labels: Int32Array, classes: number): LinearModel {
  const { rows, columns: features, indptr, indices, values } = matrix
  const counts = countLabels(labels, classes)
  const coefficients = new Float64Array(features * classes).fill(1)
  const sums = new Float64Array(classes).fill(features)
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
      coefficients[indices[i]! * classes + label]! += values[i]!
      sums[label]! += values[i]!
    }
  }
  for (let i = 0; i < coefficients.length; i++) {
    coefficients[i] = Math.log(coefficients[i]! / sums[i % classes]!)
  }
  const intercepts = Float64Array.from(counts, count => Math.log(count / rows))
  return { classes, features, coefficients, intercepts }
}

/**
 * The class with most rows, the first of several equal ones: what a model must beat to have learnt anything.
 *
 * @throws PressroomError `too-few-classes` when the rows have fewer than two classes.
 */
export function majorityClass(labels: Int32Array, classes: number): number {
  const counts = countLabels(labels, classes)
  return counts.indexOf(counts.reduce((a, b) => Math.max(a, b)))
}
