import { type ClassWeight, classWeights } from './class-weight.ts'
import { type FitControl, type Pace, paceOf } from './control.ts'
import { fitGroups, type GroupedState, type Report, type Solved } from './grouped-fit.ts'
import { marginLanes, SQUARED_HINGE } from './lane-losses.ts'
import { groupLanes, type Lanes, rowWeights } from './lanes.ts'
import type { SearchState } from './lbfgs.ts'
import { type Fit, type LinearModel, linearScores } from './linear-model.ts'
import type { SparseMatrix } from './matrix.ts'
import { atLeast, choice, complete, elsewhere, flag, invalid, positive, wholeNumber } from './parameters.ts'
import { addRows } from './products.ts'
import { minimiseProximal, type ProximalFit } from './proximal-newton.ts'
import { descendDual } from './svm-dual.ts'
import { type DualFit, type DualState, normsOf } from './svm-dual-run.ts'
import { checkTraining, type Training } from './training.ts'

/** scikit-learn's parameters of LinearSVC, with its meanings; one-vs-rest. */
export interface LinearSvmParameters {
  /** 'l1' goes with the squared hinge alone. */
  readonly penalty: 'l2' | 'l1'
  readonly loss: 'squared_hinge' | 'hinge'
  /** Inverse strength of the penalty: larger fits the rows closer. */
  readonly c: number
  readonly fitIntercept: boolean
  /** The intercept is this times the weight of a feature that is always 1, penalised as every other. */
  readonly interceptScaling: number
  /** As LIBLINEAR takes it: of several classes, it weighs a class's own rows in its own problem alone. */
  readonly classWeight: ClassWeight | undefined
  /**
   * Where the fit ends, by LIBLINEAR's rules. For 'l2', its dual solver's: the spread of the projected gradients, in units of
   * the margin. scikit-learn's default of 1e-4 goes on long after the objective has settled; at 2e-3 that is within some 5e-8
   * of the least on AG News, nearer than scikit-learn's own default solver comes. For 'l1', the violation of optimality beside
   * that of no weights at all, times the share of the rarer side.
   */
  readonly tol: number
  readonly maxIter: number
  /** Of the order in which rows are taken; the optimum is the same for all. */
  readonly randomState: number
}

const DEFAULTS: LinearSvmParameters = {
  penalty: 'l2',
  loss: 'squared_hinge',
  c: 1,
  fitIntercept: true,
  interceptScaling: 1,
  classWeight: undefined,
  tol: 2e-3,
  maxIter: 1000,
  randomState: 0,
}

/**
 * The parameters, defaults filled in.
 *
 * @throws PressroomError `invalid-parameter` with the first that is wrong.
 */
export function linearSvmParameters(given: Partial<LinearSvmParameters>): LinearSvmParameters {
  const parameters = complete(
    DEFAULTS,
    {
      penalty: choice('l2', 'l1'),
      loss: choice('squared_hinge', 'hinge'),
      c: positive,
      fitIntercept: flag,
      interceptScaling: positive,
      classWeight: elsewhere,
      tol: positive,
      maxIter: atLeast(1),
      randomState: wholeNumber,
    },
    given,
  )
  if (parameters.penalty === 'l1' && parameters.loss === 'hinge') {
    throw invalid('penalty', 'is l1 and loss is hinge', 'take the squared hinge, or the penalty l2')
  }
  return parameters
}

export interface LinearSvmModel extends LinearModel {
  readonly kind: 'linear-svm'
}

/** Where a fit stands between two iterations: as its penalty's solver has it. */
export type LinearSvmState = GroupedState<DualState | SearchState>

/**
 * A linear support vector machine at scikit-learn's LinearSVC's objective, summed over the one-vs-rest problems:
 * `½‖(w, b / interceptScaling)‖² + c · Σ weight · max(0, 1 - y · score)²`, or with `‖·‖₁` for the penalty, or without the
 * square for the hinge. The same seed gives the same bits.
 *
 * @throws PressroomError `invalid-parameter`, `invalid-rows`, `no-rows`, `too-few-classes`; `cancelled` when the signal
 * aborts.
 */
export async function fitLinearSvm(
  training: Training,
  given: Partial<LinearSvmParameters> = {},
  control: FitControl<LinearSvmState> = {},
): Promise<Fit<LinearSvmModel>> {
  const parameters = linearSvmParameters(given)
  checkTraining(training)
  const { model, ...fit } = await fitSvmGroups(training, parameters, control)
  return { ...fit, model: { kind: 'linear-svm', ...model } }
}

