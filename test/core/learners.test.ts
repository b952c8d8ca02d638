import { describe, expect, test } from '@jest/globals'
import {
  type ClassWeight,
  calibrate,
  classWeights,
  curvesOf as curvesOfLosses,
  type FitCurve,
  type FittedModel,
  fitAlong,
  fitBytes,
  fitCalibrated,
  fitComplementNaiveBayes,
  fitLearner,
  fitLinearSvm,
  fitLogisticRegression,
  fitNaiveBayes,
  fitNbWeighted,
  type Learner,
  type LinearModel,
  likeliest,
  linearProbabilities,
  noteLoss,
  openClassifier,
  PRESETS,
  reliabilityCurve,
  requireMemory,
  type SparseMatrix,
  type StepLosses,
  selectRows,
  stratifiedFolds,
  type Training,
  thinCurves,
} from '../../core/learn/index.ts'
import * as fc from '../support/properties.ts'
import { largestDifference, readGolden } from '../support/sklearn.ts'

interface Case {
  readonly name: string
  readonly learner:
    | 'logistic-regression'
    | 'linear-svm'
    | 'naive-bayes'
    | 'complement-naive-bayes'
    | 'nb-weighted'
  readonly parameters: Record<string, never>
  readonly sampleWeight?: number[]
  readonly loss?: number
  readonly coefficients: number[]
  readonly intercepts: number[]
  readonly probabilities?: number[]
}

interface CalibrationCase {
  readonly method: 'sigmoid' | 'isotonic' | 'temperature'
  readonly learner: Case['learner']
  /** Of cross-validation; a case without is of a model fitted before. */
  readonly parameters?: { cv: number; ensemble: boolean }
  readonly probabilities: number[]
}

const golden = readGolden('learners')
const news: Training = { matrix: sparse(golden.train), labels: Int32Array.from(golden.labels), classes: 4 }
const held: Training = { matrix: sparse(golden.test), labels: Int32Array.from(golden.testLabels), classes: 4 }
const [two, twoHeld] = [firstTwo(news), firstTwo(held)]
/** Tight enough for an optimum to be the same as scikit-learn's in all digits that are compared. */
const TIGHT = { tol: 1e-8, maxIter: 100_000 }
const invalid = (what: string) =>
  expect.objectContaining({ code: 'invalid-parameter', message: expect.stringContaining(what) })

describe('fits are scikit-learn’s', () => {
  test.each<Case>(golden.cases)('$learner: $name', async expected => {
    const fit = await fitCase(expected, { ...news, sampleWeight: weightsOf(expected) })
    expectSame(fit, expected, held.matrix)
  })

  test.each<Case>(golden.twoClasses)('of two classes, one vector: $name', async expected => {
    const fit = await fitCase(expected, two)
    expectSame(fit, expected, twoHeld.matrix)
  })
})

describe('calibrations are scikit-learn’s', () => {
  const every = Object.entries({ all: [news, held], two: [two, twoHeld] } as const)
  test.each(
    every.flatMap(([of, [seen, unseen]]) =>
      (golden.calibration[of] as CalibrationCase[]).map(expected => {
        const { method, learner, parameters = {} } = expected
        return { name: `${of} ${method} ${learner} ${JSON.stringify(parameters)}`, expected, seen, unseen }
      }),
    ),
  )('$name', async ({ expected, seen, unseen }) => {
    const { method, learner, parameters, probabilities } = expected
    const fitBase = async (training: Training) => {
      const { model } = await fitCase({ learner, parameters: {} as never }, training)
      return openClassifier(model)
    }
    const [model, asked] =
      parameters === undefined
        ? [calibrate(await fitBase(seen), unseen, method), selectRows(seen.matrix, range(20))]
        : [await fitCalibrated(seen, fitBase, { method, ...parameters }), unseen.matrix]
    // scikit-learn's own solver stops at a gradient of 1e-6.
    expect(largestDifference(openClassifier(model).probabilities(asked), probabilities)).toBeLessThan(1e-5)
  })

  test.each(['uniform', 'quantile'] as const)('reliability curve, %s bins', strategy => {
    const positive = Uint8Array.from(news.labels, label => Number(label === 1))
    const shown = Float64Array.from(golden.curves.probabilities)
    const curve = reliabilityCurve(shown, positive, { bins: 7, strategy })
    const expected = golden.curves[strategy]
    expect(
      largestDifference(
        curve.map(bin => bin.predicted),
        expected.predicted,
      ),
    ).toBeLessThan(1e-8)
    expect(
      largestDifference(
        curve.map(bin => bin.observed),
        expected.observed,
      ),
    ).toBeLessThan(1e-8)
    expect(curve.reduce((sum, bin) => sum + bin.rows, 0)).toBe(news.labels.length)
  })
})

