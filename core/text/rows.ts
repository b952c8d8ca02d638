import type { SparseMatrix } from '../learn/matrix.ts'

/**
 * Builds a TF-IDF matrix row by row: `put` each column of a row once, in any order, then `endRow`.
 *
 * The formulas are those of scikit-learn's TfidfTransformer: tf is the count or 1 + ln(count), times idf, and each row
 * is divided by its Euclidean norm. A row without a column stays empty.
 */
export class TfidfRows {
  readonly #idf: Float64Array
  readonly #sublinear: boolean
  /** By column; a slot is only read after `put` wrote it, so nothing is cleared between rows. */
  readonly #counts: Float64Array
  #indices = new Int32Array(64)
  #values = new Float64Array(64)
  #indptr = new Int32Array(1)
  #rows = 0
  #size = 0

  constructor(idf: Float64Array, sublinear: boolean) {
    this.#idf = idf
    this.#sublinear = sublinear
    this.#counts = new Float64Array(idf.length)
  }

  /** Starts a matrix of this many rows; all of them must then be ended. */
  begin(rows: number): void {
    this.#indptr = new Int32Array(rows + 1)
    this.#rows = 0
    this.#size = 0
  }

  put(column: number, count: number): void {
    if (this.#size === this.#indices.length) this.#grow()
    this.#indices[this.#size++] = column
    this.#counts[column] = count
  }

  endRow(): void {
    const start = this.#indptr[this.#rows]!
    this.#indices.subarray(start, this.#size).sort()
    let squares = 0
    for (let i = start; i < this.#size; i++) {
      const column = this.#indices[i]!
      const count = this.#counts[column]!
      const value = (this.#sublinear ? 1 + Math.log(count) : count) * this.#idf[column]!
      this.#values[i] = value
      squares += value * value
    }
    const norm = Math.sqrt(squares)
    for (let i = start; i < this.#size; i++) this.#values[i]! /= norm
    this.#indptr[++this.#rows] = this.#size
  }

  matrix(): SparseMatrix {
    return {
      rows: this.#rows,
      columns: this.#idf.length,
      indptr: this.#indptr,
      indices: this.#indices.slice(0, this.#size),
      values: this.#values.slice(0, this.#size),
    }
  }

  #grow(): void {
    const indices = new Int32Array(2 * this.#indices.length)
    const values = new Float64Array(2 * this.#values.length)
    indices.set(this.#indices)
    values.set(this.#values)
    this.#indices = indices
    this.#values = values
  }
}
