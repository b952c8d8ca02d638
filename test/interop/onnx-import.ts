/** `pressroom import onnx`: pipelines that skl2onnx converted, asked every AG News test row here and by Python's onnxruntime. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { readRows } from '../../core/data/index.ts'
import { loadModel } from '../../core/model/index.ts'
import { tempFolder } from '../support/temp.ts'
import { pythonWith, runScript } from './python.ts'
import { AG_NEWS, SKLEARN_PACKAGES } from './sklearn-fits.ts'
import type { Checks } from './suite.ts'

const exec = promisify(execFile)
const CLI = resolve(import.meta.dirname, '../../cli.ts')
const PACKAGES = [...SKLEARN_PACKAGES, 'onnx==1.23.2', 'skl2onnx==1.20.0']
/** Two builds of ONNX Runtime, and batches of other sizes. */
const MOST_DIFFERENCE = 1e-5

/** What skl2onnx_pipelines.py writes of Python's answers. */
interface Answers {
  readonly classes: readonly string[]
  readonly labels: readonly string[]
  readonly probabilities: readonly (readonly number[])[]
}

export async function onnxChecks(t: Checks): Promise<void> {
  const found = await pythonWith('onnx', PACKAGES)
  if ('reason' in found) return t.skip('import onnx', found.reason)
  await using folder = await tempFolder()
  const [train, test] = ['train.csv', 'test.csv'].map(name => join(AG_NEWS, name)) as [string, string]
  const names = await runScript(found.python, 'skl2onnx_pipelines.py', train, test, folder.path)
  const { rows } = await readRows(test)
  for (const name of JSON.parse(names) as string[]) {
    await t.check(`import onnx: ${name}`, async () => {
      const path = join(folder.path, name)
      const flags = ['--validation', test, '--out', `${path}.out`, '--json']
      const { stdout } = await exec(process.execPath, [CLI, 'import', 'onnx', `${path}.onnx`, ...flags])
      const { folder: sealed, labels, labelsFrom, metrics } = JSON.parse(stdout)
      const theirs: Answers = JSON.parse(await readFile(`${path}.json`, 'utf8'))
      assert.deepEqual([labelsFrom, labels], ['graph', theirs.classes])
      await using model = await loadModel(sealed)
      const ours = await model.predict(rows.map(({ text }) => text))
      assert.equal(ours.length, 7600)
      let right = 0
      for (const [row, { label, probabilities }] of ours.entries()) {
        const expected = theirs.probabilities[row]!
        for (const [k, share] of probabilities.entries()) {
          const difference = Math.abs(share - expected[k]!)
          assert.ok(difference <= MOST_DIFFERENCE, `row ${row}, class ${k}: off by ${difference}`)
        }
        const tied = expected.filter(share => share >= Math.max(...expected) - MOST_DIFFERENCE).length > 1
        if (!tied) assert.equal(label, theirs.labels[row], `row ${row}`)
        if (label === rows[row]!.label) right += 1
      }
      assert.equal(metrics.validationAccuracy, right / 7600)
    })
  }
}
