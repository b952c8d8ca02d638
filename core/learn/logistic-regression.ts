import type { ClassWeight } from './class-weight.ts'
import { type FitControl, paceOf } from './control.ts'
import { fitGroups, type GroupedState, type Solved } from './grouped-fit.ts'
import { type Limits, type Minimum, minimise, type SearchState } from './lbfgs.ts'
import { type Fit, type LinearModel, linearScores, softmaxRows } from './linear-model.ts'
import { type LogisticProblem, problemsOf } from './logistic-problems.ts'
import type { SparseMatrix } from './matrix.ts'
import {
  atLeast,
  choice,
  complete,
  elsewhere,
  flag,
  positive,
  positiveOrInfinite,
  share,
  wholeNumber,
} from './parameters.ts'
import { minimiseProximal } from './proximal-newton.ts'
import { smoothProblem } from './smooth.ts'
import { checkTraining, type Training } from './training.ts'

/** scikit-learn's parameters of LogisticRegression, with its meanings. */
export interface LogisticRegressionParameters {
  /** 'elasticnet' mixes both as `l1Ratio` says; 'none' is `c` infinite. */
  readonly penalty: 'l2' | 'l1' | 'elasticnet' | 'none'
  /** Inverse strength of the penalty: larger fits the rows closer. */
  readonly c: number
  /** The share of the L1 penalty, for 'elasticnet' alone. */
  readonly l1Ratio: number
  /** Intercepts are never penalised. */
  readonly fitIntercept: boolean
  readonly classWeight: ClassWeight | undefined
  /** One softmax over all classes, or one problem a class against the others, probabilities brought to sum 1. */
  readonly multiClass: 'multinomial' | 'ovr'
  /** Largest part of the gradient of the mean loss plus penalty at which the fit ends. */
  readonly tol: number
  readonly maxIter: number
  /** Of the order in which 'l1' and 'elasticnet' take the features; the optimum is the same for all. */
  readonly randomState: number
}

/** Of the objective, for each part of `tol`: at the default, about what scikit-learn's own fit of AG News leaves. */
const DECREASE = 0.1

const DEFAULTS: LogisticRegressionParameters = {
  penalty: 'l2',
  c: 1,
  l1Ratio: 0.5,
  fitIntercept: true,
  classWeight: undefined,
  multiClass: 'multinomial',
  tol: 1e-4,
  maxIter: 1000,
  randomState: 0,
}

/**
 * The parameters, defaults filled in.
 *
 * @throws PressroomError `invalid-parameter` with the first that is wrong.
 */
export function logisticRegressionParameters(
  given: Partial<LogisticRegressionParameters>,
): LogisticRegressionParameters {
  return complete(
    DEFAULTS,
    {
      penalty: choice('l2', 'l1', 'elasticnet', 'none'),
      c: positiveOrInfinite,
      l1Ratio: share,
      fitIntercept: flag,
      classWeight: elsewhere,
      multiClass: choice('multinomial', 'ovr'),
      tol: positive,
      maxIter: atLeast(1),
      randomState: wholeNumber,
    },
    given,
  )
}

export interface LogisticRegressionModel extends LinearModel {
  readonly kind: 'logistic-regression'
  readonly multiClass: 'multinomial' | 'ovr'
}

/** Where a fit stands between two iterations. */
export type LogisticRegressionState = GroupedState<SearchState>

/**
 * Logistic regression at the one optimum of scikit-learn's objective,
 * `c · Σ weight · log-loss + (1 - l1Ratio) ½‖w‖² + l1Ratio ‖w‖₁`. The same rows give the same bits.
 *
 * L2 and none by L-BFGS, scaled by the Hessian's diagonal; L1 and elastic net by proximal Newton steps. A class without a row
 * gets a probability near 0.
 *
 * @throws PressroomError `invalid-parameter`, `invalid-rows`, `no-rows`, `too-few-classes`; `cancelled` when the signal
 * aborts.
 */
