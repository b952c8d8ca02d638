import { type ClassWeight, classWeights } from './class-weight.ts'
import { type Kernel, KernelRows, type KernelSettings, resolveKernel } from './kernel.ts'
import { type SparseMatrix, selectRows } from './matrix.ts'
import { atLeast, choice, complete, elsewhere, invalid, is, positive } from './parameters.ts'
import { solveDual } from './smo.ts'
import { checkTraining, type Training } from './training.ts'

/** scikit-learn's parameters of SVC, with its meanings. */
export interface KernelSvmParameters extends Required<KernelSettings> {
  /** Inverse strength of the penalty: larger fits the rows closer. */
  readonly c: number
  readonly classWeight: ClassWeight | undefined
  /** How far the optimality conditions may be off at the end. */
  readonly tol: number
  /** Of each pair of classes. */
  readonly maxIter: number
}

const DEFAULTS: KernelSvmParameters = {
  kernel: 'rbf',
  gamma: 'scale',
  degree: 3,
  coef0: 0,
  c: 1,
  classWeight: undefined,
  tol: 1e-3,
  maxIter: 10_000_000,
}

/** @throws PressroomError `invalid-parameter` with the first that is wrong. */
export function kernelSvmParameters(given: Partial<KernelSvmParameters>): KernelSvmParameters {
  return complete(
    DEFAULTS,
    {
      kernel: choice('linear', 'rbf', 'poly'),
      gamma: (name, value) => value === 'scale' || value === 'auto' || positive(name, value),
      degree: atLeast(1),
      coef0: finite,
      c: positive,
      classWeight: elsewhere,
      tol: positive,
      maxIter: atLeast(1),
    },
    given,
  )
}

/** A classifier that asks every pair of classes; scikit-learn's SVC. */
export interface KernelSvmModel {
  readonly kind: 'kernel-svm'
  readonly classes: number
  readonly features: number
  readonly kernel: Kernel
  /** The training rows that count, those of the first class first. */
  readonly vectors: SparseMatrix
  /** Of the vectors of each class, their number; length `classes`. */
  readonly counts: Int32Array
  /**
   * `(classes - 1) × vectors`, row-major: what a vector of class `k` weighs against class `o` is in row `o` when o < k, else in row
   * `o - 1`. LIBSVM's layout.
   */
  readonly coefficients: Float64Array
  /** A pair's: (0, 1), (0, 2), …, (1, 2), …; above 0 votes for the first. */
  readonly intercepts: Float64Array
}

/** Enough columns of a kernel matrix to make LIBSVM's default cache of 200 MB. */
const CACHE_BYTES = 200e6

/**
 * Support vector classification with a kernel, one machine a pair of classes, each solved by SMO to the optimum of
 * scikit-learn's `SVC`. Time grows with the square of the rows, at least.
 *
 * @param control `onPair` is called after each pair of classes
 * @throws PressroomError `invalid-parameter`, `invalid-rows`, `no-rows`, `too-few-classes`; `cancelled` when the signal aborts.
 */
export async function fitKernelSvm(
  training: Training,
  given: Partial<KernelSvmParameters> = {},
  control: {
    readonly signal?: AbortSignal | undefined
    readonly onPair?: (done: number, of: number) => void
  } = {},
): Promise<{ readonly model: KernelSvmModel; readonly iterations: number; readonly converged: boolean }> {
  const { c, classWeight, tol, maxIter, ...settings } = kernelSvmParameters(given)
  checkTraining(training)
  const { matrix, labels, classes, sampleWeight } = training
  const ofClass = classWeights(training, classWeight)
  const kernel = resolveKernel(matrix, settings)
  const rowsOf = Array.from({ length: classes }, (_, k) => rowsWhere(labels, k))
  const pairs = pairsOf(classes)
  const alphas = pairs.map(() => new Map<number, number>())
  const intercepts = new Float64Array(pairs.length)
  let iterations = 0
  let converged = true
  for (const [index, [first, second]] of pairs.entries()) {
    const rows = Int32Array.from([...rowsOf[first]!, ...rowsOf[second]!])
    if (rowsOf[first]!.length === 0 || rowsOf[second]!.length === 0) continue
    const part = selectRows(matrix, rows)
    const signs = Float64Array.from(rows, row => (labels[row] === first ? 1 : -1))
    const bounds = Float64Array.from(rows, row => c * ofClass[labels[row]!]! * (sampleWeight?.[row] ?? 1))
    const { column, diagonal } = kernelColumns(kernel, part)
    const limits = { tolerance: tol, maxIterations: maxIter, signal: control.signal }
    const solution = await solveDual({ signs, bounds, diagonal, column }, limits)
    solution.alphas.forEach((alpha, i) => {
      if (alpha > 0) alphas[index]!.set(rows[i]!, alpha * signs[i]!)
    })
    intercepts[index] = -solution.rho
    iterations += solution.iterations
    converged &&= solution.converged
    control.onPair?.(index + 1, pairs.length)
  }
  const found = gather(matrix, rowsOf, pairs, alphas)
  const model = {
    kind: 'kernel-svm',
    classes,
    features: matrix.columns,
    kernel,
    ...found,
    intercepts,
  } as const
  return { model, iterations, converged }
}

/**
 * The decision value of each pair of classes for each row, `rows × pairs` in the order of {@link KernelSvmModel.intercepts}.
 */
