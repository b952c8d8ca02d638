import type { GraphBuilder } from './builder.ts'
import { addTable, type Table, type WeightType } from './table.ts'

/** The rows that a graph is asked about, `[N, features]`, however they come in. Names are of float32 tensors but where it is said. */
export interface GraphRows {
  /** `rows · matrix`, `[N, columns]`; the matrix is row-major, `features × columns`. */
  times(matrix: ArrayLike<number>, columns: number): string
  /** The same in double precision, if the weights are not to be rounded anyway, for what tells scores apart that differ by little. */
  timesPrecise(matrix: ArrayLike<number>, columns: number): string
  /** Every row spelt out, `[N, features]`. */
  dense(): string
  /** The sum of a row's squares, `[N, 1]`. */
  squares(): string
}

/** Rows as lists of `ids` and `values`, `[N, K]`; each is filled up with id 0 and value 0. */
export function sparseRows(g: GraphBuilder, features: number, type: WeightType): GraphRows {
  let dense: string | undefined
  const times = (table: Table) => {
    const found = asFloats(g, table, g.op('Gather', [table.name, 'ids'], { axis: { i: 0 } }))
    const values = table.type === 'double' ? g.cast('values', 'double') : 'values'
    const products = g.op('Mul', [found, g.op('Unsqueeze', [values, g.ints(2)])])
    return scaled(g, table, g.op('ReduceSum', [products, g.ints(1)], { keepdims: { i: 0 } }))
  }
  return {
    times: (matrix, columns) => times(addTable(g, matrix, columns, type)),
    timesPrecise: (matrix, columns) => times(addTable(g, matrix, columns, preciseType(type))),
    dense() {
      if (dense !== undefined) return dense
      const rows = g.op('Shape', ['ids'], { start: { i: 0 }, end: { i: 1 } })
      const shape = g.op('Concat', [rows, g.ints(features)], { axis: { i: 0 } })
      const zeros = g.op('Expand', [g.floats([1, 1], [0]), shape])
      // Added, not set: what fills a row up must leave the value of feature 0 as it is.
      const attributes = { axis: { i: 1 }, reduction: { s: 'add' } }
      dense = g.op('ScatterElements', [zeros, 'ids', 'values'], attributes)
      return dense
    },
    squares: () => squaresOf(g, 'values'),
  }
}

/** Rows that are spelt out already. */
export function denseRows(g: GraphBuilder, rows: string, type: WeightType): GraphRows {
  const times = (table: Table) => {
    const values = table.type === 'double' ? g.cast(rows, 'double') : rows
    return scaled(g, table, g.op('MatMul', [values, asFloats(g, table, table.name)]))
  }
  return {
    times: (matrix, columns) => times(addTable(g, matrix, columns, type)),
    timesPrecise: (matrix, columns) => times(addTable(g, matrix, columns, preciseType(type))),
    dense: () => rows,
    squares: () => squaresOf(g, rows),
  }
}

function asFloats(g: GraphBuilder, { type }: Table, name: string): string {
  return type === 'float32' || type === 'double' ? name : g.cast(name, 'float32')
}

function preciseType(type: WeightType): Table['type'] {
  return type === 'float32' ? 'double' : type
}

function scaled(g: GraphBuilder, { scale }: Table, product: string): string {
  return scale === undefined ? product : g.op('Mul', [product, scale])
}

function squaresOf(g: GraphBuilder, name: string): string {
  return g.op('ReduceSum', [g.op('Mul', [name, name]), g.ints(1)], { keepdims: { i: 1 } })
}
