import { hasSteps } from '../../learn/calibration/slack.ts'
import type { FittedModel } from '../../learn/index.ts'
import { VERSION } from '../../version.ts'
import { GraphBuilder } from './builder.ts'
import { encodeOnnx, type OnnxValue } from './protobuf.ts'
import { sparseRows } from './rows.ts'
import { type Scores, scoresOf } from './scores.ts'
import type { WeightType } from './table.ts'

export interface GraphOptions {
  /** In what numbers the tables of weights are kept. Default `float32`. Trees and support vectors always are. */
  readonly weights?: WeightType
}

/** The newest that runtimes of 2022 know; its ScatterElements adds, its ReduceSum takes axes as an input. */
const OPSETS = { '': 17, 'ai.onnx.ml': 3 }

/**
 * A fitted model as an ONNX graph over features (opset 17, and ai.onnx.ml 3 for forests). N rows, each with at most K features:
 *
 * - inputs `ids` int64 [N, K], the columns of a row, and `values` float32 [N, K], what stands in them. Shorter rows are filled up
 *   with id 0 and value 0, which add nothing.
 * - outputs `label` int64 [N], the index of the largest score, and `probabilities` float32 [N, C]; a model that has only
 *   margins (a support vector machine that is not calibrated) has `decision` in their place. The classes' names are the JSON
 *   list `labels` of the model's metadata.
 *
 * Sums of linear models, and all that comes after any model's products, are of double precision; the rest is of single.
 */
export function featuresGraph(
  model: FittedModel,
  labels: readonly string[],
  { weights = 'float32' }: GraphOptions = {},
): Uint8Array {
  const g = new GraphBuilder()
  const scores = scoresOf(
    g,
    sparseRows(g, { ids: 'ids', values: 'values' }, model.features, { weights, exact: hasSteps(model) }),
    model,
  )
  const given = putScores(g, scores, model.classes)
  g.put('ArgMax', [given.best], ['label'], { axis: { i: 1 }, keepdims: { i: 0 } })
  return encodeOnnx({
    ...g.body(
      `pressroom-${model.kind}`,
      [
        { name: 'ids', type: 'int64', shape: ['N', 'K'] },
        { name: 'values', type: 'float32', shape: ['N', 'K'] },
      ],
      [{ name: 'label', type: 'int64', shape: ['N'] }, given.output],
    ),
    opsets: OPSETS,
    producer: { name: 'pressroom-ml', version: VERSION },
    metadata: { labels: JSON.stringify(labels) },
  })
}

/** Writes the graph's scores as an output; `best` names what the label is the largest of. */
export function putScores(
  g: GraphBuilder,
  { decision, probabilities }: Scores,
  classes: number,
): { readonly best: string; readonly output: OnnxValue } {
  const name = probabilities === undefined ? 'decision' : 'probabilities'
  const best = probabilities ?? decision
  g.put('Cast', [best], [name], { to: { i: 1 } })
  return { best, output: { name, type: 'float32', shape: ['N', classes] } }
}