describe('a fit', () => {
  const learners = [
    { name: 'softmax', fit: fitLogisticRegression, parameters: { tol: 1e-6 } },
    { name: 'one-vs-rest', fit: fitLogisticRegression, parameters: { tol: 1e-6, multiClass: 'ovr' } },
    { name: 'L1', fit: fitLogisticRegression, parameters: { tol: 1e-6, penalty: 'l1' } },
    { name: 'SVM', fit: fitLinearSvm, parameters: { tol: 1e-4 } },
    { name: 'L1 SVM', fit: fitLinearSvm, parameters: { tol: 1e-6, penalty: 'l1' } },
  ] as const
  type Control = NonNullable<Parameters<typeof fitLogisticRegression>[2]>
  const run = (learner: (typeof learners)[number], control: Control = {}, of = news) =>
    (learner.fit as typeof fitLogisticRegression)(of, learner.parameters as object, control)

  test.each(learners)('goes on from a checkpoint to the same bits: $name', async learner => {
    const states: never[] = []
    const whole = await run(learner, {
      checkpointEvery: 3,
      onCheckpoint: state => states.push(state as never),
    })
    expect(states.length).toBeGreaterThan(0)
    for (const state of [states[0]!, states.at(-1)!]) {
      expect(await run(learner, { resume: structuredClone(state) })).toEqual(whole)
    }
  })

  test.each(learners)('tells its loss as it falls: $name', async learner => {
    const losses = new Map<number, number[]>()
    const { loss } = await run(learner, {
      onProgress: ({ loss, classes: [first] }) => losses.set(first, [...(losses.get(first) ?? []), loss]),
    })
    const ends = [...losses.values()].map(each => each.at(-1)!)
    expect(ends.reduce((a, b) => a + b)).toBe(loss)
    // The loss that a dual descent tells is another than the one that it lowers.
    if (learner.name === 'SVM') return
    for (const each of losses.values()) expect(each).toEqual([...each].sort((a, b) => b - a))
  })

  test.each(learners)('begins from another model: $name', async learner => {
    const cold = await run(learner)
    const warm = await run(learner, { warmStart: cold.model })
    expect(warm.loss).toBeCloseTo(cold.loss, 3)
    expect(warm.iterations).toBeLessThan(cold.iterations)
    await expect(run(learner, { warmStart: cold.model }, two)).rejects.toEqual(
      invalid('other features or classes'),
    )
  })

  test.each(learners)('is the same on shared memory: $name', async learner => {
    const { indptr, indices, values } = news.matrix
    const matrix = {
      ...news.matrix,
      indptr: share(indptr, Int32Array),
      indices: share(indices, Int32Array),
      values: share(values, Float64Array),
    }
    expect(await run(learner, {}, { ...news, matrix })).toEqual(await run(learner))
  })

  test.each(learners)('stops when cancelled: $name', async learner => {
    const cancelled = expect.objectContaining({ code: 'cancelled' })
    await expect(run(learner, { signal: AbortSignal.abort() })).rejects.toEqual(cancelled)
  })

  test('along C is each fit alone', async () => {
    const cs = [4, 0.25, 1]
    const fits = await fitAlong(cs, (c, control) => fitLogisticRegression(news, { c, ...TIGHT }, control))
    for (const [i, c] of cs.entries()) {
      const alone = await fitLogisticRegression(news, { c, ...TIGHT })
      expect(largestDifference(fits[i]!.model.coefficients, alone.model.coefficients)).toBeLessThan(1e-5)
    }
  })

  test('along C goes on where the gradient is small and the optimum far', async () => {
    const cs = range(13).map(i => 10 ** (-2 + i / 3))
    const last = (await fitAlong(cs, (c, control) => fitLogisticRegression(news, { c }, control))).at(-1)!
    const { loss } = await fitLogisticRegression(news, { c: 100, ...TIGHT })
    expect(last.loss / loss - 1).toBeLessThan(1e-3)
  })

  test('rests where a last step ends a digit short of its bound', async () => {
    const halves = ['3200', '2112', '3221', '2131', '1332', '3000', '3320', '2300', '3122', '1003', '2031']
    const cells = [...halves.join('')].map(half => 2 * Number(half))
    const labels = halves.map((_, row) => row % 2)
    const fit = await fitLinearSvm(dense(cells, labels, 4, 2), { loss: 'hinge', c: 0.1 })
    expect(fit.converged).toBe(true)
  })

  test('of a thousand classes is a probability for each', async () => {
    const classes = 1000
    const rows = range(classes)
    const matrix: SparseMatrix = {
      ...{ rows: classes, columns: classes, indptr: Int32Array.from(range(classes + 1)) },
      ...{ indices: Int32Array.from(rows), values: new Float64Array(classes).fill(1) },
    }
    const training = { matrix, labels: Int32Array.from(rows), classes }
    const { model } = await fitLogisticRegression(training, { c: 100, tol: 1e-5 })
    const probabilities = openClassifier(model).probabilities(selectRows(matrix, [7]))
    expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 9)
    expect(probabilities.indexOf(Math.max(...probabilities))).toBe(7)
    const svm = await fitLinearSvm(training, { maxIter: 5 })
    expect(openClassifier(svm.model).decision(selectRows(matrix, [7])).length).toBe(classes)
  })
})

