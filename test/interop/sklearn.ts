/** scikit-learn on the rows of the goldens, and its matrices and learners beside ours. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { tempFolder } from '../support/temp.ts'
import { differences } from './differences.ts'
import { pythonWith, runScript } from './python.ts'
import { SKLEARN_PACKAGES } from './sklearn-fits.ts'
import { checkLearners } from './sklearn-learners.ts'
import { textChecks } from './sklearn-text.ts'
import type { Checks } from './suite.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const GOLDENS = join(ROOT, 'test/goldens/sklearn')

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
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'))
}
