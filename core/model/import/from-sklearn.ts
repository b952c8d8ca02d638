import type { Row } from '../../data/index.ts'
import { calibrate, type FittedModel, openClassifier } from '../../learn/index.ts'
import { digestBytes } from '../../storage/digest.ts'
import { type Features, restoreFeatures } from '../../text/index.ts'
import { VERSION } from '../../version.ts'
import { indexLabels, renameRows } from '../labels.ts'
import { createPredictor } from '../predictor.ts'
import { sealModel } from '../seal.ts'
import type { FittedInfo, LearnerRecord } from '../types.ts'
import { type Dump, parseDump, type Step } from './dump.ts'
import { refuse } from './refuse.ts'
import { classifierOf } from './sklearn-classifier.ts'
import { featuresOf } from './sklearn-features.ts'
import { partsOf } from './sklearn-steps.ts'

/** Sums of a few hundred terms in another order stay far below. */
const MOST_DIFFERENCE = 1e-9

export interface SklearnImport {
  /** Names for the classes in place of scikit-learn's own, in the order of its `classes_`. */
  readonly labels?: readonly string[] | undefined
  /** Rows with labels, given or scikit-learn's own, that the folder is asked when it is sealed; for a model of margins, also what it is calibrated on. */
  readonly validation: readonly Row[]
}

export interface SklearnImported {
  readonly info: FittedInfo
  readonly digest: string
  /** Texts whose answers were compared with scikit-learn's; 0 when it was asked none. */
  readonly compared: number
  /** The largest difference of a probability among them; undefined where scikit-learn has none. */
  readonly largestDifference: number | undefined
  /** Whether the probabilities are ours: scikit-learn's model has margins alone. */
  readonly calibrated: boolean
}

/**
 * Seals what sklearn_export.py wrote of a fitted scikit-learn classifier as a model folder. Its numbers stay in double precision; where
 * scikit-learn's own answers are in it, each must be ours: the same class, and probabilities within 1e-9.
 *
 * A model that has only margins (LinearSVC, SGDClassifier's hinge) keeps its classes and gets its probabilities from a temperature
 * that is fitted on the validation rows.
 *
 * @throws PressroomError `not-importable` for what has no exact counterpart, or answers otherwise; those of `sealModel`
 */
export async function importSklearn(
  folder: string,
  bytes: Uint8Array,
  name: string,
  { labels: given, validation: rows }: SklearnImport,
): Promise<SklearnImported> {
  const dump = parseDump(bytes, name)
  const labels = labelsOf(dump, given)
  const validation = renameRows(rows, dump.classes, labels)
  const parts = partsOf(dump.model)
  const features = await restoreFeatures(featuresOf(parts.features))
  const fitted = classifierOf(parts.classifier, dump, features.columns)
  const calibrated = hasOnlyMargins(fitted)
  const model = calibrated ? withTemperature(fitted, features, labels, validation) : fitted
  const { compared, largestDifference } = compare(dump, features, model)
  const sealed = await sealModel(folder, {
    ...{ features, model, labels, validation },
    learner: recordOf(dump, parts.classifier),
    precision: 'float64',
    metrics: {
      ...{ features: model.features, classes: labels.length, validationRows: validation.length },
    },
    fingerprints: {
      data: 'not known: the model was fitted by scikit-learn',
      code: `pressroom-ml@${VERSION}+${digestBytes(bytes)}`,
    },
  })
  return { ...sealed, compared, largestDifference, calibrated }
}

function labelsOf({ classes }: Dump, given: readonly string[] | undefined): readonly string[] {
  if (given === undefined) return classes
  if (given.length === classes.length && new Set(given).size === given.length) return given
  throw refuse('the labels do not fit the model', `it has ${classes.length} classes: ${classes.join(', ')}`, {
    fix: 'give one name a class, each once, in this order',
  })
}

function hasOnlyMargins(model: FittedModel): boolean {
  return model.kind === 'linear-svm'
}

/** Of all calibrations the one that leaves the order of a row's classes as it is. */
function withTemperature(
  model: FittedModel,
  features: Features,
  labels: readonly string[],
  validation: readonly Row[],
): FittedModel {
  if (validation.length === 0) {
    throw refuse('the model has margins, and no probabilities', 'nothing says how sure a margin is', {
      fix: 'give --validation, rows that it was not fitted on, or fit it as CalibratedClassifierCV(LinearSVC())',
    })
  }
  const held = {
    matrix: features.transform(validation),
    labels: indexLabels(validation, labels, 'validation'),
    classes: labels.length,
  }
  return calibrate(openClassifier(model), held, 'temperature')
}

/** @throws PressroomError `not-importable` when one of scikit-learn's answers is not ours */
function compare({ answers, classes }: Dump, features: Features, model: FittedModel) {
  if (answers === null) return { compared: 0, largestDifference: undefined }
  const { texts, predicted, probabilities } = answers
  const rows = texts.map(text => ({ text }))
  const ours = createPredictor(features, model, classes).predict(rows)
  let largest = 0
  for (const [row, { label, probabilities: own }] of ours.entries()) {
    const theirs = classes[predicted[row]!]!
    const tied = own[predicted[row]!]! >= Math.max(...own) - MOST_DIFFERENCE
    if (label !== theirs && !tied)
      throw differs(texts[row]!, `scikit-learn says ${theirs}, Pressroom ${label}`)
    if (probabilities === null) continue
    for (const [k, probability] of own.entries()) {
      const difference = Math.abs(probability - probabilities[row * classes.length + k]!)
      if (!(difference <= MOST_DIFFERENCE)) {
        throw differs(texts[row]!, `the probability of ${classes[k]} is off by ${difference}`)
      }
      largest = Math.max(largest, difference)
    }
  }
  return { compared: texts.length, largestDifference: probabilities === null ? undefined : largest }
}

function differs(text: string, how: string) {
  return refuse(
    'the imported model does not answer as scikit-learn does',
    `${how}, for: ${text.slice(0, 200)}`,
    {
      fix: 'fit and export it with the same versions of Python and scikit-learn; else report it with the text',
    },
  )
}

/** `LogisticRegression of scikit-learn 1.9.1`, with its parameters. */
function recordOf({ made }: Dump, { type, params }: Step): LearnerRecord {
  return { kind: `${type} of scikit-learn ${made.sklearn}`, parameters: params }
}
