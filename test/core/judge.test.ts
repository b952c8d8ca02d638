import { describe, expect, test } from '@jest/globals'
import {
  bootstrapF1,
  brierScore,
  calibrationError,
  judge,
  logLoss,
  mcnemar,
  rankAll,
  rankClass,
  reliability,
  sliceByLength,
  sliceByValue,
  wilsonInterval,
} from '../../core/judge/index.ts'
import { likeliest } from '../../core/learn/index.ts'
import { randomFrom } from '../../core/random.ts'
import * as fc from '../support/properties.ts'
import { largestDifference, readGolden } from '../support/sklearn.ts'

interface GoldenCase {
  readonly classes: number
  readonly labels: number[]
  readonly probabilities: number[]
  readonly balancedAccuracy: number
  readonly macroF1: number
  readonly weightedPrecision: number
  readonly weightedF1: number
  readonly precision: number[]
  readonly recall: number[]
  readonly f1: number[]
  readonly support: number[]
  readonly confusion: number[][]
  readonly logLoss: number
  readonly brier: number
  readonly rocAuc: (number | null)[]
  readonly averagePrecision: (number | null)[]
  readonly microRocAuc: number
  /** Of class 0, where some rows are of it and some are not. */
  readonly roc: { readonly falsePositiveRate: number[]; readonly recall: number[] } | null
}

const golden = readGolden('judge') as {
  readonly cases: readonly GoldenCase[]
  readonly mcnemar: readonly { readonly onlyFirst: number; readonly onlySecond: number; readonly p: number }[]
}

describe('as scikit-learn has it', () => {
  test.each(golden.cases)('$labels.length rows of $classes classes', expected => {
    const { classes } = expected
    const labels = Int32Array.from(expected.labels)
    const probabilities = Float64Array.from(expected.probabilities)
    const names = Array.from({ length: classes }, (_, k) => `class ${k}`)
    const judged = judge(labels, likeliest(probabilities, classes), names)
    expect(judged.balancedAccuracy).toBeCloseTo(expected.balancedAccuracy, 12)
    expect(judged.macroF1).toBeCloseTo(expected.macroF1, 12)
    expect(judged.weightedPrecision).toBeCloseTo(expected.weightedPrecision, 12)
    expect(judged.weightedF1).toBeCloseTo(expected.weightedF1, 12)
    expect(logLoss(labels, probabilities, classes)).toBeCloseTo(expected.logLoss, 10)
    expect(brierScore(labels, probabilities, classes)).toBeCloseTo(expected.brier, 12)
    expect(judged.confusion).toEqual(expected.confusion)
    for (const [k, { precision, recall, f1, support }] of judged.classes.entries()) {
      const shares = [expected.precision[k]!, expected.recall[k]!, expected.f1[k]!]
      expect(largestDifference([precision, recall, f1], shares)).toBeLessThan(1e-12)
      expect(support).toBe(expected.support[k])
      const { rocAuc, averagePrecision } = rankClass(labels, probabilities, classes, k)
      const near = (value: number | null) => (value === null ? undefined : expect.closeTo(value, 12))
      expect({ rocAuc, averagePrecision }).toEqual({
        rocAuc: near(expected.rocAuc[k]!),
        averagePrecision: near(expected.averagePrecision[k]!),
      })
    }
    expect(rankAll(labels, probabilities, classes).rocAuc).toBeCloseTo(expected.microRocAuc, 12)
    if (expected.roc === null) return
    // scikit-learn begins with a point that claims nothing.
    const { points } = rankClass(labels, probabilities, classes, 0)
    const rates = points.map(point => point.falsePositiveRate)
    expect(largestDifference(rates, expected.roc.falsePositiveRate.slice(1))).toBeLessThan(1e-12)
    const recalls = points.map(point => point.recall)
    expect(largestDifference(recalls, expected.roc.recall.slice(1))).toBeLessThan(1e-12)
  })
})

test.each(golden.mcnemar)('McNemar: $onlyFirst against $onlySecond', ({ onlyFirst, onlySecond, p }) => {
  const rows = onlyFirst + onlySecond + 5
  const labels = new Int32Array(rows)
  const first = new Int32Array(rows).fill(1, 0, onlySecond)
  const second = new Int32Array(rows).fill(1, onlySecond, onlyFirst + onlySecond)
  const found = mcnemar(labels, first, second)
  expect(found).toMatchObject({ onlyFirst, onlySecond })
  expect(Math.abs(found.p - p)).toBeLessThan(1e-9)
})

test('two wrong answers of different classes say nothing of either', () => {
  expect(mcnemar(Int32Array.of(0), Int32Array.of(1), Int32Array.of(2))).toEqual({
    onlyFirst: 0,
    onlySecond: 0,
    p: 1,
  })
})

