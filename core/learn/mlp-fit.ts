import { setImmediate } from 'node:timers/promises'
import { PressroomError } from '../errors.ts'
import { seededRandom } from '../random.ts'
import { Adam, type AdamSettings, rateOf } from './adam.ts'
import { countLabels } from './labels.ts'
import { likeliest } from './linear-model.ts'
import type { SparseMatrix } from './matrix.ts'
import { type Activation, type Layer, type Mlp, mlpProbabilities } from './mlp.ts'
import { MlpGradients } from './mlp-gradients.ts'
import { selectRows } from './rows.ts'

/** scikit-learn's MLPClassifier with solver adam, its names and defaults, and dropout and schedules beside them. */
export interface MlpOptions {
  /** Values of each hidden layer; default one of 100. */
  readonly hiddenLayerSizes?: readonly number[]
  /** Default `relu`. */
  readonly activation?: Activation
  /** Strength of the L2 penalty, by row; default 1e-4. */
  readonly alpha?: number
  /** Rows a step; default 200, or all when there are fewer. */
  readonly batchSize?: number
  /** Default 1e-3. */
  readonly learningRateInit?: number
  /**
   * How the rate goes on: `constant`, the default; `cosine`, down to 0 over maxIter; `adaptive`, a fifth each time that
   * `nIterNoChange` epochs brought nothing, until it is below 1e-6.
   */
  readonly learningRate?: 'constant' | 'cosine' | 'adaptive'
  /** Most epochs; default 200. */
  readonly maxIter?: number
  /** What the loss (or the validation accuracy) must gain to count as better; default 1e-4. */
  readonly tol?: number
  /** Epochs without that after which the fit ends; default 10. */
  readonly nIterNoChange?: number
  /** Keeps {@link validationFraction} of the rows out and goes by the accuracy on them; default false. */
  readonly earlyStopping?: boolean
  /** Default 0.1. */
  readonly validationFraction?: number
  /** Share of hidden values left out in training, 0 to below 1; default 0. */
  readonly dropout?: number
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
  /** Default 0. */
  readonly seed?: number
  /** Multiplies each row's loss; all 1 by default. */
  readonly weights?: Float64Array
  readonly signal?: AbortSignal
  readonly progress?: (epoch: MlpEpoch) => void
  /** Where an earlier fit with the same rows and options had got to: it goes on as if it had never stopped. */
  readonly resume?: MlpCheckpoint
  /** Gets a checkpoint after each epoch; what it holds changes with the next. */
  readonly checkpoint?: (state: MlpCheckpoint) => void | Promise<void>
}

interface MlpEpoch {
  /** From 1. */
  readonly epoch: number
  /** Mean over the rows, penalty included. */
  readonly loss: number
  /** With early stopping. */
  readonly validationAccuracy?: number
}

/** All that a fit knows between two epochs. */
export interface MlpCheckpoint {
  readonly layers: readonly Layer[]
  readonly moments: readonly { readonly first: Float32Array; readonly second: Float32Array }[]
  readonly best: { readonly layers: readonly Layer[]; readonly value: number } | undefined
  readonly curve: readonly MlpEpoch[]
  readonly steps: number
  readonly stale: number
  readonly learningRate: number
}

export interface MlpFit extends Mlp {
  readonly curve: readonly MlpEpoch[]
  /** Whether the fit ended because nothing got better, before maxIter did. */
  readonly converged: boolean
}

const LEAST_RATE = 1e-6
const BATCHES_BETWEEN_BREATHS = 4

/**
 * Fits a multi-layer perceptron with Adam on mini-batches. Rows, options and seed decide every bit.
 *
 * Of the first layer only the features that occur in a batch are moved, penalty included (lazy Adam): a dense step over a
 * vocabulary would cost several times the rest, and moments that fade while a word is absent were not seen to help.
 *
 * @throws PressroomError `too-few-classes`; `invalid-setting`; `cancelled` when the signal aborts.
 */
