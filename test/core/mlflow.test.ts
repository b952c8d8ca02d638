import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { parseVersion } from '../../core/registry/mlflow/api.ts'
import { readConnection } from '../../core/registry/mlflow/connection.ts'
import { MlflowRegistry } from '../../core/registry/mlflow/registry.ts'
import { WaitTeller } from '../../core/registry/mlflow/wait-teller.ts'
import { MlflowWebhooks, WEBHOOK_EVENTS } from '../../core/registry/mlflow/webhooks.ts'
import { digestFolder } from '../../core/storage/digest.ts'
import { eventually } from '../support/eventually.ts'
import { checkHostileName, HOSTILE_NAMES } from '../support/hostile-names.ts'
import { expectOurs, expectUnpolluted } from '../support/junk.ts'
import { spoiling, withJunk } from '../support/junk-answers.ts'
import { listening } from '../support/listening.ts'
import { type MlflowFault, type MlflowServer, mlflowServer } from '../support/mlflow-server.ts'
import * as fc from '../support/properties.ts'
import { registerContent, writeFolder } from '../support/registry.ts'
import { REGISTRY_CONTRACT } from '../support/registry-contract.ts'
import { s3Server } from '../support/s3-server.ts'
import { tempFolder } from '../support/temp.ts'

function open(server: MlflowServer, cache: string, env: NodeJS.ProcessEnv = {}, timeoutSeconds = 5) {
  return new MlflowRegistry(
    { ...readConnection(server.url, env), attempts: 3, pauseSeconds: 0.001, timeoutSeconds },
    join(cache, 'cache'),
  )
}

async function world(options: Parameters<typeof mlflowServer>[0] = {}, env: NodeJS.ProcessEnv = {}) {
  const temp = await tempFolder()
  const server = await mlflowServer(options)
  const registry = open(server, temp.path, env)
  return {
    server,
    registry,
    path: temp.path,
    register: (content: string) => registerContent(registry, temp.path, 'news', content),
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      await temp[Symbol.asyncDispose]()
    },
  }
}

describe.each([
  ['a server of today', '3.17.2'],
  ['one without logged models', '2.22.0'],
])('the contract, on %s', (_, version) => {
  test.each(Object.entries(REGISTRY_CONTRACT))('%s', async (_title, holds) => {
    await using server = await world({ version })
    await using second = open(server.server, server.path)
    const { registry, path } = server
    await holds({ registry, second, path, prefix: 'news' })
  })
})

