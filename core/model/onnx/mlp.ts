import type { Activation, MlpModel } from '../../learn/mlp.ts'
import type { GraphBuilder } from './builder.ts'
import { softmax } from './probabilities.ts'
import { denseRows, type GraphRows } from './rows.ts'

const OPERATORS = { relu: 'Relu', tanh: 'Tanh', logistic: 'Sigmoid' } as const satisfies Record<
  Activation,
  string
>

/** A multi-layer perceptron: the first layer is looked up, the others are small. Hidden layers stay in float32. */
export function mlpProbabilities(g: GraphBuilder, rows: GraphRows, { layers, activation }: MlpModel): string {
  let from = rows
  let out = ''
  for (const [i, { weights, bias, outputs }] of layers.entries()) {
    // Its weights are of single precision, so nothing is won by products of double, which `times` gives some models.
    const products = g.cast(from.times(weights, outputs), 'float32')
    out = g.op('Add', [products, g.floats([outputs], bias)])
    if (i < layers.length - 1) from = denseRows(g, g.op(OPERATORS[activation], [out]), 'float32')
  }
  return softmax(g, g.cast(out, 'double'))
}
