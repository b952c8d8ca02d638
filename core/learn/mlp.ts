import { softmax } from './linear-model.ts'
import type { SparseMatrix } from './matrix.ts'

export type Activation = 'relu' | 'tanh' | 'logistic'

/**
 * One layer: `outputs = activation(inputs · weights + bias)`; the last has softmax in place of the activation. Our fits are of single
 * precision, since their noise is far above its rounding; networks from elsewhere keep the numbers they came with.
 */
export interface Layer<Numbers extends Float32Array | Float64Array = Float32Array | Float64Array> {
  readonly inputs: number
  readonly outputs: number
  /** Input-major, `inputs × outputs`. */
  readonly weights: Numbers
  /** Length `outputs`. */
  readonly bias: Numbers
}

/** A multi-layer perceptron. */
export interface MlpModel {
  readonly kind: 'mlp'
  readonly classes: number
  readonly features: number
  readonly activation: Activation
  readonly layers: readonly Layer[]
}

/** The probability of each class for each row, `rows × classes`; each row sums to 1. */
export function mlpProbabilities(model: MlpModel, matrix: SparseMatrix): Float64Array {
  const { classes, layers, activation } = model
  const probabilities = new Float64Array(matrix.rows * classes)
  const values = layers.map(layer => new Float64Array(layer.outputs))
  for (let row = 0; row < matrix.rows; row++) {
    sparseLayer(layers[0]!, matrix, row, values[0]!)
    for (let l = 1; l < layers.length; l++) {
      activate(values[l - 1]!, activation)
      denseLayer(layers[l]!, values[l - 1]!, values[l]!)
    }
    probabilities.set(values.at(-1)!, row * classes)
    softmax(probabilities, row * classes, classes)
  }
  return probabilities
}

/** `out = bias + row · weights`, for a row of a sparse matrix. */
export function sparseLayer(layer: Layer, matrix: SparseMatrix, row: number, out: Float64Array): void {
  const { indptr, indices, values } = matrix
  out.set(layer.bias)
  addProducts(layer, indices, values, indptr[row]!, indptr[row + 1]!, out)
}

/** `out = bias + input · weights`; inputs that are 0, as half of them are after relu, cost nothing. */
export function denseLayer(layer: Layer, input: Float64Array, out: Float64Array): void {
  const { inputs, bias } = layer
  if (inputs > kept.indices.length) {
    kept = { indices: new Int32Array(inputs), values: new Float64Array(inputs) }
  }
  let count = 0
  for (let i = 0; i < inputs; i++) {
    if (input[i] === 0) continue
    kept.indices[count] = i
    kept.values[count++] = input[i]!
  }
  out.set(bias)
  addProducts(layer, kept.indices, kept.values, 0, count, out)
}

/** Where {@link denseLayer} puts its inputs that are not 0. */
let kept = { indices: new Int32Array(0), values: new Float64Array(0) }

/**
 * Adds inputs `from` to `to`, each times its weights, to `out`: four at a time, so that a sum is read and written once for four
 * products. It adds them in the same order as one by one would.
 */
function addProducts(
  { outputs, weights }: Layer,
  indices: Int32Array,
  values: Float64Array,
  from: number,
  to: number,
  out: Float64Array,
): void {
  let i = from
  for (; i + 4 <= to; i += 4) {
    const [v0, v1, v2, v3] = [values[i]!, values[i + 1]!, values[i + 2]!, values[i + 3]!]
    const w0 = indices[i]! * outputs
    const w1 = indices[i + 1]! * outputs
    const w2 = indices[i + 2]! * outputs
    const w3 = indices[i + 3]! * outputs
    for (let o = 0; o < outputs; o++) {
      out[o] =
        out[o]! +
        v0 * weights[w0 + o]! +
        v1 * weights[w1 + o]! +
        v2 * weights[w2 + o]! +
        v3 * weights[w3 + o]!
    }
  }
  for (; i < to; i++) {
    const value = values[i]!
    const at = indices[i]! * outputs
    for (let o = 0; o < outputs; o++) out[o]! += value * weights[at + o]!
  }
}

/** In place. */
export function activate(values: Float64Array, activation: Activation): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (activation === 'relu') values[i] = value > 0 ? value : 0
    else if (activation === 'tanh') values[i] = Math.tanh(value)
    else values[i] = 1 / (1 + Math.exp(-value))
  }
}

/** The activation's slope at each value, told from what it gave. */
export function slope(value: number, activation: Activation): number {
  if (activation === 'relu') return value > 0 ? 1 : 0
  return activation === 'tanh' ? 1 - value * value : value * (1 - value)
}
