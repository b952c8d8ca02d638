import { describe, expect, test } from '@jest/globals'
import { forestProbabilities, type RandomForestModel } from '../../core/learn/forest.ts'
import { fitRandomForest } from '../../core/learn/forest-fit.ts'
import { likeliest, openClassifier, type SparseMatrix } from '../../core/learn/index.ts'
import {
  classDecisions,
  fitKernelSvm,
  type KernelSvmParameters,
  pairDecisions,
} from '../../core/learn/kernel-svm.ts'
import { fitLearner, type Learner } from '../../core/learn/learner.ts'
import { type MlpModel, mlpProbabilities } from '../../core/learn/mlp.ts'
import { fitMlp, type MlpParameters, type MlpState } from '../../core/learn/mlp-fit.ts'
import { MlpGradients } from '../../core/learn/mlp-gradients.ts'
import { joinVotes } from '../../core/learn/voting.ts'
import { randomFrom } from '../../core/random.ts'
import * as fc from '../support/properties.ts'
import { largestDifference, readGolden } from '../support/sklearn.ts'

/** Dense rows as a sparse matrix. */
function sparse(rows: readonly (readonly number[])[]): SparseMatrix {
  const entries = rows.map(row => row.flatMap((value, column) => (value === 0 ? [] : [{ column, value }])))
  const indptr = new Int32Array(rows.length + 1)
  entries.forEach((row, i) => {
    indptr[i + 1] = indptr[i]! + row.length
  })
  return {
    rows: rows.length,
    columns: rows[0]?.length ?? 0,
    indptr,
    indices: Int32Array.from(entries.flat(), ({ column }) => column),
    values: Float64Array.from(entries.flat(), ({ value }) => value),
  }
}

/** Four corners, two classes across: nothing linear tells them apart. */
const CORNERS = Array.from({ length: 80 }, (_, i) => [i % 2 === 0 ? 1 : -1, i % 4 < 2 ? 1 : -1])
const noise = randomFrom(5)
const XOR = sparse(CORNERS.map(row => row.map(value => value + (noise.unit() - 0.5) / 2)))
const XOR_LABELS = Int32Array.from(CORNERS, ([x, y]) => (x! * y! > 0 ? 1 : 0))

const XOR_TRAINING = { matrix: XOR, labels: XOR_LABELS, classes: 2 }

function rightOf(probabilities: Float64Array, labels: Int32Array, classes: number): number {
  return likeliest(probabilities, classes).filter((k, row) => k === labels[row]).length / labels.length
}