test('a class without rows, or with all of them, has no curve to speak of', () => {
  const probabilities = Float64Array.of(0.9, 0.1, 0.8, 0.2)
  expect(rankClass(Int32Array.of(0, 0), probabilities, 2, 0)).toMatchObject({
    rocAuc: undefined,
    averagePrecision: 1,
  })
  expect(rankClass(Int32Array.of(0, 0), probabilities, 2, 1)).toMatchObject({
    rocAuc: undefined,
    averagePrecision: undefined,
  })
})

test('a probability that is no number ends in a figure, not in a loop', () => {
  const { rocAuc } = rankClass(Int32Array.of(0, 1, 0), Float64Array.of(NaN, 1, 0.5, 0.5, 0.4, 0.6), 2, 0)
  expect(rocAuc).toBeGreaterThanOrEqual(0)
  expect(rocAuc).toBeLessThanOrEqual(1)
})

test('thinning keeps both ends, the order, and no more than asked for', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 2, max: 30 }),
      (labels, most) => {
        const scores = labels.flatMap((_, i) => [1 - i / 400, i / 400])
        const { points } = rankClass(Int32Array.from(labels), Float64Array.from(scores), 2, 0)
        const kept = rankClass(Int32Array.from(labels), Float64Array.from(scores), 2, 0, most).points
        expect(kept.length).toBeLessThanOrEqual(Math.max(most, 1))
        expect(kept[0]).toEqual(points[0])
        expect(kept.at(-1)).toEqual(points.at(-1))
        // All thresholds differ, and fall.
        const places = kept.map(({ threshold }) => points.findIndex(point => point.threshold === threshold))
        expect(places.map(place => points[place])).toEqual(kept)
        expect(places).toEqual(places.toSorted((a, b) => a - b))
      },
    ),
  )
})

test('calibration: bins by confidence, their mean distance by rows', () => {
  const labels = Int32Array.of(0, 0, 1, 1)
  const probabilities = Float64Array.of(0.95, 0.05, 0.95, 0.05, 0.97, 0.03, 0.4, 0.6)
  const bins = reliability(labels, Int32Array.of(0, 0, 0, 1), probabilities, 2)
  expect(bins).toEqual([
    { rows: 1, confidence: 0.6, accuracy: 1 },
    { rows: 3, confidence: expect.closeTo(2.87 / 3, 12), accuracy: expect.closeTo(2 / 3, 12) },
  ])
  expect(calibrationError(bins)).toBeCloseTo((0.4 + 3 * (2.87 / 3 - 2 / 3)) / 4, 12)
  // A probability of 1 belongs to the last bin.
  expect(reliability(Int32Array.of(0), Int32Array.of(0), Float64Array.of(1, 0), 2)).toEqual([
    { rows: 1, confidence: 1, accuracy: 1 },
  ])
})

describe('bootstrap', () => {
  const random = randomFrom(3)
  const labels = Int32Array.from({ length: 400 }, () => random.next(3))
  const predicted = labels.map(label => (random.unit() < 0.8 ? label : (label + 1) % 3))

  test('the seed decides, the interval holds the figure and narrows with rows', () => {
    const options = { resamples: 500, seed: 7 }
    const whole = bootstrapF1(labels, predicted, 3, options).macroF1
    const { macroF1, classes } = judge(labels, predicted, ['a', 'b', 'c'])
    expect(bootstrapF1(labels, predicted, 3, options).macroF1).toEqual(whole)
    expect(bootstrapF1(labels, predicted, 3, { ...options, seed: 8 }).macroF1).not.toEqual(whole)
    expect(whole.low).toBeLessThan(macroF1)
    expect(whole.high).toBeGreaterThan(macroF1)
    // The binomial's own deviation is .02 on 400 rows: 1.96 of them to either side.
    expect(whole.high - whole.low).toBeGreaterThan(0.06)
    expect(whole.high - whole.low).toBeLessThan(0.1)
    // A class has a third of the rows.
    for (const [k, each] of bootstrapF1(labels, predicted, 3, options).classes.entries()) {
      expect(each.low).toBeLessThan(classes[k]!.f1)
      expect(each.high).toBeGreaterThan(classes[k]!.f1)
      expect(each.high - each.low).toBeGreaterThan(whole.high - whole.low)
    }
    const part = bootstrapF1(labels.subarray(0, 50), predicted.subarray(0, 50), 3, options).macroF1
    expect(part.high - part.low).toBeGreaterThan(whole.high - whole.low)
  })

  test('the figure lies within its interval where classes have few rows', () => {
    // 40 classes of two rows, one in eight wrong: a draw misses one class in seven.
    const rare = Int32Array.from({ length: 80 }, (_, row) => row >> 1)
    const claimed = rare.map((label, row) => (row % 8 === 0 ? (label + 1) % 40 : label))
    const names = Array.from({ length: 41 }, (_, k) => `class ${k}`)
    const { macroF1 } = judge(rare, claimed, names)
    const { macroF1: interval, classes } = bootstrapF1(rare, claimed, 41, { resamples: 500, seed: 7 })
    expect((interval.low + interval.high) / 2).toBeCloseTo(macroF1, 12)
    expect(interval.high - interval.low).toBeGreaterThan(0.1)
    expect(interval.high - interval.low).toBeLessThan(0.25)
    // Right in both rows, which is no certainty.
    expect(classes[2]).toEqual({ low: 0, high: 1 })
    // Without a row and never claimed.
    expect(classes[40]).toEqual({ low: 0, high: 0 })
  })
})