export async function fitLogisticRegression(
  training: Training,
  given: Partial<LogisticRegressionParameters> = {},
  control: FitControl<LogisticRegressionState> = {},
): Promise<Fit<LogisticRegressionModel>> {
  const parameters = logisticRegressionParameters(given)
  checkTraining(training)
  const { model, ...fit } = await fitLogisticGroups(training, parameters, control)
  return { ...fit, model: { kind: 'logistic-regression', multiClass: parameters.multiClass, ...model } }
}

/**
 * The same without its checks. `scaleOf` gives, for a group of one-vs-rest problems, what multiplies each feature, as
 * `features × width`; the penalty must be 'l2'.
 */
export function fitLogisticGroups(
  training: Training,
  parameters: LogisticRegressionParameters,
  control: FitControl<LogisticRegressionState>,
  scaleOf?: (first: number, width: number) => Float64Array,
): Promise<Fit<LinearModel>> {
  const { matrix } = training
  const { fitIntercept, tol, maxIter, randomState: seed } = parameters
  const pace = paceOf(control.signal)
  return fitGroups(training, problemsOf(training, parameters), control, async (problem, from, report) => {
    const { first, width, l1, ridge, curvature } = problem
    const scale = scaleOf?.(first, width)
    const limits: Limits = {
      maxIterations: maxIter,
      tolerance: tol * problem.totalWeight,
      decrease: tol * DECREASE,
      turn: pace.turn,
      onIteration: (iteration, value, state) => report(iteration, () => value, state),
    }
    const none = new Float64Array((matrix.columns + 1) * width)
    if (l1 > 0) {
      const intercept = fitIntercept ? { value: 1, l1: 0 } : undefined
      const fit = { matrix, loss: problem.laneLoss(), l1, ridge, seed, pace, intercept }
      return solved(problem, matrix, await minimiseProximal(fit, from ?? none, limits))
    }
    const loss = problem.loss()
    const smooth = smoothProblem({ matrix, width, loss, ridge, fitIntercept, scale, curvature, pace })
    const start = from instanceof Float64Array ? smooth.toParameters(from) : (from ?? none)
    const found = await minimise(smooth, start, limits)
    return solved(problem, matrix, { ...found, x: smooth.toWeights(found.x) })
  })
}

function solved(
  { centred, width }: LogisticProblem,
  matrix: SparseMatrix,
  { x: weights, value: loss, ...found }: Minimum,
): Solved {
  if (centred) centre(weights.subarray(matrix.columns * width))
  return { weights, loss, ...found }
}

/** Adding a number to all intercepts changes no probability: their mean is brought to 0, where scikit-learn's stays. */
function centre(intercepts: Float64Array): void {
  const mean = intercepts.reduce((a, b) => a + b) / intercepts.length
  for (let k = 0; k < intercepts.length; k++) intercepts[k]! -= mean
}

/** What `decision_function` gives in scikit-learn, `rows × classes`; of two classes, half of it with either sign. */
export function logisticDecision(model: LogisticRegressionModel, matrix: SparseMatrix): Float64Array {
  return linearScores(model, matrix)
}

/** `rows × classes`; each row sums to 1. */
export function logisticProbabilities(model: LogisticRegressionModel, matrix: SparseMatrix): Float64Array {
  const { classes, multiClass } = model
  const scores = linearScores(model, matrix)
  return multiClass === 'multinomial' ? softmaxRows(scores, classes) : oneVsRestProbabilities(scores, classes)
}

/** Turns one-vs-rest scores into probabilities in place, each class's own brought to the sum 1, as scikit-learn does. */
export function oneVsRestProbabilities(scores: Float64Array, classes: number): Float64Array {
  if (classes === 2) return softmaxRows(scores, classes)
  for (let at = 0; at < scores.length; at += classes) {
    let sum = 0
    for (let k = at; k < at + classes; k++) {
      scores[k] = 1 / (1 + Math.exp(-scores[k]!))
      sum += scores[k]!
    }
    // Where every class says 0, none is likelier than another.
    for (let k = at; k < at + classes; k++) scores[k] = sum > 0 ? scores[k]! / sum : 1 / classes
  }
  return scores
}
