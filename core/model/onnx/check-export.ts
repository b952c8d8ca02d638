import { PressroomError } from '../../errors.ts'
import type { SparseMatrix } from '../../learn/index.ts'
import { loadOnnxRuntime, type OnnxRuntime } from '../onnx-runtime.ts'
import type { ExportCheck } from '../types.ts'

/** Single precision over a few hundred terms stays below 1e-6; what is beyond this is another model. */
const MOST_DIFFERENCE = 1e-5
/** Every row is padded to the longest beside it, so a book among headlines must not cost too much. */
const ROWS_AT_ONCE = 32

/** What an export must answer. */
export interface Expected {
  /** The model's own scores, `rows × classes`. */
  readonly scores: Float64Array
  /** Which of the graph's outputs they are. Default `probabilities`. */
  readonly output?: 'probabilities' | 'decision'
  /**
   * The most that a score may be off: absolutely for one of size 1 or less, else for its size. Default 1e-5. Infinity for an
   * export whose weights were rounded on purpose, so that the check measures and does not refuse.
   */
  readonly tolerance?: number
  /** How much more each score may be off, `rows × classes`: see scoreSlack. Default 0. */
  readonly slack?: Float64Array
}

type Feeds = Record<string, InstanceType<OnnxRuntime['Tensor']>>

/**
 * Asks a features graph for every row of `matrix` and compares its answers with the model's own. Where our two best classes are
 * closer than the tolerance (1e-5 where that is infinite), either may be its label.
 * @returns what was found, or that nothing could be asked because ONNX Runtime is absent.
 * @throws PressroomError `prediction-failed` when a score is off by more than the tolerance or, where that is finite, a label differs.
 */
export function checkExport(
  onnx: Uint8Array,
  matrix: SparseMatrix,
  expected: Expected,
): Promise<ExportCheck> {
  return check(onnx, matrix.rows, expected, ({ Tensor }, from, rows) => {
    const { ids, values, width } = padRows(matrix, from, rows)
    return {
      ids: new Tensor('int64', ids, [rows, width]),
      values: new Tensor('float32', values, [rows, width]),
    }
  })
}

/** As {@link checkExport}, of a graph that reads texts. `labels` are the classes' names, which are its labels. */
export function checkTextExport(
  onnx: Uint8Array,
  texts: readonly string[],
  labels: readonly string[],
  expected: Expected,
): Promise<ExportCheck> {
  const feed = ({ Tensor }: OnnxRuntime, from: number, rows: number) => ({
    text: new Tensor('string', texts.slice(from, from + rows), [rows]),
  })
  return check(onnx, texts.length, expected, feed, labels)
}

async function check(
  onnx: Uint8Array,
  all: number,
  { scores, output = 'probabilities', tolerance = MOST_DIFFERENCE, slack }: Expected,
  feed: (runtime: OnnxRuntime, from: number, rows: number) => Feeds,
  names?: readonly string[],
): Promise<ExportCheck> {
  if (all === 0) return { unchecked: 'there were no validation rows' }
  let runtime: OnnxRuntime
  try {
    runtime = await loadOnnxRuntime()
  } catch (error) {
    if (error instanceof PressroomError) return { unchecked: error.message.split('\n')[0]! }
    throw error
  }
  const classes = scores.length / all
  // One thread: the order of the sums, and with it the last digits, is then always the same.
  const session = await runtime.InferenceSession.create(onnx, { intraOpNumThreads: 1 })
  const near = tolerance < Infinity ? tolerance : MOST_DIFFERENCE
  let largestDifference = 0
  let mostBeyondSlack = 0
  let labelsDiffering = 0
  try {
    for (let from = 0; from < all; from += ROWS_AT_ONCE) {
      const rows = Math.min(ROWS_AT_ONCE, all - from)
      const answer = await session.run(feed(runtime, from, rows))
      const labels = answer.label!.data as BigInt64Array | string[]
      const theirs = answer[output]!.data as Float32Array
      for (let row = 0; row < rows; row++) {
        const ours = scores.subarray((from + row) * classes, (from + row + 1) * classes)
        const room = (c: number) => slack?.[(from + row) * classes + c] ?? 0
        for (const [c, score] of ours.entries()) {
          const difference = Math.abs(score - theirs[row * classes + c]!) / Math.max(1, Math.abs(score))
          // Math.max keeps NaN, so that an export which answers NaN is found.
          largestDifference = Math.max(largestDifference, difference)
          mostBeyondSlack = Math.max(mostBeyondSlack, difference - room(c))
        }
        const label = labels[row]!
        const index = typeof label === 'string' ? names!.indexOf(label) : Number(label)
        const best = ours.reduce((most, score, c) => Math.max(most, score - room(c)), -Infinity)
        if (!(ours[index]! + room(index) >= best - near)) labelsDiffering++
      }
    }
  } finally {
    await session.release()
  }
  if ((labelsDiffering > 0 && tolerance < Infinity) || !(mostBeyondSlack <= tolerance)) {
    throw new PressroomError('prediction-failed', 'model.onnx does not answer as the model itself does', {
      where: `${labelsDiffering} of ${all} labels differ; the largest difference of a ${output === 'decision' ? 'decision' : 'probability'} is ${largestDifference}`,
      fix: 'this is a fault in Pressroom or in ONNX Runtime; report it with the versions of both',
    })
  }
  return {
    engine: 'onnxruntime',
    version: runtime.env.versions.node ?? runtime.env.versions.common,
    rows: all,
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
