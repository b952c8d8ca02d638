import type { FittedModel } from '../learn/index.ts'

/** Adds to `into`, for each class, what a feature of value 1 does to the class's log-odds, times `factor`. */
export type Weigher = (feature: number, factor: number, into: Float64Array) => void

/**
 * How a model weighs its features, where each weighs the same whatever the others are; undefined for other models.
 *
 * Calibration by a sigmoid or a temperature turns each class's score by a slope, which is part of its weights; isotonic steps
 * have none, and leave those of the scores. Of several members and of votes it is the mean: exact where they sum their scores, and
 * where they average their probabilities the mean of what each says.
 */
export function weigherOf(model: FittedModel): Weigher | undefined {
  switch (model.kind) {
    case 'calibrated':
      return meanOf(
        model.members.map(({ model: inner, calibrators }) => {
          const slopes = calibrators.map(calibrator => {
            if (calibrator.method === 'sigmoid') return -calibrator.slope
            return calibrator.method === 'temperature' ? calibrator.beta : 1
          })
          return scaled(weigherOf(inner), model.classes, slopes)
        }),
        model.members.map(() => 1 / model.members.length),
      )
    case 'voting':
      return meanOf(model.models.map(weigherOf), model.weights)
    case 'kernel-svm':
    case 'mlp':
    case 'random-forest':
      return undefined
    default: {
      const { classes, coefficients } = model
      return (feature, factor, into) => {
        for (let k = 0; k < classes; k++) into[k]! += factor * coefficients[feature * classes + k]!
      }
    }
  }
}

/** Each class's weights times its slope; one slope is that of all. */
function scaled(
  weigher: Weigher | undefined,
  classes: number,
  slopes: readonly number[],
): Weigher | undefined {
  if (weigher === undefined) return undefined
  const own = new Float64Array(classes)
  return (feature, factor, into) => {
    own.fill(0)
    weigher(feature, factor, own)
    for (let k = 0; k < classes; k++) into[k]! += own[k]! * (slopes[k] ?? slopes[0]!)
  }
}

function meanOf(weighers: readonly (Weigher | undefined)[], weights: readonly number[]): Weigher | undefined {
  if (!weighers.every(weigher => weigher !== undefined)) return undefined
  return (feature, factor, into) => {
    for (let i = 0; i < weighers.length; i++) weighers[i]!(feature, factor * weights[i]!, into)
  }
}