describe('the connection', () => {
  test.each([
    ['ftp://mlflow', 'usage'],
    ['http://', 'usage'],
    ['https://user:s3cret@mlflow.example', 'usage'],
    ['https://mlflow.example/?token=s3cret', 'usage'],
  ])('%s is refused, and no secret repeated', (location, code) => {
    const error = refusalOf(() => readConnection(location, {}))
    expect(error).toMatchObject({ code })
    expect(error.message).not.toContain('s3cret')
  })

  test.each([
    [{ MLFLOW_TRACKING_USERNAME: 'me' }, /MLFLOW_TRACKING_PASSWORD is not set/],
    [{ MLFLOW_TRACKING_PASSWORD: 's3cret' }, /MLFLOW_TRACKING_USERNAME is not set/],
    [{ MLFLOW_TRACKING_TOKEN: 's3cret\nx: y' }, /MLFLOW_TRACKING_TOKEN holds a character/],
    [{ MLFLOW_RUN_ID: '../s3cret' }, /MLFLOW_RUN_ID is not the id of a run/],
  ])('%j cannot be meant', (env, message) => {
    const error = refusalOf(() => readConnection('http://mlflow', env))
    expect(error).toMatchObject({ code: 'invalid-setting', message: expect.stringMatching(message) })
    expect(error.message).not.toContain('s3cret')
  })

  test.each([
    [{ MLFLOW_TRACKING_TOKEN: 'abc' }, 'Bearer abc'],
    [{ MLFLOW_TRACKING_USERNAME: 'mé', MLFLOW_TRACKING_PASSWORD: 'p:w' }, 'Basic bcOpOnA6dw=='],
    // As MLflow's client has it, a user goes before a token.
    [
      { MLFLOW_TRACKING_TOKEN: 'abc', MLFLOW_TRACKING_USERNAME: 'a', MLFLOW_TRACKING_PASSWORD: 'b' },
      'Basic YTpi',
    ],
  ])('%j signs in', async (env, authorization) => {
    await using setting = await world({ authorization }, env)
    expect((await setting.register('a')).version.version).toBe('1')
    await setting.registry.download('news', '1')
    await using nobody = open(setting.server, setting.path)
    await expect(nobody.searchModels()).rejects.toMatchObject({ code: 'not-signed-in' })
  })

  test('behind Google’s sign-in, an ID token goes along, beside what MLflow itself is signed in with', async () => {
    await using metadata = await metadataServer()
    const env = { GCE_METADATA_HOST: metadata.host, GOOGLE_APPLICATION_CREDENTIALS: '', HOME: '/nonexistent' }
    await withEnvironment(env, async () => {
      const audience = { PRESSROOM_MLFLOW_AUDIENCE: 'https://mlflow.example' }
      await using alone = await world({}, audience)
      await alone.registry.searchModels()
      expect(alone.server.seen[0]?.headers.authorization).toBe(`Bearer ${metadata.token}`)
      await using both = await world({}, { ...audience, MLFLOW_TRACKING_TOKEN: 'abc' })
      await both.registry.searchModels()
      expect(both.server.seen[0]?.headers).toMatchObject({
        authorization: 'Bearer abc',
        'x-serverless-authorization': `Bearer ${metadata.token}`,
      })
      expect(metadata.audiences).toContain('https://mlflow.example')
    })
  })

  test('nothing is asked before the first call', async () => {
    await using setting = await world()
    expect(setting.server.seen).toEqual([])
    expect(setting.registry.location).toBe(setting.server.url)
  })

  test.each([
    ['3.15.0', true],
    ['3.17.2.dev0', true],
    ['4.0.0rc1', true],
    ['3.14.9', false],
    ['2.3.0', false],
  ])('version %s', (text, modern) => {
    expect(parseVersion(text, 'http://mlflow')).toMatchObject({ modern })
  })

  test.each(['2.2.9', '1.30.0', '<!doctype html>', ''])('version %j is none to work with', text => {
    expect(() => parseVersion(text, 'http://mlflow')).toThrow(/aliases|which version/)
  })
})

