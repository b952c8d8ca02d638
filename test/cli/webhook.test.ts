import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import { load } from 'js-yaml'
import { webhookCommand } from '../../cli/commands/webhook/run.ts'
import { PRESSROOM_IMAGE } from '../../components/image.ts'
import { WEBHOOK_EVENTS } from '../../core/registry/mlflow/webhooks.ts'
import { createReceiver, listen } from '../../webhook/index.ts'
import { mlflowServer } from '../support/mlflow-server.ts'
import { pressroom } from '../support/pressroom.ts'
import { tempFolder } from '../support/temp.ts'

const SECRET = 'a secret of tests'

interface Container {
  readonly image: string
  readonly command: readonly string[]
  readonly env: readonly { readonly name: string; readonly value?: string }[]
}

/** Runs the command as main would, in this process, and gives what it printed. */
async function go(
  settings: Readonly<Record<string, string | readonly string[]>>,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly said: string; readonly warned: readonly string[] }> {
  const printed: string[] = []
  const warned: string[] = []
  await webhookCommand({
    settings: { name: 'pressroom', events: ['model_version_alias.created'], ...settings },
    log: { info: () => {}, warn: text => warned.push(text) },
    signal: new AbortController().signal,
    json: false,
    print: text => printed.push(text),
    exitWith: () => {},
    env,
  })
  return { said: printed.join('\n'), warned }
}

test('create makes one webhook, and brings it to what is asked for', async () => {
  await using server = await mlflowServer()
  const env = { MLFLOW_TRACKING_URI: server.url, MLFLOW_WEBHOOK_SECRET: SECRET }
  const create = { action: 'create', receiver: 'https://receiver.example/webhook' }
  expect((await go(create, env)).said).toMatch(/^created: pressroom /)
  const events = [...WEBHOOK_EVENTS]
  expect((await go({ ...create, events }, { ...env, MLFLOW_WEBHOOK_SECRET: 'new' })).said).toMatch(
    /^there already/,
  )
  expect([...server.store.webhooks.values()]).toMatchObject([
    { name: 'pressroom', url: create.receiver, secret: 'new', status: 'ACTIVE', events: { length: 6 } },
  ])
  // The registry is the server where no other is named.
  const { said } = await go({ action: 'list' }, { PRESSROOM_REGISTRY: server.url })
  expect(said).toContain('registered_model.created')
  expect(said).not.toContain('new')
})

test('create leaves one of several that are alike, and tells of those that call elsewhere', async () => {
  await using server = await mlflowServer()
  const env = { MLFLOW_TRACKING_URI: server.url, MLFLOW_WEBHOOK_SECRET: SECRET }
  const create = { action: 'create', receiver: 'https://receiver.example/webhook' }
  await go(create, env)
  const [first] = server.store.webhooks.values()
  for (const [id, url] of [
    ['second', first!.url],
    ['third', 'https://old.example/webhook'],
  ] as const) {
    server.store.webhooks.set(id, { ...first!, webhook_id: id, url })
  }
  const { warned } = await go(create, env)
  expect([...server.store.webhooks.keys()]).toEqual([first!.webhook_id, 'third'])
  expect(warned).toEqual([expect.stringContaining('https://old.example/webhook')])
  await expect(go({ action: 'delete' }, env)).rejects.toMatchObject({ code: 'usage' })
  await go({ action: 'delete', id: 'third' }, env)
  await go({ action: 'delete', id: 'pressroom' }, env)
  expect(server.store.webhooks.size).toBe(0)
})

test('a lost answer makes no second webhook', async () => {
  await using server = await mlflowServer()
  let lost = 0
  server.fault = ({ method, path }) =>
    method === 'POST' && path.endsWith('/webhooks') && lost++ === 0 ? 'unanswered' : undefined
  const env = { MLFLOW_TRACKING_URI: server.url, MLFLOW_WEBHOOK_SECRET: SECRET }
  await go({ action: 'create', receiver: 'https://receiver.example/webhook' }, env)
  expect(server.store.webhooks.size).toBe(1)
  expect(lost).toBe(1)
})

test('test sends a delivery that the receiver takes when both have the same secret', async () => {
  await using server = await mlflowServer()
  const wake = () => {
    throw new Error('a test delivery led to work')
  }
  await using receiver = await listen(createReceiver({ secrets: [SECRET], wake }))
  const env = { MLFLOW_TRACKING_URI: server.url, MLFLOW_WEBHOOK_SECRET: SECRET }
  const create = { action: 'create', receiver: `${receiver.url}/webhook` }
  await go(create, env)
  expect((await go({ action: 'test' }, env)).said).toMatch(/answered 202$/)
  await go(create, { ...env, MLFLOW_WEBHOOK_SECRET: 'another' })
  await expect(go({ action: 'test' }, env)).rejects.toThrow(
    /did not take the test delivery\n {2}it answered 401/,
  )
})

test.each([
  [{ action: 'create' }, {}, /needs the address of the receiver/],
  [{ action: 'create', receiver: 'ftp://x' }, {}, /not an http or https address/],
  [{ action: 'create', receiver: 'http://a:s3cret@x' }, {}, /not an http or https address/],
  [{ action: 'create', receiver: 'http://x', name: 'a b' }, {}, /no name of a webhook/],
  [{ action: 'create', receiver: 'http://x', events: ['model.created'] }, {}, /no event of a model/],
  [{ action: 'create', receiver: 'http://x', events: [] }, {}, /no event of a model/],
  [{ action: 'create', receiver: 'http://x' }, { MLFLOW_WEBHOOK_SECRET: '' }, /no secret/],
  [{ action: 'test' }, {}, /there is no webhook pressroom/],
  [{ action: 'list' }, { MLFLOW_TRACKING_URI: 'sqlite:///mlflow.db' }, /no MLflow server is named/],
])('%j is refused', async (settings, changed, message) => {
  await using server = await mlflowServer()
  const env = { MLFLOW_TRACKING_URI: server.url, MLFLOW_WEBHOOK_SECRET: SECRET, ...changed }
  const error: Error = await go(settings, env).then(
    () => new Error('it was taken'),
    error => error,
  )
  expect(error.message).toMatch(message)
  expect(error.message).not.toContain('s3cret')
  expect(server.store.webhooks.size).toBe(0)
})

test('a server before 3.15 has no webhooks to rely on', async () => {
  await using server = await mlflowServer({ version: '3.14.1' })
  await expect(go({ action: 'list' }, { MLFLOW_TRACKING_URI: server.url })).rejects.toThrow(/3\.15 or later/)
})

test("the Job's command, with the variables it sets, makes the webhook", async () => {
  const text = await readFile(
    resolve(import.meta.dirname, '../../deploy/kubernetes/webhook-job.yaml'),
    'utf8',
  )
  const job = load(text) as { spec: { template: { spec: { containers: Container[] } } } }
  const [container] = job.spec.template.spec.containers
  expect(container!.image).toBe(PRESSROOM_IMAGE)
  await using server = await mlflowServer()
  await using folder = await tempFolder()
  const values: Record<string, string> = { MLFLOW_TRACKING_URI: server.url, MLFLOW_WEBHOOK_SECRET: SECRET }
  const env = container!.env.map(({ name, value }) => [name, values[name] ?? value])
  const [program, ...args] = container!.command
  expect(program).toBe('pressroom')
  const ended = await pressroom(folder.path, args, Object.fromEntries(env))
  expect(ended).toMatchObject({ status: 0, stderr: '' })
  expect([...server.store.webhooks.values()]).toMatchObject([
    { url: 'https://receiver.example/webhook', secret: SECRET, events: { length: 5 } },
  ])
})
