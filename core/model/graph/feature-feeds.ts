import type { SparseMatrix } from '../../learn/index.ts'
import type { OnnxRuntime } from '../onnx-runtime.ts'

/**
 * Some rows of features as our exports take them: `ids` and `values`, each row filled up to the longest beside it with id 0 and
 * value 0.
 */
export function featureFeeds(
  { Tensor }: OnnxRuntime,
  { indptr, indices, values }: SparseMatrix,
  rows: readonly number[],
): Record<'ids' | 'values', InstanceType<OnnxRuntime['Tensor']>> {
  const width = rows.reduce((widest, row) => Math.max(widest, indptr[row + 1]! - indptr[row]!), 1)
  const ids = new BigInt64Array(rows.length * width)
  const padded = new Float32Array(rows.length * width)
  for (const [place, row] of rows.entries()) {
    for (let entry = indptr[row]!; entry < indptr[row + 1]!; entry++) {
      const at = place * width + entry - indptr[row]!
      ids[at] = BigInt(indices[entry]!)
      padded[at] = values[entry]!
    }
  }
  const dims = [rows.length, width]
  return { ids: new Tensor('int64', ids, dims), values: new Tensor('float32', padded, dims) }
}
