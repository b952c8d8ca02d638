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

/** A model, and the rows that its exports are asked. */
interface Asked {
  readonly features: FeatureState
  readonly model: FittedModel
  readonly labels: readonly string[]
  readonly texts: readonly string[]
  /** The features of the texts. */
  readonly matrix: SparseMatrix
  /** Our own probabilities, rows × classes. */
  readonly scores: Float64Array
  /** In what numbers the weights are kept. */
  readonly weights: WeightType
}

/** Bytes; protobuf, which an ONNX file is, takes no more. */
const LARGEST_FILE = 2 ** 31 - 1
const TOO_LARGE = { unchecked: 'the graph is larger than the 2 GiB of an ONNX file' }

/**
 * Writes the model as ONNX, and with its text settings where ONNX can express them, and asks each for every row. A graph of texts that
 * answers otherwise is left out: the folder is whole without it.
 * @throws PressroomError `prediction-failed` when the graph of features answers otherwise
 */
export async function exportModel(asked: Asked): Promise<{ onnx: Export; text: TextExport }> {
  const { features, model, labels, texts, matrix, scores, weights } = asked
  // Imported here because services load this room too, and never write a graph.
  const [{ featuresGraph }, { rawTextGraph }, { scoreSlack }, { checkExport, checkTextExport }] =
    await Promise.all([
      import('./onnx/features-graph.ts'),
      import('./onnx/raw-text-graph.ts'),
      import('./onnx/score-slack.ts'),
      import('./onnx/check-export.ts'),
    ])
  const expected = { scores, slack: scoreSlack(model, matrix) }

  async function ofFeatures(): Promise<Export> {
    const onnx = featuresGraph(model, labels, { weights })
    if (onnx.length > LARGEST_FILE) return TOO_LARGE
    return { onnx, check: await checkExport(onnx, matrix, expected) }
  }

  async function ofTexts(): Promise<TextExport> {
    const graph = rawTextGraph(features, model, labels, { weights })
    if ('reason' in graph) return { unchecked: graph.reason }
    const onnx = graph.bytes
    if (onnx.length > LARGEST_FILE) return TOO_LARGE
    try {
      const check = await checkTextExport(onnx, texts, labels, expected)
      const pyfunc = rawTextGraph(features, model, labels, { weights, form: 'columns' })
      return 'reason' in pyfunc ? { unchecked: pyfunc.reason } : { onnx, pyfunc: pyfunc.bytes, check }
    } catch (error) {
      if (!(error instanceof PressroomError)) throw error
      return { unchecked: [error.what, error.where].filter(part => part !== undefined).join(': ') }
    }
  }

  return { onnx: await ofFeatures(), text: await ofTexts() }
}