describe('curves', () => {
  const curvesOf = async (learner: Learner, of = news) => {
    const { model, curves, ...fit } = await fitLearner(of, learner, { keepCurves: true })
    const without = await fitLearner(of, learner)
    expect(without).toEqual({ ...fit, model, curves: [] })
    return { ...fit, curves }
  }
  const endOf = ({ learner, fold, steps, loss }: FitCurve) => ({
    ...{ learner, fold, steps: steps.length, last: steps.at(-1), loss: loss.at(-1) },
  })

  test.each<Learner>([
    { kind: 'logistic-regression' },
    { kind: 'logistic-regression', parameters: { penalty: 'l1', multiClass: 'ovr' } },
    { kind: 'linear-svm' },
    { kind: 'linear-svm', parameters: { maxIter: 3 } },
    { kind: 'nb-weighted', parameters: { model: 'linear-svm' } },
    { kind: 'mlp', parameters: { hiddenLayerSizes: [3], maxIter: 4 } },
  ])('have every step, and end at the loss of the fit: %j', async learner => {
    const { iterations, loss, curves } = await curvesOf(learner)
    const all = { steps: iterations, last: iterations }
    expect(curves.map(endOf)).toEqual([{ learner: learner.kind, fold: undefined, ...all, loss }])
  })

  test('of groups of classes tell where all stand together', () => {
    const losses: StepLosses = new Map()
    const tell = (first: number, of: readonly [iteration: number, loss: number][]) => {
      for (const [iteration, loss] of of) noteLoss(losses, { iteration, loss, classes: [first, first + 1] })
    }
    tell(0, [
      [1, 9],
      [2, 8],
      [3, 7],
    ])
    // A fit that goes on tells its last step again.
    tell(1, [
      [1, 50],
      [1, 50],
    ])
    // This one was at its end when it began.
    tell(2, [[0, 100]])
    expect(curvesOfLosses('svm', losses)).toEqual([
      { learner: 'svm', unit: 'iteration', steps: [1, 2, 3], loss: [159, 158, 157] },
    ])
    expect(curvesOfLosses('svm', new Map([[0, [5]]]))).toEqual([])
    expect(curvesOfLosses('svm', new Map())).toEqual([])
  })

  test('are those of the models that answer', async () => {
    const calibration = { method: 'sigmoid', cv: 2 } as const
    const one = { kind: 'linear-svm', calibration: { ...calibration, ensemble: false } } as const
    const [curve] = (await curvesOf({ kind: 'linear-svm' })).curves
    // The folds only calibrate it.
    expect((await curvesOf(one)).curves).toEqual([curve])
    const folds = { kind: 'linear-svm', calibration: { ...calibration, ensemble: true } } as const
    const votes = [{ kind: 'naive-bayes' }, { kind: 'logistic-regression' }, folds] as const
    const { curves } = await curvesOf({ kind: 'voting', how: 'soft', learners: votes })
    expect(curves.map(({ learner, fold }) => [learner, fold])).toEqual([
      ['model 2: logistic-regression', undefined],
      ['model 3: linear-svm', 1],
      ['model 3: linear-svm', 2],
    ])
  })

  test('have the accuracy on rows kept out, where a network stops early by it', async () => {
    const parameters = { hiddenLayerSizes: [3], maxIter: 5, earlyStopping: true }
    const [curve] = (await curvesOf({ kind: 'mlp', parameters })).curves
    expect(curve).toMatchObject({ unit: 'epoch', steps: [1, 2, 3, 4, 5] })
    expect(curve!.heldOutAccuracy).toHaveLength(5)
  })

  test.each<Learner['kind']>(['naive-bayes', 'complement-naive-bayes', 'random-forest', 'kernel-svm'])(
    'are none where no loss is told: %s',
    async kind => expect((await curvesOf({ kind } as Learner)).curves).toEqual([]),
  )

  test('are thinned to some points, the first and the last kept', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 12 })
    const thinned = fc.property(sizes, fc.integer({ min: 2, max: 300 }), (sizes, most) => {
      const whole = sizes.map((size, i): FitCurve => {
        const steps = Array.from({ length: size }, (_, step) => step + 1)
        const values = { loss: steps.map(step => -step), heldOutAccuracy: steps.map(step => step / size) }
        return { learner: `${i}`, unit: 'epoch', steps, ...values }
      })
      const thin = thinCurves(whole, most)
      expect(thin.length).toBe(whole.length)
      expect(thin.flatMap(({ steps }) => steps).length).toBeLessThanOrEqual(Math.max(most, 2 * sizes.length))
      for (const [i, { steps, loss, heldOutAccuracy }] of thin.entries()) {
        expect([steps[0], steps.at(-1)]).toEqual([1, sizes[i]])
        expect(new Set(steps).size).toBe(steps.length)
        expect(loss).toEqual(steps.map(step => -step))
        expect(heldOutAccuracy).toEqual(steps.map(step => step / sizes[i]!))
        if (sizes[i]! <= Math.floor(most / sizes.length)) expect(steps.length).toBe(sizes[i])
      }
    })
    fc.assert(thinned)
  })

  test('leave out what no chart can show', () => {
    const wild: FitCurve = { learner: 'mlp', unit: 'epoch', steps: [1, 2, 3, 4], loss: [3, Infinity, NaN, 2] }
    expect(thinCurves([wild], 100)).toEqual([{ ...wild, steps: [1, 4], loss: [3, 2] }])
    expect(thinCurves([{ ...wild, loss: wild.loss.map(() => NaN) }], 100)).toEqual([])
    expect(thinCurves([], 100)).toEqual([])
  })
})

