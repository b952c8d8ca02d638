/**
 * A sparse matrix by rows (CSR): row `r` holds `values[i]` in column `indices[i]` for `i` from `indptr[r]` up to, but not
 * including, `indptr[r + 1]`. Columns ascend within a row, and none comes twice. The arrays may lie in shared memory, so
 * that several threads fit one matrix.
 */
export interface SparseMatrix {
  readonly rows: number
  readonly columns: number
  /** Length `rows + 1`. */
  readonly indptr: Int32Array
  readonly indices: Int32Array
  readonly values: Float64Array
}

/** A sparse matrix by columns (CSC): column `j` holds `values[i]` in row `indices[i]`, rows ascending. */
export interface SparseColumns {
  readonly indptr: Int32Array
  readonly indices: Int32Array
  readonly values: Float64Array
}

/** The same matrix by columns, for solvers that take one feature after the other; as large as the matrix again. */
export function byColumns({ rows, columns, indptr, indices, values }: SparseMatrix): SparseColumns {
  const starts = new Int32Array(columns + 1)
  const entries = indptr[rows]!
  for (let i = 0; i < entries; i++) starts[indices[i]! + 1]!++
  for (let j = 0; j < columns; j++) starts[j + 1]! += starts[j]!
  const next = starts.slice(0, columns)
  const of = { indptr: starts, indices: new Int32Array(entries), values: new Float64Array(entries) }
  for (let row = 0; row < rows; row++) {
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
      const at = next[indices[i]!]!++
      of.indices[at] = row
      of.values[at] = values[i]!
    }
  }
  return of
}

/** Some rows of a matrix, in the order given, copied. */
export function selectRows(matrix: SparseMatrix, rows: ArrayLike<number>): SparseMatrix {
  const { indptr, indices, values } = matrix
  const starts = new Int32Array(rows.length + 1)
  for (let r = 0; r < rows.length; r++) {
    starts[r + 1] = starts[r]! + indptr[rows[r]! + 1]! - indptr[rows[r]!]!
  }
  const entries = starts[rows.length]!
  const selected = { indices: new Int32Array(entries), values: new Float64Array(entries) }
  for (let r = 0; r < rows.length; r++) {
    const [from, to] = [indptr[rows[r]!]!, indptr[rows[r]! + 1]!]
    selected.indices.set(indices.subarray(from, to), starts[r]!)
    selected.values.set(values.subarray(from, to), starts[r]!)
  }
  return { rows: rows.length, columns: matrix.columns, indptr: starts, ...selected }
}