describe('kernel SVM', () => {
  const golden = readGolden('kernels') as {
    readonly rows: number[][]
    readonly labels: number[]
    readonly test: number[][]
    readonly weights: number[]
    readonly cases: readonly {
      readonly settings: { readonly C: number } & Record<string, unknown>
      readonly classes: number
      readonly weighted: boolean
      readonly pairs: number[]
      readonly decisions: number[]
      readonly predicted: number[]
      readonly counts: number[]
    }[]
  }

  test.each(golden.cases)('is scikit-learn’s: $settings, $classes classes', async expected => {
    const { C, ...settings } = expected.settings
    const used = golden.labels.flatMap((label, row) => (label < expected.classes ? [row] : []))
    const options = {
      c: C,
      ...settings,
      tol: 1e-8,
    } as Partial<KernelSvmParameters>
    const matrix = sparse(used.map(row => golden.rows[row]!))
    const labels = Int32Array.from(used, row => golden.labels[row]!)
    const sampleWeight = expected.weighted ? Float64Array.from(golden.weights) : undefined
    const training = { matrix, labels, classes: expected.classes, sampleWeight }
    const { model, converged } = await fitKernelSvm(training, options)
    const asked = sparse(golden.test)
    expect(converged).toBe(true)
    expect([...model.counts]).toEqual(expected.counts)
    // Of two classes scikit-learn's decision is for the second.
    const sign = expected.classes === 2 ? -1 : 1
    const pairs = pairDecisions(model, asked).map(value => sign * value)
    expect(largestDifference(pairs, expected.pairs)).toBeLessThan(1e-5)
    const decisions = classDecisions(model, asked)
    if (expected.classes > 2) expect(largestDifference(decisions, expected.decisions)).toBeLessThan(1e-5)
    expect([...likeliest(decisions, expected.classes)]).toEqual(expected.predicted)
  })

  test.each([
    [{ c: 0 }, 'c is 0'],
    [{ c: Number.NaN }, 'c is NaN'],
    [{ gamma: -1 }, 'gamma is -1'],
    [{ kernel: 'poly', degree: 0 }, 'degree is 0'],
    [{ kernel: 'cosine' }, 'kernel is cosine'],
    [{ gama: 1 }, 'gama is no parameter of this learner'],
  ])('refuses %j', async (options, message) => {
    await expect(fitKernelSvm(XOR_TRAINING, options as object)).rejects.toThrow(message)
  })

  test('goes when told, and says when it had too few iterations', async () => {
    const signal = AbortSignal.abort()
    await expect(fitKernelSvm(XOR_TRAINING, {}, { signal })).rejects.toMatchObject({ code: 'cancelled' })
    const cut = await fitKernelSvm(XOR_TRAINING, { maxIter: 3 })
    expect(cut).toMatchObject({ converged: false, iterations: 3 })
  })
})

