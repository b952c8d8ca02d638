/** MLflow's own server and client: the registry's contract, webhooks as they are delivered, and our models as MLflow loads them. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { openRegistry } from '../../core/registry/index.ts'
import { MlflowWebhooks } from '../../core/registry/mlflow/webhooks.ts'
import { createReceiver, listen } from '../../webhook/index.ts'
import { eventually } from '../support/eventually.ts'
import { checkHostileName, HOSTILE_NAMES } from '../support/hostile-names.ts'
import { start } from '../support/pressroom.ts'
import { registerContent } from '../support/registry.ts'
import { openDesk, REGISTRY_COMMANDS } from '../support/registry-commands.ts'
import { REGISTRY_CONTRACT } from '../support/registry-contract.ts'
import { tempFolder } from '../support/temp.ts'
import { checkLoads } from './mlflow-loads.ts'
import { checkPages } from './mlflow-pages.ts'
import { findPostgres, startMlflow, startPostgres } from './mlflow-servers.ts'
import { pythonWith } from './python.ts'
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
  await checkNames(t, 'SQLite', server.url)
  await checkLoads(t, python, server.url, scratch)
  await checkWebhooks(t, server.url, scratch)
  await checkPages(t, server.url, scratch)
  await checkCommands(t, server.url)
}

async function onPostgres(t: Checks, python: string, scratch: string): Promise<void> {
  const found = findPostgres()
  if ('reason' in found) return t.skip('PostgreSQL', found.reason)
  await using folder = await tempFolder()
  await using database = await startPostgres(found.programs, folder.path)
  await using server = await startMlflow(python, scratch, { store: database.uri })
  await checkContract(t, 'PostgreSQL', server.url)
  await checkNames(t, 'PostgreSQL', server.url)
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

async function checkNames(t: Checks, store: string, url: string): Promise<void> {
  await using registry = await openRegistry(url)
  for (const name of HOSTILE_NAMES) {
    await t.check(
      `${store}: a model called ${JSON.stringify(name.slice(0, 40))} by others is like any other`,
      () => checkHostileName(registry, url, name),
    )
  }
}

async function checkCommands(t: Checks, url: string): Promise<void> {
  await using folder = await tempFolder()
  const desk = openDesk(folder.path, url, 'desk')
  for (const [title, holds] of Object.entries(REGISTRY_COMMANDS)) await t.check(title, () => holds(desk))
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
    const webhooks = new MlflowWebhooks(url, {})
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
