import type { Activation, MlpModel } from '../../learn/mlp.ts'
import type { GraphBuilder } from './builder.ts'
import { softmax } from './probabilities.ts'
import { denseRows, type GraphRows } from './rows.ts'

const OPERATORS = { relu: 'Relu', tanh: 'Tanh', logistic: 'Sigmoid' } as const satisfies Record<
  Activation,
  string
>

const HIDDEN = { weights: 'float32', exact: false } as const

/** A multi-layer perceptron: the first layer is looked up, the others are small. Hidden layers stay in float32. */
export function mlpProbabilities(g: GraphBuilder, rows: GraphRows, { layers, activation }: MlpModel): string {
  let from = rows
  let out = ''
  for (const [i, { weights, bias, outputs }] of layers.entries()) {
    out = g.op('Add', [from.times(weights, outputs), g.floats([outputs], bias)])
    if (i < layers.length - 1) from = denseRows(g, g.op(OPERATORS[activation], [out]), HIDDEN)
  }
  return softmax(g, g.cast(out, 'double'))
}
