import type { Random } from '../random.ts'
import { softmax } from './linear-model.ts'
import type { SparseMatrix } from './matrix.ts'
import { activate, denseLayer, type MlpModel, slope, sparseLayer } from './mlp.ts'

/**
 * Forward and backward through a network for the rows of one batch. Gradients are sums over the batch; those of the first layer are
 * kept only for the features that occur in it, which of a text are few.
 */
export class MlpGradients {
  /** Features of the batch, in the order they came. */
  readonly touched: number[] = []
  /** Of the first layer: `outputs` numbers for each of {@link touched}. */
  first: Float32Array
  /** Of the layers after the first, weights as in the layer. */
  readonly deeper: readonly Float32Array[]
  readonly biases: readonly Float32Array[]
  /** Summed log-loss of the batch. */
  loss = 0

  readonly #model: MlpModel
  readonly #dropout: number
  readonly #random: Random
  /** By feature: its place among {@link touched}, or -1. */
  readonly #slots: Int32Array
  readonly #values: readonly Float64Array[]
  readonly #deltas: readonly Float64Array[]

  /**
   * @param dropout share of the hidden values that are left out, 0 to below 1; those kept are scaled up to make up for it
   * @param random decides which
   */
  constructor(model: MlpModel, dropout: number, random: Random) {
    const { layers } = model
    this.#model = model
    this.#dropout = dropout
    this.#random = random
    this.#slots = new Int32Array(model.features).fill(-1)
    this.#values = layers.map(layer => new Float64Array(layer.outputs))
    this.#deltas = layers.map(layer => new Float64Array(layer.outputs))
    this.first = new Float32Array(1024 * layers[0]!.outputs)
    this.deeper = layers.slice(1).map(layer => new Float32Array(layer.weights.length))
    this.biases = layers.map(layer => new Float32Array(layer.outputs))
  }

  begin(): void {
    const { outputs } = this.#model.layers[0]!
    for (const feature of this.touched) this.#slots[feature] = -1
    this.first.fill(0, 0, this.touched.length * outputs)
    this.touched.length = 0
    for (const gradients of [...this.deeper, ...this.biases]) gradients.fill(0)
    this.loss = 0
  }

  /** Adds a row's part; `weight` multiplies its loss. */
  add(matrix: SparseMatrix, row: number, label: number, weight: number): void {
    const { layers, activation, classes } = this.#model
    const last = layers.length - 1
    sparseLayer(layers[0]!, matrix, row, this.#values[0]!)
    for (let l = 1; l <= last; l++) {
      activate(this.#values[l - 1]!, activation)
      if (this.#dropout > 0) this.#drop(this.#values[l - 1]!)
      denseLayer(layers[l]!, this.#values[l - 1]!, this.#values[l]!)
    }
    const answer = this.#values[last]!
    const score = answer[label]!
    this.loss += weight * (softmax(answer, 0, classes) - score)
    const delta = this.#deltas[last]!
    for (let k = 0; k < classes; k++) delta[k] = weight * (answer[k]! - (k === label ? 1 : 0))
    for (let l = last; l >= 1; l--) this.#backward(l)
    this.#collect(matrix, row)
  }

  /** Inverted dropout: what is kept grows, so that the whole network needs no scaling later. */
  #drop(values: Float64Array): void {
    const kept = 1 - this.#dropout
    for (let i = 0; i < values.length; i++) values[i] = this.#random.unit() < kept ? values[i]! / kept : 0
  }

  /** Gradients of layer `l`, and the deltas of the one before. */
  #backward(l: number): void {
    const { weights, inputs, outputs } = this.#model.layers[l]!
    const input = this.#values[l - 1]!
    const delta = this.#deltas[l]!
    const before = this.#deltas[l - 1]!
    const gradients = this.deeper[l - 1]!
    const bias = this.biases[l]!
    const { activation } = this.#model
    // What dropout scaled up is taken back to what the activation gave.
    const kept = 1 - this.#dropout
    for (let o = 0; o < outputs; o++) bias[o]! += delta[o]!
    for (let i = 0; i < inputs; i++) {
      const value = input[i]!
      if (value === 0 && (activation === 'relu' || this.#dropout > 0)) {
        before[i] = 0
        continue
      }
      const from = i * outputs
      let sum = 0
      for (let o = 0; o < outputs; o++) {
        gradients[from + o]! += value * delta[o]!
        sum += weights[from + o]! * delta[o]!
      }
      before[i] = (sum * slope(value * kept, activation)) / kept
    }
  }

  #collect({ indptr, indices, values }: SparseMatrix, row: number): void {
    const { outputs } = this.#model.layers[0]!
    const delta = this.#deltas[0]!
    const bias = this.biases[0]!
    for (let o = 0; o < outputs; o++) bias[o]! += delta[o]!
    for (let i = indptr[row]!; i < indptr[row + 1]!; i++) {
      const from = this.#slotOf(indices[i]!) * outputs
      const value = values[i]!
      const { first } = this
      for (let o = 0; o < outputs; o++) first[from + o]! += value * delta[o]!
    }
  }

  #slotOf(feature: number): number {
    const known = this.#slots[feature]!
    if (known !== -1) return known
    const slot = this.touched.length
    const { outputs } = this.#model.layers[0]!
    if ((slot + 1) * outputs > this.first.length) {
      const larger = new Float32Array(2 * this.first.length)
      larger.set(this.first)
      this.first = larger
    }
    this.#slots[feature] = slot
    this.touched.push(feature)
    return slot
  }
}
