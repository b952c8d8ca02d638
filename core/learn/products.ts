import type { SparseMatrix } from './matrix.ts'

/*
 * The two products that every smooth fit consists of. Weights are feature-major, `(columns + 1) × width`, intercepts last, so
 * that one entry of the matrix meets the weights of all classes side by side. Four at once is the width of AG News and of
 * every full group of one-vs-rest problems, and one that of two classes: there the sums stay in registers, twice as fast.
 */

/**
 * `scores[r - from] = row r · weights + intercepts` for rows `from` to `to`; `width` scores a row.
 * @param intercepts where they are not the last of the weights
 */
export function multiplyRows(
  matrix: SparseMatrix,
  weights: Float64Array,
  width: number,
  from: number,
  to: number,
  scores: Float64Array,
  intercepts?: Float64Array,
): void {
  const starts = intercepts ?? weights
  const first = intercepts === undefined ? matrix.columns * width : 0
  if (width === 4) multiplyFour(matrix, weights, starts, first, from, to, scores)
  else if (width === 1) multiplyOne(matrix, weights, starts, first, from, to, scores)
  else multiplyAny(matrix, weights, starts, first, width, from, to, scores)
}

/** `gradient += Σ_r row r ⊗ errors[r - from]`, and the errors themselves to the intercepts' gradient. */
export function addRows(
  matrix: SparseMatrix,
  errors: Float64Array,
  width: number,
  from: number,
  to: number,
  gradient: Float64Array,
): void {
  if (width === 4) addFour(matrix, errors, from, to, gradient)
  else if (width === 1) addOne(matrix, errors, from, to, gradient)
  else addAny(matrix, errors, width, from, to, gradient)
}

function multiplyFour(
  matrix: SparseMatrix,
  weights: Float64Array,
  starts: Float64Array,
  first: number,
  from: number,
  to: number,
  scores: Float64Array,
) {
  const { indptr, indices, values } = matrix
  for (let row = from, at = 0; row < to; row++, at += 4) {
    let a = starts[first]!
    let b = starts[first + 1]!
    let c = starts[first + 2]!
    let d = starts[first + 3]!
    const end = indptr[row + 1]!
    for (let i = indptr[row]!; i < end; i++) {
      const value = values[i]!
      const j = indices[i]! << 2
      a += value * weights[j]!
      b += value * weights[j + 1]!
      c += value * weights[j + 2]!
      d += value * weights[j + 3]!
    }
    scores[at] = a
    scores[at + 1] = b
    scores[at + 2] = c
    scores[at + 3] = d
  }
}

function addFour(
  matrix: SparseMatrix,
  errors: Float64Array,
  from: number,
  to: number,
  gradient: Float64Array,
) {
  const { columns, indptr, indices, values } = matrix
  const last = columns << 2
  for (let row = from, at = 0; row < to; row++, at += 4) {
    const a = errors[at]!
    const b = errors[at + 1]!
    const c = errors[at + 2]!
    const d = errors[at + 3]!
    gradient[last]! += a
    gradient[last + 1]! += b
    gradient[last + 2]! += c
    gradient[last + 3]! += d
    const end = indptr[row + 1]!
    for (let i = indptr[row]!; i < end; i++) {
      const value = values[i]!
      const j = indices[i]! << 2
      gradient[j]! += value * a
      gradient[j + 1]! += value * b
      gradient[j + 2]! += value * c
      gradient[j + 3]! += value * d
    }
  }
}

function multiplyOne(
  matrix: SparseMatrix,
  weights: Float64Array,
  starts: Float64Array,
  first: number,
  from: number,
  to: number,
  scores: Float64Array,
) {
  const { indptr, indices, values } = matrix
  for (let row = from; row < to; row++) {
    let sum = starts[first]!
    const end = indptr[row + 1]!
    for (let i = indptr[row]!; i < end; i++) sum += values[i]! * weights[indices[i]!]!
    scores[row - from] = sum
  }
}

function addOne(
  matrix: SparseMatrix,
  errors: Float64Array,
  from: number,
  to: number,
  gradient: Float64Array,
) {
  const { columns, indptr, indices, values } = matrix
  for (let row = from; row < to; row++) {
    const error = errors[row - from]!
    gradient[columns]! += error
    const end = indptr[row + 1]!
    for (let i = indptr[row]!; i < end; i++) gradient[indices[i]!]! += values[i]! * error
  }
}

function multiplyAny(
  matrix: SparseMatrix,
  weights: Float64Array,
  starts: Float64Array,
  first: number,
  width: number,
  from: number,
  to: number,
  scores: Float64Array,
) {
  const { indptr, indices, values } = matrix
  for (let row = from, at = 0; row < to; row++, at += width) {
    for (let k = 0; k < width; k++) scores[at + k] = starts[first + k]!
    const end = indptr[row + 1]!
    for (let i = indptr[row]!; i < end; i++) {
      const value = values[i]!
      const j = indices[i]! * width
      for (let k = 0; k < width; k++) scores[at + k]! += value * weights[j + k]!
    }
  }
}

function addAny(
  matrix: SparseMatrix,
  errors: Float64Array,
  width: number,
  from: number,
  to: number,
  gradient: Float64Array,
) {
  const { columns, indptr, indices, values } = matrix
  const last = columns * width
  for (let row = from, at = 0; row < to; row++, at += width) {
    for (let k = 0; k < width; k++) gradient[last + k]! += errors[at + k]!
    const end = indptr[row + 1]!
    for (let i = indptr[row]!; i < end; i++) {
      const value = values[i]!
      const j = indices[i]! * width
      for (let k = 0; k < width; k++) gradient[j + k]! += value * errors[at + k]!
    }
  }
}
