import { expect, test } from '@jest/globals'
import { fitRandomForest } from '../../core/learn/forest-fit.ts'
import {
  calibrate,
  type FittedModel,
  fitComplementNaiveBayes,
  fitLinearSvm,
  fitLogisticRegression,
  fitNaiveBayes,
  fitNbWeighted,
  openClassifier,
  type SparseMatrix,
  type Training,
} from '../../core/learn/index.ts'
import { fitKernelSvm } from '../../core/learn/kernel-svm.ts'
import { fitMlp } from '../../core/learn/mlp-fit.ts'
import { joinVotes } from '../../core/learn/voting.ts'
import { checkExport, checkTextExport } from '../../core/model/onnx/check-export.ts'
import { featuresGraph } from '../../core/model/onnx/features-graph.ts'
import { rawTextGraph } from '../../core/model/onnx/raw-text-graph.ts'
import { scoreSlack } from '../../core/model/onnx/score-slack.ts'
import { randomFrom } from '../../core/random.ts'
import { type FeatureSettingsInput, fitFeatures, restoreFeatures } from '../../core/text/index.ts'
import { madeUpTexts } from '../support/made-up-texts.ts'
import * as fc from '../support/properties.ts'

/** Rows whose class shows in their features; the first row is empty, and row 1 has feature 0 alone. */
function madeUp(rows: number, columns: number, classes: number): Training & { matrix: SparseMatrix } {
  const random = randomFrom(7)
  const labels = Int32Array.from({ length: rows }, (_, row) => row % classes)
  const [indptr, indices, values] = [[0], [] as number[], [] as number[]]
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < columns && row > 0; j++) {
      const often = j % classes === labels[row] ? 0.6 : 0.15
      if (row === 1 ? j > 0 : random.unit() > often) continue
      indices.push(j)
      values.push(0.1 + random.unit())
    }
    indptr.push(indices.length)
  }
  const matrix = {
    rows,
    columns,
    indptr: Int32Array.from(indptr),
    indices: Int32Array.from(indices),
    values: Float64Array.from(values, Math.fround),
  }
  return { matrix, labels, classes }
}

async function everyKind(training: Training): Promise<Record<string, FittedModel>> {
  const softmax = (await fitLogisticRegression(training)).model
  const svm = (await fitLinearSvm(training)).model
  const forest = await fitRandomForest(training, { nEstimators: 7, maxDepth: 5 })
  const mlp = (await fitMlp(training, { hiddenLayerSizes: [6, 5], maxIter: 8 })).model
  const bayes = fitNaiveBayes(training)
  const rbf = (await fitKernelSvm(training)).model
  const calibrated = (model: FittedModel, method: 'sigmoid' | 'isotonic' | 'temperature') =>
    calibrate(openClassifier(model), training, method)
  const sigmoid = calibrated(svm, 'sigmoid')
  return {
    softmax,
    'one-vs-rest': (await fitLogisticRegression(training, { multiClass: 'ovr' })).model,
    svm,
    bayes,
    'complement bayes': fitComplementNaiveBayes(training),
    'nb-weighted svm': (await fitNbWeighted(training, { model: 'linear-svm' })).model,
    'nb-weighted regression': (await fitNbWeighted(training, { model: 'logistic-regression' })).model,
    sigmoid,
    isotonic: calibrated(svm, 'isotonic'),
    temperature: calibrated(svm, 'temperature'),
    'sigmoid of probabilities': calibrated(bayes, 'sigmoid'),
    'temperature of probabilities': calibrated(bayes, 'temperature'),
    ensemble: {
      ...sigmoid,
      members: [...sigmoid.members, ...calibrated(softmax, 'isotonic').members],
    },
    'kernel, linear': (await fitKernelSvm(training, { kernel: 'linear' })).model,
    'kernel, rbf': rbf,
    'kernel, poly': (await fitKernelSvm(training, { kernel: 'poly', coef0: 1 })).model,
    'kernel, calibrated': calibrated(rbf, 'sigmoid'),
    mlp,
    'mlp, tanh': (await fitMlp(training, { hiddenLayerSizes: [4], activation: 'tanh', maxIter: 4 })).model,
    'mlp, logistic': (await fitMlp(training, { hiddenLayerSizes: [4], activation: 'logistic', maxIter: 4 }))
      .model,
    forest,
    'soft voting': joinVotes([softmax, forest, mlp, bayes], 'soft', [3, 2, 1, 1]),
    'summed voting': joinVotes([softmax, svm, rbf], 'sum'),
  }
}

