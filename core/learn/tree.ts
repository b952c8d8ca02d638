import type { Random } from '../random.ts'
import type { SparseMatrix } from './matrix.ts'

/**
 * A matrix by columns: column `c` holds `values[i]` in row `rows[i]` for `i` from `starts[c]` up to `starts[c + 1]`, values
 * ascending, so that no node has to sort what it scans.
 */
interface Columns {
  readonly starts: Int32Array
  readonly rows: Int32Array
  readonly values: Float64Array
}

function sortedColumns({ rows, columns, indptr, indices, values }: SparseMatrix): Columns {
  const starts = new Int32Array(columns + 1)
  for (const column of indices) starts[column + 1]!++
  for (let c = 0; c < columns; c++) starts[c + 1]! += starts[c]!
  const next = starts.slice()
  const holders = new Int32Array(indices.length)
  const entries = new Int32Array(indices.length)
  for (let row = 0; row < rows; row++) {
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
      const at = next[indices[i]!]!++
      holders[at] = row
      entries[at] = i
    }
  }
  const out = { starts, rows: new Int32Array(indices.length), values: new Float64Array(indices.length) }
  for (let c = 0; c < columns; c++) {
    const order = Int32Array.from({ length: starts[c + 1]! - starts[c]! }, (_, i) => starts[c]! + i)
    order.sort((a, b) => values[entries[a]!]! - values[entries[b]!]!)
    order.forEach((from, i) => {
      out.rows[starts[c]! + i] = holders[from]!
      out.values[starts[c]! + i] = values[entries[from]!]!
    })
  }
  return out
}

export interface TreeSettings {
  /** Most splits between root and leaf. */
  readonly maxDepth: number
  /** Fewest rows that a node may split. */
  readonly minSamplesSplit: number
  /** Fewest rows on either side of a split. */
  readonly minSamplesLeaf: number
  /** Features looked at for a split; more when none of them can split. */
  readonly maxFeatures: number
}

/** A tree while it grows; nodes as in `RandomForestModel`, numbered from 0. */
export interface Tree {
  readonly split: number[]
  readonly thresholds: number[]
  readonly left: number[]
  readonly right: number[]
  /** `classes` numbers a node. */
  readonly shares: number[]
}

/** What splits a node best: least Gini impurity of its two sides, each by its weight. */
interface Split {
  readonly feature: number
  readonly threshold: number
}

/** What looking a row up costs beside scanning one entry of a column: a binary search among a text's few dozen features. */
const LOOK_UP_COST = 6

/** Nodes with more than an eighth of the rows hold most features anyway. */
const LARGE = 8

/** Grows classification trees on one matrix, one at a time; scratch space is shared between them. */
export class TreeGrower {
  readonly #matrix: SparseMatrix
  readonly #columns: Columns
  readonly #labels: Int32Array
  readonly #classes: number
  readonly #settings: TreeSettings
  /** By feature: the last node in which some row has it. */
  readonly #seenIn: Int32Array
  /** By row: the node that it is in. */
  readonly #nodeOf: Int32Array
  /** By row: whether it goes the other way than rows without the feature do; 0 between divisions. */
  readonly #isOdd: Uint8Array
  /** A permutation of the features; a node's draws shuffle its front. */
  readonly #order: Int32Array
  /** Entries of one feature within one node: values, and the rows that have them. */
  readonly #found: { values: Float64Array; rows: Int32Array }

  constructor(matrix: SparseMatrix, labels: Int32Array, classes: number, settings: TreeSettings) {
    this.#matrix = matrix
    this.#columns = sortedColumns(matrix)
    this.#labels = labels
    this.#classes = classes
    this.#settings = settings
    this.#seenIn = new Int32Array(matrix.columns)
    this.#nodeOf = new Int32Array(matrix.rows)
    this.#isOdd = new Uint8Array(matrix.rows)
    this.#order = new Int32Array(matrix.columns)
    this.#found = { values: new Float64Array(matrix.rows), rows: new Int32Array(matrix.rows) }
  }

