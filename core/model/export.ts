import { PressroomError } from '../errors.ts'
import type { FittedModel, SparseMatrix } from '../learn/index.ts'
import type { FeatureState } from '../text/index.ts'
import type { WeightType } from './onnx/table.ts'
import type { ExportCheck } from './types.ts'

/** A model as other people's servers take it, or why there is none. */
export type Export =
  | { readonly onnx: Uint8Array; readonly check: ExportCheck }
  | { readonly unchecked: string }

/** A model that reads texts: also as `mlflow.pyfunc` makes a table of its answers, with the same numbers. */
export type TextExport =
  | Exclude<Export, { onnx: Uint8Array }>
  | (Extract<Export, { onnx: Uint8Array }> & { readonly pyfunc: Uint8Array })

/** What a model must answer, and in what numbers its weights are kept. */
interface Wanted {
  /** Our own probabilities, rows × classes. */
  readonly scores: Float64Array
  readonly weights: WeightType
}

/** Bytes; protobuf, which an ONNX file is, takes no more. */
const LARGEST_FILE = 2 ** 31 - 1
const TOO_LARGE = { unchecked: 'the graph is larger than the 2 GiB of an ONNX file' }

/**
 * Writes the model as ONNX, and asks it for every row of `matrix`.
 * @throws PressroomError `prediction-failed` when it answers otherwise
 */
export async function exportModel(
  model: FittedModel,
  labels: readonly string[],
  matrix: SparseMatrix,
  { scores, weights }: Wanted,
): Promise<Export> {
  // Imported here because services load this room too, and never write a graph.
  const [{ featuresGraph }, { scoreSlack }, { checkExport }] = await Promise.all([
    import('./onnx/features-graph.ts'),
    import('./onnx/score-slack.ts'),
    import('./onnx/check-export.ts'),
  ])
  const onnx = featuresGraph(model, labels, { weights })
  if (onnx.length > LARGEST_FILE) return TOO_LARGE
  const slack = scoreSlack(model, matrix)
  return { onnx, check: await checkExport(onnx, matrix, { scores, slack }) }
}

/**
 * Writes the model with its text settings as ONNX, where ONNX can express them, and asks it for every text. A graph that answers
 * otherwise is left out: the folder is whole without it.
 *
 * @param matrix the features of the texts
 */
export async function exportText(
  features: FeatureState,
  model: FittedModel,
  labels: readonly string[],
  { texts, matrix }: { readonly texts: readonly string[]; readonly matrix: SparseMatrix },
  { scores, weights }: Wanted,
): Promise<TextExport> {
  const [{ rawTextGraph }, { scoreSlack }, { checkTextExport }] = await Promise.all([
    import('./onnx/raw-text-graph.ts'),
    import('./onnx/score-slack.ts'),
    import('./onnx/check-export.ts'),
  ])
  const graph = rawTextGraph(features, model, labels, { weights })
  const pyfunc = rawTextGraph(features, model, labels, { weights, form: 'columns' })
  if ('reason' in graph) return { unchecked: graph.reason }
  if ('reason' in pyfunc) return { unchecked: pyfunc.reason }
  const onnx = graph.bytes
  if (onnx.length > LARGEST_FILE) return TOO_LARGE
  const slack = scoreSlack(model, matrix)
  try {
    const check = await checkTextExport(onnx, texts, labels, { scores, slack })
    return { onnx, pyfunc: pyfunc.bytes, check }
  } catch (error) {
    if (!(error instanceof PressroomError)) throw error
    return { unchecked: [error.what, error.where].filter(part => part !== undefined).join(': ') }
  }
}
