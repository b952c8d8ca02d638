import { type Random, randomFrom, shuffle } from '../random.ts'
import { Adam, rateOf } from './adam.ts'
import { type ClassWeight, classWeights } from './class-weight.ts'
import { paceOf } from './control.ts'
import { likeliest } from './linear-model.ts'
import { type SparseMatrix, selectRows } from './matrix.ts'
import { type Activation, type Layer, type MlpModel, mlpProbabilities } from './mlp.ts'
import { MlpGradients } from './mlp-gradients.ts'
import {
  atLeast,
  choice,
  complete,
  elsewhere,
  flag,
  invalid,
  is,
  notNegative,
  positive,
  share,
  wholeNumber,
} from './parameters.ts'
import { checkTraining, type Training } from './training.ts'

/** scikit-learn's parameters of MLPClassifier with solver adam, with its meanings, and dropout and schedules beside them. */
export interface MlpParameters {
  /** Values of each hidden layer. */
  readonly hiddenLayerSizes: readonly number[]
  readonly activation: Activation
  /** Strength of the L2 penalty, by row. */
  readonly alpha: number
  /** Rows a step; all when there are fewer. `auto`, as scikit-learn has it, is 200. */
  readonly batchSize: number | 'auto'
  readonly learningRateInit: number
  /**
   * How the rate goes on: `cosine`, down to 0 over maxIter; `adaptive`, a fifth each time that `nIterNoChange` epochs brought
   * nothing, until it is below 1e-6.
   */
  readonly learningRate: 'constant' | 'cosine' | 'adaptive'
  /** Most epochs. */
  readonly maxIter: number
  /** What the loss (or the validation accuracy) must gain to count as better. */
  readonly tol: number
  /** Epochs without that after which the fit ends. */
  readonly nIterNoChange: number
  /** Keeps {@link validationFraction} of the rows out and goes by the accuracy on them. */
  readonly earlyStopping: boolean
  readonly validationFraction: number
  /** Share of hidden values left out in training, 0 to below 1. */
  readonly dropout: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly classWeight: ClassWeight | undefined
  readonly randomState: number
}

/** What scikit-learn's `auto` is. */
const AUTO_BATCH = 200

const DEFAULTS: MlpParameters = {
  hiddenLayerSizes: [100],
  activation: 'relu',
  alpha: 1e-4,
  batchSize: AUTO_BATCH,
  learningRateInit: 1e-3,
  learningRate: 'constant',
  maxIter: 200,
  tol: 1e-4,
  nIterNoChange: 10,
  earlyStopping: false,
  validationFraction: 0.1,
  dropout: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  classWeight: undefined,
  randomState: 0,
}

/** @throws PressroomError `invalid-parameter` with the first that is wrong. */
export function mlpParameters(given: Partial<MlpParameters>): MlpParameters {
  return complete(
    DEFAULTS,
    {
      hiddenLayerSizes: (name, value) => {
        if (!Array.isArray(value)) throw invalid(name, is(value), 'give a list of whole numbers')
        for (const [i, size] of value.entries()) atLeast(1)(`${name}[${i}]`, size)
      },
      activation: choice('relu', 'tanh', 'logistic'),
      alpha: notNegative,
      batchSize: (name, value) => {
        if (value !== 'auto') atLeast(1)(name, value)
      },
      learningRateInit: positive,
      learningRate: choice('constant', 'cosine', 'adaptive'),
      maxIter: atLeast(1),
      tol: notNegative,
      nIterNoChange: atLeast(1),
      earlyStopping: flag,
      validationFraction: between,
      dropout: belowOne,
      beta1: belowOne,
      beta2: belowOne,
      epsilon: positive,
      classWeight: elsewhere,
      randomState: wholeNumber,
    },
    given,
  )
}

function belowOne(name: string, value: unknown): void {
  share(name, value)
  if (value === 1) throw invalid(name, 'is 1', 'give a number below 1')
}

function between(name: string, value: unknown): void {
  belowOne(name, value)
  if (value === 0) throw invalid(name, 'is 0', 'give a number above 0')
}

export interface MlpEpoch {
  /** From 1. */
  readonly epoch: number
  /** Mean over the rows, penalty included. */
  readonly loss: number
  /** With early stopping. */
  readonly validationAccuracy?: number
}

