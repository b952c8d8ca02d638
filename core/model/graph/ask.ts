import type { SparseMatrix } from '../../learn/index.ts'
import type { GraphRecord } from '../types.ts'
import { featureFeeds } from './feature-feeds.ts'
import {
  type Answer,
  noAnswer,
  numberRows,
  type Opened,
  ROWS_AT_ONCE,
  runGraph,
  type Tensor,
} from './session.ts'

/**
 * Asks an open graph of texts, in pieces.
 * @throws PressroomError `prediction-failed` when it fails, or gives no row of numbers a text
 */
export async function askTexts(
  opened: Opened,
  { input, label, probabilities }: GraphRecord,
  texts: readonly string[],
): Promise<readonly Answer[]> {
  const rowsAtOnce = input.shape[0] === 1 ? 1 : ROWS_AT_ONCE
  const outputs = label === null ? [probabilities] : [label, probabilities]
  const answers: Answer[] = []
  for (let from = 0; from < texts.length; from += rowsAtOnce) {
    const piece = texts.slice(from, from + rowsAtOnce)
    const dims = input.shape.length === 1 ? [piece.length] : [piece.length, 1]
    const tensor = new opened.runtime.Tensor('string', piece, dims)
    const answer = await runGraph(opened, { [input.name]: tensor }, outputs)
    const rows = numberRows(answer[probabilities]!, piece.length)
    const labels = label === null ? [] : labelsIn(answer[label]!, piece.length)
    for (const [i, row] of rows.entries()) answers.push({ probabilities: row, label: labels[i] })
  }
  return answers
}

/**
 * Asks our own export of a model, open in ONNX Runtime, for rows of features, in pieces: each row is filled up to the longest
 * beside it.
 * @throws PressroomError `prediction-failed` when it fails
 */
export async function askFeatures(opened: Opened, matrix: SparseMatrix): Promise<readonly Answer[]> {
  const answers: Answer[] = []
  for (let from = 0; from < matrix.rows; from += ROWS_AT_ONCE) {
    const rows = Math.min(ROWS_AT_ONCE, matrix.rows - from)
    const piece = Array.from({ length: rows }, (_, i) => from + i)
    const feeds = featureFeeds(opened.runtime, matrix, piece)
    const { probabilities } = await runGraph(opened, feeds, ['probabilities'])
    for (const row of numberRows(probabilities!, rows)) answers.push({ probabilities: row, label: undefined })
  }
  return answers
}

function labelsIn({ data }: Tensor, texts: number) {
  if (data.length === texts) return data as readonly string[] | BigInt64Array | Int32Array
  throw noAnswer(`${data.length} labels for ${texts} texts`)
}