  /**
   * @param weights of the rows: how often the bootstrap drew them, times their own; a row of weight 0 is not there
   * @param random decides which features a node looks at
   */
  grow(weights: Float64Array, random: Random): Tree {
    const tree: Tree = { split: [], thresholds: [], left: [], right: [], shares: [] }
    const { maxDepth, minSamplesSplit } = this.#settings
    const rows: Int32Array = Int32Array.from(weights.keys()).filter(row => weights[row]! > 0)
    this.#seenIn.fill(-1)
    this.#nodeOf.fill(-1)
    for (let i = 0; i < this.#order.length; i++) this.#order[i] = i
    const waiting = [{ rows, depth: 0, node: this.#leaf(tree, rows, weights) }]
    for (let job = waiting.pop(); job !== undefined; job = waiting.pop()) {
      if (job.depth >= maxDepth || job.rows.length < minSamplesSplit || this.#isPure(tree, job.node)) continue
      const split = this.#bestSplit(job.rows, job.node, weights, random)
      if (split === undefined) continue
      const [left, right] = this.#divide(job.rows, split, job.node)
      tree.split[job.node] = split.feature
      tree.thresholds[job.node] = split.threshold
      for (let k = 0; k < this.#classes; k++) tree.shares[job.node * this.#classes + k] = 0
      tree.left[job.node] = this.#leaf(tree, left, weights)
      tree.right[job.node] = this.#leaf(tree, right, weights)
      const depth = job.depth + 1
      waiting.push(
        { rows: right, depth, node: tree.right[job.node]! },
        { rows: left, depth, node: tree.left[job.node]! },
      )
    }
    return tree
  }

  #leaf(tree: Tree, rows: Int32Array, weights: Float64Array): number {
    const node = tree.split.length
    const totals = new Float64Array(this.#classes)
    let sum = 0
    for (const row of rows) {
      totals[this.#labels[row]!]! += weights[row]!
      sum += weights[row]!
    }
    tree.split.push(-1)
    tree.thresholds.push(0)
    tree.left.push(-1)
    tree.right.push(-1)
    tree.shares.push(...totals.map(total => total / sum))
    return node
  }

  #isPure(tree: Tree, node: number): boolean {
    return tree.shares.slice(node * this.#classes, (node + 1) * this.#classes).some(share => share === 1)
  }

  #bestSplit(rows: Int32Array, node: number, weights: Float64Array, random: Random): Split | undefined {
    const { indptr, indices } = this.#matrix
    const totals = new Float64Array(this.#classes)
    for (const row of rows) {
      this.#nodeOf[row] = node
      totals[this.#labels[row]!]! += weights[row]!
    }
    // A feature that no row of the node has is 0 in all of them and cannot split it. Few draws tell a small node's features, but
    // to read all of a large one costs more than to scan a few columns in vain.
    const marked = rows.length * LARGE < this.#matrix.rows
    if (marked) {
      for (const row of rows) {
        for (let i = indptr[row]!; i < indptr[row + 1]!; i++) this.#seenIn[indices[i]!] = node
      }
    }
    let best: (Split & { score: number }) | undefined
    const order = this.#order
    for (let drawn = 0; drawn < order.length; drawn++) {
      if (drawn >= this.#settings.maxFeatures && best !== undefined) break
      const other = drawn + random.next(order.length - drawn)
      const feature = order[other]!
      order[other] = order[drawn]!
      order[drawn] = feature
      if (marked && this.#seenIn[feature] !== node) continue
      const split = this.#splitBy(feature, rows, node, weights, totals)
      if (split !== undefined && (best === undefined || split.score > best.score)) best = split
    }
    return best
  }

  /** The best threshold of one feature. Rows without an entry are zeros, which lie together. */
  #splitBy(feature: number, rows: Int32Array, node: number, weights: Float64Array, totals: Float64Array) {
    const classes = this.#classes
    const { minSamplesLeaf } = this.#settings
    const count = this.#collect(feature, rows, node)
    const { values, rows: holders } = this.#found
    const below = new Float64Array(classes)
    const zeros = Float64Array.from(totals)
    for (let i = 0; i < count; i++) zeros[this.#labels[holders[i]!]!]! -= weights[holders[i]!]!
    const zeroRows = rows.length - count

    let best: (Split & { score: number }) | undefined
    let passed = 0
    let last = -Infinity
    const consider = (value: number) => {
      if (value > last && passed >= minSamplesLeaf && rows.length - passed >= minSamplesLeaf) {
        const score = purity(below, totals)
        if (best === undefined || score > best.score)
          best = { feature, threshold: between(last, value), score }
      }
      last = value
    }
    let zerosDone = zeroRows === 0
    for (let i = 0; i <= count; i++) {
      const value = i < count ? values[i]! : Infinity
      if (!zerosDone && value > 0) {
        consider(0)
        for (let k = 0; k < classes; k++) below[k]! += zeros[k]!
        passed += zeroRows
        zerosDone = true
      }
      if (i === count) break
      consider(value)
      const row = holders[i]!
      below[this.#labels[row]!]! += weights[row]!
      passed += 1
    }
    return best
  }

  /**
   * Entries of a column whose rows are in the node, values ascending: by scanning the column, or by looking each row up and
   * sorting, whichever is less.
   */
  #collect(feature: number, rows: Int32Array, node: number): number {
    const { starts, rows: holders, values } = this.#columns
    const found = this.#found
    let count = 0
    if (starts[feature + 1]! - starts[feature]! <= LOOK_UP_COST * rows.length) {
      for (let i = starts[feature]!; i < starts[feature + 1]!; i++) {
        if (this.#nodeOf[holders[i]!] !== node) continue
        found.values[count] = values[i]!
        found.rows[count++] = holders[i]!
      }
      return count
    }
    for (const row of rows) {
      const value = valueAt(this.#matrix, row, feature)
      if (value === 0) continue
      // Few rows: an insertion sort moves less than it compares.
      let at = count++
      for (; at > 0 && found.values[at - 1]! > value; at--) {
        found.values[at] = found.values[at - 1]!
        found.rows[at] = found.rows[at - 1]!
      }
      found.values[at] = value
      found.rows[at] = row
    }
    return count
  }

  #divide(rows: Int32Array, { feature, threshold }: Split, node: number): [Int32Array, Int32Array] {
    const zeroIsLeft = threshold >= 0
    const odd = this.#isOdd
    const { starts, rows: holders, values } = this.#columns
    let moved = 0
    for (let i = starts[feature]!; i < starts[feature + 1]!; i++) {
      if (values[i]! <= threshold === zeroIsLeft || this.#nodeOf[holders[i]!] !== node) continue
      odd[holders[i]!] = 1
      moved += 1
    }
    const others = new Int32Array(moved)
    const kept = new Int32Array(rows.length - moved)
    let o = 0
    let k = 0
    for (const row of rows) {
      if (odd[row] === 1) {
        others[o++] = row
        odd[row] = 0
      } else kept[k++] = row
    }
    return zeroIsLeft ? [kept, others] : [others, kept]
  }
}

/** A cell of the matrix; columns ascend within a row. */
function valueAt({ indptr, indices, values }: SparseMatrix, row: number, column: number): number {
  const end = indptr[row + 1]!
  let low = indptr[row]!
  let high = end
  while (low < high) {
    const middle = (low + high) >> 1
    if (indices[middle]! < column) low = middle + 1
    else high = middle
  }
  return low < end && indices[low] === column ? values[low]! : 0
}

/** Halfway, but never as high as the upper one: rounding must not send it to the other side. */
function between(low: number, high: number): number {
  const middle = low + (high - low) / 2
  return middle < high ? middle : low
}

/** Σ² / weight of both sides; the larger, the lower their Gini impurity. */
function purity(below: Float64Array, totals: Float64Array): number {
  let weightBelow = 0
  let weightAbove = 0
  let squaresBelow = 0
  let squaresAbove = 0
  for (let k = 0; k < totals.length; k++) {
    const above = totals[k]! - below[k]!
    weightBelow += below[k]!
    weightAbove += above
    squaresBelow += below[k]! ** 2
    squaresAbove += above ** 2
  }
  return squaresBelow / weightBelow + squaresAbove / weightAbove
}
