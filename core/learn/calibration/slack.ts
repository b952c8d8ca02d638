import type { Classifier, FittedModel } from '../classifier.ts'
import type { SparseMatrix } from '../matrix.ts'
import { type CalibratedModel, calibratedProbabilities, responses } from './calibrated.ts'
import { applyIsotonic, type Isotonic } from './isotonic.ts'

type Open = (model: FittedModel) => Classifier
type Member = CalibratedModel['members'][number]

/** Whether an isotonic curve is somewhere in the model: there, the rounding of a score can become any size. */
export function hasSteps(model: FittedModel): boolean {
  if (model.kind === 'voting') return model.models.some(hasSteps)
  if (model.kind !== 'calibrated') return false
  return model.members.some(({ model, calibrators }) => hasSteps(model) || isStepped(calibrators))
}

/**
 * How far each probability may move when the scores that isotonic curves are asked for are off by a rounding: for each curve what it says
 * of the score less the rounding and more, and of those the most that the class's share can be.
 *
 * @param rounding of a score of size 1 or less; of a larger one, for its size
 * @returns `rows × classes`; 0 of a model without such a curve, 1 (anything) where one is inside of another calibration, or where all
 * curves of a row are near 0
 */
export function probabilitySlack(
  model: FittedModel,
  matrix: SparseMatrix,
  open: Open,
  rounding: number,
): Float64Array {
  const slack = new Float64Array(matrix.rows * model.classes)
  const add = (part: Float64Array, share: number) => {
    for (let i = 0; i < slack.length; i++) slack[i]! += share * part[i]!
  }
  if (!hasSteps(model)) return slack
  if (model.kind === 'voting' && model.how === 'soft') {
    model.models.forEach((each, m) => {
      add(probabilitySlack(each, matrix, open, rounding), model.weights[m]!)
    })
    return slack
  }
  if (model.kind !== 'calibrated' || model.members.some(member => hasSteps(member.model)))
    return slack.fill(1)
  for (const member of model.members) {
    if (isStepped(member.calibrators)) {
      add(slackOfMember(model, member, matrix, open, rounding), 1 / model.members.length)
    }
  }
  return slack
}

function isStepped(calibrators: Member['calibrators']): boolean {
  return calibrators[0]!.method === 'isotonic'
}

function slackOfMember(
  model: CalibratedModel,
  member: Member,
  matrix: SparseMatrix,
  open: Open,
  rounding: number,
): Float64Array {
  const { classes } = model
  const curves = member.calibrators as readonly Isotonic[]
  const width = curves.length
  const scores = responses(open(member.model), matrix)
  const said = calibratedProbabilities({ ...model, members: [member] }, matrix, open)
  const slack = new Float64Array(said.length)
  for (let row = 0; row < matrix.rows; row++) {
    const low = new Float64Array(width)
    const high = new Float64Array(width)
    for (let k = 0; k < width; k++) {
      const score = scores[row * width + k]!
      const off = rounding * Math.max(1, Math.abs(score))
      low[k] = applyIsotonic(curves[k]!, score - off)
      high[k] = applyIsotonic(curves[k]!, score + off)
    }
    const at = row * classes
    if (width === 1) {
      const second = said[at + 1]!
      slack.fill(Math.max(high[0]! - second, second - low[0]!), at, at + classes)
      continue
    }
    const [least, most] = [low, high].map(bounds => bounds.reduce((sum, bound) => sum + bound, 0)) as [
      number,
      number,
    ]
    for (let k = 0; k < classes; k++) {
      const own = said[at + k]!
      // The share is least where its own curve is low and the others are high; where both can be 0, it is anything.
      const smallest = least > 0 ? low[k]! / (low[k]! + most - high[k]!) : 0
      const largest = least > 0 ? high[k]! / (high[k]! + least - low[k]!) : 1
      slack[at + k] = most > 0 ? Math.max(largest - own, own - smallest) : 0
    }
  }
  return slack
}
