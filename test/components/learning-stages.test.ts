import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { checkpointKey } from '../../components/checkpoint-file.ts'
import { formatLoss } from '../../components/evaluate/training.ts'
import { evaluate, predict, register, train, validate } from '../../components/index.ts'
import { openFitCheckpoint } from '../../components/train/checkpoint.ts'
import { resolveSettings } from '../../components/train/settings.ts'
import { giveVerdict } from '../../components/validate/verdict.ts'
import { PressroomError } from '../../core/errors.ts'
import { fitLearner, type Learner } from '../../core/learn/index.ts'
import { importOnnx } from '../../core/model/import/from-onnx.ts'
import { digestModel, loadModel, type Prediction } from '../../core/model/index.ts'
import { openRegistry } from '../../core/registry/index.ts'
import { barChart, lineChart, spreadChart } from '../../core/report/charts.ts'
import { listed } from '../../core/report/listed.ts'
import { escapeMarkdown, markdownTable } from '../../core/report/markdown.ts'
import { formatCount, formatShare } from '../../core/report/numbers.ts'
import { shorten } from '../../core/report/shorten.ts'
import { fitFeatures } from '../../core/text/index.ts'
import { fittedInfo, HEADLINES } from '../support/models.ts'
import { tempFolder } from '../support/temp.ts'
import { trainedShop, workshop } from '../support/workshop.ts'

/** Rows that the model cannot get all right: the last two say one thing and mean another. */
const TEST_ROWS = [
  { text: 'Bank raises rates', label: 'Business' },
  { text: 'Shares climb as prices fall', label: 'Business' },
  { text: 'Penalty wins the cup', label: 'Sports' },
  { text: 'Striker | scores *twice*', label: 'Sports' },
  { text: 'Rates and prices climb for cup seats', label: 'Sports' },
  { text: 'Cup striker opens league of shops', label: 'Business' },
]

describe('train', () => {
  test('fits, seals, and says the same in the folder, the metrics file and the metadata', async () => {
    await using shop = await trainedShop()
    await using model = await loadModel(shop.file('model').path)
    const info = fittedInfo(model)
    expect(info.labels).toEqual(['Business', 'Sports'])
    expect(info.metrics).toEqual({
      loss: expect.any(Number),
      iterations: expect.any(Number),
      converged: 1,
      features: info.features,
      classes: 2,
      rows: 12,
      validationRows: 5,
      validationAccuracy: 1,
      validationMacroF1: 1,
    })
    expect(info.metrics.loss).toBeGreaterThan(0)
    const [curve] = info.curves!
    expect(curve).toMatchObject({ learner: 'logistic-regression', unit: 'iteration' })
    expect([curve!.steps.at(-1), curve!.loss.at(-1)]).toEqual([info.metrics.iterations, info.metrics.loss])
    expect(JSON.parse(await shop.read('metrics'))).toEqual(info.metrics)
    expect(shop.result.metadata).toEqual({ metrics: info.metrics })
    expect(shop.result.parameters).toEqual({ features: info.features })
    expect(shop.result.summary).toBe(`logistic regression, ${info.features} features`)
    expect(shop.result.lines).toEqual([`12 rows, ${info.features} features`])
    expect(info.fingerprints.data).toMatch(/^sha256:/)
    expect(info.fingerprints.code).toMatch(/^pressroom-ml@\d+\.\d+\.\d+\+sha256:[0-9a-f]{64}$/)
  })

  test('gives the same folder for the same rows, another for other settings', async () => {
    await using shop = await trainedShop()
    await shop.run(train, shop.given, 'again-')
    await shop.run(train, { ...shop.given, c: 2 }, 'other-')
    const [one, again, other] = await Promise.all(
      ['model', 'again-model', 'other-model'].map(name => digestModel(shop.file(name).path)),
    )
    expect(again).toBe(one)
    expect(other).not.toBe(one)
  })

  test('says what rounding cost, and which setting ONNX cannot express', async () => {
    await using shop = await trainedShop()
    const { given } = shop
    const int8 = await shop.run(train, { ...given, precision: 'int8' }, 'int8-')
    expect(int8.summary).toMatch(
      /; int8 weights: 0 of 5 labels changed, accuracy 1 in place of 1, [\d,]+ bytes in place of [\d,]+$/,
    )
    const features = { text: { words: { stripAccents: 'unicode' } } }
    const accents = await shop.run(train, { ...given, features }, 'accents-')
    const reason = 'text.words.stripAccents is unicode, and ONNX has no operator for that'
    expect(accents.summary).toMatch(new RegExp(`; no text.onnx: ${reason}$`))
    await using model = await loadModel(shop.file('accents-model').path)
    expect(fittedInfo(model).textExport).toEqual({ unchecked: reason })
    expect(Object.keys(model.info.files)).not.toContain('text.onnx')
  })

  test('says when the fit did not converge', async () => {
    await using shop = await trainedShop()
    const { summary, metadata, lines } = await shop.run(train, { ...shop.given, maxIterations: 1 }, 'short-')
    expect(summary).toMatch(/, not converged after 1 iterations?$/)
    expect(metadata).toMatchObject({ metrics: { converged: 0, iterations: 1 } })
    expect(lines).toContain('warning: the fit did not converge; raise maxIterations above 1 or lower c')
  })

  test('leaves nothing behind when it fails or is cancelled', async () => {
    await using shop = await trainedShop()
    const stop = AbortSignal.abort(new PressroomError('cancelled', 'stopped'))
    const sports = await shop.dataset('sports', HEADLINES.slice(0, 4))
    const weather = await shop.dataset('weather', [{ text: 'Rain', label: 'Weather' }])
    const cases: [given: object, code: string, signal?: AbortSignal][] = [
      [{ train: sports }, 'too-few-classes'],
      [{ train: await shop.dataset('empty', []) }, 'no-rows'],
      [{ train: shop.file('none') }, 'file-not-found'],
      [{ validation: weather }, 'invalid-rows'],
      [{ ngramMin: 3, ngramMax: 1 }, 'invalid-setting'],
      [{ minDf: 100 }, 'empty-vocabulary'],
      [{}, 'cancelled', stop],
    ]
    const before = await readdir(shop.path)
    for (const [given, code, signal] of cases) {
      const failed = shop.run(train, { ...shop.given, ...given }, 'failed-', signal)
      await expect(failed).rejects.toMatchObject({ code })
    }
    expect(await readdir(shop.path)).toEqual(before)
  })
})

