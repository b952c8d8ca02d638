import type { FittedModel, SparseMatrix } from '../learn/index.ts'
import type { ExportCheck } from './types.ts'

/** A model as other people's servers take it, or why there is none. */
export type Export =
  | { readonly onnx: Uint8Array; readonly check: ExportCheck }
  | { readonly unchecked: string }

/** Bytes; protobuf, which an ONNX file is, takes no more. */
const LARGEST_FILE = 2 ** 31 - 1

/**
 * Writes the model as ONNX, and asks it for every row of `matrix`.
 * @param expected our own probabilities, rows × classes
 * @throws PressroomError `prediction-failed` when it answers otherwise
 */
export async function exportModel(
  model: FittedModel,
  labels: readonly string[],
  matrix: SparseMatrix,
  expected: Float64Array,
): Promise<Export> {
  // Imported here because services load this room too, and never write a graph.
  const [{ featuresGraph }, { scoreSlack }, { checkExport }] = await Promise.all([
    import('./onnx/features-graph.ts'),
    import('./onnx/score-slack.ts'),
    import('./onnx/check-export.ts'),
  ])
  const onnx = featuresGraph(model, labels)
  if (onnx.length > LARGEST_FILE) return { unchecked: 'the graph is larger than the 2 GiB of an ONNX file' }
  const slack = scoreSlack(model, matrix)
  return { onnx, check: await checkExport(onnx, matrix, { scores: expected, slack }) }
}
