import { PressroomError } from '../errors.ts'
import type { SparseMatrix } from '../learn/index.ts'
import { loadOnnxRuntime } from './onnx-runtime.ts'
import type { ExportCheck } from './types.ts'

/** Single precision over a few hundred terms stays below 1e-6; what is beyond this is another model. */
const MOST_DIFFERENCE = 1e-4
/** Every row is padded to the longest beside it, so a book among headlines must not cost too much. */
const ROWS_AT_ONCE = 32

/**
 * Asks the ONNX export of a linear model for every row of `matrix` and compares its answers with `expected`, our own
 * probabilities [rows x classes]. Where our two best classes are closer than {@link MOST_DIFFERENCE}, either may be its label.
 * @returns what was found, or that nothing could be asked because ONNX Runtime is absent.
 * @throws PressroomError `prediction-failed` when a label or a probability differs.
 */
export async function checkLinearExport(
  onnx: Uint8Array,
  matrix: SparseMatrix,
  expected: Float64Array,
): Promise<ExportCheck> {
  if (matrix.rows === 0) return { unchecked: 'there were no validation rows' }
  let runtime: Awaited<ReturnType<typeof loadOnnxRuntime>>
  try {
    runtime = await loadOnnxRuntime()
  } catch (error) {
    if (error instanceof PressroomError) return { unchecked: error.message.split('\n')[0]! }
    throw error
  }
  const classes = expected.length / matrix.rows
  // One thread: the order of the sums, and with it the last digits, is then always the same.
  const session = await runtime.InferenceSession.create(onnx, { intraOpNumThreads: 1 })
  let largestDifference = 0
  let labelsDiffering = 0
  try {
    for (let from = 0; from < matrix.rows; from += ROWS_AT_ONCE) {
      const rows = Math.min(ROWS_AT_ONCE, matrix.rows - from)
      const { ids, values, width } = padRows(matrix, from, rows)
      const answer = await session.run({
        ids: new runtime.Tensor('int64', ids, [rows, width]),
        values: new runtime.Tensor('float32', values, [rows, width]),
      })
      const labels = answer.label!.data as BigInt64Array
      const probabilities = answer.probabilities!.data as Float32Array
      for (let row = 0; row < rows; row++) {
        const ours = expected.subarray((from + row) * classes, (from + row + 1) * classes)
        ours.forEach((probability, c) => {
          const difference = Math.abs(probability - probabilities[row * classes + c]!)
          largestDifference = Math.max(largestDifference, difference)
        })
        if (ours[Number(labels[row])]! < Math.max(...ours) - MOST_DIFFERENCE) labelsDiffering++
      }
    }
  } finally {
    await session.release()
  }
  // Not a number is not at most anything, so an export that answers NaN is refused too.
  if (labelsDiffering > 0 || !(largestDifference <= MOST_DIFFERENCE)) {
    throw new PressroomError('prediction-failed', 'model.onnx does not answer as the model itself does', {
      where: `${labelsDiffering} of ${matrix.rows} labels differ; the largest difference of a probability is ${largestDifference}`,
      fix: 'this is a fault in Pressroom or in ONNX Runtime; report it with the versions of both',
    })
  }
  return {
    engine: 'onnxruntime',
    version: runtime.env.versions.node ?? runtime.env.versions.common,
    rows: matrix.rows,
    largestDifference: Number(largestDifference.toPrecision(2)),
    labelsDiffering,
  }
}

/** Some rows of a sparse matrix as the export takes them: filled up to the longest with id 0 and value 0. */
function padRows({ indptr, indices, values }: SparseMatrix, from: number, rows: number) {
  const length = (row: number) => indptr[row + 1]! - indptr[row]!
  let width = 1
  for (let row = from; row < from + rows; row++) width = Math.max(width, length(row))
  const padded = { ids: new BigInt64Array(rows * width), values: new Float32Array(rows * width), width }
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < length(from + row); i++) {
      const entry = indptr[from + row]! + i
      padded.ids[row * width + i] = BigInt(indices[entry]!)
      padded.values[row * width + i] = values[entry]!
    }
  }
  return padded
}