test('the interval of the accuracy is that of scipy', () => {
  // scipy 1.17: binomtest(right, rows).proportion_ci(method='wilson')
  for (const [right, rows, low, high] of [
    [8, 10, 0.4901624715, 0.9433178485],
    [0, 10, 0, 0.2775327999],
    [10, 10, 0.7224672001, 1],
    [861, 1000, 0.8381734694, 0.8810636109],
  ] as const) {
    const interval = wilsonInterval(right / rows, rows)
    expect(interval.low).toBeCloseTo(low, 9)
    expect(interval.high).toBeCloseTo(high, 9)
  }
})

describe('slices', () => {
  test('by length: quarters as even as the lengths allow', () => {
    expect(
      sliceByLength([1, 2, 3, 4, 5, 6, 7, 8], [true, false, true, true, true, true, false, false]),
    ).toEqual([
      { by: 'length', value: '1 to 2 words', rows: 2, accuracy: 0.5 },
      { by: 'length', value: '3 to 4 words', rows: 2, accuracy: 1 },
      { by: 'length', value: '5 to 6 words', rows: 2, accuracy: 1 },
      { by: 'length', value: '7 to 8 words', rows: 2, accuracy: 0 },
    ])
    expect(sliceByLength([3, 3, 3], [true, true, false])).toEqual([
      { by: 'length', value: '3 words', rows: 3, accuracy: expect.closeTo(2 / 3, 12) },
    ])
    expect(sliceByLength([0, 1, 1], [true, true, true]).map(({ value }) => value)).toEqual([
      '0 words',
      '1 word',
    ])
  })

  test('by value: the largest first, rare ones together, none named so', () => {
    expect(sliceByValue('source', ['b', 'a', 'b', undefined, ' '], [true, true, false, true, false])).toEqual(
      [
        { by: 'source', value: '(none)', rows: 2, accuracy: 0.5 },
        { by: 'source', value: 'b', rows: 2, accuracy: 0.5 },
        { by: 'source', value: 'a', rows: 1, accuracy: 1 },
      ],
    )
    const many = Array.from({ length: 50 }, (_, i) => `v${i}`)
    const slices = sliceByValue(
      'id',
      many,
      many.map(() => true),
    )
    expect(slices).toHaveLength(20)
    expect(slices.at(-1)).toEqual({ by: 'id', value: 'other (31 values)', rows: 31, accuracy: 1 })
  })

  test('a column of many numbers is cut into quarters, rows without one apart', () => {
    const values = Array.from({ length: 40 }, (_, i) => `${(39 - i) / 2}`)
    const slices = sliceByValue('age', [...values, undefined, ''], new Array(42).fill(true))
    expect(slices.map(({ value, rows }) => [value, rows])).toEqual([
      ['0 to 4.5', 10],
      ['5 to 9.5', 10],
      ['10 to 14.5', 10],
      ['15 to 19.5', 10],
      ['(none)', 2],
    ])
  })

  test('every row is in exactly one slice of a kind', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), fc.boolean()), { minLength: 1 }), rows => {
        const slices = sliceByLength(
          rows.map(([words]) => words),
          rows.map(([, right]) => right),
        )
        expect(slices.reduce((sum, { rows: count }) => sum + count, 0)).toBe(rows.length)
        const right = slices.reduce((sum, { rows: count, accuracy }) => sum + count * accuracy, 0)
        expect(right).toBeCloseTo(rows.filter(([, each]) => each).length, 9)
      }),
    )
  })
})

test('seeded numbers are even, and of each seed its own', () => {
  const drawn = (seed: number) => {
    const random = randomFrom(seed)
    return Array.from({ length: 10_000 }, () => random.unit())
  }
  const numbers = drawn(7)
  expect(drawn(7)).toEqual(numbers)
  expect(numbers.every(each => each >= 0 && each < 1)).toBe(true)
  const tenths = Array.from(
    { length: 10 },
    (_, i) => numbers.filter(each => Math.floor(each * 10) === i).length,
  )
  // Five standard deviations of a count of 1,000.
  for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150)
  expect(new Set([0, 1, 2, 3, 4].map(seed => drawn(seed)[0])).size).toBe(5)
})