describe('for any rows', () => {
  const [rows, columns, classes] = [12, 4, 3]
  // Every class has a row, and most rows have most features.
  const trainings = fc
    .record({
      cells: fc.array(fc.integer({ min: -4, max: 8 }), {
        minLength: rows * columns,
        maxLength: rows * columns,
      }),
      labels: fc.array(fc.nat(classes - 1), { minLength: rows - classes, maxLength: rows - classes }),
    })
    .map(({ cells, labels }) => dense(cells, [...labels, ...range(classes)], columns, classes))
  const learners = fc.constantFrom(
    (of: Training) => fitLogisticRegression(of, { ...TIGHT, tol: 1e-10 }),
    (of: Training) => fitLogisticRegression(of, { ...TIGHT, tol: 1e-10, multiClass: 'ovr' }),
    (of: Training) => fitLinearSvm(of, TIGHT),
    async (of: Training) => ({ model: fitNaiveBayes(nonNegative(of)) }),
    (of: Training) => fitNbWeighted(nonNegative(of), { model: 'linear-svm', parameters: TIGHT }),
  )
  const same = (a: { model: LinearModel }, b: { model: LinearModel }) => {
    expect(largestDifference(a.model.coefficients, b.model.coefficients)).toBeLessThan(1e-5)
    expect(largestDifference(a.model.intercepts, b.model.intercepts)).toBeLessThan(1e-5)
  }

  test('a row of weight 2 is the row twice', async () => {
    const twice = fc.asyncProperty(trainings, learners, fc.nat(rows - 1), async (training, learn, row) => {
      const sampleWeight = Float64Array.from(range(rows), each => (each === row ? 2 : 1))
      same(await learn({ ...training, sampleWeight }), await learn(pick(training, [...range(rows), row])))
    })
    await fc.assert(twice, { numRuns: 25 })
  })

  test('their order does not matter', async () => {
    const orders = fc.shuffledSubarray(range(rows), { minLength: rows, maxLength: rows })
    const reordered = fc.asyncProperty(trainings, learners, orders, async (training, learn, order) => {
      same(await learn(training), await learn(pick(training, order)))
    })
    await fc.assert(reordered, { numRuns: 25 })
  })

  test('class weights are sample weights of the classes’ rows', async () => {
    const weights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: classes, maxLength: classes })
    const weighted = fc.asyncProperty(trainings, weights, fc.boolean(), async (training, weights, ovr) => {
      const parameters = { ...TIGHT, tol: 1e-10, multiClass: ovr ? 'ovr' : 'multinomial' } as const
      const sampleWeight = Float64Array.from(training.labels, label => weights[label]!)
      same(
        await fitLogisticRegression(training, { ...parameters, classWeight: weights }),
        await fitLogisticRegression({ ...training, sampleWeight }, parameters),
      )
    })
    await fc.assert(weighted, { numRuns: 20 })
  })

  test.each(['l2', 'l1', 'elasticnet'] as const)('no step lowers the objective: %s', async penalty => {
    const directions = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
      minLength: (columns + 1) * classes,
      maxLength: (columns + 1) * classes,
    })
    const optimal = fc.asyncProperty(trainings, directions, async (training, direction) => {
      const { model, loss } = await fitLogisticRegression(training, { ...TIGHT, penalty, l1Ratio: 0.4 })
      const l1 = { l2: 0, l1: 1, elasticnet: 0.4 }[penalty]
      expect(objective(training, model, l1)).toBeCloseTo(loss, 6)
      for (const length of [1e-1, 1e-3]) {
        const step = (from: Float64Array, at: number) =>
          from.map((weight, i) => weight + length * direction[at + i]!)
        const moved = {
          ...model,
          coefficients: step(model.coefficients, 0),
          intercepts: step(model.intercepts, columns * classes),
        }
        expect(objective(training, moved, l1)).toBeGreaterThan(loss - 1e-6)
      }
    })
    await fc.assert(optimal, { numRuns: 15 })
  })
})

