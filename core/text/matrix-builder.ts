import type { SparseMatrix } from '../learn/matrix.ts'
import { grown } from './bytes.ts'

/** From so many entries on the arrays themselves are handed out: copying them would need as much memory again. */
const MANY = 1 << 16

/** Builds a sparse matrix row by row. Its arrays serve one matrix after another, but for one of many entries. */
export class MatrixBuilder {
  /** Added to every column that is put: where the present block starts. */
  offset = 0
  /** By column before selection: its column after, or -1. */
  readonly #selected: Int32Array | undefined
  readonly #columns: number
  #rows = 0
  #size = 0
  #indptr = new Int32Array(16)
  #indices = new Int32Array(64)
  #values = new Float64Array(64)

  /** @param columns of the matrix, after selection */
  constructor(columns: number, selected?: Int32Array) {
    this.#columns = columns
    this.#selected = selected
  }

  get rows(): number {
    return this.#rows
  }

  /** Makes room for a matrix of known size, whose arrays `matrix` can then hand out without copying. */
  reserve(rows: number, entries: number): void {
    this.#indptr = new Int32Array(rows + 1)
    this.#indices = new Int32Array(entries)
    this.#values = new Float64Array(entries)
  }

  /** Makes room for about so many rows and entries, when there are none yet. Room that is never touched takes no memory. */
  expect(rows: number, entries: number): void {
    if (rows >= this.#indptr.length) this.#indptr = new Int32Array(rows + 1)
    if (entries <= this.#indices.length) return
    this.#indices = new Int32Array(entries)
    this.#values = new Float64Array(entries)
  }

  /** Adds an entry to the present row. Columns ascend, offset included. */
  put(column: number, value: number): void {
    let at = column + this.offset
    if (this.#selected !== undefined) {
      at = this.#selected[at]!
      if (at < 0) return
    }
    const size = this.#size
    if (size === this.#indices.length) {
      this.#indices = grown(this.#indices, 64)
      this.#values = grown(this.#values, 64)
    }
    this.#indices[size] = at
    this.#values[size] = value
    this.#size = size + 1
  }

  /** Adds `count` entries to the present row: `columns` ascend, and values are divided and then multiplied. */
  putEach(columns: Int32Array, values: Float64Array, count: number, divisor: number, factor: number): void {
    if (this.#selected !== undefined) {
      for (let i = 0; i < count; i++) this.put(columns[i]!, (values[i]! / divisor) * factor)
      return
    }
    const { offset } = this
    const size = this.#size
    if (size + count > this.#indices.length) {
      this.#indices = grown(this.#indices, size + count)
      this.#values = grown(this.#values, size + count)
    }
    const indices = this.#indices
    const into = this.#values
    for (let i = 0; i < count; i++) {
      indices[size + i] = columns[i]! + offset
      into[size + i] = (values[i]! / divisor) * factor
    }
    this.#size = size + count
  }

  endRow(): void {
    if (++this.#rows === this.#indptr.length) this.#indptr = grown(this.#indptr, 16)
    this.#indptr[this.#rows] = this.#size
    this.offset = 0
  }

  /** The rows ended since the last time, and starts anew. */
  matrix(): SparseMatrix {
    const exact = this.#size === this.#indices.length && this.#rows + 1 === this.#indptr.length
    const whole = exact || this.#size >= MANY
    const [rows, size] = [this.#rows, this.#size]
    // What of a large array lies behind the entries was never touched, and takes no memory.
    const part = <T extends Int32Array | Float64Array>(of: T, length: number) => {
      return (whole ? of.subarray(0, length) : of.slice(0, length)) as T
    }
    const matrix = {
      rows,
      columns: this.#columns,
      indptr: part(this.#indptr, rows + 1),
      indices: part(this.#indices, size),
      values: part(this.#values, size),
    }
    if (whole) this.reserve(15, 64)
    this.#rows = 0
    this.#size = 0
    return matrix
  }
}
