import type { Row } from '../data/index.ts'
import type { SparseMatrix } from '../learn/index.ts'
import type { FeatureRow } from '../text/index.ts'

/** Rows in memory that threads share: texts as UTF-8, which is what a vectoriser reads, one after the other. */
export interface SharedRows {
  readonly bytes: Uint8Array
  /** Where each text begins, and the last ends: one more than there are rows. */
  readonly starts: Float64Array
  /** The other columns of each row; undefined where no row has any. Copied into each thread. */
  readonly columns: readonly FeatureRow[] | undefined
}

/** Rows in the form that threads share. */
export function shareRows(rows: readonly Row[]): SharedRows {
  const starts = new Float64Array(shared(8 * (rows.length + 1)))
  for (const [i, { text }] of rows.entries()) starts[i + 1] = starts[i]! + Buffer.byteLength(text)
  const bytes = Buffer.from(shared(starts[rows.length]!))
  for (const [i, { text }] of rows.entries()) bytes.write(text, starts[i]!)
  const columns = rows.some(row => row.columns !== undefined)
    ? rows.map(row => ({ columns: row.columns ?? {} }))
    : undefined
  return { bytes, starts, columns }
}

/** Some of the rows, each made when it is asked for. */
export function* rowsAt(
  { bytes, starts, columns }: SharedRows,
  rows: Iterable<number>,
): Generator<FeatureRow> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (const row of rows) {
    const text = buffer.toString('utf8', starts[row], starts[row + 1])
    const beside = columns?.[row]
    yield typeof beside === 'object' ? { ...beside, text } : text
  }
}

/** A copy of the matrix that other threads see without copying it. */
export function shareMatrix({ rows, columns, indptr, indices, values }: SparseMatrix): SparseMatrix {
  const entries = indptr[rows]!
  return {
    rows,
    columns,
    indptr: shareInts(indptr),
    indices: shareInts(indices.subarray(0, entries)),
    values: shareDoubles(values.subarray(0, entries)),
  }
}

export function shareInts(numbers: Int32Array): Int32Array {
  const copy = new Int32Array(shared(numbers.byteLength))
  copy.set(numbers)
  return copy
}

function shareDoubles(numbers: Float64Array): Float64Array {
  const copy = new Float64Array(shared(numbers.byteLength))
  copy.set(numbers)
  return copy
}

function shared(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes)
}
