import { type FitControl, paceOf } from './control.ts'
import { type Fit, type LinearModel, linearScores } from './linear-model.ts'
import {
  fitSvmGroups,
  type LinearSvmParameters,
  type LinearSvmState,
  linearSvmParameters,
} from './linear-svm.ts'
import {
  fitLogisticGroups,
  type LogisticRegressionParameters,
  type LogisticRegressionState,
  logisticRegressionParameters,
  oneVsRestProbabilities,
} from './logistic-regression.ts'
import type { SparseMatrix } from './matrix.ts'
import { choice, complete, invalid, is, positive, share } from './parameters.ts'
import { checkTraining, requireNonNegative, type Training } from './training.ts'

/** How features are weighed before the linear model sees them. */
interface NbWeightParameters {
  /** Added to the sum of each feature on either side. */
  readonly alpha: number
  /** How far the fitted weights are believed: 1 wholly, 0 leaves naive Bayes at their mean size. */
  readonly beta: number
  /** What is summed: the features' values, or 1 for each row that has the feature. */
  readonly counts: 'values' | 'presence'
}

/** The weights' parameters, and those of the model inside; one-vs-rest with an L2 penalty. */
export type NbWeightedParameters = Partial<NbWeightParameters> &
  (
    | { readonly model: 'linear-svm'; readonly parameters?: Partial<LinearSvmParameters> }
    | { readonly model: 'logistic-regression'; readonly parameters?: Partial<LogisticRegressionParameters> }
  )

export interface NbWeightedModel extends LinearModel {
  readonly kind: 'nb-weighted'
  /** The model inside: its answers are taken as its own would be. */
  readonly inner: 'linear-svm' | 'logistic-regression'
}

/**
 * A linear model of features that are multiplied by their naive Bayes log-count ratio, one-vs-rest: NBSVM of Wang & Manning,
 * Baselines and bigrams: simple, good sentiment and topic classification, ACL 2012. With p and q the smoothed sums of a
 * feature in a class's rows and in the others', its ratio is `r = ln((p / ‖p‖₁) / (q / ‖q‖₁))`; the model is fitted on
 * `x ∘ r`, and each weight `w` becomes `(1 - beta) w̄ + beta w`, `w̄` the mean size of all. The ratios are part of the
 * coefficients in the end, so that the result is a plain linear model.
 *
 * The scaled matrix is never made: all classes share the one that is given.
 *
 * @throws PressroomError `invalid-parameter`; `invalid-rows`, also for values below 0; `no-rows`, `too-few-classes`;
 * `cancelled` when the signal aborts.
 */
export async function fitNbWeighted(
  training: Training,
  given: NbWeightedParameters,
  control: FitControl<LinearSvmState | LogisticRegressionState> = {},
): Promise<Fit<NbWeightedModel>> {
  const { model: inner, parameters, ...weights } = given
  choice('linear-svm', 'logistic-regression')('model', inner)
  const { alpha, beta, counts } = nbWeightParameters(weights)
  if (control.warmStart !== undefined) {
    throw invalid('warmStart', 'is given', 'an NB-weighted model begins from none: its features differ')
  }
  // Before any pass over the matrix, so that what is wrong is said at once.
  const fitInner = innerFit(training, given, control)
  checkTraining(training)
  const pace = paceOf(control.signal)
  await pace.turn()
  requireNonNegative(training.matrix, 'NB weighting')
  await pace.turn()
  const ratios = ratiosOf(training, alpha, counts)
  await pace.turn()
  const scaleOf = (first: number, width: number) => groupOf(ratios, training.classes, first, width)
  const { model, ...fit } = await fitInner(scaleOf)
  if (beta < 1) interpolate(model, ratios, beta)
  return { ...fit, model: { kind: 'nb-weighted', inner, ...model } }
}

/** @throws PressroomError `invalid-parameter` with the first that is wrong. */
export function nbWeightParameters(given: Partial<NbWeightParameters>): NbWeightParameters {
  const defaults: NbWeightParameters = { alpha: 1, beta: 1, counts: 'values' }
  return complete(defaults, { alpha: positive, beta: share, counts: choice('values', 'presence') }, given)
}

type ScaleOf = (first: number, width: number) => Float64Array

