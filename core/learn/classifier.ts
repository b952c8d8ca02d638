import { PressroomError } from '../errors.ts'
import {
  type CalibratedModel,
  calibratedDecision,
  calibratedProbabilities,
} from './calibration/calibrated.ts'
import { forestProbabilities, type RandomForestModel } from './forest.ts'
import { classDecisions, type KernelSvmModel } from './kernel-svm.ts'
import { type LinearSvmModel, linearSvmDecision } from './linear-svm.ts'
import {
  type LogisticRegressionModel,
  logisticDecision,
  logisticProbabilities,
} from './logistic-regression.ts'
import type { SparseMatrix } from './matrix.ts'
import { type MlpModel, mlpProbabilities } from './mlp.ts'
import { type NaiveBayesModel, naiveBayesDecision, naiveBayesProbabilities } from './naive-bayes.ts'
import { type NbWeightedModel, nbWeightedDecision, nbWeightedProbabilities } from './nb-weighted.ts'
import { type VotingModel, votingDecision, votingProbabilities } from './voting.ts'

/**
 * Everything a learner can give: plain data, told apart by `kind`, that survives a structured clone. `classes` and `features`
 * are common to all. A new kind of model is a new file, a line here and one in {@link KINDS}.
 */
export type FittedModel =
  | LogisticRegressionModel
  | LinearSvmModel
  | NaiveBayesModel
  | NbWeightedModel
  | CalibratedModel
  | KernelSvmModel
  | MlpModel
  | RandomForestModel
  | VotingModel

/** A fitted model that answers. */
export interface Classifier {
  readonly model: FittedModel
  /** What the model calls each class's score, `rows × classes`: the largest is its answer. */
  decision(matrix: SparseMatrix): Float64Array
  /**
   * `rows × classes`; each row sums to 1.
   *
   * @throws PressroomError `not-calibrated` of a model that has only margins.
   */
  probabilities(matrix: SparseMatrix): Float64Array
  /** Which of the two a calibration looks at, as in scikit-learn: the decision, where a model has one of its own. */
  readonly calibrateOn: 'decision' | 'probabilities'
}

/** The functions of one kind. */
interface Kind<M> {
  decision(model: M, matrix: SparseMatrix): Float64Array
  probabilities(model: M, matrix: SparseMatrix): Float64Array
  readonly calibrateOn: 'decision' | 'probabilities'
}

const NAIVE_BAYES: Kind<NaiveBayesModel> = {
  decision: naiveBayesDecision,
  probabilities: naiveBayesProbabilities,
  calibrateOn: 'probabilities',
}

const KINDS: { readonly [K in FittedModel['kind']]: Kind<Extract<FittedModel, { kind: K }>> } = {
  'logistic-regression': {
    decision: logisticDecision,
    probabilities: logisticProbabilities,
    calibrateOn: 'decision',
  },
  'linear-svm': { decision: linearSvmDecision, probabilities: refuse, calibrateOn: 'decision' },
  'naive-bayes': NAIVE_BAYES,
  'complement-naive-bayes': NAIVE_BAYES,
  'nb-weighted': {
    decision: nbWeightedDecision,
    probabilities: (model, matrix) =>
      model.inner === 'linear-svm' ? refuse() : nbWeightedProbabilities(model, matrix),
    calibrateOn: 'decision',
  },
  calibrated: {
    decision: (model, matrix) => calibratedDecision(model, matrix, openClassifier),
    probabilities: (model, matrix) => calibratedProbabilities(model, matrix, openClassifier),
    calibrateOn: 'probabilities',
  },
  'kernel-svm': { decision: classDecisions, probabilities: refuse, calibrateOn: 'decision' },
  mlp: { decision: mlpProbabilities, probabilities: mlpProbabilities, calibrateOn: 'probabilities' },
  'random-forest': {
    decision: forestProbabilities,
    probabilities: forestProbabilities,
    calibrateOn: 'probabilities',
  },
  voting: {
    decision: (model, matrix) => votingDecision(model, matrix, openClassifier),
    probabilities: (model, matrix) => votingProbabilities(model, matrix, openClassifier),
    calibrateOn: 'probabilities',
  },
}

/** The model with its kind's functions. */
export function openClassifier(model: FittedModel): Classifier {
  const kind = KINDS[model.kind] as Kind<FittedModel>
  return {
    model,
    decision: matrix => kind.decision(model, requireFeatures(model, matrix)),
    probabilities: matrix => kind.probabilities(model, requireFeatures(model, matrix)),
    calibrateOn: kind.calibrateOn,
  }
}

function refuse(): never {
  throw new PressroomError('not-calibrated', 'a support vector machine has margins, and no probabilities', {
    fix: 'calibrate it: sigmoid, isotonic or temperature',
  })
}

function requireFeatures({ features }: FittedModel, matrix: SparseMatrix): SparseMatrix {
  if (matrix.columns === features) return matrix
  throw new PressroomError(
    'invalid-rows',
    `the rows have ${matrix.columns} features, the model ${features}`,
    {
      fix: 'make the features with the vocabulary that the model was fitted with',
    },
  )
}