describe('multi-layer perceptron', () => {
  const options: Partial<MlpParameters> = {
    hiddenLayerSizes: [8],
    learningRateInit: 0.02,
    batchSize: 16,
    maxIter: 60,
    randomState: 3,
  }

  test('200 rows a step is what auto means', async () => {
    const few = { hiddenLayerSizes: [3], maxIter: 2, randomState: 3 }
    const byDefault = await fitMlp(XOR_TRAINING, few)
    expect(await fitMlp(XOR_TRAINING, { ...few, batchSize: 'auto' })).toEqual(byDefault)
    await expect(fitMlp(XOR_TRAINING, { ...few, batchSize: 0 })).rejects.toThrow('batchSize is 0')
  })

  test.each(['relu', 'tanh', 'logistic'] as const)(
    'learns what nothing linear can, with %s',
    async activation => {
      const given = { ...options, activation, maxIter: 500, nIterNoChange: 500 }
      const { model, curve } = await fitMlp(XOR_TRAINING, given)
      expect(rightOf(mlpProbabilities(model, XOR), XOR_LABELS, 2)).toBe(1)
      expect(curve.at(-1)!.loss).toBeLessThan(curve[0]!.loss)
    },
  )

  test('gradients are the slopes of the loss', () => {
    const random = randomFrom(1)
    const draw = (size: number) => Float32Array.from({ length: size }, () => random.unit() - 0.5)
    const layers = [
      { inputs: 4, outputs: 3, weights: draw(12), bias: draw(3) },
      { inputs: 3, outputs: 5, weights: draw(15), bias: draw(5) },
      { inputs: 5, outputs: 3, weights: draw(15), bias: draw(3) },
    ]
    const matrix = sparse([
      [0.5, 0, -1, 0],
      [0, 2, 0, 0],
      [1, 1, 0, 0],
    ])
    const labels = [0, 2, 1]
    const weights = [1, 2, 0.5]
    for (const activation of ['tanh', 'logistic'] as const) {
      const model: MlpModel = { kind: 'mlp', classes: 3, features: 4, activation, layers }
      const sums = new MlpGradients(model, 0, random)
      const total = () => {
        sums.begin()
        for (const [row, label] of labels.entries()) sums.add(matrix, row, label, weights[row]!)
        return sums.loss
      }
      total()
      const touched = new Map(sums.touched.map((feature, slot) => [feature, slot]))
      expect([...touched.keys()].sort()).toEqual([0, 1, 2])
      const found = {
        first: Array.from(layers[0]!.weights, (_, i) => {
          const slot = touched.get(Math.floor(i / 3))
          return slot === undefined ? 0 : sums.first[slot * 3 + (i % 3)]!
        }),
        deeper: sums.deeper.map(each => [...each]),
        biases: sums.biases.map(each => [...each]),
      }
      const slopeAt = (parameters: Float32Array, i: number) => {
        const kept = parameters[i]!
        parameters[i] = kept + 2 ** -8
        const above = total()
        parameters[i] = kept - 2 ** -8
        const below = total()
        parameters[i] = kept
        return (above - below) / 2 ** -7
      }
      const slopes = (parameters: Float32Array) => Array.from(parameters, (_, i) => slopeAt(parameters, i))
      expect(largestDifference(found.first, slopes(layers[0]!.weights))).toBeLessThan(1e-4)
      for (const l of [1, 2]) {
        expect(largestDifference(found.deeper[l - 1]!, slopes(layers[l]!.weights))).toBeLessThan(1e-4)
      }
      for (const l of [0, 1, 2])
        expect(largestDifference(found.biases[l]!, slopes(layers[l]!.bias))).toBeLessThan(1e-4)
    }
  })

  test('the seed decides every bit; a resumed fit ends where an unbroken one does', async () => {
    const settings = {
      ...options,
      maxIter: 12,
      dropout: 0.2,
      earlyStopping: true,
      learningRate: 'cosine',
    } as const
    const whole = await fitMlp(XOR_TRAINING, settings)
    let half: MlpState | undefined
    const again = await fitMlp(XOR_TRAINING, settings, {
      onCheckpoint: state => {
        if (state.curve.length === 5)
          half = structuredClone({
            ...state,
            moments: state.moments.map(({ first, second }) => ({ first, second })),
          })
      },
    })
    expect(again).toEqual(whole)
    expect(half?.curve).toHaveLength(5)
    const resumed = await fitMlp(XOR_TRAINING, settings, { resume: half! })
    expect(resumed).toEqual(whole)
    expect(await fitMlp(XOR_TRAINING, { ...settings, randomState: 4 })).not.toEqual(whole)
  })

  test('early stopping keeps the best epoch and says that it converged', async () => {
    const given = { ...options, earlyStopping: true, nIterNoChange: 3, maxIter: 500 }
    const { curve, converged } = await fitMlp(XOR_TRAINING, given)
    expect(converged).toBe(true)
    expect(curve.length).toBeLessThan(500)
    const accuracies = curve.map(epoch => epoch.validationAccuracy!)
    const best = Math.max(...accuracies)
    expect(accuracies.length - 1 - accuracies.indexOf(best)).toBeGreaterThanOrEqual(3)
  })

  test('a row of weight 2 is a row twice', async () => {
    const rows = [
      [1, 0],
      [0, 1],
      [1, 1],
    ]
    const labels = [0, 1, 1]
    const whole = { ...options, batchSize: 100, alpha: 0, maxIter: 5 }
    const weighted = await fitMlp(
      {
        matrix: sparse(rows),
        labels: Int32Array.from(labels),
        classes: 2,
        sampleWeight: Float64Array.of(1, 2, 1),
      },
      whole,
    )
    const twice = await fitMlp(
      { matrix: sparse([...rows, rows[1]!]), labels: Int32Array.from([...labels, 1]), classes: 2 },
      whole,
    )
    // The step is the mean over rows, which Adam scales away but for its epsilon.
    expect(largestDifference(weighted.model.layers[0]!.weights, twice.model.layers[0]!.weights)).toBeLessThan(
      1e-5,
    )
  })

  test.each([
    [{ hiddenLayerSizes: [0] }, 'hiddenLayerSizes[0] is 0'],
    [{ dropout: 1 }, 'dropout is 1'],
    [{ learningRateInit: 0 }, 'learningRateInit is 0'],
    [{ validationFraction: 1 }, 'validationFraction is 1'],
    [{ maxIter: 0 }, 'maxIter is 0'],
  ])('refuses %j', async (wrong, message) => {
    await expect(fitMlp(XOR_TRAINING, wrong)).rejects.toThrow(message)
  })

  test('goes when told', async () => {
    const stop = new AbortController()
    const fit = fitMlp(XOR_TRAINING, options, { signal: stop.signal, onEpoch: () => stop.abort() })
    await expect(fit).rejects.toMatchObject({ code: 'cancelled' })
  })
})