describe('a thousand classes', () => {
  test.each(['logistic-regression', 'naive-bayes'] as const)('%s', async kind => {
    const classes = 1000
    const labels = Int32Array.from({ length: 2 * classes }, (_, row) => row % classes)
    const indptr = Int32Array.from({ length: labels.length + 1 }, (_, row) => row)
    const matrix = {
      rows: labels.length,
      columns: classes,
      indptr,
      indices: labels,
      values: new Float64Array(labels.length).fill(1),
    }
    const { model } = await fitLearner({ matrix, labels, classes }, { kind })
    expect(likeliest(openClassifier(model).decision(matrix), classes)).toEqual(labels)
  })
})

describe('bad input', () => {
  test.each([[[['1'], 1]], [[true, 1]], [[{ toString: [] }, 1]], [['1', 1]]])(
    'classWeight %j',
    async weights => {
      const parameters = { classWeight: weights as never }
      await expect(fitLogisticRegression(news, parameters)).rejects.toEqual(invalid('classWeight'))
    },
  )

  const badRows = (what: string) =>
    expect.objectContaining({ code: 'invalid-rows', message: expect.stringContaining(what) })
  const withValue = (value: number): Training => {
    const values = news.matrix.values.slice()
    values[5] = value
    return { ...news, matrix: { ...news.matrix, values } }
  }
  const learners = [fitLogisticRegression, fitLinearSvm, async (of: Training) => fitNaiveBayes(of)]

  test.each<[string, Training, unknown]>([
    [
      'no rows',
      { ...news, matrix: selectRows(news.matrix, []) },
      expect.objectContaining({ code: 'no-rows' }),
    ],
    ['too few labels', { ...news, labels: news.labels.slice(1) }, badRows('rows and')],
    ['a label beyond the classes', { ...news, classes: 3 }, badRows('has the label 3')],
    [
      'one class',
      { ...news, labels: new Int32Array(news.labels.length) },
      expect.objectContaining({ code: 'too-few-classes' }),
    ],
    ['a NaN', withValue(Number.NaN), badRows('is NaN in row')],
    ['an infinite value', withValue(-Infinity), badRows('is -Infinity in row')],
    ['too few weights', { ...news, sampleWeight: new Float64Array(3) }, badRows('sample weights')],
    [
      'a weight below 0',
      { ...news, sampleWeight: news.matrix.values.subarray(0, news.labels.length).map(v => -v) },
      badRows('the weight of row'),
    ],
    [
      'a weight that is NaN',
      { ...news, sampleWeight: new Float64Array(news.labels.length).fill(Number.NaN) },
      badRows('is NaN'),
    ],
    [
      'weights that leave one class',
      { ...news, sampleWeight: Float64Array.from(news.labels, label => Number(label === 2)) },
      expect.objectContaining({ code: 'too-few-classes' }),
    ],
  ])('%s', async (_, training, expected) => {
    for (const learn of learners) await expect(learn(training)).rejects.toEqual(expected)
  })

  test.each<[object, string]>([
    [{ c: 0 }, 'c is 0'],
    [{ c: -1 }, 'c is -1'],
    [{ c: Number.NaN }, 'c is NaN'],
    [{ tol: 0 }, 'tol is 0'],
    [{ maxIter: 0.5 }, 'maxIter is 0.5'],
    [{ penalty: 'l3' }, 'penalty is l3'],
    [{ fitIntercept: 'yes' }, 'fitIntercept is yes'],
    [{ classWeight: [1, 2] }, 'classWeight has 2 numbers'],
    [{ classWeight: { Sports: 2 } as never }, 'classWeight is {"Sports":2}'],
    [{ classWeight: [1, 2, 3, Number.NaN] }, 'classWeight[3] is NaN'],
    [{ gamma: 1 }, 'gamma is no parameter'],
  ])('%j', async (parameters, what) => {
    await expect(fitLogisticRegression(news, parameters)).rejects.toEqual(invalid(what))
    await expect(fitLinearSvm(news, parameters)).rejects.toEqual(invalid(what))
  })

  test('of single learners', async () => {
    await expect(fitLinearSvm(news, { penalty: 'l1', loss: 'hinge' })).rejects.toEqual(
      invalid('loss is hinge'),
    )
    await expect(fitLinearSvm(news, { c: Infinity })).rejects.toEqual(invalid('c is Infinity'))
    await expect(fitLogisticRegression(news, { l1Ratio: 2 })).rejects.toEqual(invalid('l1Ratio is 2'))
    expect(() => fitNaiveBayes(news, { alpha: -1 })).toThrow(invalid('alpha is -1'))
    expect(() => fitNaiveBayes(withValue(-1))).toThrow(badRows('never below 0'))
    await expect(fitNbWeighted(news, { model: 'linear-svm', alpha: 0 })).rejects.toEqual(
      invalid('alpha is 0'),
    )
    const l1 = { model: 'linear-svm', parameters: { penalty: 'l1' } } as const
    await expect(fitNbWeighted(news, l1)).rejects.toEqual(invalid('penalty is l1'))
  })

  test('a fit that does not converge says so and is a model all the same', async () => {
    for (const learn of [fitLogisticRegression, fitLinearSvm]) {
      for (const penalty of ['l1', 'l2'] as const) {
        const { converged, iterations, model } = await learn(news, { maxIter: 1, tol: 1e-9, penalty })
        expect([converged, iterations]).toEqual([false, 1])
        expect(openClassifier(model).decision(held.matrix).every(Number.isFinite)).toBe(true)
      }
    }
  })

  test('classes without a penalty that a line parts never converge, and stay finite', async () => {
    const { converged, model } = await fitLogisticRegression(two, { penalty: 'none', maxIter: 30 })
    expect(converged).toBe(false)
    expect(model.coefficients.every(Number.isFinite)).toBe(true)
  })

  test('folds that a class cannot fill', () => {
    const labels = Int32Array.of(0, 0, 0, 1)
    expect(() => stratifiedFolds(labels, 2, 2)).toThrow(invalid('class 1 has 1 rows'))
  })

  test('a class with one row is fitted', async () => {
    const labels = news.labels.map(label => (label === 3 ? 0 : label))
    labels[0] = 3
    for (const learn of learners) expect(await learn({ ...news, labels })).toBeDefined()
  })

  test('features of another vocabulary', async () => {
    const { model } = await fitLinearSvm(two)
    const other = { ...two.matrix, columns: 7 }
    expect(() => openClassifier(model).decision(other)).toThrow(badRows('have 7 features'))
  })

  test('probabilities of a linear SVM', async () => {
    const none = expect.objectContaining({ code: 'not-calibrated' })
    const svm = openClassifier((await fitLinearSvm(news)).model)
    expect(() => svm.probabilities(held.matrix)).toThrow(none)
    const weighted = openClassifier((await fitNbWeighted(news, { model: 'linear-svm' })).model)
    expect(() => weighted.probabilities(held.matrix)).toThrow(none)
  })

  test('more than fits in memory', () => {
    const size = { rows: 1e6, entries: 3e7, features: 2e6, classes: 1000 }
    const short = (fix: string) =>
      expect.objectContaining({ code: 'not-enough-memory', fix: expect.stringContaining(fix) })
    expect(() => requireMemory({ learner: 'logistic-regression', ...size }, 2 ** 34)).toThrow(
      short('maxFeatures'),
    )
    expect(() => requireMemory({ learner: 'logistic-regression', ...size }, 2 ** 34)).toThrow(short('ovr'))
    expect(() => requireMemory({ learner: 'linear-svm', ...size, features: 1000 }, 2 ** 20)).toThrow(
      short('rows'),
    )
    requireMemory({ learner: 'linear-svm', ...size, classes: 4 }, 2 ** 30)
    const few = { ...size, classes: 2 }
    expect(fitBytes({ learner: 'naive-bayes', ...few })).toBeLessThan(
      fitBytes({ learner: 'linear-svm', ...few }),
    )
  })
})

