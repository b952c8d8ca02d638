import { PressroomError } from '../../errors.ts'
import type { SparseMatrix } from '../../learn/index.ts'
import { featureFeeds } from '../graph/feature-feeds.ts'
import { loadOnnxRuntime, type OnnxRuntime } from '../onnx-runtime.ts'
import type { ExportCheck } from '../types.ts'

/** Single precision over a few hundred terms stays below 1e-6; what is beyond this is another model. */
const MOST_DIFFERENCE = 1e-5
/** Every row is padded to the longest beside it, so a book among headlines must not cost too much. */
const ROWS_AT_ONCE = 32
/** A graph of texts holds every piece of a text as a string, dozens of times: a book is asked alone, more than a book not at all. */
const CHARACTERS_AT_ONCE = 100_000

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
  const all = Array.from({ length: matrix.rows }, (_, row) => row)
  const graph = { file: 'model.onnx', onnx, rows: matrix.rows }
  return check(graph, batchesOf(all), expected, (runtime, batch) => featureFeeds(runtime, matrix, batch))
}

/**
 * As {@link checkExport}, of a graph that reads texts. `labels` are the classes' names, which are its labels. Texts of more than 100,000
 * characters are not asked; `rows` of what is found says how many were.
 */
export function checkTextExport(
  onnx: Uint8Array,
  texts: readonly string[],
  labels: readonly string[],
  expected: Expected,
): Promise<ExportCheck> {
  const asked = Array.from(texts.keys()).filter(row => texts[row]!.length <= CHARACTERS_AT_ONCE)
  const batches = batchesOf(asked, row => texts[row]!.length)
  // ONNX Runtime's package for Node ends a string at NUL, which is no part of a word.
  const feed = ({ Tensor }: OnnxRuntime, batch: readonly number[]) => ({
    text: new Tensor(
      'string',
      batch.map(row => texts[row]!.replaceAll('\0', ' ')),
      [batch.length],
    ),
  })
  return check({ file: 'text.onnx', onnx, rows: texts.length, labels }, batches, expected, feed)
}

/** The rows, so many at a time as are worth it, and no more characters than are asked at once. */
function batchesOf(rows: readonly number[], charactersOf: (row: number) => number = () => 0): number[][] {
  const batches: number[][] = []
  let room = 0
  for (const row of rows) {
    const batch = batches.at(-1)
    room -= charactersOf(row)
    if (batch !== undefined && batch.length < ROWS_AT_ONCE && room >= 0) batch.push(row)
    else {
      batches.push([row])
      room = CHARACTERS_AT_ONCE - charactersOf(row)
    }
  }
  return batches
}

/** What is asked: of labels that are strings, `labels` are their names. */
interface Asked {
  readonly file: string
  readonly onnx: Uint8Array
  readonly rows: number
  readonly labels?: readonly string[]
}

async function check(
  { file, onnx, rows, labels: names }: Asked,
  batches: readonly (readonly number[])[],
  { scores, output = 'probabilities', tolerance = MOST_DIFFERENCE, slack }: Expected,
  feed: (runtime: OnnxRuntime, batch: readonly number[]) => Feeds,
): Promise<ExportCheck> {
  const all = batches.reduce((sum, { length }) => sum + length, 0)
  if (rows === 0) return { unchecked: 'there were no validation rows' }
  if (all === 0) return { unchecked: `every validation row has more than ${CHARACTERS_AT_ONCE} characters` }
  let runtime: OnnxRuntime
  try {
    runtime = await loadOnnxRuntime()
  } catch (error) {
    if (error instanceof PressroomError) return { unchecked: error.message.split('\n')[0]! }
    throw error
  }
  const classes = scores.length / rows
  // One thread: the order of the sums, and with it the last digits, is then always the same.
  const session = await runtime.InferenceSession.create(onnx, { intraOpNumThreads: 1 })
  const near = tolerance < Infinity ? tolerance : MOST_DIFFERENCE
  let largestDifference = 0
  let mostBeyondSlack = 0
  let labelsDiffering = 0
  try {
    for (const batch of batches) {
      const answer = await session.run(feed(runtime, batch))
      const labels = answer.label!.data as BigInt64Array | string[]
      const theirs = answer[output]!.data as Float32Array
      for (const [i, row] of batch.entries()) {
        const ours = scores.subarray(row * classes, (row + 1) * classes)
        const room = (c: number) => slack?.[row * classes + c] ?? 0
        for (const [c, score] of ours.entries()) {
          const difference = Math.abs(score - theirs[i * classes + c]!) / Math.max(1, Math.abs(score))
          // Math.max keeps NaN, so that an export which answers NaN is found.
          largestDifference = Math.max(largestDifference, difference)
          mostBeyondSlack = Math.max(mostBeyondSlack, difference - room(c))
        }
        const label = labels[i]!
        const index = typeof label === 'string' ? names!.indexOf(label) : Number(label)
        const best = ours.reduce((most, score, c) => Math.max(most, score - room(c)), -Infinity)
        if (!(ours[index]! + room(index) >= best - near)) labelsDiffering++
      }
    }
  } finally {
    await session.release()
  }
  if ((labelsDiffering > 0 && tolerance < Infinity) || !(mostBeyondSlack <= tolerance)) {
    throw new PressroomError('prediction-failed', `${file} does not answer as the model itself does`, {
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
