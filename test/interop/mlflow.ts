/** MLflow's own server and client: the registry's contract, webhooks as they are delivered, and our models as MLflow loads them. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import registerRun from '../../components/register/run.ts'
import { loadModel } from '../../core/model/index.ts'
import { openRegistry, type Registry } from '../../core/registry/index.ts'
import { MlflowWebhooks } from '../../core/registry/mlflow/webhooks.ts'
import { createReceiver, listen } from '../../webhook/index.ts'
import { eventually } from '../support/eventually.ts'
import { HEADLINES, sealHeadlines } from '../support/models.ts'
import { start } from '../support/pressroom.ts'
import { registerContent } from '../support/registry.ts'
import { REGISTRY_CONTRACT } from '../support/registry-contract.ts'
import { tempFolder } from '../support/temp.ts'
import { findPostgres, startMlflow, startPostgres } from './mlflow-servers.ts'
import { pythonWith, runScript } from './python.ts'
import type { Checks } from './suite.ts'

const PACKAGES = ['mlflow[db]==3.17.2', 'onnxruntime==1.31.1', 'onnx==1.22.0']
const SECRET = 'a secret of the interop tests'

export async function available(): Promise<string | undefined> {
  const found = await pythonWith('mlflow', PACKAGES)
  return 'reason' in found ? found.reason : undefined
}

export async function checks(t: Checks): Promise<void> {
  // available() has seen to it that there is one.
  const { python } = (await pythonWith('mlflow', PACKAGES)) as { python: string }
  await using folder = await tempFolder()
  const cache = process.env.PRESSROOM_CACHE
  process.env.PRESSROOM_CACHE = join(folder.path, 'cache')
  try {
    await onSqlite(t, python, folder.path)
    await onPostgres(t, python, folder.path)
    await onBucket(t, python, folder.path)
  } finally {
    if (cache === undefined) delete process.env.PRESSROOM_CACHE
    else process.env.PRESSROOM_CACHE = cache
  }
}

async function onSqlite(t: Checks, python: string, scratch: string): Promise<void> {
  await using server = await startMlflow(python, scratch)
  await checkContract(t, 'SQLite', server.url)
  await checkLoads(t, python, server.url, scratch)
  await checkWebhooks(t, server.url, scratch)
}

async function onPostgres(t: Checks, python: string, scratch: string): Promise<void> {
  const found = findPostgres()
  if ('reason' in found) return t.skip('PostgreSQL', found.reason)
  await using folder = await tempFolder()
  await using database = await startPostgres(found.programs, folder.path)
  await using server = await startMlflow(python, scratch, { store: database.uri })
  await checkContract(t, 'PostgreSQL', server.url)
}

/** A server that leaves a bucket to its clients: which one, it tells them. */
async function onBucket(t: Checks, python: string, scratch: string): Promise<void> {
  const artifacts = ['--no-serve-artifacts', '--default-artifact-root', 'gs://models/mlflow']
  const store = `sqlite:///${join(scratch, 'bucket.db')}`
  await using server = await startMlflow(python, scratch, { store, artifacts })
  await t.check('a server’s own bucket is found, whatever others made experiments with', async () => {
    await using registry = await openRegistry(server.url)
    const made = await fetch(`${server.url}/api/2.0/mlflow/experiments/create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'sly', artifact_location: 'gs://others/0' }),
    })
    assert.equal(made.status, 200)
    assert.equal(await registry.artifactRoot!(), 'gs://models/mlflow')
  })
}

async function checkContract(t: Checks, store: string, url: string): Promise<void> {
  for (const [i, [title, holds]] of Object.entries(REGISTRY_CONTRACT).entries()) {
    await t.check(`${store}: ${title}`, async () => {
      await using folder = await tempFolder()
      await using registry = await openRegistry(url)
      await using second = await openRegistry(url)
      await holds({ registry, second, path: folder.path, prefix: `contract-${i}` })
    })
  }
}

async function checkLoads(t: Checks, python: string, url: string, scratch: string): Promise<void> {
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

  for (const uri of ['models:/headlines@champion', 'models:/headlines/Production']) {
    await t.check(`pyfunc and onnx load ${uri}`, async () => {
      const told = JSON.parse(await withUri(url, () => runScript(python, 'mlflow_load.py', uri, rows)))
      assert.deepEqual(told.pyfunc.label, told.onnx.label)
      assert.deepEqual(told.pyfunc.probabilities, told.onnx.probabilities)
      assert.equal(told.pyfunc.probabilities.length, texts.length)
      assert.equal(told.signature, true)
      assert.deepEqual(told.flavors, ['onnx', 'python_function'])
      if (told.inputs.join() !== 'text') return
      await using loaded = await loadModel(model)
      const expected = await loaded.predict(texts.map(text => ({ text })))
      assert.deepEqual(
        told.pyfunc.label,
        expected.map(({ label }) => label),
      )
    })
  }
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

async function checkWebhooks(t: Checks, url: string, scratch: string): Promise<void> {
  const kinds: string[] = []
  const outcomes: string[] = []
  const receiver = createReceiver({
    secrets: [SECRET],
    wake: ({ kind }) => kinds.push(kind),
    report: ({ outcome }) => outcomes.push(outcome),
  })
  await using server = await listen(receiver)
  const env = {
    MLFLOW_TRACKING_URI: url,
    MLFLOW_WEBHOOK_SECRET: SECRET,
    MLFLOW_WEBHOOK_RECEIVER_URI: `${server.url}/webhook`,
  }
  const go = async (...words: string[]) => {
    await using command = start(scratch, ['webhook', ...words, '--json'], env)
    const { status, stdout, stderr } = await command.ended
    assert.equal(status, 0, `${words.join(' ')}\n${stdout}${stderr}`)
    return JSON.parse(stdout)
  }
  await t.check('webhook create, twice, is one webhook; its test is taken and leads to no work', async () => {
    const made = await go('create')
    assert.equal(made.made, true)
    const again = await go('create')
    assert.deepEqual([again.made, again.webhook.id], [false, made.webhook.id])
    assert.equal((await go('list')).webhooks.length, 1)
    assert.equal((await go('test')).status, 202)
    assert.deepEqual([kinds, outcomes], [[], ['test']])
  })
  await t.check('what happens in the registry is delivered, signed', async () => {
    await using registry = await openRegistry(url)
    // MLflow looks at its list of webhooks once a second here.
    await eventually(
      async () => {
        const { version } = await registerContent(registry, scratch, 'hooked', `${Date.now()}`)
        await registry.setAlias('hooked', 'champion', version.version)
        await registry.setVersionTag('hooked', version.version, 'validation_status', 'passed')
        await new Promise(done => setTimeout(done, 300))
        return ['model_version.created', 'model_version_alias.created', 'model_version_tag.set'].every(kind =>
          kinds.includes(kind),
        )
      },
      () => [...kinds, ...outcomes].join(),
    )
    assert.deepEqual([...new Set(outcomes)].sort(), ['accepted', 'test'])
  })
  await t.check('another secret is refused, by its reason, until it is set here too', async () => {
    await go('create')
    const webhooks = new MlflowWebhooks(url, {}, new AbortController().signal)
    const [webhook] = await webhooks.list()
    await webhooks.ensure({ ...webhook!, secret: 'another' })
    const { success, status } = await webhooks.test(webhook!.id)
    assert.deepEqual([success, status], [false, 401])
    await go('create')
    assert.equal((await webhooks.test(webhook!.id)).status, 202)
    await go('delete', webhook!.id)
    assert.deepEqual(await webhooks.list(), [])
  })
}