/** All that a fit knows between two epochs: plain data, to be copied before it is kept. */
export interface MlpState {
  readonly layers: readonly Layer<Float32Array>[]
  readonly moments: readonly { readonly first: Float32Array; readonly second: Float32Array }[]
  readonly best: { readonly layers: readonly Layer<Float32Array>[]; readonly value: number } | undefined
  readonly curve: readonly MlpEpoch[]
  readonly steps: number
  readonly stale: number
  readonly learningRate: number
}

export interface MlpControl {
  readonly signal?: AbortSignal | undefined
  readonly onEpoch?: (epoch: MlpEpoch) => void
  /** Given the state after each epoch; the next changes it. */
  readonly onCheckpoint?: (state: MlpState) => void
  /** Such a state, of the same rows and parameters: the fit goes on to the same bits as if never interrupted. */
  readonly resume?: MlpState
}

const LEAST_RATE = 1e-6

/**
 * A multi-layer perceptron, fitted with Adam on mini-batches. Rows, parameters and seed decide every bit.
 *
 * Of the first layer only the features that occur in a batch are moved, penalty included (lazy Adam): a dense step over a
 * vocabulary would cost several times the rest, and moments that fade while a word is absent were not seen to help.
 *
 * @throws PressroomError `invalid-parameter`, `invalid-rows`, `no-rows`, `too-few-classes`; `cancelled` when the signal aborts.
 */
export async function fitMlp(
  training: Training,
  given: Partial<MlpParameters> = {},
  { signal, onEpoch, onCheckpoint, resume }: MlpControl = {},
): Promise<{ readonly model: MlpModel; readonly curve: readonly MlpEpoch[]; readonly converged: boolean }> {
  const parameters = mlpParameters(given)
  checkTraining(training)
  const { matrix, labels, classes } = training
  const ofClass = classWeights(training, parameters.classWeight)
  const pace = paceOf(signal)
  const { kept, held } = divide(labels, parameters)
  const wanted = parameters.batchSize === 'auto' ? AUTO_BATCH : parameters.batchSize
  const batchSize = Math.min(wanted, kept.length)
  const layers = resume?.layers ?? initialLayers(matrix.columns, classes, parameters)
  const model: MlpModel = {
    kind: 'mlp',
    classes,
    features: matrix.columns,
    activation: parameters.activation,
    layers,
  }
  const optimisers = layers.flatMap((layer, l) => [
    new Adam(layer.weights.length, parameters, resume?.moments[2 * l]),
    new Adam(layer.outputs, parameters, resume?.moments[2 * l + 1]),
  ])
  const curve: MlpEpoch[] = [...(resume?.curve ?? [])]
  let { best, steps, stale, learningRate } = resume ?? {
    best: undefined,
    steps: 0,
    stale: 0,
    learningRate: parameters.learningRateInit,
  }
  let ended = false
  while (!ended && curve.length < parameters.maxIter) {
    // Of its own for each epoch, so that a resumed fit draws what an unbroken one would.
    const random = randomFrom(parameters.randomState * 100_003 + curve.length)
    const gradients = new MlpGradients(model, parameters.dropout, random)
    const order = shuffled(kept, random)
    if (parameters.learningRate === 'cosine') {
      const done = curve.length / parameters.maxIter
      learningRate = (parameters.learningRateInit * (1 + Math.cos(Math.PI * done))) / 2
    }
    let loss = 0
    for (let at = 0; at < order.length; at += batchSize) {
      await pace.turn()
      const rows = order.subarray(at, at + batchSize)
      gradients.begin()
      for (const row of rows) {
        const label = labels[row]!
        gradients.add(matrix, row, label, ofClass[label]! * (training.sampleWeight?.[row] ?? 1))
      }
      steps += 1
      const rate = rateOf(learningRate, steps, parameters)
      const penalty = move(layers, gradients, optimisers, rows.length, parameters.alpha, rate)
      loss += gradients.loss + penalty
    }
    const validationAccuracy = held.length === 0 ? undefined : accuracyOn(model, matrix, labels, held)
    const epoch = {
      epoch: curve.length + 1,
      loss: loss / order.length,
      ...(validationAccuracy !== undefined && { validationAccuracy }),
    }
    curve.push(epoch)
    const value = validationAccuracy ?? -epoch.loss
    stale = best === undefined || value > best.value + parameters.tol ? 0 : stale + 1
    if (best === undefined || value > best.value) {
      // Only early stopping goes back to the best epoch; without it the value alone is needed.
      best = { layers: parameters.earlyStopping ? layers.map(copyLayer) : [], value }
    }
    if (stale >= parameters.nIterNoChange) {
      ended = parameters.learningRate !== 'adaptive' || learningRate / 5 < LEAST_RATE
      if (!ended) {
        learningRate /= 5
        stale = 0
      }
    }
    onEpoch?.(epoch)
    onCheckpoint?.({ layers, moments: optimisers, best, curve, steps, stale, learningRate })
  }
  const chosen = parameters.earlyStopping && best !== undefined ? best.layers : layers
  return { model: { ...model, layers: chosen }, curve, converged: ended }
}

