/**
 * ONNX Runtime in Python, which knows nothing of Pressroom, on the ONNX files of our model folders: every family of learners, asked all
 * test rows of AG News as features and as texts. Beside it skl2onnx's conversion of the pipeline that seed 002 is.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Row, readDataset, readRows } from '../../core/data/index.ts'
import { fitLearner, type Learner } from '../../core/learn/index.ts'
import { type LearnerRecord, loadModel, type Precision, sealModel } from '../../core/model/index.ts'
import { TRAINING_PRESETS } from '../../core/presets.ts'
import { fitFeatures } from '../../core/text/index.ts'
import { madeUpTexts } from '../support/made-up-texts.ts'
import { tempFolder } from '../support/temp.ts'
import { pythonWith, runScript } from './python.ts'
import { AG_NEWS, agNewsMissing } from './sklearn-fits.ts'
import type { Checks } from './suite.ts'

const exec = promisify(execFile)
const ROOT = resolve(import.meta.dirname, '../..')
const PACKAGES = [
  'skl2onnx==1.20.0',
  'scikit-learn==1.9.1',
  'onnx==1.23.2',
  'onnxruntime==1.31.1',
  'numpy==2.4.6',
]

/** Single against double precision over a few hundred terms. */
const MOST_DIFFERENCE = 1e-5

const SEED_002 = TRAINING_PRESETS['seed-002']
const sigmoid = { method: 'sigmoid', cv: 3, ensemble: false } as const
const NETWORK: Learner = { kind: 'mlp', parameters: { hiddenLayerSizes: [20], maxIter: 3 } }
const FOREST: Learner = { kind: 'random-forest', parameters: { nEstimators: 20, maxDepth: 20 } }

/** On seed 002's features; a kernel machine of so many rows is too slow for a suite, and unit tests ask those. */
const MODELS: readonly [name: string, learner: Learner, precision?: Precision][] = [
  ['logistic regression', SEED_002.learner],
  ['naive Bayes', { kind: 'naive-bayes' }],
  ['complement naive Bayes', { kind: 'complement-naive-bayes' }],
  ['linear SVM, calibrated', { kind: 'linear-svm', calibration: sigmoid }],
  ['NB-weighted SVM, temperature', { kind: 'nb-weighted', calibration: { method: 'temperature', cv: 3 } }],
  ['random forest', FOREST],
  ['network', NETWORK],
  [
    'soft votes',
    { kind: 'voting', how: 'soft', learners: [SEED_002.learner, FOREST, { kind: 'naive-bayes' }] },
  ],
  ['logistic regression, int8', SEED_002.learner, 'int8'],
  ['network, float16', NETWORK, 'float16'],
]

export async function available(): Promise<string | undefined> {
  const found = await pythonWith('onnx', PACKAGES)
  return 'reason' in found ? found.reason : undefined
}

export async function checks(t: Checks): Promise<void> {
  // available() has seen to it that there is one.
  const { python } = (await pythonWith('onnx', PACKAGES)) as { python: string }
  await using folder = await tempFolder()
  await newsroom(t, python, folder.path)
  const missing = agNewsMissing()
  if (missing === undefined) await agNews(t, python, folder.path)
  else t.skip('every family on AG News', missing)
}

async function newsroom(t: Checks, python: string, folder: string): Promise<void> {
  const [model, validation] = [join(folder, 'model'), join(folder, 'validation')]
  await t.check(
    'a folder that the command line trained on the newsroom answers as it does itself',
    async () => {
      const out = ['--out', folder]
      await pressroom('ingest', join(ROOT, 'examples/newsroom/news.csv'), ...out)
      await pressroom(
        'train',
        '--preset',
        'seed-002',
        '--train',
        join(folder, 'train'),
        '--validation',
        validation,
        ...out,
      )
      const rows = await readDataset(validation)
      assert.ok(rows.length > 100)
      for (const which of ['features', 'text'] as const) await compare(python, which, model, validation, rows)
    },
  )
  await t.check(
    'text.onnx is standard: onnx checks it, and its reference evaluator answers the same',
    async () => {
      // The evaluator cuts strings of other alphabets short when it lower-cases what stands beside them.
      const rows = (await readDataset(validation))
        .filter(({ text }) => /^[\0-\x7f]*$/.test(text))
        .slice(0, 24)
      assert.equal(rows.length, 24)
      const file = await written(folder, 'ascii', rows)
      await compare(python, 'standard', model, file, rows)
    },
  )
}

