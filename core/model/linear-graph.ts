import type { LinearModel } from '../learn/index.ts'
import { VERSION } from '../version.ts'
import { encodeOnnx } from './onnx.ts'

/**
 * A linear text classifier as an ONNX graph over features (opset 17). N texts, each with at most K n-grams of the vocabulary:
 *
 * - input `ids` int64 [N, K]: vocabulary indices; `values` float32 [N, K]: their TF-IDF weights, L2-normalised. Shorter texts
 *   are filled up with id 0 and value 0, which add nothing.
 * - output `probabilities` float32 [N, C]: softmax(Σ_k values_k · W[ids_k] + b), and `label` int64 [N]: the index of the
 *   largest. The classes' names are the JSON list `labels` of the model's metadata.
 *
 * Text itself stays outside: ONNX has no standard operator that tokenises as the training did.
 */
export function linearGraph(
  { features, classes, coefficients, intercepts }: LinearModel,
  labels: readonly string[],
): Uint8Array {
  return encodeOnnx({
    name: 'pressroom-linear',
    opset: 17,
    producer: { name: 'pressroom-ml', version: VERSION },
    metadata: { labels: JSON.stringify(labels) },
    inputs: [
      { name: 'ids', type: 'int64', shape: ['N', 'K'] },
      { name: 'values', type: 'float32', shape: ['N', 'K'] },
    ],
    outputs: [
      { name: 'label', type: 'int64', shape: ['N'] },
      { name: 'probabilities', type: 'float32', shape: ['N', classes] },
    ],
    constants: [
      { name: 'W', type: 'float32', shape: [features, classes], data: coefficients },
      { name: 'b', type: 'float32', shape: [classes], data: intercepts },
      { name: 'last', type: 'int64', shape: [1], data: [2] },
      { name: 'grams', type: 'int64', shape: [1], data: [1] },
    ],
    nodes: [
      { operator: 'Gather', inputs: ['W', 'ids'], outputs: ['rows'], attributes: { axis: { i: 0 } } },
      { operator: 'Unsqueeze', inputs: ['values', 'last'], outputs: ['column'] },
      { operator: 'Mul', inputs: ['rows', 'column'], outputs: ['weighed'] },
      {
        operator: 'ReduceSum',
        inputs: ['weighed', 'grams'],
        outputs: ['sums'],
        attributes: { keepdims: { i: 0 } },
      },
      { operator: 'Add', inputs: ['sums', 'b'], outputs: ['logits'] },
      {
        operator: 'Softmax',
        inputs: ['logits'],
        outputs: ['probabilities'],
        attributes: { axis: { i: -1 } },
      },
      {
        operator: 'ArgMax',
        inputs: ['logits'],
        outputs: ['label'],
        attributes: { axis: { i: 1 }, keepdims: { i: 0 } },
      },
    ],
  })
}
