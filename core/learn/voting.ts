import type { Classifier, FittedModel } from './classifier.ts'
import { softmaxRows } from './linear-model.ts'
import type { SparseMatrix } from './matrix.ts'
import { invalid } from './parameters.ts'

/** Several models that answer together: scikit-learn's VotingClassifier with voting 'soft', and its like for margins. */
export interface VotingModel {
  readonly kind: 'voting'
  /** `soft`: the weighted mean of their probabilities. `sum`: that of their decisions, for models that have only margins. */
  readonly how: 'soft' | 'sum'
  readonly classes: number
  readonly features: number
  readonly models: readonly FittedModel[]
  /** One a model, their sum 1. */
  readonly weights: readonly number[]
}

/**
 * Joins models of the same features and classes.
 *
 * @param weights how much each counts; all the same when left out
 * @throws PressroomError `invalid-parameter`
 */
export function joinVotes(
  models: readonly FittedModel[],
  how: VotingModel['how'],
  weights: readonly number[] = models.map(() => 1),
): VotingModel {
  const [first] = models
  if (first === undefined) throw invalid('models', 'are none', 'give at least one')
  const { classes, features } = first
  if (models.some(model => model.classes !== classes || model.features !== features)) {
    throw invalid('models', 'are of different features or classes', 'fit them on the same rows')
  }
  const sum = weights.reduce((a, b) => a + b, 0)
  if (
    weights.length !== models.length ||
    weights.some(weight => !(weight >= 0)) ||
    !(sum > 0 && sum < Infinity)
  ) {
    throw invalid(
      'weights',
      `are ${weights.join(', ')}`,
      `give ${models.length} numbers of 0 or more, not all 0`,
    )
  }
  return { kind: 'voting', how, classes, features, models, weights: weights.map(weight => weight / sum) }
}

/** How a plain-data model answers: classifier.ts has it for every kind. */
type Open = (model: FittedModel) => Classifier

/** The weighted mean of what the models say, `rows × classes`: probabilities when soft, else decisions. */
export function votingDecision(model: VotingModel, matrix: SparseMatrix, open: Open): Float64Array {
  const total = new Float64Array(matrix.rows * model.classes)
  model.models.forEach((each, m) => {
    const classifier = open(each)
    const said = model.how === 'soft' ? classifier.probabilities(matrix) : classifier.decision(matrix)
    const weight = model.weights[m]!
    for (let i = 0; i < total.length; i++) total[i]! += weight * said[i]!
  })
  return total
}

/** `rows × classes`; each row sums to 1. Summed decisions are brought there by a softmax, which keeps their order. */
export function votingProbabilities(model: VotingModel, matrix: SparseMatrix, open: Open): Float64Array {
  const votes = votingDecision(model, matrix, open)
  return model.how === 'soft' ? votes : softmaxRows(votes, model.classes)
}