/** What a model says, as the check takes it. */
function expectedOf(model: FittedModel, matrix: SparseMatrix) {
  const classifier = openClassifier(model)
  try {
    return { scores: classifier.probabilities(matrix), output: 'probabilities' } as const
  } catch {
    return { scores: classifier.decision(matrix), output: 'decision' } as const
  }
}

function namesOf(classes: number): string[] {
  return Array.from({ length: classes }, (_, k) => `"${k}"\n\u{1f600}é\\`)
}

test.each([2, 3])('of %i classes, every kind of model answers in ONNX as it does itself', async classes => {
  const training = madeUp(60, 12, classes)
  for (const [name, model] of Object.entries(await everyKind(training))) {
    const expected = expectedOf(model, training.matrix)
    const found = await checkExport(featuresGraph(model, namesOf(classes)), training.matrix, expected).catch(
      error => error.message,
    )
    expect({ name, found }).toMatchObject({ name, found: { rows: 60, labelsDiffering: 0 } })
  }
})

test('where an isotonic curve is steeper than single precision can tell, its steps are allowed for, and nothing else', async () => {
  const classes = 2
  const base: FittedModel = {
    ...{ kind: 'linear-svm', classes, features: 1 },
    ...{ coefficients: Float64Array.of(-0.5, 0.5), intercepts: new Float64Array(2) },
  }
  // No single is 0.1 or 0.3. At 0.1 the curve rises within 2e-10, at 0.3 it is level.
  const scores = Float64Array.of(0.1 - 1e-10, 0.1 + 1e-10, 1)
  const curve = { method: 'isotonic', scores, probabilities: Float64Array.of(0.2, 0.8, 0.8) } as const
  const stepped: FittedModel = {
    ...{ kind: 'calibrated', classes, features: 1 },
    members: [{ model: base, calibrators: [curve] }],
  }
  const matrix: SparseMatrix = {
    ...{ rows: 2, columns: 1, indptr: Int32Array.of(0, 1, 2), indices: Int32Array.of(0, 0) },
    values: Float64Array.of(0.1, 0.3),
  }
  const { scores: expected } = expectedOf(stepped, matrix)
  const slack = scoreSlack(stepped, matrix)
  expect([...slack].map(each => each.toFixed(3))).toEqual(['0.300', '0.300', '0.000', '0.000'])
  const onnx = featuresGraph(stepped, namesOf(classes))
  await expect(checkExport(onnx, matrix, { scores: expected })).rejects.toThrow('model.onnx does not answer')
  expect(await checkExport(onnx, matrix, { scores: expected, slack })).toMatchObject({ labelsDiffering: 0 })
  // The level row is held as any other is.
  const wrong = expected.with(2, 0.3).with(3, 0.7)
  await expect(checkExport(onnx, matrix, { scores: wrong, slack })).rejects.toThrow(
    'model.onnx does not answer',
  )
})