describe('the settings of train', () => {
  const given = { preset: 'default', calibration: 'auto', seed: 3 } as const
  const resolve = (changes: object) =>
    resolveSettings({ ...given, ...changes } as unknown as Parameters<typeof resolveSettings>[0])
  const single = { kind: 'linear-svm', parameters: { c: 2 } }

  test('are the same bytes whatever the order in which an object came', () => {
    const words = { ngramRange: [1, 2], minDf: 2 }
    const characters = { analyzer: 'char_wb' }
    const one = { learner: single, features: { text: { words, characters } } }
    const other = {
      features: { text: { characters, words: { minDf: 2, ngramRange: [1, 2] } } },
      learner: { parameters: { c: 2 }, kind: 'linear-svm' },
    }
    expect(JSON.stringify(resolve(other))).toBe(JSON.stringify(resolve(one)))
  })

  test.each<[name: string, changes: object, expected: object]>([
    [
      'a preset as it is, seeded and calibrated',
      {},
      {
        learner: {
          kind: 'nb-weighted',
          parameters: { counts: 'presence', parameters: { c: 0.3, randomState: 3 } },
          calibration: { method: 'sigmoid', cv: 5, ensemble: false },
        },
        precision: 'float32',
      },
    ],
    ['whole numbers for weights', { preset: 'small' }, { precision: 'int8' }],
    ['whole numbers said away', { preset: 'small', precision: 'float64' }, { precision: 'float64' }],
    [
      'plain inputs over the words of a preset',
      { ngramMax: 1, minDf: 3, stopWords: 'nltk' },
      {
        features: {
          text: {
            words: { ngramRange: [1, 1], minDf: 3, stopWords: 'nltk' },
            characters: { ngramRange: [2, 5], minDf: 1 },
          },
        },
      },
    ],
    [
      'a range whose other end follows',
      { ngramMin: 3 },
      { features: { text: { words: { ngramRange: [3, 3] } } } },
    ],
    ['c of the model inside', { c: 9 }, { learner: { parameters: { parameters: { c: 9 } } } }],
    [
      'a learner of its own',
      { preset: 'custom', learner: single, maxIterations: 7 },
      { learner: { ...single, parameters: { c: 2, maxIter: 7, randomState: 3 } } },
    ],
    [
      'a learner that says its seed and its calibration',
      { learner: { ...single, parameters: { randomState: 1 }, calibration: { method: 'isotonic' } } },
      { learner: { parameters: { randomState: 1 }, calibration: { method: 'isotonic' } } },
    ],
    [
      'another calibration',
      { calibration: 'temperature' },
      { learner: { calibration: { method: 'temperature' } } },
    ],
    [
      'votes that are summed, which need none',
      { learner: { kind: 'voting', how: 'sum', learners: [single, { kind: 'mlp' }] } },
      { learner: { learners: [{ kind: 'linear-svm' }, { kind: 'mlp', parameters: { randomState: 3 } }] } },
    ],
  ])('%s', (_, changes, expected) => {
    expect(resolve(changes)).toMatchObject(expected)
  })

  test.each<[name: string, changes: object, faults: string[]]>([
    ['no learner', { preset: 'custom' }, ['preset custom needs a learner']],
    ['c of none', { learner: { kind: 'naive-bayes' }, c: 2 }, ['c: the learner has no c']],
    [
      'c of several',
      {
        learner: {
          kind: 'voting',
          how: 'soft',
          learners: [{ kind: 'linear-svm' }, { kind: 'logistic-regression' }],
        },
        c: 2,
      },
      ['c: several models vote'],
    ],
    [
      'no words',
      { features: { text: { a: { analyzer: 'char' } } }, minDf: 2 },
      ['minDf', 'no features read words'],
    ],
    [
      'faults of features and learner at once',
      {
        features: { text: { words: { minDff: 2 } } },
        learner: { kind: 'linear-svm', parameters: { c: -1, tol: 0 }, calibration: { cv: 1 }, weigths: 1 },
      },
      [
        'text.words has no minDff; did you mean "minDf"?',
        'learner.parameters: c is -1',
        'learner.parameters: tol is 0',
        'learner.calibration: cv is 1',
        'learner has no weigths',
      ],
    ],
    ['no such kind', { learner: { kind: 'linear-swm' } }, ['did you mean "linear-svm"?']],
    [
      'faults inside of votes and weights',
      {
        learner: {
          kind: 'voting',
          how: 'loud',
          learners: [{ kind: 'nb-weighted', parameters: { model: 'mlp' } }, null],
          weights: [1],
        },
      },
      [
        'learner.how',
        'learners[0].parameters.model',
        'learners[1] must be an object',
        'weights must be 2 numbers',
      ],
    ],
  ])('%s is told with where it is', (_, changes, faults) => {
    const attempt = () => resolve(changes)
    expect(attempt).toThrow(expect.objectContaining({ code: 'invalid-setting' }))
    for (const fault of faults) expect(attempt).toThrow(fault)
  })
})

