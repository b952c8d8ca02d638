import type { SparseMatrix } from './matrix.ts'

/**
 * A random forest: trees one after another in flat lists, a place a node. Node `i` sends a row whose value of `features[i]` is at most
 * `thresholds[i]` to `left[i]`, else to `right[i]`; a leaf has -1 as its feature.
 */
export interface RandomForestModel {
  readonly kind: 'random-forest'
  readonly classes: number
  readonly features: number
  /** First node of each tree. */
  readonly roots: Int32Array
  readonly split: Int32Array
  readonly thresholds: Float64Array
  readonly left: Int32Array
  readonly right: Int32Array
  /** `nodes × classes`: share of each class among the rows that ended there; 0 at nodes that split. */
  readonly shares: Float64Array
}

/** The probability of each class for each row, `rows × classes`: the mean over the trees of the leaf that the row reaches. */
export function forestProbabilities(forest: RandomForestModel, matrix: SparseMatrix): Float64Array {
  const { classes, roots, split, thresholds, left, right, shares } = forest
  const { indptr, indices, values } = matrix
  const probabilities = new Float64Array(matrix.rows * classes)
  const dense = spareRow(forest)
  for (let row = 0; row < matrix.rows; row++) {
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) dense[indices[i]!] = values[i]!
    const at = row * classes
    for (const root of roots) {
      let node = root
      while (split[node]! >= 0) node = dense[split[node]!]! <= thresholds[node]! ? left[node]! : right[node]!
      for (let k = 0; k < classes; k++) probabilities[at + k]! += shares[node * classes + k]!
    }
    for (let k = 0; k < classes; k++) probabilities[at + k]! /= roots.length
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) dense[indices[i]!] = 0
  }
  return probabilities
}

/**
 * A row of zeros, kept for the next time: for a single row, making one of ten thousand numbers would take ten times as long as the
 * trees do. Whoever writes into it leaves it as it was.
 */
function spareRow(forest: RandomForestModel): Float64Array {
  const spare = spareRows.get(forest) ?? new Float64Array(forest.features)
  spareRows.set(forest, spare)
  return spare
}

const spareRows = new WeakMap<RandomForestModel, Float64Array>()