export function pairDecisions(model: KernelSvmModel, matrix: SparseMatrix): Float64Array {
  const { classes, vectors, counts, coefficients, intercepts } = model
  const pairs = pairsOf(classes)
  const starts = startsOf(counts)
  const kernel = new KernelRows(model.kernel, vectors)
  const values = new Float64Array(vectors.rows)
  const decisions = new Float64Array(matrix.rows * pairs.length)
  for (let row = 0; row < matrix.rows; row++) {
    kernel.fill(matrix, row, values)
    pairs.forEach(([first, second], pair) => {
      let sum = intercepts[pair]!
      // What the first class's vectors weigh against the second, and the other way round.
      for (let v = starts[first]!; v < starts[first + 1]!; v++) {
        sum += values[v]! * coefficients[(second - 1) * vectors.rows + v]!
      }
      for (let v = starts[second]!; v < starts[second + 1]!; v++) {
        sum += values[v]! * coefficients[first * vectors.rows + v]!
      }
      decisions[row * pairs.length + pair] = sum
    })
  }
  return decisions
}

/**
 * A value a class, `rows × classes`: its votes, and within a vote how sure they are. scikit-learn's decision function of shape `ovr`
 * (`_ovr_decision_function` of sklearn.utils.multiclass); with two classes, minus and plus the one decision.
 */
export function classDecisions(model: KernelSvmModel, matrix: SparseMatrix): Float64Array {
  const { classes } = model
  const pairs = pairsOf(classes)
  const decisions = pairDecisions(model, matrix)
  const values = new Float64Array(matrix.rows * classes)
  const sureness = new Float64Array(classes)
  for (let row = 0; row < matrix.rows; row++) {
    const at = row * classes
    sureness.fill(0)
    pairs.forEach(([first, second], pair) => {
      const decision = decisions[row * pairs.length + pair]!
      sureness[first]! += decision
      sureness[second]! -= decision
      if (classes > 2) values[at + (decision >= 0 ? first : second)]! += 1
    })
    for (let k = 0; k < classes; k++) {
      values[at + k]! += classes === 2 ? sureness[k]! : sureness[k]! / (3 * (Math.abs(sureness[k]!) + 1))
    }
  }
  return values
}

function finite(name: string, value: unknown): void {
  if (!Number.isFinite(value)) throw invalid(name, is(value), 'give a finite number')
}

function pairsOf(classes: number): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = []
  for (let a = 0; a < classes; a++) for (let b = a + 1; b < classes; b++) pairs.push([a, b])
  return pairs
}

function rowsWhere(labels: Int32Array, k: number): readonly number[] {
  return Array.from(labels.keys()).filter(row => labels[row] === k)
}

function startsOf(counts: Int32Array): Int32Array {
  const starts = new Int32Array(counts.length + 1)
  counts.forEach((count, k) => {
    starts[k + 1] = starts[k]! + count
  })
  return starts
}

/** Kernel columns, the last used of them kept: rows near the border are asked for again and again. */
function kernelColumns(kernel: Kernel, matrix: SparseMatrix) {
  const rows = new KernelRows(kernel, matrix)
  const most = Math.max(3, Math.floor(CACHE_BYTES / (8 * matrix.rows)))
  const kept = new Map<number, Float64Array>()
  const column = (i: number): Float64Array => {
    const known = kept.get(i)
    if (known !== undefined) {
      kept.delete(i)
      kept.set(i, known)
      return known
    }
    let values: Float64Array | undefined
    if (kept.size >= most) {
      const [oldest] = kept.keys()
      values = kept.get(oldest!)
      kept.delete(oldest!)
    }
    values ??= new Float64Array(matrix.rows)
    rows.fill(matrix, i, values)
    kept.set(i, values)
    return values
  }
  return { column, diagonal: diagonalOf(kernel, matrix) }
}

function diagonalOf({ kernel, gamma, degree, coef0 }: Kernel, { rows, indptr, values }: SparseMatrix) {
  return Float64Array.from({ length: rows }, (_, row) => {
    if (kernel === 'rbf') return 1
    let square = 0
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) square += values[i]! * values[i]!
    return kernel === 'linear' ? square : (gamma * square + coef0) ** degree
  })
}

/** The rows that some pair needs, class by class, and what each weighs in each pair. */
function gather(
  matrix: SparseMatrix,
  rowsOf: readonly (readonly number[])[],
  pairs: readonly (readonly [number, number])[],
  alphas: readonly ReadonlyMap<number, number>[],
) {
  const classes = rowsOf.length
  const needed = new Set(alphas.flatMap(found => [...found.keys()]))
  const chosen = rowsOf.map(rows => rows.filter(row => needed.has(row)))
  const rows = Int32Array.from(chosen.flat())
  const position = new Map(Array.from(rows, (row, i) => [row, i]))
  const coefficients = new Float64Array((classes - 1) * rows.length)
  const counts = Int32Array.from(chosen, found => found.length)
  const starts = startsOf(counts)
  pairs.forEach(([first, second], pair) => {
    for (const [row, alpha] of alphas[pair]!) {
      const at = position.get(row)!
      const against = at < starts[first + 1]! && at >= starts[first]! ? second - 1 : first
      coefficients[against * rows.length + at] = alpha
    }
  })
  return { vectors: selectRows(matrix, rows), counts, coefficients }
}