async function agNews(t: Checks, python: string, folder: string): Promise<void> {
  const { rows } = await readRows(join(AG_NEWS, 'train.csv'))
  const { rows: asked } = await readRows(join(AG_NEWS, 'test.csv'))
  const file = await written(folder, 'asked', asked)
  const labels = [...new Set(rows.map(({ label }) => label))].sort()
  const classes = Int32Array.from(rows, ({ label }) => labels.indexOf(label))
  const { features, matrix } = await fitFeatures(rows, classes, SEED_002.features)
  const sealed = async (name: string, learner: Learner, precision: Precision = 'float32') => {
    const into = join(folder, name)
    const { model } = await fitLearner({ matrix, labels: classes, classes: labels.length }, learner)
    const fingerprints = { data: 'sha256:interop', code: name }
    const validation = asked.slice(0, 200)
    const record = learner as LearnerRecord
    await sealModel(into, {
      features,
      model,
      learner: record,
      labels,
      validation,
      metrics: {},
      fingerprints,
      precision,
    })
    return into
  }
  for (const [name, learner, precision] of MODELS) {
    await t.check(`${name}: model.onnx and text.onnx change none of ${asked.length} labels`, async () => {
      const model = await sealed(name, learner, precision)
      for (const which of ['features', 'text'] as const) await compare(python, which, model, file, asked)
    })
  }
  await t.check(
    'text.onnx answers 3000 made-up texts of 26 blocks of Unicode as the model does',
    async () => {
      const words = asked.slice(0, 300).flatMap(({ text }) => text.split(' '))
      const texts = [...madeUpTexts(1500, words, 'any'), ...madeUpTexts(1500, words, 'sigmas')]
      // Python has no text with half a surrogate pair.
      const strange = texts.map(text => ({ text: text.toWellFormed(), label: labels[0]! }))
      const model = join(folder, MODELS[0]![0])
      await compare(python, 'text', model, await written(folder, 'strange', strange), strange)
    },
  )
  const {
    changed,
    rows: all,
    localeAbsent,
  } = JSON.parse(
    await runScript(python, 'skl2onnx_seed.py', join(AG_NEWS, 'train.csv'), join(AG_NEWS, 'test.csv')),
  )
  const locale = localeAbsent ? ', and does not load here without a locale put in' : ''
  await t.check(
    `skl2onnx's conversion of the pipeline changes ${changed} of ${all} labels${locale}`,
    async () => {
      assert.equal(all, asked.length)
    },
  )
}

/** What Python got for the rows is what the folder's model answers. */
async function compare(
  python: string,
  which: 'features' | 'text' | 'standard',
  folder: string,
  file: string,
  rows: readonly Row[],
): Promise<void> {
  await using model = await loadModel(folder)
  const ours = await model.predict(rows)
  const theirs: { labels: (string | number)[]; probabilities: number[][] } = JSON.parse(
    await runScript(python, 'onnx_predict.py', which, folder, file),
  )
  assert.equal(theirs.labels.length, rows.length)
  const named = theirs.labels.map(label => (typeof label === 'number' ? model.info.labels[label] : label))
  const changed = ours.filter(({ label }, i) => label !== named[i]).length
  assert.equal(changed, 0, `${which}: ${changed} of ${rows.length} labels differ`)
  let largest = 0
  for (const [i, { probabilities }] of ours.entries()) {
    for (const [c, probability] of probabilities.entries()) {
      largest = Math.max(largest, Math.abs(probability - theirs.probabilities[i]![c]!))
    }
  }
  assert.ok(largest <= MOST_DIFFERENCE, `${which}: a probability differs by ${largest}`)
}

async function written(folder: string, name: string, rows: readonly Row[]): Promise<string> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${name}.jsonl`)
  await writeFile(file, rows.map(row => `${JSON.stringify(row)}\n`).join(''))
  return file
}

async function pressroom(...args: readonly string[]): Promise<void> {
  await exec(process.execPath, [join(ROOT, 'cli.ts'), ...args])
}
