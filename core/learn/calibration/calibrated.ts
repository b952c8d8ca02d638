import { PressroomError } from '../../errors.ts'
import type { Classifier, FittedModel } from '../classifier.ts'
import type { FitControl } from '../control.ts'
import { stratifiedFolds } from '../folds.ts'
import { softmaxRows } from '../linear-model.ts'
import { type SparseMatrix, selectRows } from '../matrix.ts'
import { atLeast, choice, complete, flag } from '../parameters.ts'
import { checkTraining, type Training } from '../training.ts'
import { applyIsotonic, fitIsotonic, type Isotonic } from './isotonic.ts'
import { applySigmoid, fitSigmoid, type Sigmoid } from './sigmoid.ts'
import { fitTemperature, type Temperature } from './temperature.ts'

/** scikit-learn's parameters of CalibratedClassifierCV, with its meanings. */
export interface CalibrationParameters {
  readonly method: 'sigmoid' | 'isotonic' | 'temperature'
  /** Stratified, in the order of the rows. */
  readonly cv: number
  /** Whether the models of all folds answer together, by their mean; else one model fitted on all rows. */
  readonly ensemble: boolean
}

/** One a class; of two classes, and for a temperature, one. */
type Calibrators = readonly (Sigmoid | Isotonic)[] | readonly [Temperature]

export interface CalibratedModel {
  readonly kind: 'calibrated'
  readonly classes: number
  readonly features: number
  /** Their probabilities' mean is the answer. */
  readonly members: readonly { readonly model: FittedModel; readonly calibrators: Calibrators }[]
}

/** How a plain-data model answers: classifier.ts has it for every kind. */
type Open = (model: FittedModel) => Classifier

/** @throws PressroomError `invalid-parameter` with the first that is wrong. */
export function calibrationParameters(given: Partial<CalibrationParameters>): CalibrationParameters {
  const defaults: CalibrationParameters = { method: 'sigmoid', cv: 5, ensemble: true }
  const rules = { method: choice('sigmoid', 'isotonic', 'temperature'), cv: atLeast(2), ensemble: flag }
  return complete(defaults, rules, given)
}

/**
 * Calibrates a model that is fitted already, on rows that it has not seen.
 *
 * @throws PressroomError `invalid-parameter`, `invalid-rows`, `no-rows`, `too-few-classes`.
 */
export function calibrate(
  base: Classifier,
  held: Training,
  method: CalibrationParameters['method'] = 'sigmoid',
): CalibratedModel {
  calibrationParameters({ method })
  checkTraining(held)
  const calibrators = fitCalibrators(base, responses(base, held.matrix), held, method)
  return calibrated(base.model, [{ model: base.model, calibrators }])
}

/**
 * Fits and calibrates a model by cross-validation, as scikit-learn's CalibratedClassifierCV: no row calibrates a model that was
 * fitted on it.
 *
 * @param fitBase fits the model on some of the rows
 * @throws PressroomError `invalid-parameter`, also when a class has fewer rows than there are folds, and what `fitBase` throws.
 */
export async function fitCalibrated(
  training: Training,
  fitBase: (training: Training) => Promise<Classifier>,
  given: Partial<CalibrationParameters> = {},
  control: Pick<FitControl, 'signal'> = {},
): Promise<CalibratedModel> {
  const { method, cv, ensemble } = calibrationParameters(given)
  checkTraining(training)
  const folds = stratifiedFolds(training.labels, training.classes, cv)
  const members: CalibratedModel['members'][number][] = []
  let pooled: Float64Array = new Float64Array()
  for (let fold = 0; fold < cv; fold++) {
    if (control.signal?.aborted) throw new PressroomError('cancelled', 'the fit was cancelled')
    const [seen, held] = [rowsWhere(folds, own => own !== fold), rowsWhere(folds, own => own === fold)]
    const base = await fitBase(selectTraining(training, seen))
    const part = selectTraining(training, held)
    const scores = responses(base, part.matrix)
    if (ensemble) {
      members.push({ model: base.model, calibrators: fitCalibrators(base, scores, part, method) })
      continue
    }
    const width = scores.length / held.length
    if (fold === 0) pooled = new Float64Array(width * folds.length)
    for (const [i, row] of held.entries())
      pooled.set(scores.subarray(i * width, (i + 1) * width), row * width)
  }
  if (ensemble) return calibrated(members[0]!.model, members)
  const base = await fitBase(training)
  return calibrated(base.model, [
    { model: base.model, calibrators: fitCalibrators(base, pooled, training, method) },
  ])
}

