/**
 * A sparse matrix by rows (CSR): row `r` holds `values[i]` in column `indices[i]` for `i` from `indptr[r]` up to, but not
 * including, `indptr[r + 1]`. Columns ascend within a row, and none comes twice.
 */
export interface SparseMatrix {
  readonly rows: number
  readonly columns: number
  /** Length `rows + 1`. */
  readonly indptr: Int32Array
  readonly indices: Int32Array
  readonly values: Float64Array
}
