import type { SparseMatrix } from './matrix.ts'

/** scikit-learn's kernels of SVC by its names. */
export interface KernelSettings {
  /** `linear`: x·y; `rbf`: exp(-gamma |x - y|²); `poly`: (gamma x·y + coef0)^degree. */
  readonly kernel: 'linear' | 'rbf' | 'poly'
  /** A number above 0; `scale`, 1 / (features · variance of all values), the default; or `auto`, 1 / features. */
  readonly gamma?: number | 'scale' | 'auto'
  /** Of `poly`; default 3. */
  readonly degree?: number
  /** Of `poly`; default 0. */
  readonly coef0?: number
}

/** A kernel whose numbers are known. */
export interface Kernel {
  readonly kernel: KernelSettings['kernel']
  readonly gamma: number
  readonly degree: number
  readonly coef0: number
}

/** The kernel that settings mean for these training rows. */
export function resolveKernel(
  matrix: SparseMatrix,
  { kernel, gamma, degree, coef0 }: Required<KernelSettings>,
): Kernel {
  return { kernel, gamma: typeof gamma === 'number' ? gamma : gammaOf(matrix, gamma), degree, coef0 }
}

function gammaOf(matrix: SparseMatrix, rule: 'scale' | 'auto'): number {
  if (rule === 'auto') return 1 / matrix.columns
  const cells = matrix.rows * matrix.columns
  let sum = 0
  let squares = 0
  for (const value of matrix.values) {
    sum += value
    squares += value * value
  }
  const variance = squares / cells - (sum / cells) ** 2
  // As scikit-learn has it: constant columns say nothing, so any gamma will do.
  return variance > 0 ? 1 / (matrix.columns * variance) : 1
}

/** Kernel values of one row against many. The many are fixed; `row` comes from any matrix with the same columns. */
export class KernelRows {
  readonly #kernel: Kernel
  readonly #matrix: SparseMatrix
  readonly #squares: Float64Array
  /** The row that is asked for, spread out; zero between calls. */
  readonly #dense: Float64Array

  constructor(kernel: Kernel, matrix: SparseMatrix) {
    this.#kernel = kernel
    this.#matrix = matrix
    this.#squares = squaredNorms(matrix)
    this.#dense = new Float64Array(matrix.columns)
  }

  /** Writes K(row of `from`, each row) into `out`, as many numbers as there are rows. */
  fill(from: SparseMatrix, row: number, out: Float64Array): void {
    const dense = this.#dense
    const { indptr, indices, values, rows } = this.#matrix
    const start = from.indptr[row]!
    const end = from.indptr[row + 1]!
    let square = 0
    for (let i = start; i < end; i++) {
      const value = from.values[i]!
      dense[from.indices[i]!] = value
      square += value * value
    }
    for (let other = 0; other < rows; other++) {
      let dot = 0
      for (let i = indptr[other]!; i < indptr[other + 1]!; i++) dot += values[i]! * dense[indices[i]!]!
      out[other] = dot
    }
    for (let i = start; i < end; i++) dense[from.indices[i]!] = 0
    this.#apply(out, square)
  }

  #apply(out: Float64Array, square: number): void {
    const { kernel, gamma, degree, coef0 } = this.#kernel
    if (kernel === 'linear') return
    for (let i = 0; i < this.#matrix.rows; i++) {
      out[i] =
        kernel === 'rbf'
          ? Math.exp(-gamma * Math.max(0, square + this.#squares[i]! - 2 * out[i]!))
          : (gamma * out[i]! + coef0) ** degree
    }
  }
}

function squaredNorms({ rows, indptr, values }: SparseMatrix): Float64Array {
  const squares = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) squares[row]! += values[i]! * values[i]!
  }
  return squares
}