test('slack of several classes is the most that a share can be when each curve moves', () => {
  const classes = 3
  const base: FittedModel = {
    ...{ kind: 'linear-svm', classes, features: 1 },
    ...{ coefficients: Float64Array.of(1, 1, 1), intercepts: new Float64Array(3) },
  }
  const curve = (low: number, high: number) => ({
    method: 'isotonic' as const,
    scores: Float64Array.of(0.5 - 1e-9, 0.5 + 1e-9),
    probabilities: Float64Array.of(low, high),
  })
  const stepped: FittedModel = {
    ...{ kind: 'calibrated', classes, features: 1 },
    members: [{ model: base, calibrators: [curve(0.2, 0.6), curve(0.3, 0.3), curve(0.1, 0.1)] }],
  }
  const matrix: SparseMatrix = {
    ...{ rows: 1, columns: 1, indptr: Int32Array.of(0, 1), indices: Int32Array.of(0) },
    values: Float64Array.of(0.5),
  }
  // Half way up: .4, .3 and .1 of .8; from .2, .3 and .1 of .6 to .6, .3 and .1 of 1.
  const slack = scoreSlack(stepped, matrix)
  const expected = [0.5 - 0.2 / 0.6, 0.3 / 0.6 - 0.3 / 0.8, 0.1 / 0.6 - 0.1 / 0.8]
  expect([...slack].map(each => each.toFixed(6))).toEqual(expected.map(each => each.toFixed(6)))
  expect(scoreSlack(base, matrix)).toEqual(new Float64Array(3))
})

test('a hundred classes, and a single row', async () => {
  const training = madeUp(300, 200, 100)
  const model = (await fitLogisticRegression(training, { multiClass: 'ovr' })).model
  const onnx = featuresGraph(model, namesOf(100))
  const { scores } = expectedOf(model, training.matrix)
  expect(await checkExport(onnx, training.matrix, { scores })).toMatchObject({ labelsDiffering: 0 })
  const { indptr } = training.matrix
  const one = { ...training.matrix, rows: 1, indptr: indptr.slice(0, 2) }
  expect(await checkExport(onnx, one, { scores: scores.slice(0, 100) })).toMatchObject({ rows: 1 })
})

test('float16 and int8 make the file smaller, and the check says what that costs', async () => {
  const training = madeUp(80, 2000, 4)
  const { model } = await fitLogisticRegression(training)
  const { scores } = expectedOf(model, training.matrix)
  const sizes: number[] = []
  for (const [weights, most] of [
    ['float32', 1e-6],
    ['float16', 1e-3],
    ['int8', 2e-2],
  ] as const) {
    const onnx = featuresGraph(model, namesOf(4), { weights })
    sizes.push(onnx.length)
    const check = await checkExport(onnx, training.matrix, { scores, tolerance: Infinity })
    expect(check).toMatchObject({ labelsDiffering: 0, rows: 80 })
    expect((check as { largestDifference: number }).largestDifference).toBeLessThan(most)
  }
  expect(sizes[0]! / sizes[1]!).toBeGreaterThan(1.8)
  expect(sizes[0]! / sizes[2]!).toBeGreaterThan(3)
  const wide = { ...model, coefficients: model.coefficients.map(value => value * 1e6) }
  const answers = expectedOf(wide, training.matrix)
  const kept = featuresGraph(wide, namesOf(4), { weights: 'float16' })
  expect(await checkExport(kept, training.matrix, answers)).toMatchObject({ labelsDiffering: 0 })
})

const TEXTS = [
  'The Bank raises its RATES before the cup final',
  'A cup final of the bank: rates, rates and rates',
  'İstanbul wins the ΟΔΥΣΣΕΥΣ cup; Straße ÉCOLE naïve',
  'istanbul école STRASSE οδυσσευς οδυσσεύς \u212aelvin kelvin',
  'Москва и москва: МОСКВА wins 42 x_y',
  '',
  'the a of',
  '日本語 テスト 日本語',
]

async function textModel(settings: FeatureSettingsInput) {
  const labels = TEXTS.map((_, i) => ['x', 'y "é"'][i % 2]!)
  const rows = TEXTS.map(text => ({ text }))
  const fitted = await fitFeatures(rows, undefined, settings)
  const features = await restoreFeatures(fitted.features.state)
  const matrix = features.transform(rows)
  const training = { matrix, labels: Int32Array.from(labels, (_, i) => i % 2), classes: 2 }
  const { model } = await fitLogisticRegression(training, { c: 100 })
  return { features, model, labels: ['x', 'y "é"'] }
}