describe('random forest', () => {
  const forest = (options = {}) =>
    fitRandomForest(XOR_TRAINING, { nEstimators: 10, randomState: 1, ...options })

  test('learns what nothing linear can; the seed decides every bit', async () => {
    const model = await forest()
    expect(rightOf(forestProbabilities(model, XOR), XOR_LABELS, 2)).toBe(1)
    expect(await forest()).toEqual(model)
    expect(await forest({ randomState: 2 })).not.toEqual(model)
    // A tree is the same whoever comes before or after it.
    const shorter = await forest({ nEstimators: 4 })
    expect([...shorter.split]).toEqual([...model.split.slice(0, model.roots[4])])
  })

  test('depth, leaves and splits stay within their bounds', async () => {
    const shallow = await forest({ maxDepth: 2 })
    const depthOf = (model: RandomForestModel, node: number): number =>
      model.split[node]! < 0
        ? 0
        : 1 + Math.max(depthOf(model, model.left[node]!), depthOf(model, model.right[node]!))
    for (const root of shallow.roots) expect(depthOf(shallow, root)).toBeLessThanOrEqual(2)
    const coarse = await forest({ minSamplesLeaf: 20, bootstrap: false })
    for (const root of coarse.roots) expect(depthOf(coarse, root)).toBeLessThanOrEqual(2)
  })

  test('the root splits where trying every threshold finds the purest sides', async () => {
    const value = fc.integer({ min: -2, max: 3 })
    const cases = fc.array(fc.tuple(value, value, value, fc.integer({ min: 0, max: 2 })), {
      minLength: 4,
      maxLength: 30,
    })
    await fc.assert(
      fc.asyncProperty(cases, async found => {
        const rows = found.map(([a, b, c]) => [a, b, c])
        const labels = found.map(row => row[3])
        fc.pre(new Set(labels).size > 1)
        const options = { nEstimators: 1, maxDepth: 1, bootstrap: false, maxFeatures: 3 }
        const tree = await fitRandomForest(
          { matrix: sparse(rows), labels: Int32Array.from(labels), classes: 3 },
          options,
        )
        const impurity = (feature: number, threshold: number) => {
          const sides = [true, false].map(left =>
            labels.filter((_, i) => rows[i]![feature]! <= threshold === left),
          )
          if (sides.some(side => side.length === 0)) return Infinity
          return sides.reduce((sum, side) => sum + side.length * gini(side), 0)
        }
        const all = [0, 1, 2].flatMap(feature =>
          [-1.5, -0.5, 0.5, 1.5, 2.5].map(threshold => impurity(feature, threshold)),
        )
        const best = Math.min(...all)
        if (best === Infinity) expect([...tree.split]).toEqual([-1])
        else expect(impurity(tree.split[0]!, tree.thresholds[0]!)).toBeCloseTo(best, 9)
      }),
    )
  })

  test('explicit zeros are zeros', async () => {
    const matrix = sparse([
      [0, 1],
      [3, 0],
      [2, 1],
      [0, 0],
    ])
    const padded = {
      ...matrix,
      indptr: Int32Array.of(0, 2, 3, 5, 5),
      indices: Int32Array.of(0, 1, 0, 0, 1),
      values: Float64Array.of(0, 1, 3, 2, 1),
    }
    const labels = Int32Array.of(0, 1, 1, 0)
    const options = { nEstimators: 5, maxFeatures: 2 }
    const grown = (rows: SparseMatrix) => fitRandomForest({ matrix: rows, labels, classes: 2 }, options)
    expect(await grown(padded)).toEqual(await grown(matrix))
  })

  test.each([
    [{ nEstimators: 0 }, 'nEstimators is 0'],
    [{ minSamplesSplit: 1 }, 'minSamplesSplit is 1'],
    [{ maxDepth: 1.5 }, 'maxDepth is 1.5'],
  ])('refuses %j', async (wrong, message) => {
    await expect(forest(wrong)).rejects.toThrow(message)
  })
})