describe('train with other presets', () => {
  test('fits each, and the folder answers', async () => {
    await using shop = await trainedShop()
    const { train: rows, validation } = shop.given
    for (const preset of ['small', 'best']) {
      await shop.run(train, { train: rows, validation, preset }, `${preset}-`)
      await using model = await loadModel(shop.file(`${preset}-model`).path)
      expect(model.info.metrics).toMatchObject({ converged: 1, validationAccuracy: 1 })
      expect(existsSync(join(shop.file(`${preset}-model`).path, 'text.onnx'))).toBe(preset === 'small')
    }
  })

  test('columns go through evaluate and validate as well', async () => {
    await using shop = await workshop()
    const rows = HEADLINES.map(row => ({ ...row, text: 'same', columns: { desk: row.label } }))
    const data = await shop.dataset('rows', rows)
    const learnt = {
      ...{ train: data, validation: data, preset: 'seed-002', minDf: 1, maxDf: 1 },
      features: { columns: { desk: { kind: 'categorical' } } },
    }
    await shop.run(train, learnt, 't-')
    const { parameters } = await shop.run(
      evaluate,
      { model: shop.file('t-model'), test: data, train: data },
      'e-',
    )
    expect(parameters).toMatchObject({ accuracy: 1 })
    expect(JSON.parse(await shop.read('e-metrics'))).toMatchObject({
      baselines: { naiveBayes: { accuracy: 1 } },
    })
    const bare = await shop.dataset('bare', HEADLINES)
    await expect(shop.run(evaluate, { model: shop.file('t-model'), test: bare }, 'b-')).rejects.toMatchObject(
      {
        code: 'missing-column',
        message: expect.stringContaining('no column "desk" in'),
      },
    )
  })

  test('rows count for what their weight says', async () => {
    await using shop = await workshop()
    const weighing = async (name: string, weightOf: (label: string) => string, weightColumn?: string) => {
      const rows = HEADLINES.map(row => ({ ...row, columns: { weight: weightOf(row.label) } }))
      const data = await shop.dataset(name, rows)
      const learner = { kind: 'naive-bayes', parameters: {} }
      await shop.run(
        train,
        {
          train: data,
          validation: data,
          preset: 'custom',
          features: { text: { words: {} } },
          learner,
          weightColumn,
        },
        `${name}-`,
      )
      await using model = await loadModel(shop.file(`${name}-model`).path)
      const { labels } = model.info
      const [{ probabilities }] = (await model.predict(['of no known word'])) as [Prediction]
      return Object.fromEntries(labels.map((label, k) => [label, probabilities[k]!]))
    }
    const [first] = HEADLINES.map(({ label }) => label)
    const plain = await weighing('plain', () => '1')
    expect(await weighing('even', () => '1', 'weight')).toEqual(plain)
    const heavy = await weighing('heavy', label => (label === first ? '9' : '1'), 'weight')
    expect(heavy[first!]).toBeGreaterThan(plain[first!]! + 0.2)
    for (const [column, weight, code, message] of [
      ['weight', '-1', 'invalid-rows', 'has "-1" in a training row'],
      ['weight', 'much', 'invalid-rows', 'has "much" in a training row'],
      ['wait', '1', 'missing-column', 'no column "wait" in'],
    ] as const) {
      await expect(weighing('bad', () => weight, column)).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      })
    }
  })

  test('few rows of a class lower the folds, one is too few, and labels alike are named', async () => {
    await using shop = await workshop()
    const more = [
      ...HEADLINES,
      { text: 'Bank of the cup', label: 'sports ' },
      { text: 'A cup of rates', label: 'sports ' },
    ]
    const validation = await shop.dataset('none', [])
    const { lines } = await shop.run(train, { train: await shop.dataset('more', more), validation })
    expect(lines).toContainEqual(
      expect.stringContaining('"sports " has 2 training rows: calibration takes 2 folds'),
    )
    expect(lines).toContainEqual(
      expect.stringContaining('only case or space tells apart, each a class of its own: "Sports", "sports "'),
    )
    const one = await shop.dataset('one', more.slice(0, 13))
    await expect(shop.run(train, { train: one, validation })).rejects.toMatchObject({
      code: 'invalid-rows',
      message: expect.stringContaining('"sports " has one training row'),
    })
    await expect(shop.run(train, { train: one, validation, calibration: 'none' })).rejects.toMatchObject({
      code: 'not-calibrated',
    })
    const stops = await shop.dataset(
      'stops',
      more.slice(0, 12).map(row => ({ ...row, text: 'the of and' })),
    )
    await expect(shop.run(train, { train: stops, validation, preset: 'seed-002' })).rejects.toMatchObject({
      code: 'empty-vocabulary',
      message: expect.stringContaining('stopWords'),
    })
  })
})

