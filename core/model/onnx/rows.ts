import type { GraphBuilder } from './builder.ts'
import { addTable, type Table, type WeightType } from './table.ts'

/** The rows that a graph is asked about, `[N, features]`, however they come in. Matrices are row-major, `features × columns`. */
export interface GraphRows {
  /** `rows · matrix` in single precision, `[N, columns]`. */
  times(matrix: ArrayLike<number>, columns: number): string
  /** The same summed in double precision: the scores of naive Bayes are thousands that differ by little. */
  sums(matrix: ArrayLike<number>, columns: number): string
  /** Every row spelt out in single precision, `[N, features]`. */
  dense(): string
  /** The sum of a row's squares in single precision, `[N, 1]`. */
  squares(): string
}

/** In what numbers the tables of a graph are. */
export interface TableTypes {
  readonly weights: WeightType
  /** Whether float32 is not enough for the tables of {@link GraphRows.sums}. */
  readonly exact: boolean
}

/** Names of rows as lists, `[N, K]`: their columns, and what stands in them; each is filled up with id 0 and value 0. */
export interface SparseNames {
  readonly ids: string
  readonly values: string
}

/** Rows as lists. */
export function sparseRows(
  g: GraphBuilder,
  { ids, values: given }: SparseNames,
  features: number,
  types: TableTypes,
): GraphRows {
  let dense: string | undefined
  const product = (table: Table, to: Precision) => {
    const found = g.op('Gather', [table.name, ids], { axis: { i: 0 } })
    const values = g.op('Unsqueeze', [cast(g, given, 'float32', to), g.ints(2)])
    const products = g.op('Mul', [cast(g, found, table.type, to), values])
    return scaled(g, table, to, g.op('ReduceSum', [products, g.ints(1)], { keepdims: { i: 0 } }))
  }
  return {
    times: (matrix, columns) => product(addTable(g, matrix, columns, types.weights), 'float32'),
    sums: (matrix, columns) => product(addTable(g, matrix, columns, sumsType(types)), 'double'),
    dense() {
      if (dense !== undefined) return dense
      const rows = g.op('Shape', [ids], { start: { i: 0 }, end: { i: 1 } })
      const shape = g.op('Concat', [rows, g.ints(features)], { axis: { i: 0 } })
      const zeros = g.op('Expand', [g.floats([1, 1], [0]), shape])
      // Added, not set: what fills a row up must leave the value of feature 0 as it is.
      const attributes = { axis: { i: 1 }, reduction: { s: 'add' } }
      dense = g.op('ScatterElements', [zeros, ids, given], attributes)
      return dense
    },
    squares: () => squaresOf(g, given),
  }
}

/** Rows that are spelt out already. */
export function denseRows(g: GraphBuilder, rows: string, types: TableTypes): GraphRows {
  const product = (table: Table, to: Precision) => {
    const factors = [cast(g, rows, 'float32', to), cast(g, table.name, table.type, to)]
    return scaled(g, table, to, g.op('MatMul', factors))
  }
  return {
    times: (matrix, columns) => product(addTable(g, matrix, columns, types.weights), 'float32'),
    sums: (matrix, columns) => product(addTable(g, matrix, columns, sumsType(types)), 'double'),
    dense: () => rows,
    squares: () => squaresOf(g, rows),
  }
}

type Precision = 'float32' | 'double'

function sumsType({ weights, exact }: TableTypes): Table['type'] {
  return exact && weights === 'float32' ? 'double' : weights
}

function cast(g: GraphBuilder, name: string, from: Table['type'], to: Precision): string {
  return from === to ? name : g.cast(name, to)
}

function scaled(g: GraphBuilder, { scale }: Table, to: Precision, product: string): string {
  return scale === undefined ? product : g.op('Mul', [product, cast(g, scale, 'float32', to)])
}

function squaresOf(g: GraphBuilder, name: string): string {
  return g.op('ReduceSum', [g.op('Mul', [name, name]), g.ints(1)], { keepdims: { i: 1 } })
}
