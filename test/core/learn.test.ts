import { describe, expect, test } from '@jest/globals'
import { judge, logLoss } from '../../core/judge/index.ts'
import {
  fitLogisticRegression,
  fitNaiveBayes,
  type LinearModel,
  type LogisticRegressionParameters,
  likeliest,
  linearProbabilities,
  majorityClass,
  type SparseMatrix,
} from '../../core/learn/index.ts'
import { minimise } from '../../core/learn/lbfgs.ts'
import * as fc from '../support/properties.ts'
import { LABELS, largestDifference, readGolden, readRows } from '../support/sklearn.ts'
import { fitTfidf } from '../support/tfidf.ts'

interface GoldenJudgement extends Record<'macro' | 'precision' | 'recall' | 'f1' | 'support', number[]> {
  readonly labels: number[]
  readonly predicted: number[]
  readonly accuracy: number
  readonly confusion: number[][]
}

const golden = readGolden('models')
const goldenMetrics = readGolden('metrics')
const rows = readRows()
const { features } = await fitTfidf(
  rows.train.map(row => row.text),
  readGolden('features').news.settings,
)
const news = split(() => true)
const truth = Int32Array.from(rows.test, row => row.label)

describe('models are scikit-learn’s', () => {
  test('logistic regression', async () => {
    const { c, loss, ...expected } = golden.logistic
    const { model, ...fit } = await fitLogisticRegression(news, { c, tol: 1e-7 })
    expect(fit.converged).toBe(true)
    expect(model).toMatchObject({ classes: 4, features: news.matrix.columns })
    expect(Math.abs(fit.loss - loss)).toBeLessThan(1e-4)
    expectModel(model, news.test, expected, 1e-4)
  })

  test('logistic regression of two classes, which scikit-learn fits as one vector', async () => {
    const { c, loss, coefficients, intercepts, probabilities } = golden.twoClasses
    const { matrix, labels, test } = split(label => label < 2)
    const { model, ...fit } = await fitLogisticRegression({ matrix, labels, classes: 2 }, { c, tol: 1e-7 })
    const difference = (both: Float64Array) =>
      Array.from({ length: both.length / 2 }, (_, i) => both[2 * i + 1]! - both[2 * i]!)
    expect(Math.abs(fit.loss - loss)).toBeLessThan(1e-4)
    expect(largestDifference(difference(model.coefficients), coefficients)).toBeLessThan(1e-4)
    expect(largestDifference(difference(model.intercepts), intercepts)).toBeLessThan(1e-4)
    expect(largestDifference(linearProbabilities(model, test), probabilities)).toBeLessThan(1e-4)
  })

  test('naive Bayes', () => {
    expectModel(fitNaiveBayes(news), news.test, golden.bayes, 1e-6)
  })

  test('log loss', () => {
    const probabilities = Float64Array.from(golden.logistic.probabilities)
    expect(logLoss(truth, probabilities, 4)).toBeCloseTo(goldenMetrics.logLoss, 6)
  })

  test.each<GoldenJudgement>(goldenMetrics.judged)('metrics of accuracy $accuracy', expected => {
    const judged = judge(Int32Array.from(expected.labels), Int32Array.from(expected.predicted), LABELS)
    const { accuracy, macroPrecision, macroRecall, macroF1, classes, confusion } = judged
    expect(accuracy).toBeCloseTo(expected.accuracy, 8)
    expect(largestDifference([macroPrecision, macroRecall, macroF1], expected.macro)).toBeLessThan(1e-8)
    expect(classes.map(each => each.name)).toEqual(LABELS)
    expect(classes.map(each => each.support)).toEqual(expected.support)
    for (const key of ['precision', 'recall', 'f1'] as const) {
      expect(
        largestDifference(
          classes.map(each => each[key]),
          expected[key],
        ),
      ).toBeLessThan(1e-8)
    }
    expect(confusion).toEqual(expected.confusion)
  })

  function expectModel(
    model: LinearModel,
    test: SparseMatrix,
    expected: Record<'coefficients' | 'intercepts' | 'probabilities', number[]>,
    tolerance: number,
  ): void {
    expect(largestDifference(model.coefficients, expected.coefficients)).toBeLessThan(tolerance)
    expect(largestDifference(model.intercepts, expected.intercepts)).toBeLessThan(tolerance)
    expect(largestDifference(linearProbabilities(model, test), expected.probabilities)).toBeLessThan(
      tolerance,
    )
  }
})