describe('a server in trouble', () => {
  const page = '<!doctype html>\n<html lang=en>\n<title>500</title>'
  test.each<[string, MlflowFault, string, RegExp]>([
    ['a page', { status: 500, type: 'text/html', body: page }, 'server-answer', /a web page came/],
    ['a login page', { status: 200, type: 'text/html', body: page }, 'not-signed-in', /a web page came/],
    ['a redirect', { status: 302, type: 'text/html', body: '' }, 'not-signed-in', /leads elsewhere/],
    [
      'half an answer',
      { status: 200, type: 'application/json', body: '{"reg' },
      'server-answer',
      /cut short/,
    ],
    [
      'another API',
      { status: 200, type: 'application/json', body: '[1]' },
      'server-answer',
      /must be an object/,
    ],
    [
      'a text',
      { status: 403, type: 'text/html', body: 'Permission denied' },
      'not-signed-in',
      /does not allow/,
    ],
    [
      'a host it does not know',
      {
        status: 403,
        type: 'text/plain',
        body: 'Invalid Host header - possible DNS rebinding attack detected',
      },
      'server-refused',
      /--allowed-hosts/,
    ],
    [
      'a fault of its database',
      {
        status: 400,
        type: 'application/json',
        body: JSON.stringify({ error_code: 'BAD_REQUEST', message: 'no such table\n[SQL: SELECT s3cret]' }),
      },
      'server-refused',
      /MLflow: no such table\n/,
    ],
    ['nothing', 'lost', 'server-unreachable', /does not answer/],
  ])('that answers %s gives one clear error', async (_, fault, code, message) => {
    await using setting = await world({}, { MLFLOW_TRACKING_TOKEN: 's3cret' })
    setting.server.fault = () => fault
    const error = await setting.registry.getModel('news').catch(error => error)
    expect(error).toMatchObject({ code })
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('s3cret')
    expect(error.message).not.toContain('doctype')
  })

  test('that does not answer is told of: a wait first, then each try that fails', async () => {
    const told: string[] = []
    let asked = 0
    const silent = createServer(async (_, response) => {
      asked++
      // Silent until that is told, and busy at the next try.
      await eventually(() => told.length > 0)
      response.writeHead(asked === 3 ? 404 : 503).end('{}')
    })
    await using server = await listening(silent)
    const connection = { ...readConnection(server.url, {}), attempts: 3, pauseSeconds: 0.001 }
    await using registry = new MlflowRegistry({ ...connection, tellAfterSeconds: 0.001 }, 'cache', {
      onWait: line => void told.push(line),
    })
    await registry.getModel('news').catch(() => {})
    expect(told).toEqual([
      `still waiting for ${server.url}: no answer yet (try 1 of 3); the address is that of a setting, PRESSROOM_REGISTRY or MLFLOW_TRACKING_URI`,
      `still waiting for ${server.url}: status 503 (try 2 of 3)`,
    ])
  })

  test('that takes a request and does not answer is told of, while what it made is looked for', async () => {
    await using setting = await world()
    const told: string[] = []
    const connection = { ...readConnection(setting.server.url, {}), attempts: 3, pauseSeconds: 0.001 }
    await using registry = new MlflowRegistry(connection, 'cache', { onWait: line => void told.push(line) })
    let lost = false
    setting.server.fault = ({ path }) => {
      if (lost || !path.endsWith('/runs/create')) return undefined
      lost = true
      return 'unanswered'
    }
    await registry.createRun({ experiment: 'news', name: 'first' })
    expect(told).toEqual([
      `${setting.server.url} took a request and did not answer it (no answer); looking for what it made`,
    ])
  })

  test('is told of by one of the requests that wait side by side, and anew when it is away again', async () => {
    const told: string[] = []
    const tell = (line: string) => void told.push(/no answer yet|a fault|try \d/g[Symbol.match](line)!.join())
    const teller = new WaitTeller({ endpoint: 'http://mlflow', attempts: 6, afterSeconds: 0.001, tell })
    {
      using first = teller.begin('no answer yet')
      using second = teller.begin('no answer yet')
      await eventually(() => told.length > 0)
      for (const waiting of [first, second]) {
        waiting.failed('a fault')
        waiting.failed('a fault')
      }
      // It takes its time, and says nothing of that.
      using upload = teller.begin(undefined)
      upload.failed('a fault')
    }
    using _again = teller.begin('no answer yet')
    await eventually(() => told.length > 2)
    expect(told).toEqual(['no answer yet,try 1', 'a fault,try 2', 'no answer yet,try 1'])
  })

  test('is waited for until the signal of whoever waits', async () => {
    await using server = await listening(createServer(() => {}))
    const stop = new AbortController()
    const options = { signal: stop.signal, onWait: () => stop.abort(new Error('enough')) }
    const connection = { ...readConnection(server.url, {}), tellAfterSeconds: 0.001 }
    await using registry = new MlflowRegistry(connection, 'cache', options)
    await expect(registry.getModel('news')).rejects.toThrow('enough')
  })

  test('whose answer unpacks without end is not read to it', async () => {
    await using setting = await world()
    const body = gzipSync(Buffer.alloc(65 * 2 ** 20, ' '), { level: 1 })
    setting.server.fault = () => ({ status: 200, type: 'application/json', encoding: 'gzip', body })
    // Unpacking takes its time on a busy machine.
    await using patient = open(setting.server, setting.path, {}, 100)
    await expect(patient.getModel('news')).rejects.toThrow(/more than 64 MiB came/)
  }, 120_000)

  test.each([
    ['comes round again', (i: number) => `${i % 3}`, /gives a page again/],
    ['has no end', (i: number) => `${i}`, /more than 1000 pages/],
  ])('whose list %s is given up', async (_, tokenOf, message) => {
    await using setting = await world()
    let asked = 0
    setting.server.fault = () => ({
      status: 200,
      type: 'application/json',
      body: JSON.stringify({ next_page_token: tokenOf(asked++) }),
    })
    await expect(setting.registry.searchModels()).rejects.toThrow(message)
  })

  test.each(['lost', 'unanswered'] as const)(
    'every request %s once, and a version is still registered once',
    async fault => {
      await using setting = await world()
      const met = new Set<string>()
      setting.server.fault = ({ method, path, body }) => {
        // An upload's and a listing's path say enough; ids differ from try to try.
        const key = `${method} ${path.replace(/m-[0-9a-f]{32}/g, '')} ${method === 'POST' ? '' : body.slice(0, 20)}`
        if (met.has(key)) return undefined
        met.add(key)
        return fault
      }
      const { registry } = setting
      const run = await registry.createRun({ experiment: 'news', name: 'first', metrics: { accuracy: 0.9 } })
      const folder = await writeFolder(join(setting.path, 'a'), 'a')
      const request = { name: 'news', folder, digest: await digestFolder(folder), runId: run.id }
      const { version } = await registry.registerVersion(request)
      await registry.setAlias('news', 'champion', version.version)
      await registry.finishRun(run.id, 'FINISHED')
      expect(met.size).toBeGreaterThan(10)
      expect(await registry.searchRuns({ experiment: 'news' })).toMatchObject([
        { id: run.id, status: 'FINISHED' },
      ])
      expect(await registry.searchVersions('news')).toMatchObject([{ aliases: ['champion'], runId: run.id }])
      expect(await digestFolder(await registry.download('news', version.version))).toBe(request.digest)
    },
    60_000,
  )

  test('a registration that breaks off leaves no version, and is taken up again', async () => {
    await using setting = await world()
    setting.server.fault = ({ method, path }) =>
      method === 'PUT' && path.endsWith('more.txt')
        ? { status: 507, type: 'text/plain', body: 'full' }
        : undefined
    await expect(setting.register('a')).rejects.toMatchObject({ code: 'server-answer' })
    expect(await setting.registry.searchModels()).toEqual([])
    expect([...setting.server.store.loggedModels.values()]).toMatchObject([
      { status: 'LOGGED_MODEL_UPLOAD_FAILED' },
    ])
    setting.server.fault = () => undefined
    expect(await setting.register('a')).toMatchObject({ version: { version: '1' }, reused: false })
  })

  test('a deleted experiment is said to be one', async () => {
    await using setting = await world()
    setting.server.store.experiments.push({ id: '1', name: 'gone', deleted: true })
    await expect(setting.registry.createRun({ experiment: 'gone', name: 'a' })).rejects.toThrow(/was deleted/)
  })
})