describe('evaluate', () => {
  test('measures the model and its baselines on the same rows', async () => {
    await using shop = await trainedShop()
    const given = { model: shop.file('model'), test: await shop.dataset('test', TEST_ROWS), train: shop.rows }
    const { parameters, metadata, summary } = await shop.run(evaluate, given, 'e-')
    const metrics = JSON.parse(await shop.read('e-metrics'))
    await using model = await loadModel(given.model.path)
    const answers = await model.predict(TEST_ROWS.map(row => row.text))
    const truths = answers.map(
      ({ probabilities }, i) => probabilities[TEST_ROWS[i]!.label === 'Sports' ? 1 : 0]!,
    )
    const loss = truths.reduce((sum, probability) => sum - Math.log(probability), 0) / 6
    // Two right of three in each class, so every share of the model is two thirds.
    const third = expect.closeTo(2 / 3, 12)
    const ranked = { rocAuc: expect.any(Number), averagePrecision: expect.any(Number) }
    // Draws of three rows are now all right, now all wrong.
    const f1Interval = { low: 0, high: 1 }
    const shares = { precision: third, recall: third, f1: third, f1Interval, support: 3, ...ranked }
    expect(metrics).toEqual({
      accuracy: third,
      accuracyInterval: { low: expect.closeTo(0.299993, 6), high: expect.closeTo(0.903229, 6) },
      balancedAccuracy: third,
      macroPrecision: third,
      macroRecall: third,
      macroF1: third,
      macroF1Interval: { low: expect.any(Number), high: expect.any(Number) },
      weightedPrecision: third,
      weightedRecall: third,
      weightedF1: third,
      microPrecision: third,
      microRecall: third,
      microF1: third,
      brier: expect.any(Number),
      calibrationError: expect.any(Number),
      macroRocAuc: expect.any(Number),
      macroAveragePrecision: expect.any(Number),
      slices: [
        { by: 'length', value: '3 to 4 words', rows: 3, accuracy: 1 },
        { by: 'length', value: '5 to 6 words', rows: 2, accuracy: 0.5 },
        { by: 'length', value: '7 words', rows: 1, accuracy: 0 },
      ],
      logLoss: expect.closeTo(loss, 12),
      rows: 6,
      classes: { Business: shares, Sports: shares },
      baselines: {
        majority: { accuracy: 0.5, macroF1: expect.closeTo(1 / 3, 12) },
        naiveBayes: { accuracy: third, macroF1: third },
      },
    })
    expect(parameters).toEqual({ accuracy: metrics.accuracy, macroF1: metrics.macroF1 })
    expect(summary).toBe('accuracy .667 (.30 to .90), macro F1 .667')
    const scalars = Object.fromEntries(
      Object.entries(metrics).filter(([, value]) => typeof value === 'number'),
    )
    const confusionMatrix = {
      annotationSpecs: [{ displayName: 'Business' }, { displayName: 'Sports' }],
      rows: [{ row: [2, 1] }, { row: [1, 2] }],
    }
    const confusion = JSON.parse(await shop.read('e-confusion'))
    expect(metadata).toEqual({ metrics: scalars, confusion })
    expect(confusion.confusionMatrix).toEqual(confusionMatrix)
    expect(confusion.confidenceMetrics.at(-1)).toMatchObject({ recall: 1, falsePositiveRate: 1 })
    const predictions = (await shop.read('e-predictions'))
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(predictions.map(({ text, label }) => ({ text, label }))).toEqual(TEST_ROWS)
    expect(predictions.map(({ predicted }) => predicted)).toEqual(answers.map(({ label }) => label))
  })

  test('says which classes have few rows or none, and draws curves of those that have some', async () => {
    await using shop = await workshop()
    const rows = Array.from({ length: 32 }, (_, i) => ({ text: `word${i % 8} alike`, label: `c${i % 8}` }))
    const data = await shop.dataset('rows', rows)
    await shop.run(train, { train: data, validation: data, preset: 'seed-002', minDf: 1, maxDf: 1 }, 't-')
    const some = await shop.dataset('some', [
      ...rows.slice(0, 7),
      ...Array.from({ length: 10 }, () => ({ text: 'word6 alike', label: 'c6' })),
    ])
    const { lines } = await shop.run(evaluate, { model: shop.file('t-model'), test: some }, 'e-')
    const notes = [
      '1 class has no test row: 0 in macro precision, recall and F1, left out of the other macro figures.',
      '6 classes have fewer than 10 test rows: figures and intervals of so few say little.',
    ]
    const [report, page] = [await shop.read('e-report'), await shop.read('e-page')]
    expect(JSON.parse(await shop.read('e-metrics')).classes.c7).not.toHaveProperty('f1Interval')
    for (const note of notes) {
      expect(report).toContain(`${note}\n\n`)
      expect(page).toContain(note)
    }
    expect(lines).toContain(`warning: ${notes[0]}`)
    expect(page).toContain('Curves of 6 of the 8 classes')
    expect(await shop.read('e-figures/roc.svg')).not.toContain('>c7<')
    const one = await shop.dataset('one', rows.slice(0, 1))
    await shop.run(evaluate, { model: shop.file('t-model'), test: one }, 'o-')
    expect(await shop.read('o-figures/roc.svg')).toContain('none, since the test rows are of one class')
  })

  test('draws its charts as files of their own too', async () => {
    await using shop = await trainedShop()
    const given = { model: shop.file('model'), test: await shop.dataset('test', TEST_ROWS) }
    await shop.run(evaluate, given, 'e-')
    await shop.run(evaluate, given, 'again-')
    // The same in a process that has drawn before.
    expect(await shop.read('again-page')).toBe(await shop.read('e-page'))
    const names = ['confusion.svg', 'precision-recall.svg', 'reliability.svg', 'roc.svg', 'training-loss.svg']
    expect((await readdir(shop.file('e-figures').path)).sort()).toEqual(names)
    for (const name of names) {
      // In the namespace, and with a ground, since an image inherits neither.
      expect(await shop.read(`e-figures/${name}`)).toMatch(
        /^<svg style="background:#fff;color:#16202c" role="img" aria-label="[^"]+" [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/,
      )
    }
  })

  test('reports tables and the most confident mistakes first', async () => {
    await using shop = await trainedShop()
    const given = { model: shop.file('model'), test: await shop.dataset('test', TEST_ROWS) }
    await shop.run(evaluate, given, 'e-')
    expect(JSON.parse(await shop.read('e-metrics'))).not.toHaveProperty('baselines')
    const report = await shop.read('e-report')
    expect(report).toContain(
      '| class | precision | recall | F1 | its 95 % interval | ROC AUC | average precision | rows |',
    )
    expect(report).toContain('| Business | 2 | 1 |\n| Sports | 1 | 2 |')
    const mistakes = report.split('## Most confident mistakes')[1]!.trim().split('\n').slice(2)
    const sure = mistakes.map(line => Number(/([.\d]+) \|$/.exec(line)![1]))
    expect(sure).toEqual(sure.toSorted((a, b) => b - a))
    expect(mistakes.map(line => line.slice(0, 10)).sort()).toEqual(['| Cup stri', '| Rates an'])
    expect(report).not.toContain('naive Bayes')
  })

  test('shows how the fit went, where the learner told it', async () => {
    await using shop = await trainedShop()
    const test = await shop.dataset('test', TEST_ROWS)
    const shown = async (learner: Learner, prefix: string) => {
      await shop.run(train, { ...shop.given, learner }, prefix)
      await shop.run(evaluate, { model: shop.file(`${prefix}model`), test }, prefix)
      const [report, page] = [await shop.read(`${prefix}report`), await shop.read(`${prefix}page`)]
      const charts = await readdir(shop.file(`${prefix}figures`).path)
      const section = /## Training\n\n(.*?)\n\n##/s.exec(report)?.[1]?.split('\n').slice(2)
      return { section, page, charts: charts.filter(name => name.startsWith('training')).sort() }
    }
    const mlp = { hiddenLayerSizes: [2], maxIter: 3, earlyStopping: true, validationFraction: 0.5 }
    const network = await shown({ kind: 'mlp', parameters: mlp }, 'mlp-')
    expect(network.charts).toEqual(['training-accuracy.svg', 'training-loss.svg'])
    expect(network.section).toEqual([
      expect.stringMatching(/^\| mlp \| 3 epochs \| [.\d]+ \| [.\d]+ \| [.\d]+ \|$/),
    ])
    expect(network.page).toContain('<figcaption>Accuracy on rows kept out of the fit</figcaption>')
    expect(network.page).toMatch(
      /aria-label="Training loss of mlp: [.\d]+ after epoch 1, [.\d]+ after epoch 3"/,
    )

    const calibration = { method: 'sigmoid', cv: 2, ensemble: true } as const
    const learners = [{ kind: 'logistic-regression' }, { kind: 'linear-svm', calibration }] as const
    const votes = await shown({ kind: 'voting', how: 'soft', learners }, 'votes-')
    expect(votes.charts).toEqual(['training-loss-1.svg', 'training-loss-2.svg'])
    expect(votes.section!.map(row => row.split(' | ')[0])).toEqual([
      '| model 1: logistic-regression',
      '| model 2: linear-svm, fold 1',
      '| model 2: linear-svm, fold 2',
    ])
    expect(votes.page).toContain('<figcaption>Loss, model 2: linear-svm</figcaption>')

    const step = await shown({ kind: 'logistic-regression', parameters: { maxIter: 1 } }, 'step-')
    expect(step.section).toEqual([expect.stringMatching(/^\| logistic-regression \| 1 iteration \|/)])
    expect(step.charts).toEqual([])

    const bayes = await shown({ kind: 'naive-bayes' }, 'bayes-')
    expect([bayes.section, bayes.charts]).toEqual([undefined, []])
    expect(bayes.page).not.toContain('Training')
  })

  test('refuses rows with a label that the model lacks, a damaged model, and goes when told', async () => {
    await using shop = await trainedShop()
    const model = shop.file('model')
    const test = await shop.dataset('test', TEST_ROWS)
    const weather = await shop.dataset('weather', [{ text: 'Rain', label: 'Weather' }])
    const stop = AbortSignal.abort(new PressroomError('cancelled', 'stopped'))
    const before = await readdir(shop.path)
    const run = (given: object, signal?: AbortSignal) =>
      shop.run(evaluate, { model, test, ...given }, 'e-', signal)
    await expect(run({ test: weather })).rejects.toMatchObject({ code: 'invalid-rows' })
    await expect(run({ train: weather })).rejects.toMatchObject({ code: 'invalid-rows' })
    await expect(run({ model: test })).rejects.toMatchObject({ code: 'model-foreign' })
    await expect(run({}, stop)).rejects.toMatchObject({ code: 'cancelled' })
    expect(await readdir(shop.path)).toEqual(before)
  })
})

