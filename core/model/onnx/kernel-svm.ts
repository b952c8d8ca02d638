import type { KernelSvmModel } from '../../learn/kernel-svm.ts'
import type { GraphBuilder } from './builder.ts'
import type { GraphRows } from './rows.ts'

/** A value a class, as core/learn/kernel-svm.ts's `classDecisions`. */
export function kernelDecision(g: GraphBuilder, rows: GraphRows, model: KernelSvmModel): string {
  const { classes, vectors, intercepts } = model
  const pairs = pairsOf(classes)
  const values = g.cast(kernelValues(g, rows, model), 'double')
  const weights = g.doubles([vectors.rows, pairs.length], pairWeights(model, pairs))
  const decisions = g.op('Add', [g.op('MatMul', [values, weights]), g.doubles([pairs.length], intercepts)])
  const signs = new Float64Array(pairs.length * classes)
  pairs.forEach(([first, second], pair) => {
    signs[pair * classes + first] = 1
    signs[pair * classes + second] = -1
  })
  const sureness = g.op('MatMul', [decisions, g.doubles([pairs.length, classes], signs)])
  if (classes === 2) return sureness
  // A decision of 0 or more votes for the first class of its pair, else for the second.
  const first = g.cast(g.op('GreaterOrEqual', [decisions, g.doubles([], [0])]), 'double')
  const second = g.op('Sub', [g.doubles([], [1]), first])
  const half = (sign: number) =>
    g.doubles(
      [pairs.length, classes],
      signs.map(own => (own === sign ? 1 : 0)),
    )
  const votes = g.op('Add', [g.op('MatMul', [first, half(1)]), g.op('MatMul', [second, half(-1)])])
  const size = g.op('Add', [g.op('Abs', [sureness]), g.doubles([], [1])])
  return g.op('Add', [votes, g.op('Div', [sureness, g.op('Mul', [size, g.doubles([], [3])])])])
}

/**
 * The kernel of each row with each vector, `[N, vectors]`. The vectors stay sparse: each is a list of features, by which the
 * row, spelt out, is looked up.
 */
function kernelValues(g: GraphBuilder, rows: GraphRows, { kernel, vectors }: KernelSvmModel): string {
  const { indptr, indices, values } = vectors
  let width = 1
  for (let v = 0; v < vectors.rows; v++) width = Math.max(width, indptr[v + 1]! - indptr[v]!)
  const ids = new Float64Array(vectors.rows * width)
  const padded = new Float64Array(vectors.rows * width)
  const squares = new Float64Array(vectors.rows)
  for (let v = 0; v < vectors.rows; v++) {
    for (let i = indptr[v]!; i < indptr[v + 1]!; i++) {
      const at = v * width + i - indptr[v]!
      ids[at] = indices[i]!
      padded[at] = values[i]!
      squares[v]! += values[i]! * values[i]!
    }
  }
  const places = g.constant([vectors.rows, width], { type: 'int64', data: ids })
  const found = g.op('Gather', [rows.dense(), places], { axis: { i: 1 } })
  const products = g.op('Mul', [found, g.floats([vectors.rows, width], padded)])
  const dots = g.op('ReduceSum', [products, g.ints(2)], { keepdims: { i: 0 } })
  const number = (value: number) => g.floats([], [value])
  if (kernel.kernel === 'linear') return dots
  if (kernel.kernel === 'poly') {
    const inner = g.op('Add', [g.op('Mul', [dots, number(kernel.gamma)]), number(kernel.coef0)])
    return g.op('Pow', [inner, number(kernel.degree)])
  }
  const both = g.op('Add', [rows.squares(), g.floats([1, vectors.rows], squares)])
  const distances = g.op('Sub', [both, g.op('Mul', [dots, number(2)])])
  return g.op('Exp', [g.op('Mul', [g.op('Max', [distances, number(0)]), number(-kernel.gamma)])])
}

/** What each vector weighs in each pair, `vectors × pairs`, from LIBSVM's layout. */
function pairWeights(
  { counts, coefficients, vectors }: KernelSvmModel,
  pairs: readonly (readonly [number, number])[],
): Float64Array {
  const weights = new Float64Array(vectors.rows * pairs.length)
  const starts = [0]
  for (const count of counts) starts.push(starts.at(-1)! + count)
  pairs.forEach(([first, second], pair) => {
    for (const [own, other] of [
      [first, second - 1],
      [second, first],
    ] as const) {
      for (let v = starts[own]!; v < starts[own + 1]!; v++) {
        weights[v * pairs.length + pair] = coefficients[other * vectors.rows + v]!
      }
    }
  })
  return weights
}

function pairsOf(classes: number): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = []
  for (let a = 0; a < classes; a++) for (let b = a + 1; b < classes; b++) pairs.push([a, b])
  return pairs
}