test('whatever is in any place of an answer is read, or refused as no answer of MLflow', async () => {
  await using here = await world()
  const { registry, register, path } = here
  const { version } = (await register('one')).version
  await register('two')
  await registry.setAlias('news', 'champion', version)
  const run = await registry.createRun({
    experiment: 'news',
    name: 'a',
    params: { c: '1' },
    metrics: { accuracy: 0.9 },
    tags: { a: 'b' },
    datasets: [{ name: 'rows', digest: 'x', source: 'rows.csv', context: 'training' }],
  })
  const folder = await writeFolder(join(path, 'three'), 'three')
  const digest = await digestFolder(folder)
  const webhooks = new MlflowWebhooks(here.server.url, {})
  const hook = { name: 'hook', url: 'http://127.0.0.1:9/', events: [...WEBHOOK_EVENTS], secret: 'x' }
  const works: readonly (() => Promise<unknown>)[] = [
    () => registry.searchModels(),
    () => registry.getModel('news'),
    () => registry.searchVersions('news'),
    () => registry.getVersion('news', version),
    () => registry.download('news', version),
    () => registry.registerVersion({ name: 'news', folder, digest, runId: run.id, tags: { a: 'b' } }),
    () => registry.setAlias('news', 'champion', version),
    () => registry.transitionStage('news', version, 'Production', true),
    () => registry.createRun({ experiment: 'news', name: 'b', params: { c: '2' } }),
    () => registry.searchRuns({ params: { c: '1' }, minMetrics: { accuracy: 0.5 } }),
    () => registry.getMetricHistory(run.id, 'accuracy'),
    () => registry.finishRun(run.id, 'FINISHED'),
    () => registry.artifactRoot(),
    () => webhooks.ensure(hook),
    () => webhooks.list(),
  ]
  const property = fc.asyncProperty(fc.constantFrom(...works), spoiling(4), async (work, spoilt) => {
    const error = await withJunk(spoilt, work)
    if (error !== undefined) expectOurs(error)
    expectUnpolluted()
  })
  await fc.assert(property, { numRuns: 150 })
})