function gini(labels: readonly number[]): number {
  return (
    1 -
    [0, 1, 2].reduce((sum, k) => sum + (labels.filter(label => label === k).length / labels.length) ** 2, 0)
  )
}

describe('any learner', () => {
  test.each<Learner>([
    { kind: 'logistic-regression' },
    { kind: 'linear-svm', calibration: { method: 'sigmoid', cv: 3 } },
    { kind: 'kernel-svm', parameters: { c: 10 }, calibration: { cv: 3 } },
    { kind: 'mlp', parameters: { maxIter: 20 } },
    { kind: 'random-forest', parameters: { nEstimators: 5 } },
    {
      kind: 'voting',
      how: 'soft',
      weights: [1, 3],
      learners: [
        { kind: 'random-forest', parameters: { nEstimators: 5 } },
        { kind: 'mlp', parameters: { maxIter: 5 } },
      ],
    },
  ])('$kind gives probabilities through one door', async learner => {
    const { model } = await fitLearner(XOR_TRAINING, learner)
    const probabilities = openClassifier(structuredClone(model)).probabilities(XOR)
    for (let row = 0; row < XOR.rows; row++)
      expect(probabilities[2 * row]! + probabilities[2 * row + 1]!).toBeCloseTo(1, 9)
  })

  test('votes are means: soft of probabilities, summed of decisions', async () => {
    const learners = [{ kind: 'random-forest' }, { kind: 'logistic-regression' }] as const
    const models = await Promise.all(learners.map(async each => (await fitLearner(XOR_TRAINING, each)).model))
    const [forest, linear] = models.map(model => openClassifier(model).probabilities(XOR))
    const soft = openClassifier(joinVotes(models, 'soft', [1, 3])).probabilities(XOR)
    expect(
      largestDifference(
        soft,
        forest!.map((value, i) => (value + 3 * linear![i]!) / 4),
      ),
    ).toBeLessThan(1e-12)
    const machines = await Promise.all(
      (['rbf', 'poly'] as const).map(async kernel => (await fitKernelSvm(XOR_TRAINING, { kernel })).model),
    )
    const summed = openClassifier(joinVotes(machines, 'sum'))
    const decisions = machines.map(machine => classDecisions(machine, XOR))
    const mean = decisions[0]!.map((value, i) => (value + decisions[1]![i]!) / 2)
    expect(largestDifference(summed.decision(XOR), mean)).toBeLessThan(1e-12)
    expect([...likeliest(summed.probabilities(XOR), 2)]).toEqual([...likeliest(mean, 2)])
  })

  test.each([
    [{ kind: 'nearest' }, 'kind is nearest'],
    [{ kind: 'mlp', parameters: { hidden: 3 } }, 'hidden is no parameter of this learner'],
    [{ kind: 'voting', how: 'soft', learners: [] }, 'models are none'],
    [{ kind: 'voting', how: 'soft', learners: [{ kind: 'naive-bayes' }] }, 'set alternateSign'],
    [
      { kind: 'voting', how: 'soft', learners: [{ kind: 'mlp', parameters: { maxIter: 1 } }], weights: [-1] },
      'weights are -1',
    ],
  ])('refuses %j', async (learner, message) => {
    await expect(fitLearner(XOR_TRAINING, learner as Learner)).rejects.toThrow(message)
  })
})
