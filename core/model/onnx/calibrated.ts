import type { CalibratedModel, FittedModel } from '../../learn/index.ts'
import type { GraphBuilder } from './builder.ts'
import { normalised, softmax } from './probabilities.ts'
import type { Scores } from './scores.ts'

type Member = CalibratedModel['members'][number]
type Curve = Exclude<Member['calibrators'][number], { method: 'temperature' }>

/** The mean of what the members say, each calibrated: core/learn/calibration/calibrated.ts. `open` writes a member's model. */
export function calibratedProbabilities(
  g: GraphBuilder,
  { members, classes }: CalibratedModel,
  open: (model: FittedModel) => Scores,
): string {
  // Members that share one model share its operations.
  const written = new Map<FittedModel, Scores>()
  const parts = members.map(({ model, calibrators }) => {
    const scores = written.get(model) ?? open(model)
    written.set(model, scores)
    const [first] = calibrators
    if (first!.method === 'temperature') return tempered(g, scores, classes, first!.beta)
    return curved(g, scores, classes, calibrators as readonly Curve[])
  })
  if (parts.length === 1) return parts[0]!
  return g.op('Mul', [g.op('Sum', parts), g.doubles([], [1 / parts.length])])
}

function tempered(g: GraphBuilder, scores: Scores, classes: number, beta: number): string {
  if (scores.calibrateOn === 'probabilities') {
    // Keeps the logarithm of 0 finite, as core/learn does.
    const logs = g.op('Log', [g.op('Add', [scores.probabilities!, g.doubles([], [1e-12])])])
    return softmax(g, g.op('Mul', [logs, g.doubles([], [beta])]))
  }
  if (classes !== 2) return softmax(g, g.op('Mul', [scores.decision, g.doubles([], [beta])]))
  const margin = marginOf(g, scores)
  return softmax(g, g.op('Mul', [margin, g.doubles([1, 2], [-beta, beta])]))
}

function curved(g: GraphBuilder, scores: Scores, classes: number, curves: readonly Curve[]): string {
  const own = scores.calibrateOn === 'decision' ? scores.decision : scores.probabilities!
  if (classes === 2) {
    const score = scores.calibrateOn === 'decision' ? marginOf(g, scores) : column(g, own, 1)
    const second = curve(g, score, curves[0]!)
    return g.op('Concat', [g.op('Sub', [g.doubles([], [1]), second]), second], { axis: { i: 1 } })
  }
  if (curves.every(({ method }) => method === 'sigmoid')) {
    return normalised(g, sigmoids(g, own, curves), classes)
  }
  const columns = curves.map((each, k) => curve(g, column(g, own, k), each))
  return normalised(g, g.op('Concat', columns, { axis: { i: 1 } }), classes)
}

/** The one decision of two classes, `[N, 1]`. */
function marginOf(g: GraphBuilder, { decision }: Scores): string {
  return g.op('Sub', [column(g, decision, 1), column(g, decision, 0)])
}

function column(g: GraphBuilder, name: string, k: number): string {
  return g.op('Gather', [name, g.ints(k)], { axis: { i: 1 } })
}

function curve(g: GraphBuilder, score: string, calibrator: Curve): string {
  if (calibrator.method === 'sigmoid') return sigmoids(g, score, [calibrator])
  const { scores: knots, probabilities } = calibrator
  const points = knots.length
  if (points === 1) {
    const level = g.doubles([], probabilities)
    return g.op('Add', [g.op('Mul', [score, g.doubles([], [0])]), level])
  }
  // The knot below each score: how many are at most it, less one, within the first and the last but one.
  const reached = g.op('GreaterOrEqual', [score, g.doubles([1, points], knots)])
  const count = g.op('ReduceSum', [g.cast(reached, 'int64'), g.ints(1)], { keepdims: { i: 1 } })
  const zero = g.int(0)
  const last = g.int(points - 2)
  const one = g.int(1)
  const below = g.op('Min', [g.op('Max', [g.op('Sub', [count, one]), zero]), last])
  const at = (values: ArrayLike<number>, index: string) =>
    g.op('Gather', [g.doubles([values.length], values), index], { axis: { i: 0 } })
  const widths = Float64Array.from({ length: points - 1 }, (_, i) => knots[i + 1]! - knots[i]!)
  const rises = widths.map((_, i) => probabilities[i + 1]! - probabilities[i]!)
  const part = g.op('Div', [g.op('Sub', [score, at(knots, below)]), at(widths, below)])
  const inside = g.op('Min', [g.op('Max', [part, g.doubles([], [0])]), g.doubles([], [1])])
  return g.op('Add', [at(probabilities, below), g.op('Mul', [inside, at(rises, below)])])
}

/** One sigmoid a column. */
function sigmoids(g: GraphBuilder, scores: string, curves: readonly Curve[]): string {
  const of = (field: 'slope' | 'intercept') =>
    g.doubles(
      [1, curves.length],
      curves.map(each => (each.method === 'sigmoid' ? -each[field] : 0)),
    )
  return g.op('Sigmoid', [g.op('Add', [g.op('Mul', [scores, of('slope')]), of('intercept')])])
}