describe('a version', () => {
  test('is a logged model, linked to its run, with its params and metrics', async () => {
    await using setting = await world()
    const { registry, server } = setting
    const run = await registry.createRun({
      experiment: 'news',
      name: 'first',
      params: { c: '1' },
      metrics: { accuracy: 0.9 },
    })
    const folder = await writeFolder(join(setting.path, 'a'), 'a')
    const request = { name: 'news', folder, digest: await digestFolder(folder), runId: run.id }
    const { version } = await registry.registerVersion(request)
    const [model] = server.store.loggedModels.values()
    expect(version.source).toBe(`models:/${model!.model_id}`)
    expect(model).toMatchObject({ status: 'LOGGED_MODEL_READY', params: [{ key: 'c', value: '1' }] })
    const stored = server.store.run(run.id)
    expect(stored.outputs).toEqual([{ model_id: model!.model_id, step: 0 }])
    expect(stored.metrics.filter(({ model_id }) => model_id === model!.model_id)).toMatchObject([
      { key: 'accuracy', value: 0.9 },
    ])
  })

  test('has its evaluation among the artifacts of its run', async () => {
    await using setting = await world()
    const { registry, server } = setting
    const { id } = await registry.createRun({ experiment: 'news', name: 'first' })
    const folder = await writeFolder(join(setting.path, 'a'), 'a')
    await registry.logArtifacts(id, { 'evaluation/page.html': join(folder, 'model.txt') })
    const stored = [...server.store.artifacts].map(([path, bytes]) => [path, bytes.toString()])
    expect(stored).toEqual([[expect.stringMatching(`/${id}/artifacts/evaluation/page.html$`), 'a']])
  })

  test('is kept here once fetched, as long as it is whole', async () => {
    await using setting = await world()
    const { registry, server } = setting
    await setting.register('a')
    const folder = await registry.download('news', '1')
    const gets = () => server.seen.filter(({ path }) => path.includes('artifacts/')).length
    const before = gets()
    expect(await registry.download('news', '1')).toBe(folder)
    expect(gets()).toBe(before)
    await writeFile(join(folder, 'model.txt'), 'changed')
    expect(await registry.download('news', '1')).toBe(folder)
    expect(gets()).toBeGreaterThan(before)
    expect(await digestFolder(folder)).toBe((await registry.getVersion('news', '1'))?.digest)
  })

  test('whose files are gone is mended by registering it again', async () => {
    await using setting = await world()
    await setting.register('a')
    for (const path of setting.server.store.artifacts.keys()) {
      if (path.endsWith('more.txt')) setting.server.store.artifacts.delete(path)
    }
    await expect(setting.registry.download('news', '1')).rejects.toMatchObject({ code: 'model-damaged' })
    expect(await setting.register('a')).toMatchObject({ version: { version: '1' }, reused: true })
    await setting.registry.download('news', '1')
  })

  test('of another program has no digest, and is fetched anew each time', async () => {
    await using setting = await world()
    const { registry, server } = setting
    await setting.register('a')
    server.store.version('news', '1').tags.set('pressroom.digest', '../../etc')
    expect((await registry.getVersion('news', '1'))?.digest).toBeUndefined()
    const folder = await registry.download('news', '1')
    expect((await readdir(folder)).sort()).toEqual(['inner', 'model.txt'])
    // What is the same stays, for another process may be reading it.
    const { ino } = await stat(folder)
    expect((await stat(await registry.download('news', '1'))).ino).toBe(ino)
    for (const path of server.store.artifacts.keys()) server.store.artifacts.set(path, Buffer.from('b'))
    expect(await readFile(join(await registry.download('news', '1'), 'model.txt'), 'utf8')).toBe('b')
  })

  test.each([
    ['runs:/RUN/model', 'mlflow-artifacts:/0/RUN/artifacts/model'],
    ['s3://bucket/model', 's3://bucket/model'],
  ])('from %s is followed to %s', async (source, place) => {
    await using setting = await world()
    const { registry, server } = setting
    const { id } = await registry.createRun({ experiment: 'Default', name: 'a' })
    await setting.register('a')
    const version = server.store.version('news', '1')
    server.store.name('news').versions.set(2, { ...version, version: 2, source: source.replace('RUN', id) })
    expect(await registry.getDownloadUri('news', '2')).toBe(place.replace('RUN', id))
  })

  test.each(HOSTILE_NAMES)('of a model that another program called %j is like any other', async name => {
    await using setting = await world()
    await setting.register('a')
    await checkHostileName(setting.registry, setting.server.url, name)
  })

  test.each([
    ['../up', 'unsafe'],
    ['..', 'unsafe'],
    ['/etc/passwd', 'unsafe'],
    ['a\\b', 'unsafe'],
    ['c:x', 'unsafe'],
    ['a\u0000b', 'unsafe'],
    ['MODEL.TXT', 'two files'],
    ['model.txt/below', 'below a file'],
  ])('whose listing has %j is not fetched', async (name, said) => {
    await using setting = await world()
    await setting.register('a')
    const files = ['model.txt', name].map(path => ({ path, is_dir: false, file_size: 1 }))
    await hostile(setting, files, said)
  })

  test.each([
    [
      'too many files',
      Array.from({ length: 1001 }, (_, i) => ({ path: `f${i}`, file_size: 1 })),
      '1000 files',
    ],
    ['too much', [{ path: 'bomb', file_size: 2 ** 40 }], '8 GiB'],
    ['folders in folders without end', [{ path: 'deeper', is_dir: true }], 'too many folders'],
    ['nothing', [], 'are gone'],
  ])('whose listing has %s is not fetched', async (_, files, said) => {
    await using setting = await world()
    await setting.register('a')
    await hostile(setting, files, said)
  })

  test('of which more comes than was said is given up', async () => {
    await using setting = await world()
    await setting.register('a')
    setting.server.fault = ({ method, path }) =>
      method === 'GET' && path.endsWith('model.txt')
        ? { status: 200, type: 'text/plain', body: Buffer.alloc(2 ** 20) }
        : undefined
    await expect(setting.registry.download('news', '1')).rejects.toThrow(/more came than the 1 bytes/)
  })

  test('with other bytes than were registered is not given out', async () => {
    await using setting = await world()
    await setting.register('a')
    for (const path of setting.server.store.artifacts.keys()) {
      setting.server.store.artifacts.set(path, Buffer.from('b'))
    }
    await expect(setting.registry.download('news', '1')).rejects.toMatchObject({ code: 'model-damaged' })
    expect(await readdir(join(setting.path, 'cache', 'versions')).catch(() => [])).toEqual([])
  })

  async function hostile(
    { server, registry, path }: Awaited<ReturnType<typeof world>>,
    files: readonly object[],
    said: string,
  ) {
    const body = JSON.stringify({ files })
    server.fault = asked =>
      asked.path.endsWith('/mlflow-artifacts/artifacts')
        ? { status: 200, type: 'application/json', body }
        : undefined
    const error = await registry.download('news', '1').catch(error => error)
    expect(error).toMatchObject({ code: 'model-damaged', message: expect.stringContaining(said) })
    expect(await readdir(join(path, 'cache', 'versions')).catch(() => [])).toEqual([])
  }
})