test('presets are parameters of their learners', async () => {
  const { 'logistic-regression': logistic, 'naive-bayes': bayes } = PRESETS['seed-002']
  expect((await fitLogisticRegression(news, logistic)).converged).toBe(true)
  expect(fitNaiveBayes(news, bayes).features).toBe(60)
})

test('balanced weights give every class the same sum', () => {
  const weights = classWeights(news, 'balanced')
  const sums = new Float64Array(4)
  for (const label of news.labels) sums[label]! += weights[label]!
  expect(largestDifference(sums, new Array(4).fill(news.labels.length / 4))).toBeLessThan(1e-9)
})

describe('class weights by name', () => {
  const named: Training = { ...news, names: ['World', 'Sports', 'Business', 'Sci/Tech'] }
  const weighing = (classWeight: unknown) => classWeights(named, classWeight as ClassWeight)

  test('are those by place; a class left out has 1', () => {
    expect([...weighing({ Business: 3, World: 0 })]).toEqual([0, 1, 3, 1])
  })

  test('reach the folds of a calibration', async () => {
    const fitted = async (classWeight: ClassWeight) => {
      const calibration = { method: 'sigmoid', cv: 2 } as const
      return (await fitLearner(named, { kind: 'linear-svm', parameters: { classWeight }, calibration })).model
    }
    expect(await fitted({ Sports: 5 })).toEqual(await fitted([1, 5, 1, 1]))
  })

  test.each([
    [{ business: 2 }, /has "business"\n {2}the classes are: World, Sports, Business, Sci\/Tech/],
    [{ World: -1 }, /of "World" is -1/],
    [{ World: '2' }, /of "World" is 2\n {2}weights are numbers/],
    [[1, 1, 1, '2'], /\[3\] is 2\n {2}weights are numbers/],
    ['heavy', /is heavy\n {2}give balanced/],
  ])('%j is refused', (classWeight, message) => expect(() => weighing(classWeight)).toThrow(message))

  test('by null there are none, as by nothing said', async () => {
    const none = { classWeight: null } as unknown as object
    expect(await fitLogisticRegression(news, none)).toEqual(await fitLogisticRegression(news))
    await expect(fitLogisticRegression(news, { c: null } as unknown as object)).rejects.toThrow('c is null')
  })
})