describe('validate', () => {
  const baselines = { majority: { accuracy: 0.25 }, naiveBayes: { accuracy: 0.84 } }
  const rules = {
    minAccuracy: 0.75,
    minMacroF1: 0,
    margin: 0,
    against: 'not-worse',
    significance: 0.05,
  } as const
  const good = { accuracy: 0.861, macroF1: 0.859, baselines }
  const bad = { accuracy: 0.7, macroF1: 0.61, baselines }
  const alone = { accuracy: 0.861, macroF1: 0.859, baselines: undefined }

  test.each([
    [good, {}, 'passes: .861 against .75; baselines majority .25, naive Bayes .84'],
    [
      good,
      { minMacroF1: 0.8 },
      'passes: .861 against .75, macro F1 .859 against .8; baselines majority .25, naive Bayes .84',
    ],
    [alone, {}, 'passes: .861 against .75; no baselines'],
    [alone, { margin: -0.1 }, 'passes: .861 against .75; no baselines'],
    [alone, { margin: 0.1 }, 'fails: no baselines to be .1 above'],
    [
      { ...good, accuracy: 0.75 },
      { margin: -0.1 },
      'passes: .75 against .75; baselines majority .25, naive Bayes .84',
    ],
    [
      { ...good, accuracy: 0.86 },
      { margin: 0.02 },
      'passes: .86 against .75; baselines majority .25, naive Bayes .84',
    ],
    [
      { ...good, accuracy: 1 },
      { minAccuracy: 1 },
      'passes: 1 against 1; baselines majority .25, naive Bayes .84',
    ],
    [good, { margin: 0.03 }, 'fails: accuracy .861 is less than .03 above naive Bayes .84'],
    [{ ...good, accuracy: 0.8 }, {}, 'fails: accuracy .8 is below naive Bayes .84'],
    [
      { ...good, accuracy: 0.8 },
      { margin: -0.02 },
      'fails: accuracy .8 is more than .02 below naive Bayes .84',
    ],
    [
      { ...good, baselines: { ...baselines, majority: { accuracy: 0.9 } } },
      {},
      'fails: accuracy .861 is below majority .9',
    ],
    [
      bad,
      { minMacroF1: 0.7 },
      'fails: accuracy .7 is below .75; macro F1 .61 is below .7; accuracy .7 is below naive Bayes .84',
    ],
    [{ ...alone, accuracy: 0.7499999 }, {}, 'fails: accuracy .7499999 is below .75'],
  ])('%j by %j', (metrics, changed, reason) => {
    expect(giveVerdict(metrics, { ...rules, ...changed })).toEqual({
      passed: reason.startsWith('passes'),
      reason,
    })
  })

  const rival = { version: '3', accuracy: 0.861, championAccuracy: 0.854, p: 0.41 }
  const passes = 'passes: .861 against .75; baselines majority .25, naive Bayes .84; '
  test.each([
    ['none yet' as const, {}, `${passes}no champion yet`],
    ['none yet' as const, { against: 'better' as const }, `${passes}no champion yet`],
    [rival, {}, `${passes}champion 3 .854: within noise (p .41)`],
    [rival, { against: 'better' as const }, 'fails: not better than champion 3 .854: within noise (p .41)'],
    [{ ...rival, p: 0.012 }, { against: 'better' as const }, `${passes}champion 3 .854: better (p .012)`],
    [{ ...rival, p: 0.0001 }, {}, `${passes}champion 3 .854: better (p below .001)`],
    [{ ...rival, p: 0.04998 }, {}, `${passes}champion 3 .854: better (p .04998)`],
    [{ ...rival, p: 0.05 }, {}, `${passes}champion 3 .854: within noise (p .05)`],
    [
      { ...rival, championAccuracy: 0.9, p: 0.012 },
      {},
      'fails: worse than champion 3 .9: behind it (p .012)',
    ],
    [
      { ...rival, championAccuracy: 0.9, p: 0.012 },
      { significance: 0.01 },
      `${passes}champion 3 .9: within noise (p .012)`,
    ],
  ])('beside the champion: %j by %j', (found, changed, reason) => {
    expect(giveVerdict(good, { ...rules, ...changed }, found)).toEqual({
      passed: reason.startsWith('passes'),
      reason,
    })
  })

  test('asks the champion for the rows that evaluate predicted', async () => {
    await using shop = await trainedShop()
    const model = shop.file('model')
    const registry = shop.file('registry').path
    await shop.run(evaluate, { model, test: await shop.dataset('test', TEST_ROWS) }, 'e-')
    const given = {
      metrics: shop.file('e-metrics'),
      predictions: shop.file('e-predictions'),
      name: 'shop',
      registry,
      minAccuracy: 0.5,
    }
    expect((await shop.run(validate, given)).summary).toMatch(/; no champion yet$/)
    await shop.run(register, { model, name: 'shop', registry, alias: 'champion' })
    expect((await shop.run(validate, given)).summary).toMatch(/; champion 1 \.667: within noise \(p 1\)$/)
    // A candidate that is wrong everywhere, on enough rows for the test to tell.
    const lines = (await shop.read('e-predictions'))
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    const wrong = Array.from({ length: 5 }, () => lines)
      .flat()
      .map(line => ({ ...line, predicted: 'neither' }))
    await writeFile(shop.file('e-predictions').path, wrong.map(line => JSON.stringify(line)).join('\n'))
    await expect(shop.run(validate, given)).rejects.toThrow(
      /not of one evaluation\n.*by the metrics the accuracy is 0\.66\d+, by the predictions 0\n/s,
    )
    await writeFile(shop.file('e-metrics').path, JSON.stringify({ accuracy: 0, macroF1: 0 }))
    expect((await shop.run(validate, { ...given, minAccuracy: 0 })).summary).toBe(
      'fails: worse than champion 1 .667: behind it (p below .001)',
    )
  })

  test('refuses half a comparison and what evaluate did not write', async () => {
    await using shop = await trainedShop()
    await writeFile(shop.file('metrics').path, JSON.stringify(good))
    const metrics = shop.file('metrics')
    const registry = shop.file('registry').path
    await expect(shop.run(validate, { metrics, name: 'shop' })).rejects.toThrow('predictions is missing')
    const model = shop.file('model')
    await shop.run(register, { model, name: 'shop', registry, alias: 'champion' })
    const given = { metrics, name: 'shop', registry, predictions: metrics }
    await expect(shop.run(validate, given)).rejects.toThrow('is not what evaluate writes as its predictions')
  })

  test('reads what evaluate writes; a miss is a verdict, not an error', async () => {
    await using shop = await workshop()
    await writeFile(shop.file('metrics').path, JSON.stringify({ ...bad, rows: 6 }))
    const { parameters, summary, lines } = await shop.run(validate, { metrics: shop.file('metrics') })
    const reason = 'fails: accuracy .7 is below .8; accuracy .7 is below naive Bayes .84'
    expect({ parameters, summary, lines }).toEqual({
      parameters: { passed: false, reason },
      summary: reason,
      lines: [`warning: ${reason}`],
    })
  })

  test.each([
    ['', 'invalid-parameter', 'is not what evaluate writes'],
    ['null', 'invalid-parameter', 'metrics must be an object'],
    ['{"accuracy": 0.9', 'invalid-parameter', 'run evaluate again'],
    ['{"accuracy": 0.9}', 'invalid-parameter', 'metrics.macroF1 must be a number from 0 to 1'],
    ['{"accuracy": 86, "macroF1": 1}', 'invalid-parameter', 'metrics.accuracy must be a number from 0 to 1'],
    ['{"accuracy": 1, "macroF1": 1, "baselines": {}}', 'invalid-parameter', 'baselines.majority must be'],
    [undefined, 'file-not-found', 'no such file'],
  ])('refuses %j', async (text, code, message) => {
    await using shop = await workshop()
    const metrics = shop.file('metrics')
    if (text !== undefined) await writeFile(metrics.path, text)
    await expect(shop.run(validate, { metrics })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
  })
})

describe('what a report is written with', () => {
  test.each([
    [0.8612, 3, '.861'],
    [0.85, 3, '.85'],
    [0, 3, '0'],
    [1, 3, '1'],
    [0.9999, 3, '1'],
    [0.0004, 3, '0'],
    [-0.02, 3, '-.02'],
    [-0.0004, 3, '0'],
    [0.83, 2, '.83'],
    [10.5, 2, '10.5'],
    [20, 2, '20'],
    [0.7, 0, '1'],
  ])('share %p to %p decimals is %p', (value, digits, text) => {
    expect(formatShare(value, digits)).toBe(text)
  })

  test.each([
    [0, '0'],
    [0.0023054321, '0.0023054'],
    [-24728.04, '-24,728'],
    [99_999, '99,999'],
    [1_234_567, '1.2346e+6'],
    [7.0139205e22, '7.0139e+22'],
    [0.000012, '1.2e-5'],
  ])('loss %d is "%s"', (loss, shown) => expect(formatLoss(loss)).toBe(shown))

  test('of many names the first are listed, of long ones the beginning', () => {
    expect(listed(['a', 'b'])).toBe('a, b')
    const many = Array.from({ length: 1021 }, (_, i) => `name ${i}`)
    expect(listed(many)).toMatch(/^name 0, .*, name 19, and 1,001 more$/)
    expect(listed(['n'.repeat(100)])).toBe(`${'n'.repeat(39)}…`)
  })

  test('a chart is called what it shows, whatever characters that has', () => {
    const { svg } = barChart([{ name: "US$'s", value: 1 }], { description: 'of US$\'s & $$ "$1"' })
    expect(svg).toMatch(/^<svg role="img" aria-label="of US\$&#39;s &#38; \$\$ &#34;\$1&#34;" [^<]*>/)
  })

  test('names beside bars are cut short with a sign, and have room in fonts wider than Helvetica', () => {
    const name = 'c 0.1, gamma scale, kernel linear, degree 3'
    const given = { name, value: 0.5, low: 0.4, high: 0.6 }
    for (const { svg } of [
      barChart([given], { description: '' }),
      spreadChart([given], { name: 'accuracy', description: '' }),
    ]) {
      const [, left, shown] = /text-anchor="end"[^>]*transform="translate\((\d+)[^>]*>(c 0[^<]*)</.exec(svg)!
      expect(shown).toMatch(/(\.\.\.|…)$/)
      // What DejaVu Sans takes for a character of such names.
      expect(Number(left)).toBeGreaterThan(6.5 * shown!.length)
    }
  })

  test('a legend of long names has rows of its own below the plot', () => {
    const axis = { name: 'x', min: 0, max: 1 }
    const chartOf = (name: string) => {
      const lines = Array.from({ length: 6 }, (_, i) => ({ name: `${i} ${name}`, points: [[0, 1]] as const }))
      const { svg } = lineChart(lines, { x: axis, y: axis, description: '' })
      const heights = [...svg.matchAll(/translate\([\d.]+ ([\d.]+)\)[^>]*>[0-5] …?[a-z][^<]*</g)].map(found =>
        Number(found[1]),
      )
      const [, x] = /translate\([\d.]+ ([\d.]+)\)[^>]*>x</.exec(svg) ?? []
      return {
        height: Number(/height="(\d+)"/.exec(svg)?.[1]),
        legend: Math.min(...heights),
        names: heights.length,
        x: Number(x),
        svg,
      }
    }
    const short = chartOf('a')
    expect(short).toMatchObject({ height: 360, names: 6 })
    const long = chartOf('name that is much too long for a legend')
    expect(long.height).toBe(360 - 24 + 3 * 38)
    expect(long.svg).toMatch(/>5 name that is much \S{1,3}…</)
    for (const { legend, x } of [short, long]) expect(legend).toBeGreaterThan(x)
  })

  test('counts, tables and text of strangers', () => {
    expect(formatCount(8113)).toBe('8,113')
    expect(markdownTable(['a', 'b'], [['1', '2']])).toBe('| a | b |\n| --- | ---: |\n| 1 | 2 |\n')
    expect(escapeMarkdown('a|b\n<b>*c*</b> [d](e) `f` \\')).toBe(
      'a\\|b \\<b\\>\\*c\\*\\</b\\> \\[d\\]\\(e\\) \\`f\\` \\\\',
    )
    expect(shorten('😀😀😀', 2)).toBe('😀…')
    expect(shorten('😀😀', 2)).toBe('😀😀')
    expect(shorten(`a \n b${' '.repeat(99)}c`, 9)).toBe('a b…')
  })
})

test('the run of a version has the curves of its fit, step by step', async () => {
  await using shop = await trainedShop()
  await using registry = await openRegistry(shop.file('registry').path)
  const historyOf = async (learner: Learner, name: string) => {
    await shop.run(train, { ...shop.given, learner }, `${name}-`)
    const model = shop.file(`${name}-model`)
    await shop.run(register, { model, name, registry: registry.location, alias: 'champion' }, `${name}-`)
    await using loaded = await loadModel(model.path)
    const [run] = await registry.searchRuns({ experiment: name })
    const points = async (key: string) => {
      return (await registry.getMetricHistory(run!.id, key)).map(({ step, value }) => [step, value] as const)
    }
    return { info: fittedInfo(loaded), metrics: run!.metrics, points }
  }
  const one = await historyOf({ kind: 'logistic-regression' }, 'one')
  const [curve] = one.info.curves!
  expect(await one.points('train.loss')).toEqual(curve!.steps.map((step, i) => [step, curve!.loss[i]]))
  expect(one.metrics['train.loss']).toBe(one.info.metrics.loss)
  expect(await one.points('train.rows')).toEqual([[0, 12]])

  const calibration = { method: 'sigmoid', cv: 2, ensemble: true } as const
  const learners = [{ kind: 'naive-bayes' }, { kind: 'linear-svm', calibration }] as const
  const votes = await historyOf({ kind: 'voting', how: 'soft', learners }, 'votes')
  const fold = votes.info.curves!.find(({ fold }) => fold === 2)!
  expect(await votes.points('train.model 2: linear-svm.fold 2.loss')).toEqual(
    fold.steps.map((step, i) => [step, fold.loss[i]]),
  )
  expect(await votes.points('train.loss')).toEqual([])

  const bayes = await historyOf({ kind: 'naive-bayes' }, 'bayes')
  expect(bayes.info.curves).toBeUndefined()
  expect(Object.keys(bayes.metrics).filter(key => key.includes('loss'))).toEqual([])
})

test('a graph from elsewhere is scored with, evaluated beside baselines, validated, and registered', async () => {
  await using shop = await workshop()
  const model = shop.file('model')
  const graph = await readFile('test/goldens/skl2onnx/naive-bayes.onnx')
  const { info } = await importOnnx(model.path, graph, 'a.onnx', { validation: HEADLINES })
  const rows = await shop.dataset('rows', HEADLINES)

  await shop.run(predict, { model, data: rows }, 'p-')
  const predicted = (await shop.read('p-predictions')).trimEnd().split('\n')
  expect(predicted.map(line => JSON.parse(line).predicted)).toEqual(HEADLINES.map(({ label }) => label))

  await shop.run(evaluate, { model, test: rows, train: rows }, 'e-')
  expect(JSON.parse(await shop.read('e-metrics'))).toMatchObject({ accuracy: 1, baselines: { majority: {} } })

  const registry = shop.file('registry').path
  await shop.run(register, { model, name: 'graph', registry, alias: 'champion' }, 'r-')
  await using opened = await openRegistry(registry)
  const version = await opened.getVersion('graph', '1')
  expect(version?.tags).toMatchObject({ 'pressroom.engine': 'onnx-text' })
  expect(await opened.getRun(version!.runId!)).toMatchObject({
    params: {
      engine: 'onnx-text',
      'graph.digest': info.graph.digest,
      'graph.opsets': 'ai.onnx 22, ai.onnx.ml 1, com.microsoft 1',
    },
  })

  const files = { metrics: shop.file('e-metrics'), predictions: shop.file('e-predictions') }
  const against = { ...files, name: 'graph', registry, margin: -1 }
  expect((await shop.run(validate, against, 'v-')).parameters).toMatchObject({ passed: true })
})

describe('a checkpoint', () => {
  const LEARNER: Learner = {
    ...{ kind: 'voting', how: 'soft' },
    learners: [
      {
        kind: 'logistic-regression',
        parameters: { tol: 1e-10, c: 1000 },
        calibration: { method: 'sigmoid', cv: 2 },
      },
      { kind: 'mlp', parameters: { hiddenLayerSizes: [3], maxIter: 6 } },
    ],
  }
  const KEY = { release: '1', rows: 'these', settings: 'these' }
  const log = () => {
    const lines: string[] = []
    const say = (line: string) => void lines.push(line)
    return { lines, log: { info: say, warn: say } }
  }
  const training = async () => {
    const rows = HEADLINES.filter(({ label }) => label !== undefined)
    const names = [...new Set(rows.map(({ label }) => label))].sort()
    const labels = Int32Array.from(rows, ({ label }) => names.indexOf(label))
    const { matrix } = await fitFeatures(rows, labels, {})
    return { matrix, labels, classes: names.length }
  }

  test('stopped in any part, a fit goes on from its file to the same bits', async () => {
    await using temp = await tempFolder()
    const data = await training()
    const whole = await fitLearner(data, LEARNER, { keepCurves: true })
    let lines = 0
    await fitLearner(data, LEARNER, { onProgress: () => void lines++ })
    // A state is kept every ten iterations: the first fit is stopped behind one, so that half of its curve is from before.
    const first = whole.curves[0]!.steps.length
    expect(first).toBeGreaterThan(11)
    for (const end of [1, first - 1, Math.ceil(lines / 2), lines]) {
      const path = join(temp.path, `stopped-${end}`)
      const stop = new AbortController()
      const kept = await openFitCheckpoint(path, KEY, log().log, 0)
      let left = end
      const onProgress = () => {
        if (--left === 0) stop.abort()
      }
      const control = { signal: stop.signal, onProgress, keepCurves: true, checkpoint: kept }
      const cut = fitLearner(data, LEARNER, control)
      await cut.catch(() => {})
      await kept.settle()
      const { log: second, lines: said } = log()
      const checkpoint = await openFitCheckpoint(path, KEY, second, 0)
      expect(await fitLearner(data, LEARNER, { keepCurves: true, checkpoint })).toEqual(whole)
      await checkpoint.remove()
      if (end === lines)
        expect(said).toEqual([expect.stringMatching(/^going on from .* behind [1-9] fits? done before$/)])
    }
    expect(await readdir(temp.path)).toEqual([])
  })

  test.each([
    [{ rows: 'others' }, 'it is of other rows'],
    [{ settings: 'others', release: '2' }, 'it is of other settings, another release (1)'],
    [undefined, 'it is no checkpoint of train'],
  ])('of something else is refused and not written over: %j', async (other, where) => {
    await using temp = await tempFolder()
    const path = join(temp.path, 'kept')
    const kept = await openFitCheckpoint(path, KEY, log().log, 0)
    await fitLearner(await training(), LEARNER, { checkpoint: kept })
    await kept.settle()
    if (other === undefined) await writeFile(path, 'dear')
    const before = await readFile(path)
    await expect(openFitCheckpoint(path, { ...KEY, ...other }, log().log)).rejects.toMatchObject({
      code: 'invalid-setting',
      where,
      fix: 'give another path, or remove the file',
    })
    expect(await readFile(path)).toEqual(before)
  })

  test('hangs on the order of the rows: what a solver keeps is by row', () => {
    const keys = [HEADLINES, HEADLINES.toReversed()].map(rows => checkpointKey(rows, {}).rows)
    expect(keys[0]).not.toBe(keys[1])
  })

  test('is named by a train that is stopped, which has kept the parts that were done', async () => {
    await using shop = await trainedShop()
    const path = shop.file('checkpoint').path
    const stop = new AbortController()
    const learner = { ...LEARNER, learners: [{ kind: 'naive-bayes' }, { kind: 'random-forest' }] }
    const given = { ...shop.given, preset: 'custom', learner, checkpoint: path }
    // At the line before the fit: naive Bayes looks at no signal, the forest does.
    const stopped = shop.run(train, given, 'cut-', stop.signal, () => stop.abort())
    await expect(stopped).rejects.toMatchObject({
      code: 'cancelled',
      message: `stopped\n  ${path} keeps what was done; the same command goes on from it`,
    })
    const again = await shop.run(train, given, 'cut-')
    expect(again.lines[0]).toBe(`going on from ${path}, behind 1 fit done before`)
    await shop.run(train, { ...given, checkpoint: undefined }, 'whole-')
    const [one, other] = await Promise.all(
      ['cut-model', 'whole-model'].map(name => digestModel(shop.file(name).path)),
    )
    expect(one).toBe(other)
  })

  test('of a stage that ends well is removed, and changes nothing', async () => {
    await using shop = await trainedShop()
    const path = shop.file('checkpoint').path
    await shop.run(train, { ...shop.given, checkpoint: path }, 'kept-')
    const [one, kept] = await Promise.all(
      ['model', 'kept-model'].map(name => digestModel(shop.file(name).path)),
    )
    expect(kept).toBe(one)
    await expect(readFile(path)).rejects.toThrow('ENOENT')
  })
})