export async function fitMlp(
  matrix: SparseMatrix,
  labels: Int32Array,
  classes: number,
  options: MlpOptions,
): Promise<MlpFit> {
  const settings = settle(options, matrix.rows)
  countLabels(labels, classes)
  const { kept, held } = divide(labels, settings)
  const { resume, signal } = options
  const layers = resume?.layers ?? initialLayers(matrix.columns, classes, settings)
  const model: Mlp = { classes, features: matrix.columns, activation: settings.activation, layers }
  const optimisers = layers.flatMap((layer, l) => [
    new Adam(layer.weights.length, settings, resume?.moments[2 * l]),
    new Adam(layer.outputs, settings, resume?.moments[2 * l + 1]),
  ])
  const curve: MlpEpoch[] = [...(resume?.curve ?? [])]
  let { best, steps, stale, learningRate } = resume ?? {
    best: undefined,
    steps: 0,
    stale: 0,
    learningRate: settings.learningRateInit,
  }
  let ended = false
  while (!ended && curve.length < settings.maxIter) {
    // Of its own for each epoch, so that a resumed fit draws what an unbroken one would.
    const random = seededRandom(settings.seed * 100_003 + curve.length)
    const gradients = new MlpGradients(model, settings.dropout, random)
    const order = shuffled(kept, random)
    if (settings.learningRate === 'cosine') {
      learningRate =
        (settings.learningRateInit * (1 + Math.cos((Math.PI * curve.length) / settings.maxIter))) / 2
    }
    let loss = 0
    for (let at = 0, batch = 0; at < order.length; at += settings.batchSize, batch++) {
      if (batch % BATCHES_BETWEEN_BREATHS === 0) {
        await setImmediate()
        signal?.throwIfAborted()
      }
      const rows = order.subarray(at, at + settings.batchSize)
      gradients.begin()
      for (const row of rows) gradients.add(matrix, row, labels[row]!, options.weights?.[row] ?? 1)
      steps += 1
      const penalty = move(
        model,
        gradients,
        optimisers,
        rows.length,
        settings.alpha,
        rateOf(learningRate, steps, settings),
      )
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
    stale = best === undefined || value > best.value + settings.tol ? 0 : stale + 1
    if (best === undefined || value > best.value) best = { layers: layers.map(copyLayer), value }
    if (stale >= settings.nIterNoChange) {
      ended = settings.learningRate !== 'adaptive' || learningRate / 5 < LEAST_RATE
      if (!ended) {
        learningRate /= 5
        stale = 0
      }
    }
    options.progress?.(epoch)
    await options.checkpoint?.({ layers, moments: optimisers, best, curve, steps, stale, learningRate })
  }
  const chosen = settings.earlyStopping && best !== undefined ? best.layers : layers
  return { ...model, layers: chosen, curve, converged: ended }
}

/** One step of every parameter; the penalty of what it touched, summed over the batch. */
function move(
  model: Mlp,
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
  const { outputs, weights } = model.layers[0]!
  gradients.touched.forEach((feature, slot) => {
    regularise(gradients.first, slot * outputs, weights, feature * outputs, outputs)
    optimisers[0]!.step(weights, feature * outputs, gradients.first, slot * outputs, outputs, rate)
  })
  model.layers.forEach((layer, l) => {
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

type Settled = ReturnType<typeof settle>

function settle(options: MlpOptions, rows: number) {
  const settings = {
    hiddenLayerSizes: options.hiddenLayerSizes ?? [100],
    activation: options.activation ?? 'relu',
    alpha: options.alpha ?? 1e-4,
    batchSize: Math.min(options.batchSize ?? 200, rows),
    learningRateInit: options.learningRateInit ?? 1e-3,
    learningRate: options.learningRate ?? 'constant',
    maxIter: options.maxIter ?? 200,
    tol: options.tol ?? 1e-4,
    nIterNoChange: options.nIterNoChange ?? 10,
    earlyStopping: options.earlyStopping ?? false,
    validationFraction: options.validationFraction ?? 0.1,
    dropout: options.dropout ?? 0,
    seed: options.seed ?? 0,
    beta1: options.beta1 ?? 0.9,
    beta2: options.beta2 ?? 0.999,
    epsilon: options.epsilon ?? 1e-8,
  } as const satisfies AdamSettings & MlpOptions
  const count = (value: number) => Number.isSafeInteger(value) && value >= 1
  const wrong = [
    ...settings.hiddenLayerSizes
      .filter(size => !count(size))
      .map(size => `a hidden layer cannot have ${size} values`),
    ...(count(settings.batchSize) ? [] : [`a batch cannot have ${settings.batchSize} rows`]),
    ...(count(settings.maxIter) ? [] : [`maxIter must be 1 or more, not ${settings.maxIter}`]),
    ...(settings.learningRateInit > 0
      ? []
      : [`learningRateInit must be above 0, not ${settings.learningRateInit}`]),
    ...(settings.alpha >= 0 ? [] : [`alpha must be 0 or more, not ${settings.alpha}`]),
    ...(settings.dropout >= 0 && settings.dropout < 1
      ? []
      : [`dropout must be from 0 to below 1, not ${settings.dropout}`]),
    ...(settings.validationFraction > 0 && settings.validationFraction < 1
      ? []
      : [`validationFraction must be between 0 and 1, not ${settings.validationFraction}`]),
  ]
  if (wrong.length > 0) {
    throw new PressroomError('invalid-setting', `the network cannot be fitted: ${wrong[0]}`, {
      ...(wrong.length > 1 && { where: wrong.slice(1).join('\n  ') }),
      fix: 'correct the settings of the network',
    })
  }
  return settings
}

/** Glorot's uniform start, as in scikit-learn: within ±√(6 / (inputs + outputs)), 2 in place of 6 for logistic. */
function initialLayers(
  features: number,
  classes: number,
  { hiddenLayerSizes, activation, seed }: Settled,
): Layer[] {
  const random = seededRandom(seed * 100_003 - 1)
  const sizes = [features, ...hiddenLayerSizes, classes]
  return sizes.slice(1).map((outputs, l) => {
    const inputs = sizes[l]!
    const bound = Math.sqrt((activation === 'logistic' ? 2 : 6) / (inputs + outputs))
    const drawn = (size: number) => Float32Array.from({ length: size }, () => (2 * random() - 1) * bound)
    return { inputs, outputs, weights: drawn(inputs * outputs), bias: drawn(outputs) }
  })
}

function copyLayer({ weights, bias, ...sizes }: Layer): Layer {
  return { ...sizes, weights: weights.slice(), bias: bias.slice() }
}

/** Rows to learn from, and those held out for early stopping: their share of every class. */
function divide(labels: Int32Array, { earlyStopping, validationFraction, seed }: Settled) {
  const all = Int32Array.from(labels.keys())
  if (!earlyStopping) return { kept: all, held: new Int32Array() }
  const order = shuffled(all, seededRandom(seed * 100_003 - 2))
  const seen = new Map<number, number>()
  const isHeld = (row: number) => {
    const count = (seen.get(labels[row]!) ?? 0) + 1
    seen.set(labels[row]!, count)
    return Math.floor(count * validationFraction) > Math.floor((count - 1) * validationFraction)
  }
  const held = new Set(order.filter(isHeld))
  return { kept: all.filter(row => !held.has(row)), held: all.filter(row => held.has(row)) }
}

/** Fisher and Yates's. */
function shuffled(rows: Int32Array, random: () => number): Int32Array {
  const order = rows.slice()
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  return order
}

function accuracyOn(model: Mlp, matrix: SparseMatrix, labels: Int32Array, rows: Int32Array): number {
  const predicted = likeliest(mlpProbabilities(model, selectRows(matrix, rows)), model.classes)
  return predicted.reduce((right, k, i) => right + (k === labels[rows[i]!] ? 1 : 0), 0) / rows.length
}