interface Fitted {
  readonly model: FittedModel & LinearModel
  readonly loss?: number
}

async function fitCase(of: Pick<Case, 'learner' | 'parameters'>, training: Training): Promise<Fitted> {
  const { learner, parameters } = of
  switch (learner) {
    case 'logistic-regression':
      return fitLogisticRegression(training, { ...parameters, ...TIGHT })
    case 'linear-svm':
      return fitLinearSvm(training, { ...parameters, ...TIGHT })
    case 'naive-bayes':
      return { model: fitNaiveBayes(training, parameters) }
    case 'complement-naive-bayes':
      return { model: fitComplementNaiveBayes(training, parameters) }
    case 'nb-weighted':
      return fitNbWeighted(training, { model: 'linear-svm', ...parameters, parameters: TIGHT })
  }
}

function expectSame({ model, loss }: Fitted, expected: Case, test: SparseMatrix): void {
  const alone = (both: Float64Array) =>
    model.classes === 2 ? range(both.length / 2).map(i => both[2 * i + 1]! - both[2 * i]!) : both
  const [coefficients, known] = [alone(model.coefficients), expected.coefficients]
  // Of an even number of classes, all weights of a feature may move together without changing loss or L1 penalty.
  const free = expected.name === 'L1' && expected.learner === 'logistic-regression' && model.classes > 2
  const compared = free ? [centred(coefficients, 4), centred(known, 4)] : [coefficients, known]
  expect(largestDifference(compared[0]!, compared[1]!)).toBeLessThan(1e-4)
  expect(largestDifference(alone(model.intercepts), expected.intercepts)).toBeLessThan(1e-4)
  if (expected.loss !== undefined) expect(loss! / expected.loss - 1).toBeLessThan(1e-8)
  if (expected.probabilities !== undefined && model.kind !== 'linear-svm') {
    const probabilities = openClassifier(model).probabilities(test)
    expect(largestDifference(probabilities, expected.probabilities)).toBeLessThan(1e-5)
  }
}

