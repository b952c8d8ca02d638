import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import type { ServiceAnswer, ServiceCommand } from '../../core/service-protocol.ts'
import { openBucket } from '../../core/storage/objects.ts'
import { gcsServer } from '../support/gcs-server.ts'
import { sealHeadlines } from '../support/models.ts'
import { tempFolder } from '../support/temp.ts'

const MAIN = fileURLToPath(new URL('../../serving/main.ts', import.meta.url))

type Unnumbered = ServiceCommand extends infer C ? (C extends ServiceCommand ? Omit<C, 'id'> : never) : never

/** The process with an IPC channel, its first message, and a way to command it. */
async function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = fork(MAIN, args, { stdio: 'pipe', env: { PATH: process.env.PATH, ...env } })
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>
  let said = ''
  child.stderr!.on('data', chunk => (said += chunk))
  const [first] = await once(child, 'message')
  let id = 0
  const command = async (body: Unnumbered): Promise<ServiceAnswer> => {
    id += 1
    child.send({ ...body, id })
    for (;;) {
      const [answer] = (await once(child, 'message')) as [ServiceAnswer]
      if (answer.id === id) return answer
    }
  }
  return { child, first, command, exited, said: () => said, [Symbol.asyncDispose]: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('a deployer loads, moves traffic, asks and unloads; when it goes, the service goes', async () => {
  await using room = await tempFolder()
  const [one, two] = [join(room.path, 'one'), join(room.path, 'two')]
  await sealHeadlines(one)
  await sealHeadlines(two, undefined, 10)
  await using service = await start(['--port', '0'])
  const { url } = service.first.ready
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  const health = async () => (await fetch(`${url}/health`)).status

  expect(await service.command({ command: 'observe' })).toEqual({ id: 1, ok: true, state: { models: {} } })
  expect(await health()).toBe(503)
  await service.command({ command: 'load', model: 'news', version: '1', folder: one })
  expect(await service.command({ command: 'traffic', model: 'news', split: { 1: 100 } })).toEqual({
    id: 3,
    ok: true,
    state: { models: { news: { versions: ['1'], traffic: { 1: 100 } } } },
  })
  expect(await health()).toBe(200)

  const state = { models: { news: { versions: ['1', '2'], traffic: { 1: 100 } } } }
  const load = { command: 'load', model: 'news', version: '2', folder: two } as const
  expect(await service.command(load)).toEqual({ id: 4, ok: true, state })
  expect(await service.command(load)).toEqual({ id: 5, ok: true, state })
  const texts = ['Late penalty decides the cup', 'Bank warns of losses as shares fall']
  const golden = { command: 'predict', model: 'news', version: '2', texts } as const
  expect(await service.command(golden)).toEqual({ id: 6, ok: true, state, labels: ['Sports', 'Business'] })
  await service.command({ command: 'traffic', model: 'news', split: { 2: 100 } })
  expect(await service.command({ command: 'unload', model: 'news', version: '1' })).toEqual({
    id: 8,
    ok: true,
    state: { models: { news: { versions: ['2'], traffic: { 2: 100 } } } },
  })

  const refused = [
    await service.command({ command: 'unload', model: 'news', version: '2' }),
    await service.command({ command: 'traffic', model: 'news', split: { 9: 100 } }),
    await service.command({ command: 'load', model: 'news', version: '3', folder: join(room.path, 'none') }),
    await service.command({ ...golden, version: '1' }),
    await service.command({ command: 'dance' } as unknown as Unnumbered),
  ]
  expect(refused.map(answer => (answer.ok ? 'ok' : answer.error.split('\n')[0]))).toEqual([
    'news 2 still takes 100 % of requests',
    'news: version 9 is not loaded',
    expect.stringContaining(join(room.path, 'none')),
    'news 1 is not loaded',
    'there is no command "dance"',
  ])
  expect(await health()).toBe(200)

  service.child.disconnect()
  expect(await service.exited).toEqual([0, null])
  await expect(fetch(url)).rejects.toThrow()
})

test('a deployer that goes while the service starts takes it along', async () => {
  const child = fork(MAIN, ['--port', '0'], { stdio: 'ignore' })
  child.disconnect()
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('a port in use is told to the deployer and to the log, and is the end', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  await using service = await start(['--port', String(port)])
  const message = `port ${port} of 127.0.0.1 is in use\n  stop what uses it, or give another one with --port; 0 takes a free one`
  expect(service.first).toEqual({ failed: { code: 'port-in-use', message } })
  expect(await service.exited).toEqual([1, null])
  expect(service.said()).toBe(`pressroom-serve: ${message}\n`)
  other.close()
})

test.each([
  [['--port', '0', '--color'], 'usage', /^Unknown option '--color'/],
  [['--port', '0', '/nowhere/news'], 'file-not-found', /\/nowhere\/news/],
  [['--port', '0', '--host', '192.0.2.1'], 'invalid-setting', /^this machine has no address 192\.0\.2\.1/],
])('%j fails once, in words', async (args, code, message) => {
  await using service = await start(args)
  expect(service.first).toEqual({ failed: { code, message: expect.stringMatching(message) } })
  expect(await service.exited).toEqual([1, null])
  expect(service.said()).not.toMatch(/\n\s+at /)
})

test('a container on Vertex AI: the environment alone, and SIGTERM ends it with 0', async () => {
  await using room = await tempFolder()
  await sealHeadlines(join(room.path, 'news'))
  const predictRoute = '/v1/endpoints/1/deployedModels/2:predict'
  await using service = await start([], {
    AIP_HTTP_PORT: '0',
    AIP_HEALTH_ROUTE: '/up',
    AIP_PREDICT_ROUTE: predictRoute,
    AIP_STORAGE_URI: join(room.path, 'news'),
  })
  const { url } = service.first.ready
  expect((await fetch(`${url}/up`)).status).toBe(200)
  const response = await fetch(url + predictRoute, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"instances": ["Striker scores twice"]}',
  })
  expect(await response.json()).toMatchObject({ predictions: [{ prediction: 'Sports' }] })
  service.child.kill('SIGTERM')
  expect(await service.exited).toEqual([0, null])
})

test('a container on Vertex AI copies the model from Cloud Storage, and calls it what the deployer says', async () => {
  await using room = await tempFolder()
  await sealHeadlines(join(room.path, 'news'))
  await using gcs = await gcsServer()
  const before = process.env.PRESSROOM_GCS_ENDPOINT
  process.env.PRESSROOM_GCS_ENDPOINT = gcs.url
  try {
    const bucket = await openBucket({ scheme: 'gs', bucket: 'models', key: '' })
    for (const name of await readdir(join(room.path, 'news'))) {
      await bucket.write(`copied/7/${name}`, join(room.path, 'news', name))
    }
    await using service = await start([], {
      AIP_HTTP_PORT: '0',
      AIP_STORAGE_URI: 'gs://models/copied/7',
      PRESSROOM_MODEL_NAME: 'news/all',
      PRESSROOM_MODEL_VERSION: '7',
      PRESSROOM_GCS_ENDPOINT: gcs.url,
      TMPDIR: room.path,
    })
    const response = await fetch(`${service.first.ready.url}/model/info`)
    expect(await response.json()).toMatchObject({ version: '7', traffic: { 7: 100 } })
  } finally {
    if (before === undefined) delete process.env.PRESSROOM_GCS_ENDPOINT
    else process.env.PRESSROOM_GCS_ENDPOINT = before
  }
})
