/** scikit-learn on the rows of the goldens, its matrices beside ours, and Python's ONNX Runtime on a model folder of the newsroom. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { readDataset } from '../../core/data/index.ts'
import { loadModel } from '../../core/model/index.ts'
import { tempFolder } from '../support/temp.ts'
import { differences } from './differences.ts'
import { pythonWith, runScript } from './python.ts'
import { SKLEARN_PACKAGES } from './sklearn-fits.ts'
import { checkLearners } from './sklearn-learners.ts'
import { textChecks } from './sklearn-text.ts'
import type { Checks } from './suite.ts'

const exec = promisify(execFile)

const ROOT = resolve(import.meta.dirname, '../..')
const GOLDENS = join(ROOT, 'test/goldens/sklearn')

/** Single against double precision over a few hundred terms. */
const EXPORT_TOLERANCE = 1e-5

export async function available(): Promise<string | undefined> {
  const found = await pythonWith('sklearn', SKLEARN_PACKAGES)
  return 'reason' in found ? found.reason : undefined
}

export async function checks(t: Checks): Promise<void> {
  // available() has seen to it that there is one.
  const { python } = (await pythonWith('sklearn', SKLEARN_PACKAGES)) as { python: string }
  await using folder = await tempFolder()

  await t.check('the script makes the goldens again', async () => {
    await runScript(python, 'sklearn_goldens.py', join(GOLDENS, 'rows.tsv'), folder.path)
    await runScript(python, 'sklearn_judge.py', folder.path)
    await runScript(python, 'sklearn_kernels.py', folder.path)
    for (const name of ['features.json', 'models.json', 'metrics.json', 'judge.json', 'kernels.json']) {
      const [made, committed] = await Promise.all([folder.path, GOLDENS].map(at => readJson(join(at, name))))
      assert.deepEqual(differences(made, committed, name), [])
    }
  })

  await t.check('the script makes the goldens of text again', async () => {
    const [committed, made] = [join(GOLDENS, 'text.json'), join(folder.path, 'text.json')]
    await runScript(python, 'sklearn_text.py', 'golden', committed, made)
    assert.deepEqual(differences(await readJson(made), await readJson(committed), 'text.json'), [])
  })
  await textChecks(t, python, folder.path)
  await checkLearners(t, python, folder.path)

  const model = join(folder.path, 'model')
  const validation = join(folder.path, 'validation')
  await t.check('the command line trains on the newsroom', async () => {
    const out = ['--out', folder.path]
    await pressroom('ingest', join(ROOT, 'examples/newsroom/news.csv'), ...out)
    await pressroom('train', '--train', join(folder.path, 'train'), '--validation', validation, ...out)
  })
  await t.check(
    'Python reads the folder by its documentation, and its ONNX export gives our answers',
    async () => {
      const rows = await readDataset(validation)
      await using ours = await loadModel(model)
      const predictions = await ours.predict(rows.map(row => row.text))
      const theirs = JSON.parse(await runScript(python, 'onnx_predict.py', model, validation))
      assert.ok(rows.length > 100)
      assert.deepEqual(
        theirs.labels.map((label: number) => ours.info.labels[label]),
        predictions.map(({ label }) => label),
      )
      const probabilities = predictions.map(prediction => [...prediction.probabilities])
      assert.deepEqual(differences(theirs.probabilities, probabilities, 'row', EXPORT_TOLERANCE), [])
    },
  )
}

async function pressroom(...args: readonly string[]): Promise<void> {
  await exec(process.execPath, [join(ROOT, 'cli.ts'), ...args])
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'))
}
