import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { exportWithPython } from '../../cli/commands/import/python.ts'
import { encodeContainer } from '../../core/model/container.ts'
import { importSklearn } from '../../core/model/import/from-sklearn.ts'
import { doubleThreshold } from '../../core/model/import/sklearn-forest.ts'
import { loadModel } from '../../core/model/index.ts'
import { singleBelow } from '../../core/model/singles.ts'
import { packStrings } from '../../core/text/bytes.ts'
import { expectOurs, expectUnpolluted, junk } from '../support/junk.ts'
import { spoiltContainer } from '../support/junk-container.ts'
import * as fc from '../support/properties.ts'
import { tempFolder } from '../support/temp.ts'

/*
 * What sklearn_export.py writes, made up; test/interop/sklearn-import.ts has the real ones.
 */
const TEXT = {
  ...{ input: 'content', preprocessor: null, tokenizer: null, analyzer: 'word', strip_accents: null },
  ...{ token_pattern: '(?u)\\b\\w\\w+\\b', lowercase: true, ngram_range: [1, 1], binary: false },
  ...{ min_df: 1, max_df: 1, max_features: null, dtype: 'int64' },
}
const WORDS = {
  type: 'CountVectorizer',
  params: TEXT,
  fitted: { vocabulary: packStrings(['goal', 'market']), stop_words: null },
}
const linear = (type: string, params: object, classes: number, coef: number[], intercept: number[]) => ({
  type,
  params,
  fitted: { classes, coef: Float64Array.from(coef), intercept: Float64Array.from(intercept) },
})
const pipeline = (...steps: object[]) => ({ type: 'Pipeline', params: {}, fitted: { steps } })
const LOGISTIC = linear('LogisticRegression', {}, 2, [1, -2], [0.5])

interface Made {
  readonly classes?: readonly string[]
  readonly answers?: object | null
  readonly version?: number
}

function dumpOf(model: object, { classes = ['money', 'sport'], answers = null, version = 1 }: Made = {}) {
  const made = { python: '3.11.7', sklearn: '1.9.1', numpy: '2.4.6' }
  return encodeContainer(
    { format: 'pressroom-sklearn', version, made, classes, model, answers },
    () => 'float64',
  )
}

const answered = (probability: number, predicted: number) => ({
  texts: packStrings(['Goal goal market']),
  predicted: Int32Array.of(predicted),
  probabilities: Float64Array.of(1 - probability, probability),
})

test('a pipeline of two classes answers by the sigmoid of its one vector, to the last digits', async () => {
  await using folder = await tempFolder()
  // 2 · 1 + 1 · -2 + 0.5 = 0.5
  const answers = answered(1 / (1 + Math.exp(-0.5)), 1)
  const out = join(folder.path, 'model')
  const done = await importSklearn(out, dumpOf(pipeline(WORDS, LOGISTIC), { answers }), 'a', {
    validation: [{ text: 'market', label: 'money' }],
  })
  expect(done).toMatchObject({ compared: 1, calibrated: false })
  await using model = await loadModel(out)
  expect(model.info.labels).toEqual(['money', 'sport'])
  const [prediction] = await model.predict([{ text: 'market' }])
  expect(prediction!.probabilities[1]).toBeCloseTo(1 / (1 + Math.exp(1.5)), 14)
})

test('a model of margins keeps its classes and gets probabilities from validation rows, or does not come in', async () => {
  await using folder = await tempFolder()
  const dump = dumpOf(pipeline(WORDS, linear('LinearSVC', {}, 2, [1, -2], [0])))
  const validation = ['goal', 'market', 'goal goal', 'market goal'].map((text, i) => ({
    text,
    label: i % 2 === 0 ? 'sport' : 'money',
  }))
  const out = join(folder.path, 'model')
  expect(await importSklearn(out, dump, 'a', { validation })).toMatchObject({ calibrated: true })
  await using model = await loadModel(out)
  expect((await model.predict([{ text: 'goal' }]))[0]!.label).toBe('sport')
  await expect(importSklearn(out, dump, 'a', { validation: [] })).rejects.toMatchObject({
    code: 'not-importable',
    fix: expect.stringContaining('--validation'),
  })
})