function innerFit(
  training: Training,
  given: NbWeightedParameters,
  control: FitControl<LinearSvmState | LogisticRegressionState>,
): (scaleOf: ScaleOf) => Promise<Fit<LinearModel>> {
  if (given.model === 'linear-svm') {
    const parameters = linearSvmParameters(given.parameters ?? {})
    requireL2(parameters)
    return scaleOf => fitSvmGroups(training, parameters, control as FitControl<LinearSvmState>, scaleOf)
  }
  const parameters = logisticRegressionParameters({ ...given.parameters, multiClass: 'ovr' })
  requireL2(parameters)
  return scaleOf =>
    fitLogisticGroups(training, parameters, control as FitControl<LogisticRegressionState>, scaleOf)
}

function requireL2({ penalty }: { readonly penalty: string }): void {
  if (penalty !== 'l2') throw invalid('penalty', is(penalty), 'NB-weighted models take l2')
}

/** `features × classes`. Of two classes only the second's are used: the first's are the same with the other sign. */
function ratiosOf(
  { matrix, labels, classes, sampleWeight }: Training,
  alpha: number,
  counts: string,
): Float64Array {
  const { rows, columns, indptr, indices, values } = matrix
  const ratios = new Float64Array(columns * classes)
  for (let row = 0; row < rows; row++) {
    const weight = sampleWeight?.[row] ?? 1
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
      ratios[indices[i]! * classes + labels[row]!]! += weight * (counts === 'values' ? values[i]! : 1)
    }
  }
  const own = new Float64Array(classes).fill(alpha * columns)
  const others = own.slice()
  forEachFeature(ratios, classes, (from, sum) => {
    for (let k = 0; k < classes; k++) {
      own[k]! += ratios[from + k]!
      others[k]! += sum - ratios[from + k]!
    }
  })
  const offsets = own.map((sum, k) => Math.log(others[k]! / sum))
  forEachFeature(ratios, classes, (from, sum) => {
    for (let k = 0; k < classes; k++) {
      const inside = ratios[from + k]!
      // A sum less its largest part can end a little below 0.
      ratios[from + k] = Math.log((inside + alpha) / (Math.max(sum - inside, 0) + alpha)) + offsets[k]!
    }
  })
  return ratios
}

function forEachFeature(table: Float64Array, classes: number, of: (from: number, sum: number) => void): void {
  for (let from = 0; from < table.length; from += classes) {
    let sum = 0
    for (let k = from; k < from + classes; k++) sum += table[k]!
    of(from, sum)
  }
}

function groupOf(table: Float64Array, classes: number, first: number, width: number): Float64Array {
  if (width === classes) return table
  const group = new Float64Array((table.length / classes) * width)
  for (let at = 0, from = first; at < group.length; at += width, from += classes) {
    for (let k = 0; k < width; k++) group[at + k] = table[from + k]!
  }
  return group
}

/** Brings each weight of a scaled feature nearer to the mean size of its class's. */
function interpolate(
  { classes, features, coefficients }: LinearModel,
  ratios: Float64Array,
  beta: number,
): void {
  // Of two classes both columns are ±d/2: the second's ratios, halved, keep them so.
  const ratioOf = (j: number, k: number) =>
    classes === 2 ? ((k === 1 ? 1 : -1) * ratios[2 * j + 1]!) / 2 : ratios[j * classes + k]!
  for (let k = 0; k < classes; k++) {
    let sizes = 0
    for (let j = 0; j < features; j++) {
      const ratio = ratioOf(j, k)
      if (ratio !== 0) sizes += Math.abs(coefficients[j * classes + k]! / ratio)
    }
    const mean = sizes / features
    for (let j = 0; j < features; j++) {
      const at = j * classes + k
      coefficients[at] = (1 - beta) * mean * ratioOf(j, k) + beta * coefficients[at]!
    }
  }
}

/** `rows × classes`, as those of the model inside. */
export function nbWeightedDecision(model: NbWeightedModel, matrix: SparseMatrix): Float64Array {
  return linearScores(model, matrix)
}

/** `rows × classes`; each row sums to 1. Of a logistic regression inside; a linear SVM has none. */
export function nbWeightedProbabilities(model: NbWeightedModel, matrix: SparseMatrix): Float64Array {
  return oneVsRestProbabilities(linearScores(model, matrix), model.classes)
}