describe('a server that does not serve artifacts', () => {
  test('keeps them in a bucket, which is written and read directly', async () => {
    await using s3 = await s3Server()
    await withEnvironment(
      { AWS_ENDPOINT_URL: s3.url, AWS_ACCESS_KEY_ID: 'nobody', AWS_SECRET_ACCESS_KEY: 'of tests' },
      async () => {
        await using setting = await world()
        setting.server.store.artifactRoot = 's3://models/root'
        const { version } = await setting.register('a')
        expect(await setting.registry.getDownloadUri('news', '1')).toMatch(
          /^s3:\/\/models\/root\/1\/models\/m-/,
        )
        expect(await digestFolder(await setting.registry.download('news', '1'))).toBe(version.digest)
        expect([...s3.objects.keys()].filter(key => key.endsWith('/inner/more.txt'))).toHaveLength(1)
        expect(await setting.registry.artifactRoot!()).toBe('s3://models/root')
      },
    )
  })

  test.each([
    ['mlflow-artifacts:', undefined],
    ['/mlruns', undefined],
    ['gs://models', 'gs://models'],
  ])(
    'started with %s has the bucket %s for its own, whatever experiments were made with',
    async (root, own) => {
      await using setting = await world()
      const { store } = setting.server
      store.artifactRoot = root
      store.experiments.push({ id: '1', name: 'sly', artifactLocation: 'gs://others/0', deleted: false })
      expect(await setting.registry.artifactRoot!()).toBe(own)
    },
  )

  test.each([
    ['/mlruns', /folder of the server/],
    ['file:///mlruns', /at file:/],
    ['dbfs:/mlruns', /at dbfs:/],
    ['mlflow-artifacts://other.example:5000', /are at other.example:5000/],
  ])('artifacts at %s cannot be reached', async (root, message) => {
    await using setting = await world()
    setting.server.store.artifactRoot = root
    const error = await setting.register('a').catch(error => error)
    expect(error).toMatchObject({ code: 'invalid-setting', message: expect.stringMatching(message) })
    expect(await setting.registry.searchModels()).toEqual([])
  })
})

