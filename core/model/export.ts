import type { FittedModel, LinearModel, SparseMatrix } from '../learn/index.ts'
import type { ExportCheck } from './types.ts'

/** A model as other people's servers take it, or why there is none. */
export type Export =
  | { readonly onnx: Uint8Array; readonly check: ExportCheck }
  | { readonly unchecked: string }

/**
 * Writes the model as ONNX, and asks it for every row of `matrix`. So far the graph is that of a softmax over sums; a writer for
 * other kinds takes this function's place.
 * @param expected our own probabilities, rows × classes
 * @throws PressroomError `prediction-failed` when it answers otherwise
 */
export async function exportModel(
  model: FittedModel,
  labels: readonly string[],
  matrix: SparseMatrix,
  expected: Float64Array,
): Promise<Export> {
  if (!isSoftmaxOfSums(model))
    return { unchecked: `a ${model.kind} model is not written as ONNX by this release` }
  // Imported here because services load this room too, and never write a graph.
  const [{ linearGraph }, { checkLinearExport }] = await Promise.all([
    import('./linear-graph.ts'),
    import('./check-export.ts'),
  ])
  const onnx = linearGraph(model, labels)
  return { onnx, check: await checkLinearExport(onnx, matrix, expected) }
}

function isSoftmaxOfSums(model: FittedModel): model is FittedModel & LinearModel {
  if (model.kind === 'logistic-regression') return model.multiClass === 'multinomial' || model.classes === 2
  return model.kind === 'naive-bayes' || model.kind === 'complement-naive-bayes'
}
