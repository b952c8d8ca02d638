/** What MLflow's own client makes of the versions that we register: it loads them, asks them, and reads what stands beside them. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import registerRun from '../../components/register/run.ts'
import { loadModel } from '../../core/model/index.ts'
import { openRegistry, type Registry } from '../../core/registry/index.ts'
import { digestFolder } from '../../core/storage/digest.ts'
import { HEADLINES, sealFitted, sealHeadlines } from '../support/models.ts'
import { runScript } from './python.ts'
import type { Checks } from './suite.ts'

export async function checkLoads(t: Checks, python: string, url: string, scratch: string): Promise<void> {
  const model = join(scratch, 'headlines')
  await sealHeadlines(model)
  await using registry = await openRegistry(url)
  const version = await registered(registry, url, model, scratch)
  await registry.setAlias('headlines', 'champion', version)
  await registry.transitionStage('headlines', version, 'Production')
  const rows = join(scratch, 'rows.json')
  const texts = HEADLINES.map(({ text }) => text)
  // Any features will do: what is compared is one graph, asked in two ways.
  const features = texts.map((_, i) => [i, i + 1])
  await writeFile(rows, JSON.stringify({ texts, ids: features, values: features.map(() => [0.6, 0.8]) }))
  const told = async (uri: string) =>
    JSON.parse(await withUri(url, () => runScript(python, 'mlflow_load.py', uri, rows)))

  for (const uri of ['models:/headlines@champion', 'models:/headlines/Production']) {
    await t.check(`pyfunc and onnx load ${uri}, which takes raw texts`, async () => {
      const { pyfunc, onnx, example, served, ...rest } = await told(uri)
      const file = (name: string) => `${name}input_example.json`
      assert.deepEqual(rest, {
        texts: true,
        saved: { artifact_path: file(''), type: 'json_object', serving_input_path: file('serving_') },
        flavors: ['onnx', 'python_function'],
      })
      await using loaded = await loadModel(model)
      const { labels, golden } = loaded.info
      const answers = await loaded.predict(texts.map(text => ({ text })))
      assert.deepEqual(
        onnx.label,
        answers.map(({ label }) => label),
      )
      for (const given of [pyfunc.list, pyfunc.table, pyfunc.array]) {
        assert.deepEqual(given.label, onnx.label)
        for (const [c, label] of labels.entries()) {
          const column = onnx.probabilities.map((row: readonly number[]) => row[c])
          assert.deepEqual(given[`probability of ${label}`], column)
        }
      }
      for (const given of [example, served]) assert.deepEqual(given.label, [golden[0]!.label])
    })
  }
  await t.check('pyfunc and onnx load a model of features, which takes tensors', async () => {
    const settings = { text: { text: { analyzer: 'char_wb', ngramRange: [2, 3] } } } as const
    const folder = join(scratch, 'characters')
    await sealFitted(folder, { kind: 'logistic-regression' }, { settings })
    const request = { name: 'characters', folder, digest: await digestFolder(folder) }
    const { version } = await registry.registerVersion(request)
    await registry.setAlias('characters', 'champion', version.version)
    const { pyfunc, onnx, example, served, saved, texts } = await told('models:/characters@champion')
    assert.deepEqual([texts, saved.type], [false, 'ndarray'])
    assert.deepEqual(pyfunc.arrays, onnx)
    assert.equal(onnx.probabilities.length, HEADLINES.length)
    assert.deepEqual(served, example)
    await using loaded = await loadModel(folder)
    const [first] = loaded.info.golden
    assert.deepEqual(
      example.probabilities[0].map((value: number) => value.toFixed(4)),
      first!.probabilities.map(value => value.toFixed(4)),
    )
  })
  await t.check(
    "MLflow's pages are given the signature, the run's params and the model's metrics",
    async () => {
      const api = `${url}/api/2.0/mlflow`
      const { source } = (await registry.getVersion('headlines', version))!
      const id = source.replace('models:/', '')
      const { model: logged } = await json(`${api}/logged-models/${id}`)
      assert.equal(logged.info.status, 'LOGGED_MODEL_READY')
      const metrics = Object.fromEntries(
        logged.data.metrics.map((metric: Pair) => [metric.key, metric.value]),
      )
      assert.equal(metrics.accuracy, 0.875)
      assert.ok(logged.data.params.some(({ key }: Pair) => key === 'learner'))
      const [run] = await registry.searchRuns({ experiment: 'headlines' })
      const { run: found } = await json(`${api}/runs/get?run_id=${run!.id}`)
      assert.deepEqual(
        found.outputs.model_outputs.map((output: { model_id: string }) => output.model_id),
        [id],
      )
      // What the version's page reads the schema from.
      const file = await fetch(
        `${url}/model-versions/get-artifact?path=MLmodel&name=headlines&version=${version}`,
      )
      assert.match(await file.text(), /"signature"/)
    },
  )
}

interface Pair {
  readonly key: string
  readonly value: unknown
}

// biome-ignore lint/suspicious/noExplicitAny: what MLflow answers is checked by what is read of it
async function json(url: string): Promise<any> {
  return (await fetch(url)).json()
}

async function registered(registry: Registry, url: string, model: string, scratch: string): Promise<string> {
  const file = (path: string) => ({ path, uri: `file://${path}`, metadata: {} })
  const metrics = join(scratch, 'metrics.json')
  await writeFile(metrics, JSON.stringify({ accuracy: 0.875, byClass: { 'Q&A': { f1: 0.5 } } }))
  const inputs = {
    model: file(model),
    metrics: file(metrics),
    page: undefined,
    figures: undefined,
    stage: undefined,
    name: 'headlines',
    alias: 'challenger',
    registry: url,
  }
  const { signal } = new AbortController()
  const log = { info: () => {}, warn: () => {} }
  const stage = { inputs, outputs: { handoff: file(join(scratch, 'handoff')) }, log, signal }
  await registerRun(stage)
  await registerRun(stage)
  const versions = await registry.searchVersions('headlines')
  assert.equal(versions.length, 1)
  return versions[0]!.version
}

async function withUri<T>(url: string, work: () => Promise<T>): Promise<T> {
  const before = process.env.MLFLOW_TRACKING_URI
  process.env.MLFLOW_TRACKING_URI = url
  try {
    return await work()
  } finally {
    if (before === undefined) delete process.env.MLFLOW_TRACKING_URI
    else process.env.MLFLOW_TRACKING_URI = before
  }
}