describe('a task of a pipeline', () => {
  test('continues the run that MLFLOW_RUN_ID names, and leaves it to others to finish it', async () => {
    await using setting = await world()
    const { id } = await setting.registry.createRun({
      experiment: 'kfp',
      name: 'task',
      params: { given: '1' },
    })
    await using task = open(setting.server, setting.path, { MLFLOW_RUN_ID: id })
    const run = await task.createRun({
      experiment: 'news',
      name: 'news',
      params: { c: '1' },
      tags: { by: 'us' },
    })
    expect(run).toMatchObject({ id, experiment: 'kfp', params: { given: '1', c: '1' }, tags: { by: 'us' } })
    await task.finishRun(id, 'FINISHED')
    expect(await task.getRun(id)).toMatchObject({ status: 'RUNNING' })
    // The same task again, after a crash.
    expect((await task.createRun({ experiment: 'news', name: 'news', params: { c: '1' } })).id).toBe(id)
  })

  test('begins a child of it where a param has another value', async () => {
    await using setting = await world()
    const { id } = await setting.registry.createRun({ experiment: 'kfp', name: 'task', params: { c: '1' } })
    await using task = open(setting.server, setting.path, { MLFLOW_RUN_ID: id })
    const child = await task.createRun({ experiment: 'news', name: 'news', params: { c: '2' } })
    expect(child.id).not.toBe(id)
    expect(child.tags).toEqual({ 'mlflow.parentRunId': id })
    await task.finishRun(child.id, 'FINISHED')
    expect(await task.getRun(child.id)).toMatchObject({ status: 'FINISHED' })
  })
})

/** What tells a machine of Google's who it is. */
async function metadataServer() {
  const audiences: (string | null)[] = []
  const claims = Buffer.from(JSON.stringify({ exp: Date.now() / 1000 + 3600 })).toString('base64url')
  const token = `e30.${claims}.signature`
  const server = createServer(({ url = '/' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://metadata')
    const identity = pathname.endsWith('/identity')
    if (identity) audiences.push(searchParams.get('audience'))
    response.writeHead(200, { 'metadata-flavor': 'Google' }).end(identity ? token : 'ok')
  })
  const open = await listening(server)
  return { ...open, host: `127.0.0.1:${open.port}`, token, audiences }
}

async function withEnvironment(
  env: Readonly<Record<string, string>>,
  work: () => Promise<void>,
): Promise<void> {
  const before = Object.keys(env).map(name => [name, process.env[name]] as const)
  Object.assign(process.env, env)
  try {
    await work()
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

function refusalOf(work: () => unknown): Error {
  try {
    work()
  } catch (error) {
    return error as Error
  }
  throw new Error('it was not refused')
}
