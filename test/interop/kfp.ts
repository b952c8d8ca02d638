/** What the Python SDK of Kubeflow Pipelines makes of the compiled files. */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { load } from 'js-yaml'
import { STAGES } from '../../components/stages.ts'
import { tempFolder } from '../support/temp.ts'
import { pythonWith, runScript } from './python.ts'
import type { Checks } from './suite.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const GOLDENS = join(ROOT, 'test/goldens/kfp')
const PACKAGES = ['kfp==2.17.0', 'kfp-kubernetes==2.17.0']

/** A line of kfp_check.py. */
interface Checked {
  readonly file: string
  readonly name: string
  readonly inputs: Readonly<Record<string, { readonly optional: boolean; readonly default: unknown }>>
  readonly outputs: Readonly<Record<string, unknown>>
  readonly spec: unknown
  readonly platform: unknown
}

export async function available(): Promise<string | undefined> {
  const found = await pythonWith('kfp', PACKAGES)
  return 'reason' in found ? found.reason : undefined
}

export async function checks(t: Checks): Promise<void> {
  // available() has seen to it that there is one.
  const { python } = (await pythonWith('kfp', PACKAGES)) as { python: string }
  const pipelines = (await readdir(join(ROOT, 'pipelines'))).filter(name => name.endsWith('.yaml'))
  const components = STAGES.map(({ name }) => `components/${name}/component.yaml`)
  const files = [...components, ...pipelines.map(name => `pipelines/${name}`)]
  let checked: Checked[] = []

  await t.check(`the SDK loads ${files.length} files`, async () => {
    const lines = await runScript(python, 'kfp_check.py', ...files.map(file => join(ROOT, file)))
    checked = lines
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
  })
  await t.check('and writes each out again as it is, field by field', async () => {
    assert.equal(checked.length, files.length)
    for (const { file, spec, platform } of checked) {
      assert.deepEqual(spec, load(await readFile(file, 'utf8')), file)
      assert.deepEqual(platform, {}, file)
    }
  })
  await t.check('a component offers the inputs and outputs of its stage', async () => {
    for (const stage of STAGES) {
      const component = checked.find(({ name }) => name === stage.name)
      const wanted = Object.entries(stage.inputs).flatMap(([key, input]) => {
        return input.role === 'secret' ? [] : [[key, input.presence !== 'required']]
      })
      const offered = Object.entries(component?.inputs ?? {}).map(([key, input]) => [key, input.optional])
      assert.deepEqual(Object.fromEntries(offered), Object.fromEntries(wanted), stage.name)
      assert.deepEqual(Object.keys(component?.outputs ?? {}).sort(), Object.keys(stage.outputs).sort())
    }
  })
  await t.check('the committed goldens are what the SDK compiles today', async () => {
    await using folder = await tempFolder()
    await runScript(python, 'kfp_goldens.py', folder.path)
    assert.deepEqual(await readAll(folder.path), await readAll(GOLDENS))
  })
}

async function readAll(folder: string): Promise<Record<string, unknown>> {
  const names = (await readdir(folder)).sort()
  const files = names.map(async name => [name, load(await readFile(join(folder, name), 'utf8'))])
  return Object.fromEntries(await Promise.all(files))
}