/** Each run of `size` numbers less its mean. */
function centred(numbers: ArrayLike<number>, size: number): number[] {
  return Array.from(numbers, (number, i) => {
    const from = i - (i % size)
    return number - range(size).reduce((sum, k) => sum + numbers[from + k]!, 0) / size
  })
}

/** `Σ log-loss + (1 - l1) ½‖w‖² + l1 ‖w‖₁`, as a reader would write it down. */
function objective(training: Training, model: LinearModel, l1: number): number {
  const probabilities = linearProbabilities(model, training.matrix)
  let sum = 0
  for (const [row, label] of training.labels.entries())
    sum -= Math.log(probabilities[row * model.classes + label]!)
  for (const weight of model.coefficients) sum += l1 * Math.abs(weight) + ((1 - l1) / 2) * weight ** 2
  return sum
}

function dense(
  cells: readonly number[],
  labels: readonly number[],
  columns: number,
  classes: number,
): Training {
  const kept = cells.flatMap((value, i) =>
    value === 0 ? [] : [{ row: Math.floor(i / columns), column: i % columns, value }],
  )
  const starts = range(labels.length + 1).map(row => kept.filter(cell => cell.row < row).length)
  const matrix: SparseMatrix = {
    rows: labels.length,
    columns,
    indptr: Int32Array.from(starts),
    indices: Int32Array.from(kept, cell => cell.column),
    values: Float64Array.from(kept, cell => cell.value / 4),
  }
  return { matrix, labels: Int32Array.from(labels), classes }
}

function nonNegative(training: Training): Training {
  return { ...training, matrix: { ...training.matrix, values: training.matrix.values.map(Math.abs) } }
}

function pick({ matrix, labels, classes }: Training, rows: readonly number[]): Training {
  return { matrix: selectRows(matrix, rows), labels: Int32Array.from(rows, row => labels[row]!), classes }
}

function weightsOf({ sampleWeight }: Case): Float64Array | undefined {
  return sampleWeight && Float64Array.from(sampleWeight)
}

function sparse(of: { rows: number; columns: number } & Record<'indptr' | 'indices' | 'values', number[]>) {
  const { rows, columns } = of
  const [indptr, indices] = [Int32Array.from(of.indptr), Int32Array.from(of.indices)]
  return { rows, columns, indptr, indices, values: Float64Array.from(of.values) }
}

function firstTwo({ matrix, labels }: Training): Training {
  const rows = range(labels.length).filter(row => labels[row]! < 2)
  return { matrix: selectRows(matrix, rows), labels: Int32Array.from(rows, row => labels[row]!), classes: 2 }
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i)
}

function share<A extends Int32Array | Float64Array>(
  array: A,
  Shared: new (buffer: SharedArrayBuffer) => A,
): A {
  const shared = new Shared(new SharedArrayBuffer(array.byteLength))
  shared.set(array)
  return shared
}
