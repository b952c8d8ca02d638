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
  const { outputs, weights, bias } = layer
  const { indptr, indices, values } = matrix
  out.set(bias)
  for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
    const value = values[i]!
    const from = indices[i]! * outputs
    for (let o = 0; o < outputs; o++) out[o]! += value * weights[from + o]!
  }
}

/** `out = bias + input · weights`; inputs that are 0, as half of them are after relu, cost nothing. */
export function denseLayer(layer: Layer, input: Float64Array, out: Float64Array): void {
  const { inputs, outputs, weights, bias } = layer
  out.set(bias)
  for (let i = 0; i < inputs; i++) {
    const value = input[i]!
    if (value === 0) continue
    const from = i * outputs
    for (let o = 0; o < outputs; o++) out[o]! += value * weights[from + o]!
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