test.each<[string, string[], string[], number | RegExp]>([
  ['by the names given', ['Business', 'Sports'], ['Business', 'Sports'], 1],
  ["by scikit-learn's own classes", ['Business', 'Sports'], ['money', 'sport'], 1],
  ['by names that are also the other classes', ['sport', 'money'], ['sport', 'money'], 1],
  ['by both', ['Business', 'Sports'], ['money', 'Sports'], /^a validation row has the label "money"/],
  ['by neither', ['Business', 'Sports'], ['money', 'film'], /^a validation row has the label "money"/],
])(
  'beside names for the classes, validation rows are labelled %s',
  async (_, labels, [first, second], found) => {
    await using folder = await tempFolder()
    const validation = [
      { text: 'market', label: first! },
      { text: 'goal', label: second! },
    ]
    const done = importSklearn(join(folder.path, 'model'), dumpOf(pipeline(WORDS, LOGISTIC)), 'a', {
      labels,
      validation,
    })
    if (typeof found !== 'number') return expect(done).rejects.toThrow(found)
    expect((await done).info).toMatchObject({ labels, metrics: { validationAccuracy: found } })
  },
)

const changed = (params: object) => pipeline({ ...WORDS, params: { ...TEXT, ...params } }, LOGISTIC)
const bare = (type: string, params: object = {}) => ({ type, params, fitted: {} })

test.each<[string, object, string]>([
  ['a tokenizer', changed({ tokenizer: { python: 'mine.cut' } }), 'CountVectorizer.tokenizer is mine.cut'],
  [
    'a preprocessor',
    changed({ preprocessor: { python: 'mine.clean' } }),
    'CountVectorizer.preprocessor is mine.clean',
  ],
  ['an analyzer', changed({ analyzer: { python: 'mine.words' } }), 'CountVectorizer.analyzer is mine.words'],
  [
    'accents by a function',
    changed({ strip_accents: { python: 'mine.plain' } }),
    'strip_accents is mine.plain',
  ],
  ['a token pattern', changed({ token_pattern: '\\w+s' }), 'CountVectorizer.token_pattern is "\\\\w+s"'],
  ['single precision', changed({ dtype: 'float32' }), 'CountVectorizer.dtype is "float32"'],
  ['texts from files', changed({ input: 'filename' }), 'CountVectorizer.input is "filename"'],
  ['n-grams too long', changed({ ngram_range: [1, 40] }), 'ngramRange must be'],
  ['a step in between', pipeline(WORDS, bare('TruncatedSVD'), LOGISTIC), 'TruncatedSVD stands between'],
  ['another transformer', pipeline(bare('mine.Clean'), LOGISTIC), 'mine.Clean makes the features'],
  ['no vectoriser', LOGISTIC, 'the classifier stands alone'],
  [
    'another selection',
    pipeline(WORDS, bare('SelectKBest', { score_func: { python: 'sklearn.f_classif' } }), LOGISTIC),
    'SelectKBest.score_func is sklearn.f_classif',
  ],
  ['another classifier', pipeline(WORDS, bare('SVC')), 'SVC is the classifier'],
  ['a name that every object has', pipeline(WORDS, bare('__proto__')), '__proto__ is the classifier'],
  [
    'hard votes',
    pipeline(WORDS, bare('VotingClassifier', { voting: 'hard' })),
    'VotingClassifier.voting is "hard"',
  ],
  [
    'another loss',
    pipeline(WORDS, linear('SGDClassifier', { loss: 'huber' }, 2, [1, 1], [0])),
    'loss is "huber"',
  ],
  ['a part of the classes', pipeline(WORDS, linear('LinearSVC', {}, 3, [], [])), 'knows 3 of the 2 classes'],
  ['other features', pipeline(WORDS, linear('LinearSVC', {}, 2, [1], [0])), 'it has 1 weights; 2 are wanted'],
])(
  'what has no exact counterpart is refused by name, and nothing is written: %s',
  async (_, model, where) => {
    await using folder = await tempFolder()
    await expect(
      importSklearn(join(folder.path, 'model'), dumpOf(model), 'a', { validation: [] }),
    ).rejects.toMatchObject({
      code: 'not-importable',
      where: expect.stringContaining(where),
      fix: expect.any(String),
    })
    expect(await readdir(folder.path)).toEqual([])
  },
)

