import { countLabels } from './labels.ts'
import { emptyLinearModel, type LinearModel, linearScores, softmaxRows } from './linear-model.ts'
import type { SparseMatrix } from './matrix.ts'
import { complete, flag, notNegative } from './parameters.ts'
import { checkTraining, requireNonNegative, type Training } from './training.ts'

/** scikit-learn's parameters of MultinomialNB, with its meanings. */
export interface NaiveBayesParameters {
  /** Added to the sum of each feature in each class: Laplace's smoothing is 1. 0 gives words unseen in a class no chance. */
  readonly alpha: number
  /** Whether classes are as likely as they were among the rows; else all alike. */
  readonly fitPrior: boolean
}

/** scikit-learn's parameters of ComplementNB, with its meanings. */
export interface ComplementNaiveBayesParameters extends NaiveBayesParameters {
  /** Whether each class's weights are divided by their sum, as in the second normalisation of the paper. */
  readonly norm: boolean
}

export interface NaiveBayesModel extends LinearModel {
  readonly kind: 'naive-bayes' | 'complement-naive-bayes'
}

const RULES = { alpha: notNegative, fitPrior: flag }

/** @throws PressroomError `invalid-parameter` with the first that is wrong. */
export function naiveBayesParameters(given: Partial<NaiveBayesParameters>): NaiveBayesParameters {
  return complete({ alpha: 1, fitPrior: true }, RULES, given)
}

/** @throws PressroomError `invalid-parameter` with the first that is wrong. */
export function complementNaiveBayesParameters(
  given: Partial<ComplementNaiveBayesParameters>,
): ComplementNaiveBayesParameters {
  return complete({ alpha: 1, fitPrior: true, norm: false }, { ...RULES, norm: flag }, given)
}

/**
 * Multinomial naive Bayes as scikit-learn's MultinomialNB: a linear model of the smoothed log share of each feature in each
 * class, and of the log share of each class (Manning, Raghavan & Schütze, Introduction to Information Retrieval, ch. 13).
 * TF-IDF weights count as shares of a word.
 *
 * @throws PressroomError `invalid-parameter`; `invalid-rows`, also for values below 0; `no-rows`, `too-few-classes`.
 */
export function fitNaiveBayes(
  training: Training,
  given: Partial<NaiveBayesParameters> = {},
): NaiveBayesModel {
  const { alpha, fitPrior } = naiveBayesParameters(given)
  const { model, sums } = sumFeatures(training)
  const { features, classes, coefficients } = model
  const logs = sums.map(sum => Math.log(sum + alpha * features))
  for (let j = 0, at = 0; j < features; j++) {
    for (let k = 0; k < classes; k++, at++) coefficients[at] = Math.log(coefficients[at]! + alpha) - logs[k]!
  }
  return { kind: 'naive-bayes', ...model, intercepts: logPriors(training, fitPrior) }
}

/**
 * Complement naive Bayes as scikit-learn's ComplementNB: each feature weighs against a class by its share among the rows of
 * all others, which bears unequal classes better (Rennie, Shih, Teevan & Karger, Tackling the poor assumptions of naive Bayes
 * text classifiers, ICML 2003). As there, the classes' shares play no part.
 *
 * @throws PressroomError `invalid-parameter`; `invalid-rows`, also for values below 0; `no-rows`, `too-few-classes`.
 */
export function fitComplementNaiveBayes(
  training: Training,
  given: Partial<ComplementNaiveBayesParameters> = {},
): NaiveBayesModel {
  const { alpha, norm } = complementNaiveBayesParameters(given)
  const { model, sums } = sumFeatures(training)
  const { features, classes, coefficients } = model
  const all = sums.reduce((a, b) => a + b)
  const logs = sums.map(sum => Math.log(all - sum + alpha * features))
  const totals = new Float64Array(classes)
  for (let j = 0; j < features; j++) {
    const from = j * classes
    let sum = alpha
    for (let k = from; k < from + classes; k++) sum += coefficients[k]!
    for (let k = 0; k < classes; k++) {
      // A sum less its largest part can end a little below 0.
      const weight = Math.log(Math.max(sum - coefficients[from + k]!, 0)) - logs[k]!
      coefficients[from + k] = -weight
      totals[k]! += weight
    }
  }
  if (norm) for (let i = 0; i < coefficients.length; i++) coefficients[i]! /= -totals[i % classes]!
  return { kind: 'complement-naive-bayes', ...model }
}

/** The log of each class's probability and of each row's, up to a constant a row: `rows × classes`. */
export function naiveBayesDecision(model: NaiveBayesModel, matrix: SparseMatrix): Float64Array {
  return linearScores(model, matrix)
}

/** `rows × classes`; each row sums to 1. */
export function naiveBayesProbabilities(model: NaiveBayesModel, matrix: SparseMatrix): Float64Array {
  return softmaxRows(linearScores(model, matrix), model.classes)
}

/** The weighted sum of each feature in each class, in place of the coefficients, and of all features in each class. */
function sumFeatures(training: Training): { model: LinearModel; sums: Float64Array } {
  checkTraining(training)
  const { matrix, labels, classes, sampleWeight } = training
  requireNonNegative(matrix, 'naive Bayes')
  const { rows, columns, indptr, indices, values } = matrix
  const model = emptyLinearModel(columns, classes)
  const { coefficients } = model
  const sums = new Float64Array(classes)
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!
    const weight = sampleWeight === undefined ? 1 : sampleWeight[row]!
    let sum = 0
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
      const value = weight * values[i]!
      coefficients[indices[i]! * classes + label]! += value
      sum += value
    }
    sums[label]! += sum
  }
  return { model, sums }
}

function logPriors({ labels, classes, sampleWeight }: Training, fitPrior: boolean): Float64Array {
  if (!fitPrior) return new Float64Array(classes).fill(-Math.log(classes))
  const counts = countLabels(labels, classes, sampleWeight)
  const sum = counts.reduce((a, b) => a + b)
  return counts.map(count => Math.log(count / sum))
}
