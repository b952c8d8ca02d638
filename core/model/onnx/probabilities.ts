import type { GraphBuilder } from './builder.ts'

/** The softmax of each row. */
export function softmax(g: GraphBuilder, decision: string): string {
  return g.op('Softmax', [decision], { axis: { i: -1 } })
}

/** Each row divided by its sum; where every class says 0, none is likelier than another. */
export function normalised(g: GraphBuilder, values: string, classes: number): string {
  const sums = g.op('ReduceSum', [values, g.ints(1)], { keepdims: { i: 1 } })
  const zero = g.doubles([], [0])
  const some = g.op('Greater', [sums, zero])
  const divisor = g.op('Where', [some, sums, g.doubles([], [1])])
  return g.op('Where', [some, g.op('Div', [values, divisor]), g.doubles([], [1 / classes])])
}