const CASES: Record<string, object> = {
  'seed 002': { words: { stopWords: 'english', ngramRange: [1, 2] } },
  sublinear: { words: { sublinearTf: true, norm: 'l1' } },
  'counts as they stand': { words: { vectorizer: 'count', lowercase: false, binary: true, weight: 0.5 } },
  'bigrams only': {
    words: { ngramRange: [2, 3], stopWords: ['the', 'οδυσσευς', 'cup☃final'], useIdf: false, norm: 'none' },
  },
  'two vectorisers': { words: { stopWords: 'english' }, cased: { lowercase: false, ngramRange: [2, 2] } },
}

/** Capital sigmas beside letters, marks and what Unicode ignores: each ends a word or not by its own rule. */
const SIGMAS = [
  'ΟΔΥΣΣΕΥΣ',
  'ΟΔΥΣ.Σ',
  "ΟΔΥΣ' ΣΕΥΣ",
  'Σ',
  'ΣΣ ΑΣ\u0301',
  'ΟΔΥΣΣΕΥΣ\u00adΑ',
  'ΑΣ\u02b0 \u02b0Σ',
  'ΣΑΣ:Σ',
]

test.each(Object.entries(CASES))('a graph reads texts as %s', async (_, text) => {
  const { features, model, labels } = await textModel({ text } as FeatureSettingsInput)
  const graph = rawTextGraph(features.state, model, labels)
  if ('reason' in graph) throw new Error(graph.reason)
  const word = fc.constantFrom(...TEXTS.flatMap(each => each.split(' ')))
  const piece = fc.oneof(
    { weight: 3, arbitrary: word },
    fc.string({ unit: 'grapheme' }),
    word.map(each => each.toUpperCase()),
  )
  const made = fc.sample(fc.array(piece, { maxLength: 12 }), { numRuns: 150 })
  const hostile = [
    '\n\t ',
    'a'.repeat(5000),
    'É '.repeat(3000),
    '\ud800x the cup',
    'I\u0307',
    "bank's bank—bank",
    'bank☃cup☃final\0cup\u{1f600}rates\u20ddthe\x01bank',
    `${'-'.repeat(20_000)} cup ${'. '.repeat(5000)}`,
    `${'москва'.repeat(150)}Москва`,
    ...SIGMAS,
  ]
  const words = TEXTS.flatMap(each => each.split(' '))
  const strewn = [...madeUpTexts(60, words, 'any'), ...madeUpTexts(60, words, 'sigmas')]
  const texts = [...TEXTS, ...hostile, ...strewn, ...made.map(pieces => pieces.join(' '))]
  const scores = openClassifier(model).probabilities(features.transform(texts.map(text => ({ text }))))
  expect(await checkTextExport(graph.bytes, texts, labels, { scores })).toMatchObject({
    rows: texts.length,
    labelsDiffering: 0,
  })
  const last = scores.slice(10, 12)
  expect(await checkTextExport(graph.bytes, [texts[5]!], labels, { scores: last })).toMatchObject({ rows: 1 })
})

test.each([
  [{ text: { a: {}, b: { analyzer: 'char_wb', ngramRange: [2, 3] } } }, 'text.b.analyzer is char_wb'],
  [{ text: { a: { vectorizer: 'hashing', nFeatures: 64 } } }, 'text.a.vectorizer is hashing'],
  [{ text: { a: { stripAccents: 'unicode' } } }, 'text.a.stripAccents is unicode'],
  [{ text: { a: { analyzer: 'char', ngramRange: [2, 2] } } }, 'text.a.analyzer is char'],
])('settings that ONNX cannot express are said: %j', async (settings, reason) => {
  const { features, model, labels } = await textModel(settings as FeatureSettingsInput)
  expect(rawTextGraph(features.state, model, labels)).toEqual({ reason: expect.stringContaining(reason) })
})