/** The same without its checks. `scaleOf` gives, for a group of classes, what multiplies each feature; not for 'l1'. */
export function fitSvmGroups(
  training: Training,
  parameters: LinearSvmParameters,
  control: FitControl<LinearSvmState>,
  scaleOf?: (first: number, width: number) => Float64Array,
): Promise<Fit<LinearModel>> {
  const lanes = lanesOf(training, parameters)
  const pace = paceOf(control.signal)
  if (parameters.penalty === 'l1') {
    return fitGroups(
      training,
      lanes,
      control as FitControl<GroupedState<SearchState>>,
      (group, from, report) => {
        return solveL1(training, group, parameters, pace, from, report)
      },
    )
  }
  const { matrix, labels } = training
  const { loss, fitIntercept, tol, maxIter, randomState: seed } = parameters
  const interceptScaling = fitIntercept ? parameters.interceptScaling : 0
  const norms = scaleOf === undefined ? normsOf(matrix) : undefined
  return fitGroups(
    training,
    lanes,
    control as FitControl<GroupedState<DualState>>,
    async (lane, from, report) => {
      const scale = scaleOf?.(lane.first, lane.width)
      const fit: DualFit = {
        ...{ matrix, labels, lane, loss, interceptScaling, scale, tol, maxIter, seed, pace },
        norms: norms ?? normsOf(matrix, scale),
        onIteration: report,
      }
      return descendDual(fit, from)
    },
  )
}

async function solveL1(
  training: Training,
  lanes: Lanes,
  { fitIntercept, interceptScaling, tol, maxIter, randomState: seed }: LinearSvmParameters,
  pace: Pace,
  start: Float64Array | SearchState | undefined,
  report: Report<SearchState>,
): Promise<Solved> {
  const { matrix, labels } = training
  const { width } = lanes
  const fit: ProximalFit = {
    ...{ matrix, loss: marginLanes(labels, lanes, SQUARED_HINGE), l1: 1, ridge: 0, seed, pace },
    intercept: fitIntercept ? { value: interceptScaling, l1: 1 } : undefined,
  }
  // The solver's intercept is the weight of the constant feature; a model's is what that adds to the scores.
  const intercepts = matrix.columns * width
  const rescale = (weights: Float64Array, factor: number) =>
    weights.map((weight, i) => (i < intercepts ? weight : weight * factor))
  const cold = new Float64Array(intercepts + width)
  const from = start instanceof Float64Array ? rescale(start, 1 / interceptScaling) : (start ?? cold)
  const { x, value, ...found } = await minimiseProximal(fit, from, {
    maxIterations: maxIter,
    tolerance: tol * violationOfNone(training, lanes, interceptScaling),
    onIteration: (iteration, loss, state) => report(iteration, () => loss, state),
  })
  return { weights: rescale(x, interceptScaling), loss: value, ...found }
}

/** The least over the problems, each times the share of its rarer side. */
function violationOfNone({ matrix, labels }: Training, lanes: Lanes, interceptScaling: number): number {
  const { width } = lanes
  const none = marginLanes(labels, lanes, SQUARED_HINGE)
  none.begin(new Float64Array(matrix.rows * width))
  const [first, second] = [new Float64Array(matrix.rows), new Float64Array(matrix.rows)]
  const violations = Array.from({ length: width }, (_, k) => {
    none.derive(k, first, second)
    const gradient = new Float64Array(matrix.columns + 1)
    addRows(matrix, first, 1, 0, matrix.rows, gradient)
    gradient[matrix.columns]! *= interceptScaling
    const largest = gradient.reduce((most, part) => Math.max(most, Math.abs(part) - 1), 0)
    const own = labels.reduce((count, label) => count + (label === lanes.first + k ? 1 : 0), 0)
    return (largest * Math.max(1, Math.min(own, matrix.rows - own))) / matrix.rows
  })
  return Math.min(...violations)
}

/** LIBLINEAR weighs the rows of the other classes by 1, unless there are just two classes. */
function lanesOf(training: Training, { penalty, c, classWeight }: LinearSvmParameters): Lanes[] {
  const weights = classWeights(training, classWeight)
  const ofOthers = training.classes === 2 ? weights[0]! : 1
  const most = penalty === 'l2' ? 1 : undefined
  return groupLanes(training, rowWeights(training, c), k => [weights[k]!, ofOthers], most)
}

/** What `decision_function` gives in scikit-learn, `rows × classes`; of two classes, half of it with either sign. */
export function linearSvmDecision(model: LinearSvmModel, matrix: SparseMatrix): Float64Array {
  return linearScores(model, matrix)
}
