import type { SparseMatrix } from './matrix.ts'

/** Some rows of a matrix, in the order asked for; a row may be asked for more than once. */
export function selectRows(matrix: SparseMatrix, rows: Int32Array): SparseMatrix {
  const indptr = new Int32Array(rows.length + 1)
  rows.forEach((row, i) => {
    indptr[i + 1] = indptr[i]! + matrix.indptr[row + 1]! - matrix.indptr[row]!
  })
  const indices = new Int32Array(indptr[rows.length]!)
  const values = new Float64Array(indptr[rows.length]!)
  rows.forEach((row, i) => {
    const from = matrix.indptr[row]!
    const to = matrix.indptr[row + 1]!
    indices.set(matrix.indices.subarray(from, to), indptr[i])
    values.set(matrix.values.subarray(from, to), indptr[i])
  })
  return { rows: rows.length, columns: matrix.columns, indptr, indices, values }
}