/** One step of every parameter; the penalty of what it touched, summed over the batch. */
function move(
  layers: readonly Layer<Float32Array>[],
  gradients: MlpGradients,
  optimisers: readonly Adam[],
  rows: number,
  alpha: number,
  rate: number,
): number {
  let squares = 0
  const regularise = (
    sums: Float32Array,
    from: number,
    weights: Float32Array,
    at: number,
    length: number,
  ) => {
    for (let i = 0; i < length; i++) {
      const weight = weights[at + i]!
      squares += weight * weight
      sums[from + i] = (sums[from + i]! + alpha * weight) / rows
    }
  }
  const { outputs, weights } = layers[0]!
  gradients.touched.forEach((feature, slot) => {
    regularise(gradients.first, slot * outputs, weights, feature * outputs, outputs)
    optimisers[0]!.step(weights, feature * outputs, gradients.first, slot * outputs, outputs, rate)
  })
  layers.forEach((layer, l) => {
    if (l > 0) {
      regularise(gradients.deeper[l - 1]!, 0, layer.weights, 0, layer.weights.length)
      optimisers[2 * l]!.step(layer.weights, 0, gradients.deeper[l - 1]!, 0, layer.weights.length, rate)
    }
    const bias = gradients.biases[l]!
    for (let o = 0; o < bias.length; o++) bias[o]! /= rows
    optimisers[2 * l + 1]!.step(layer.bias, 0, bias, 0, bias.length, rate)
  })
  return (alpha / 2) * squares
}

/** Glorot's uniform start, as in scikit-learn: within ±√(6 / (inputs + outputs)), 2 in place of 6 for logistic. */
function initialLayers(features: number, classes: number, parameters: MlpParameters): Layer<Float32Array>[] {
  const { hiddenLayerSizes, activation, randomState } = parameters
  const random = randomFrom(randomState * 100_003 - 1)
  const sizes = [features, ...hiddenLayerSizes, classes]
  return sizes.slice(1).map((outputs, l) => {
    const inputs = sizes[l]!
    const bound = Math.sqrt((activation === 'logistic' ? 2 : 6) / (inputs + outputs))
    const drawn = (size: number) => Float32Array.from({ length: size }, () => (2 * random.unit() - 1) * bound)
    return { inputs, outputs, weights: drawn(inputs * outputs), bias: drawn(outputs) }
  })
}

function copyLayer({ weights, bias, ...sizes }: Layer<Float32Array>): Layer<Float32Array> {
  return { ...sizes, weights: weights.slice(), bias: bias.slice() }
}

/** Rows to learn from, and those held out for early stopping: their share of every class. */
function divide(labels: Int32Array, { earlyStopping, validationFraction, randomState }: MlpParameters) {
  const all = Int32Array.from(labels.keys())
  if (!earlyStopping) return { kept: all, held: new Int32Array() }
  const order = shuffled(all, randomFrom(randomState * 100_003 - 2))
  const seen = new Map<number, number>()
  const isHeld = (row: number) => {
    const count = (seen.get(labels[row]!) ?? 0) + 1
    seen.set(labels[row]!, count)
    return Math.floor(count * validationFraction) > Math.floor((count - 1) * validationFraction)
  }
  const held = new Set(order.filter(isHeld))
  return { kept: all.filter(row => !held.has(row)), held: all.filter(row => held.has(row)) }
}

function shuffled(rows: Int32Array, random: Random): Int32Array {
  const order = rows.slice()
  shuffle(order, order.length, random)
  return order
}

function accuracyOn(model: MlpModel, matrix: SparseMatrix, labels: Int32Array, rows: Int32Array): number {
  const predicted = likeliest(mlpProbabilities(model, selectRows(matrix, rows)), model.classes)
  return predicted.reduce((right, k, i) => right + (k === labels[rows[i]!] ? 1 : 0), 0) / rows.length
}