describe('fitting', () => {
  const fitNews = (changes: Partial<LogisticRegressionParameters> = {}) =>
    fitLogisticRegression(news, changes)

  test('gives the same bits twice', async () => {
    expect(await fitNews()).toEqual(await fitNews())
  })

  test('says when iterations ran out', async () => {
    expect(await fitNews({ maxIter: 2 })).toMatchObject({ converged: false, iterations: 2 })
  })

  test('stops between iterations when cancelled', async () => {
    const cancelled = expect.objectContaining({ code: 'cancelled' })
    await expect(fitLogisticRegression(news, {}, { signal: AbortSignal.abort() })).rejects.toEqual(cancelled)
    // Set after the fit began, so it only comes in time because the fit lets the event loop turn.
    const controller = new AbortController()
    const running = fitLogisticRegression(news, {}, { signal: controller.signal })
    setImmediate(() => controller.abort())
    await expect(running).rejects.toEqual(cancelled)
  })

  test('finds the known minimum of a badly scaled quadratic', async () => {
    const scales = [1e-3, 1, 1e3, 1e5]
    const evaluate = (x: Float64Array, gradient: Float64Array) => {
      scales.forEach((scale, i) => {
        gradient[i] = scale * (x[i]! - i - 1)
      })
      return scales.reduce((sum, scale, i) => sum + (scale / 2) * (x[i]! - i - 1) ** 2, 0)
    }
    const limits = { maxIterations: 200, tolerance: 1e-9 }
    const found = await minimise({ size: 4, evaluate }, new Float64Array(4), limits)
    expect(found.converged).toBe(true)
    expect(largestDifference(found.x, [1, 2, 3, 4])).toBeLessThan(1e-5)
  })

  test('gives up on a function that falls for ever, and on a gradient that leads nowhere', async () => {
    const falling = (x: Float64Array, gradient: Float64Array) => {
      gradient[0] = -1
      return -x[0]!
    }
    const limits = { maxIterations: 5, tolerance: 0 }
    const start = new Float64Array(1)
    expect(await minimise({ size: 1, evaluate: falling }, start, limits)).toMatchObject({
      iterations: 5,
      value: -5,
      converged: false,
    })
    const misleading = (x: Float64Array, gradient: Float64Array) =>
      falling(
        x.map(part => -part),
        gradient,
      )
    expect(await minimise({ size: 1, evaluate: misleading }, start, limits)).toMatchObject({
      iterations: 0,
      converged: false,
    })
  })

  test('reaches a tolerance where values no longer tell points apart', async () => {
    expect(await fitNews({ tol: 1e-11 })).toMatchObject({ converged: true })
  })

  test('takes features far from 0 as easily as those around it', async () => {
    const cells = [1, 0, 3, 2, 2, 1, 0, 4, 5, 1, 3, 3, 4, 2, 1, 5]
    const training = (offset: number) => {
      const values = Float64Array.from(cells, cell => cell + offset)
      const [indptr, indices] = [Int32Array.of(0, 2, 4, 6, 8, 10, 12, 14, 16), cells.map((_, i) => i % 2)]
      const matrix = { rows: 8, columns: 2, indptr, indices: Int32Array.from(indices), values }
      return { matrix, labels: Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1), classes: 3 }
    }
    const near = await fitLogisticRegression(training(0))
    const far = await fitLogisticRegression(training(1000))
    expect(far.iterations).toBe(near.iterations)
    expect(largestDifference(far.model.coefficients, near.model.coefficients)).toBeLessThan(1e-7)
  })

  test('refuses labels of one class', async () => {
    const one = { ...news, labels: new Int32Array(news.labels.length) }
    const tooFew = expect.objectContaining({ code: 'too-few-classes' })
    await expect(fitLogisticRegression(one)).rejects.toEqual(tooFew)
    expect(() => fitNaiveBayes(one)).toThrow(tooFew)
    expect(() => majorityClass(one.labels, 4)).toThrow(tooFew)
  })
})

describe('answers', () => {
  test('sum to 1 for any scores, and the largest wins', () => {
    const score = fc.integer({ min: -1e6, max: 1e6 })
    fc.assert(
      fc.property(fc.array(score, { minLength: 1, maxLength: 8 }), scores => {
        const model = {
          classes: scores.length,
          features: 0,
          coefficients: new Float64Array(),
          intercepts: Float64Array.from(scores),
        }
        const empty = { rows: 1, columns: 0, indptr: new Int32Array(2), indices: new Int32Array() }
        const probabilities = linearProbabilities(model, { ...empty, values: new Float64Array() })
        expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
        expect(likeliest(probabilities, scores.length)[0]).toBe(scores.indexOf(Math.max(...scores)))
      }),
    )
  })

  test('the majority is the first of the largest classes', () => {
    expect(majorityClass(Int32Array.of(0, 2, 1, 2, 1), 4)).toBe(1)
  })

  test('a sure mistake costs much but not everything', () => {
    expect(logLoss(Int32Array.of(1), Float64Array.of(1, 0), 2)).toBeCloseTo(36.04, 2)
  })

  test('cannot be judged without rows', () => {
    const none = expect.objectContaining({ code: 'no-rows' })
    expect(() => judge(new Int32Array(), new Int32Array(), LABELS)).toThrow(none)
    expect(() => logLoss(new Int32Array(), new Float64Array(), 4)).toThrow(none)
  })
})

/** The goldens' news features, and of them the rows whose label passes. */
function split(keep: (label: number) => boolean) {
  const train = rows.train.filter(row => keep(row.label))
  return {
    matrix: features.transform(train.map(row => row.text)),
    labels: Int32Array.from(train, row => row.label),
    classes: LABELS.length,
    test: features.transform(rows.test.filter(row => keep(row.label)).map(row => row.text)),
  }
}
