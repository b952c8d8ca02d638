import { type LaneLoss, LOGISTIC, marginLanes, softmaxLanes } from './lane-losses.ts'
import { balancedSides, classRowWeights, groupLanes, type Lanes, rowWeights } from './lanes.ts'
import type { LogisticRegressionParameters } from './logistic-regression.ts'
import { type BlockLoss, logisticLoss, softmaxLoss } from './losses.ts'
import type { Training } from './training.ts'

/** What is minimised at once: the softmax over all classes, or some classes' one-vs-rest problems side by side. */
export interface LogisticProblem {
  readonly first: number
  readonly width: number
  /** Factors of `‖w‖₁` and `½‖w‖²`. */
  readonly l1: number
  readonly ridge: number
  /** The weights of the rows, `c` included: the tolerance is for the mean. */
  readonly totalWeight: number
  /** Whether all intercepts may move together without changing the loss. */
  readonly centred: boolean
  readonly loss: () => BlockLoss
  readonly laneLoss: () => LaneLoss
  readonly curvature: Float64Array
}

/**
 * What a row's loss bends, beside p (1 - p) of a model that knows the classes' shares alone. As a fit grows sure of its rows
 * they bend less; of 1, ½, ¼ and ⅛, a half took the fewest steps on AG News and on its four classes one by one.
 */
const SURE = 0.5

export function problemsOf(training: Training, parameters: LogisticRegressionParameters): LogisticProblem[] {
  const { labels, classes } = training
  const { penalty, classWeight, multiClass } = parameters
  const free = penalty === 'none' || parameters.c === Infinity
  const c = free ? 1 : parameters.c
  const l1 = free || penalty === 'l2' ? 0 : penalty === 'l1' ? 1 : parameters.l1Ratio
  const penalties = { l1, ridge: free ? 0 : 1 - l1 }

  if (multiClass === 'multinomial' && classes > 2) {
    const rowWeight = classRowWeights(training, c, classWeight)
    const ofClass = new Float64Array(classes)
    for (let row = 0; row < labels.length; row++) ofClass[labels[row]!]! += rowWeight[row]!
    const totalWeight = sum(ofClass)
    return [
      {
        ...penalties,
        first: 0,
        width: classes,
        totalWeight,
        centred: true,
        loss: () => softmaxLoss(labels, rowWeight, classes),
        laneLoss: () => softmaxLanes(labels, rowWeight, classes),
        curvature: ofClass.map(weight => bendOf(weight, totalWeight)),
      },
    ]
  }
  const lanes =
    classWeight === 'balanced'
      ? groupLanes(training, rowWeights(training, c), k => balancedSides(training, k))
      : groupLanes(training, classRowWeights(training, c, classWeight), () => [1, 1])
  return lanes.map(lane => {
    const { own, all } = weightsOf(labels, lane)
    return {
      ...penalties,
      first: lane.first,
      width: lane.width,
      totalWeight: Math.min(...all),
      centred: false,
      loss: () => logisticLoss(labels, lane),
      laneLoss: () => marginLanes(labels, lane, LOGISTIC),
      curvature: own.map((weight, k) => bendOf(weight, all[k]!)),
    }
  })
}

/** At least one row's worth, so that a class without rows has a finite step. */
function bendOf(ofClass: number, total: number): number {
  const share = ofClass / total
  return SURE * Math.max(share * (1 - share), 1e-6) * total
}

function weightsOf(labels: Int32Array, { first, width, rowWeight, positive, negative }: Lanes) {
  const own = new Float64Array(width)
  const all = new Float64Array(width)
  for (let row = 0; row < labels.length; row++) {
    for (let k = 0; k < width; k++) {
      const mine = labels[row] === first + k
      const weight = rowWeight[row]! * (mine ? positive[k]! : negative[k]!)
      all[k]! += weight
      if (mine) own[k]! += weight
    }
  }
  return { own, all }
}

function sum(numbers: Float64Array): number {
  return numbers.reduce((a, b) => a + b, 0)
}
