import { PressroomError } from '../errors.ts'
import type { SparseMatrix } from '../learn/matrix.ts'

/**
 * The columns that SelectKBest(chi2, k) keeps, ascending: those of the largest chi-squared statistic between column and class,
 * of equal ones the later.
 * @param classes each row's class, from 0 up
 * @param nameOf a column's name, for the message
 * @throws PressroomError `invalid-setting` when a value is negative, since sums of values must be counts of a kind
 */
export function selectByChi2(
  matrix: SparseMatrix,
  classes: Int32Array,
  k: number,
  nameOf: (column: number) => string,
): Int32Array {
  const negative = matrix.values.findIndex(value => value < 0)
  if (negative >= 0) {
    throw new PressroomError('invalid-setting', 'select: chi-squared needs values of 0 or more', {
      where: `the column ${JSON.stringify(nameOf(matrix.indices[negative]!))} has ${matrix.values[negative]}`,
      fix: 'set scale to minmax for numeric columns, alternateSign to false for hashing, or select to null',
    })
  }
  if (k >= matrix.columns) return Int32Array.from({ length: matrix.columns }, (_, column) => column)
  const scores = chi2(matrix, classes)
  const order = Int32Array.from(scores.keys())
  order.sort((a, b) => scores[a]! - scores[b]! || a - b)
  return order.slice(-k).sort()
}

/** The statistic of each column, -Infinity where the column is empty. Sums run in scikit-learn's order, so that ties are its ties. */
function chi2({ rows, columns, indptr, indices, values }: SparseMatrix, classes: Int32Array): Float64Array {
  const count = classes.reduce((most, label) => Math.max(most, label + 1), 0)
  const sizes = new Float64Array(count)
  const observed = new Float64Array(columns * count)
  const totals = new Float64Array(columns)
  for (let row = 0; row < rows; row++) {
    const label = classes[row]!
    sizes[label]!++
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
      observed[indices[i]! * count + label]! += values[i]!
      totals[indices[i]!]! += values[i]!
    }
  }
  const terms = new Float64Array(count)
  return totals.map((total, column) => {
    for (let label = 0; label < count; label++) {
      const expected = (sizes[label]! / rows) * total
      const difference = observed[column * count + label]! - expected
      terms[label] = (difference * difference) / expected
    }
    const score = pairwiseSum(terms, 0, count)
    return Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score
  })
}

/** numpy's sum over contiguous values (umath/loops_utils.h, pairwise_sum): the order decides the last digit, and so ties. */
function pairwiseSum(values: Float64Array, from: number, length: number): number {
  if (length < 8) {
    let sum = 0
    for (let i = from; i < from + length; i++) sum += values[i]!
    return sum
  }
  if (length <= 128) {
    const parts = values.slice(from, from + 8)
    let i = 8
    for (; i + 8 <= length; i += 8) for (let j = 0; j < 8; j++) parts[j]! += values[from + i + j]!
    const [a, b, c, d, e, f, g, h] = parts as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    let sum = a + b + (c + d) + (e + f + (g + h))
    for (; i < length; i++) sum += values[from + i]!
    return sum
  }
  const half = (length >> 1) - ((length >> 1) % 8)
  return pairwiseSum(values, from, half) + pairwiseSum(values, from + half, length - half)
}

/** The matrix with those columns only, ascending, numbered anew. */
export function selectColumns(matrix: SparseMatrix, selected: Int32Array): SparseMatrix {
  const places = placesOf(selected, matrix.columns)
  const indptr = new Int32Array(matrix.rows + 1)
  const kept = matrix.indices.reduce((sum, column) => sum + Number(places[column]! >= 0), 0)
  const indices = new Int32Array(kept)
  const values = new Float64Array(kept)
  let size = 0
  for (let row = 0; row < matrix.rows; row++) {
    for (let i = matrix.indptr[row]!; i < matrix.indptr[row + 1]!; i++) {
      const place = places[matrix.indices[i]!]!
      if (place < 0) continue
      indices[size] = place
      values[size++] = matrix.values[i]!
    }
    indptr[row + 1] = size
  }
  return { rows: matrix.rows, columns: selected.length, indptr, indices, values }
}

/** By column: its place among the selected, or -1. */
export function placesOf(selected: Int32Array, columns: number): Int32Array {
  const places = new Int32Array(columns).fill(-1)
  selected.forEach((column, place) => {
    places[column] = place
  })
  return places
}