test.each<[string, Uint8Array, string]>([
  [
    'another class',
    dumpOf(pipeline(WORDS, LOGISTIC), { answers: answered(0.62, 0) }),
    'scikit-learn says money',
  ],
  [
    'another probability',
    dumpOf(pipeline(WORDS, LOGISTIC), { answers: answered(0.62, 1) }),
    'is off by 0.00',
  ],
  ['a later layout', dumpOf(pipeline(WORDS, LOGISTIC), { version: 2 }), 'its version is 2'],
  ['no such file', new Uint8Array([1, 2, 3]), 'does not start as such a file does'],
  ['one class', dumpOf(pipeline(WORDS, LOGISTIC), { classes: ['one'] }), 'two or more'],
])('a file that does not hold what it says is refused: %s', async (_, bytes, where) => {
  await using folder = await tempFolder()
  await expect(
    importSklearn(join(folder.path, 'model'), bytes, 'a', { validation: [] }),
  ).rejects.toMatchObject({ code: 'not-importable', where: expect.stringContaining(where) })
  expect(await readdir(folder.path)).toEqual([])
})

test('whatever is in any place of a file is imported, or refused by name', async () => {
  await using folder = await tempFolder()
  const answers = answered(1 / (1 + Math.exp(-0.5)), 1)
  const dump = dumpOf(pipeline(WORDS, LOGISTIC), { answers })
  const validation = [
    { text: 'goal', label: 'sport' },
    { text: 'market', label: 'money' },
  ]
  const property = fc.asyncProperty(fc.nat(), junk, async (place, value) => {
    const out = join(folder.path, 'model')
    try {
      await importSklearn(out, spoiltContainer(dump, place, value), 'a', { validation })
    } catch (error) {
      expectOurs(error)
    }
    await rm(out, { recursive: true, force: true })
    expectUnpolluted()
  })
  await fc.assert(property, { numRuns: 100 })
})

test('a threshold sends each double where its rounding to single precision is sent', () => {
  fc.assert(
    fc.property(
      fc.float({ noNaN: true, min: -1, max: 1 }),
      fc.integer({ min: -3, max: 3 }),
      (near, steps) => {
        const value = near + steps * 2e-8 * Math.abs(near)
        for (const threshold of [near, near * (1 + 1e-9), near * (1 - 3e-8)]) {
          expect(value <= doubleThreshold(threshold)).toBe(Math.fround(value) <= threshold)
          expect(near <= singleBelow(threshold)).toBe(near <= threshold)
        }
      },
    ),
  )
})

test.each([
  ['no-such-python', 'package-missing', 'there is no no-such-python'],
  [process.execPath, 'not-importable', 'cannot export'],
])('%s that does not export a model gives one error', async (python, code, what) => {
  await using folder = await tempFolder()
  const model = join(folder.path, 'model.joblib')
  await writeFile(model, 'x')
  const log = { info() {}, warn() {}, debug() {}, error() {} }
  await expect(
    exportWithPython(python, model, [], { log, signal: new AbortController().signal }),
  ).rejects.toMatchObject({ code, what: expect.stringContaining(what) })
})

test('weights that are NaN are called so, and nothing is written', async () => {
  await using folder = await tempFolder()
  const weight = 777.25
  const dump = Buffer.from(dumpOf(pipeline(WORDS, linear('LogisticRegression', {}, 2, [1, weight], [0.5]))))
  const at = dump.indexOf(Buffer.from(Float64Array.of(weight).buffer))
  dump.writeDoubleLE(Number.NaN, at)
  const out = join(folder.path, 'model')
  await expect(importSklearn(out, dump, 'fit.joblib', {} as never)).rejects.toMatchObject({
    code: 'not-importable',
    what: 'fit.joblib has weights that are NaN or infinite',
  })
  expect(await readdir(folder.path)).toEqual([])
})
