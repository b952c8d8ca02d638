/** `pressroom import sklearn`: pipelines that scikit-learn fitted on AG News, asked every test row on both sides; then `import onnx`. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { readRows } from '../../core/data/index.ts'
import { loadModel } from '../../core/model/index.ts'
import { fittedInfo } from '../support/models.ts'
import { tempFolder } from '../support/temp.ts'
import { onnxChecks } from './onnx-import.ts'
import { pythonWith, runScript } from './python.ts'
import { AG_NEWS, agNewsMissing, SKLEARN_PACKAGES } from './sklearn-fits.ts'
import type { Checks } from './suite.ts'

const exec = promisify(execFile)
const CLI = resolve(import.meta.dirname, '../../cli.ts')
/** Pipelines whose classifier has margins alone: the class must be the same, and probabilities are ours. */
const MARGINS = ['linear SVM', 'SGD, hinge']

export async function available(): Promise<string | undefined> {
  const found = await pythonWith('sklearn', SKLEARN_PACKAGES)
  return 'reason' in found ? found.reason : agNewsMissing()
}

export async function checks(t: Checks): Promise<void> {
  // available() has seen to it that there is one.
  const { python } = (await pythonWith('sklearn', SKLEARN_PACKAGES)) as { python: string }
  await using folder = await tempFolder()
  const fitted = await runScript(python, 'sklearn_pipelines.py', join(AG_NEWS, 'train.csv'), folder.path)
  const { rows } = await readRows(join(AG_NEWS, 'test.csv'))
  // Two classes are 1 and 2.
  const two = join(folder.path, 'two.jsonl')
  const some = rows.filter(({ label }) => label === '1' || label === '2')
  await writeFile(two, some.map(row => `${JSON.stringify(row)}\n`).join(''))

  for (const name of JSON.parse(fitted) as string[]) {
    await t.check(`import: ${name}`, async () => {
      const ofTwo = name.endsWith('two classes')
      const validation = ofTwo ? two : join(AG_NEWS, 'test.csv')
      const out = join(folder.path, name)
      const model = join(folder.path, `${name}.joblib`)
      const flags = ['--validation', validation, '--python', python, '--out', out, '--json']
      const { stdout } = await exec(process.execPath, [CLI, 'import', 'sklearn', model, ...flags])
      // The command itself fails where a class differs, or a probability by more than 1e-9.
      const { folder: sealed, compared, largestDifference, calibrated } = JSON.parse(stdout)
      assert.equal(compared, ofTwo ? some.length : 7600)
      assert.equal(calibrated, MARGINS.includes(name))
      if (!calibrated) assert.ok(largestDifference <= 1e-9)
      await using loaded = await loadModel(sealed)
      const { labelsDiffering } = fittedInfo(loaded).export as { labelsDiffering: number }
      assert.equal(labelsDiffering, 0)
    })
  }
  await onnxChecks(t)
}