function calibrated(
  { classes, features }: FittedModel,
  members: CalibratedModel['members'],
): CalibratedModel {
  return { kind: 'calibrated', classes, features, members }
}

/** `rows × classes`; each row sums to 1. */
export function calibratedProbabilities(
  model: CalibratedModel,
  matrix: SparseMatrix,
  open: Open,
): Float64Array {
  const mean = new Float64Array(matrix.rows * model.classes)
  for (const member of model.members) {
    const base = open(member.model)
    const probabilities = apply(member.calibrators, responses(base, matrix), base)
    for (let i = 0; i < mean.length; i++) mean[i]! += probabilities[i]! / model.members.length
  }
  return mean
}

/** The log of each probability, so that the likeliest class is the largest: `rows × classes`. */
export function calibratedDecision(model: CalibratedModel, matrix: SparseMatrix, open: Open): Float64Array {
  return calibratedProbabilities(model, matrix, open).map(Math.log)
}

/** What is calibrated: the decision, or the probabilities of models that have no other; of two classes, of the second. */
export function responses(base: Classifier, matrix: SparseMatrix): Float64Array {
  const { classes } = base.model
  const all = base[base.calibrateOn](matrix)
  if (classes !== 2) return all
  const scores = new Float64Array(matrix.rows)
  for (let row = 0; row < scores.length; row++) {
    // The decisions of two classes are half of scikit-learn's one, with either sign.
    scores[row] = all[2 * row + 1]! - (base.calibrateOn === 'decision' ? all[2 * row]! : 0)
  }
  return scores
}

function fitCalibrators(
  base: Classifier,
  scores: Float64Array,
  { labels, classes, sampleWeight }: Training,
  method: CalibrationParameters['method'],
): Calibrators {
  if (method === 'temperature') return [fitTemperature(logitsOf(scores, base), labels, classes, sampleWeight)]
  const width = classes === 2 ? 1 : classes
  return Array.from({ length: width }, (_, k) => {
    const own = width === 1 ? 1 : k
    const column = Float64Array.from(labels, (_, row) => scores[row * width + k]!)
    const positive = Uint8Array.from(labels, label => (label === own ? 1 : 0))
    const fitOne = method === 'sigmoid' ? fitSigmoid : fitIsotonic
    return fitOne(column, positive, sampleWeight)
  })
}

function apply(calibrators: Calibrators, scores: Float64Array, base: Classifier): Float64Array {
  const { classes } = base.model
  const [first] = calibrators
  if (first!.method === 'temperature') {
    const { beta } = first as Temperature
    return softmaxRows(
      logitsOf(scores, base).map(logit => beta * logit),
      classes,
    )
  }
  const width = calibrators.length
  const probabilities = new Float64Array((scores.length / width) * classes)
  for (let at = 0, to = 0; at < scores.length; at += width, to += classes) {
    let sum = 0
    for (let k = 0; k < width; k++) {
      const calibrator = calibrators[k] as Sigmoid | Isotonic
      const score = scores[at + k]!
      const own =
        calibrator.method === 'sigmoid' ? applySigmoid(calibrator, score) : applyIsotonic(calibrator, score)
      probabilities[to + k + (classes - width)] = own
      sum += own
    }
    if (classes === 2) probabilities[to] = 1 - probabilities[to + 1]!
    // Where every class says 0, none is likelier than another.
    else
      for (let k = to; k < to + classes; k++)
        probabilities[k] = sum > 0 ? probabilities[k]! / sum : 1 / classes
  }
  return probabilities
}

/** `rows × classes`, as scikit-learn's temperature scaling has them. */
function logitsOf(scores: Float64Array, { model, calibrateOn }: Classifier): Float64Array {
  // Keeps the logarithm of 0 finite.
  const log = (probability: number) => Math.log(probability + 1e-12)
  if (model.classes !== 2) return calibrateOn === 'decision' ? scores : scores.map(log)
  const logits = new Float64Array(scores.length * 2)
  for (const [row, score] of scores.entries()) {
    logits[2 * row] = calibrateOn === 'decision' ? -score : log(1 - score)
    logits[2 * row + 1] = calibrateOn === 'decision' ? score : log(score)
  }
  return logits
}

function rowsWhere(folds: Int32Array, is: (fold: number) => boolean): Int32Array {
  return Int32Array.from(folds.keys()).filter(row => is(folds[row]!))
}

function selectTraining(training: Training, rows: Int32Array): Training {
  const { matrix, labels, sampleWeight } = training
  return {
    ...training,
    matrix: selectRows(matrix, rows),
    labels: rows.map(row => labels[row]!),
    sampleWeight: sampleWeight && Float64Array.from(rows, row => sampleWeight[row]!),
  }
}
