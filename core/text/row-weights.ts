import type { MatrixBuilder } from './matrix-builder.ts'
import type { RowCounter } from './row-counter.ts'
import type { VectorizerSettings } from './settings.ts'
import { PairSorter } from './sort-pairs.ts'

/** Counts whose logarithm is looked up: nearly all. */
const SMALL = 256

/**
 * Turns the counts of a row into its values, by the formulas of scikit-learn's TfidfTransformer and in their order: 1 for
 * `binary`, 1 + ln(count) for `sublinearTf`, times idf, divided by the row's norm, times the block's weight.
 */
export class RowWeights {
  readonly #settings: VectorizerSettings
  readonly #idf: Float64Array | undefined
  readonly #tf: Float64Array
  readonly #sorter = new PairSorter()
  #columns = new Int32Array(256)
  #counts = new Int32Array(256)
  #values = new Float64Array(256)

  constructor(settings: VectorizerSettings, idf: Float64Array | undefined) {
    this.#settings = settings
    this.#idf = idf
    this.#tf = Float64Array.from({ length: SMALL }, (_, count) => this.#weigh(count))
  }

  /**
   * Writes a row's entries, those of the counter from `from` up to `to`.
   * @param columnOf by node: the column to write, or -1 to leave it out
   */
  write(counter: RowCounter, from: number, to: number, columnOf: Int32Array, builder: MatrixBuilder): void {
    if (to - from > this.#columns.length) {
      this.#columns = new Int32Array(2 * (to - from))
      this.#counts = new Int32Array(2 * (to - from))
      this.#values = new Float64Array(2 * (to - from))
    }
    const rowColumns = this.#columns
    const rowCounts = this.#counts
    const { ids } = counter
    let size = 0
    for (let i = from; i < to; i++) {
      const column = columnOf[ids[i]!]!
      if (column < 0) continue
      rowColumns[size] = column
      rowCounts[size++] = counter.countOf(i)
    }
    this.#sorter.sort(rowColumns, rowCounts, size)
    this.#put(size, builder)
  }

  /**
   * As `write`, of columns that may come more than once in any order: `counts` are added up, and what adds up to 0 stays an
   * entry of value 0, as it does in scikit-learn.
   */
  writeSums(columns: Int32Array, counts: Int32Array, length: number, builder: MatrixBuilder): void {
    this.#sorter.sort(columns, counts, length)
    if (length > this.#columns.length) {
      this.#columns = new Int32Array(2 * length)
      this.#counts = new Int32Array(2 * length)
      this.#values = new Float64Array(2 * length)
    }
    let size = 0
    for (let i = 0; i < length; i++) {
      if (size > 0 && this.#columns[size - 1] === columns[i]) {
        this.#counts[size - 1]! += counts[i]!
      } else {
        this.#columns[size] = columns[i]!
        this.#counts[size++] = counts[i]!
      }
    }
    this.#put(size, builder)
  }

  #put(size: number, builder: MatrixBuilder): void {
    const { norm, weight } = this.#settings
    const columns = this.#columns
    const counts = this.#counts
    const values = this.#values
    const idf = this.#idf
    const tf = this.#tf
    let squares = 0
    let sum = 0
    for (let i = 0; i < size; i++) {
      const count = counts[i]!
      let value = count >= 0 && count < SMALL ? tf[count]! : this.#weigh(count)
      if (idf !== undefined) value *= idf[columns[i]!]!
      values[i] = value
      squares += value * value
      sum += Math.abs(value)
    }
    const length = norm === 'l2' ? Math.sqrt(squares) : norm === 'l1' ? sum : 1
    // A row of nothing but zeros has no direction; it stays as it is.
    const divisor = length === 0 ? 1 : length
    builder.putEach(columns, values, size, divisor, weight)
  }

  #weigh(count: number): number {
    const tf = this.#settings.binary ? 1 : count
    return this.#settings.sublinearTf ? Math.log(tf) + 1 : tf
  }
}
