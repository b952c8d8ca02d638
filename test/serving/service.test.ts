import { once } from 'node:events'
import { rename, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PressroomError } from '../../core/errors.ts'
import { loadModel, type Model } from '../../core/model/index.ts'
import { createCommander } from '../../serving/commands.ts'
import { ModelHost } from '../../serving/host.ts'
import { serve } from '../../serving/serve.ts'
import { createService, type ServiceOptions } from '../../serving/service.ts'
import { expectUnpolluted, junk, placesIn, spoilt } from '../support/junk.ts'
import { fakeModel, fittedInfo, sealHeadlines } from '../support/models.ts'
import * as fc from '../support/properties.ts'
import { tempFolder } from '../support/temp.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const folders = { one: '', ten: '' }
let room: Awaited<ReturnType<typeof tempFolder>>

beforeAll(async () => {
  room = await tempFolder()
  folders.one = join(room.path, 'one')
  folders.ten = join(room.path, 'ten')
  await sealHeadlines(folders.one)
  await sealHeadlines(folders.ten, undefined, 10)
})
afterAll(async () => {
  await room[Symbol.asyncDispose]()
})

/** A service of in-memory models on a free port, and a way to ask it. */
async function serveModels(models: Readonly<Record<string, Model>>, options: ServiceOptions = {}) {
  const host = new ModelHost(async folder => models[folder.split('/').at(-1)!]!)
  const app = await createService(host, options)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const ask = async (path: string, body?: unknown, headers: Record<string, string> = JSON_TYPE) => {
    const sent =
      body === undefined
        ? {}
        : { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) }
    const response = await fetch(url + path, sent)
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }
  return { host, url, ask, [Symbol.asyncDispose]: () => app.close() }
}

describe('routes', () => {
  test('answer or refuse whatever is in any place of a request', async () => {
    await using service = await serveModels({ a: await loadModel(folders.one) })
    await service.host.load('news', '1', 'a')
    service.host.setTraffic('news', { 1: 100 })
    const text = 'Striker misses a penalty'
    const requests: readonly (readonly [path: string, body: object])[] = [
      ['/predict', { text }],
      ['/predict', { instances: [text, { text }], parameters: {} }],
      ['/predict/batch', { texts: [text, text] }],
      ['/explain', { text }],
      ['/feedback', { text, label: 'Sports' }],
    ]
    const places = requests.flatMap(([path, body]) => placesIn(body).map(place => ({ path, body, place })))
    const property = fc.asyncProperty(
      fc.constantFrom(...places),
      junk,
      async ({ path, body, place }, value) => {
        const answer = await service.ask(path, spoilt(body, place, value))
        expect([200, 400, 413]).toContain(answer.status)
        if (answer.status !== 200) expect(answer.body.message).toEqual(expect.any(String))
        expectUnpolluted()
      },
    )
    await fc.assert(property, { numRuns: 200 })
    for (const name of ['__proto__', 'constructor', '', 'toString', '%00', '%ff', 'news&model=news']) {
      for (const [path, body] of requests) {
        expect([path, name, (await service.ask(`${path}?model=${name}`, body)).status]).toEqual([
          path,
          name,
          400,
        ])
      }
    }
  })

  test('before the first model everything says so, and /health is 503', async () => {
    await using service = await serveModels({ a: fakeModel() })
    const { status, body } = await service.ask('/health')
    expect([status, body]).toEqual([
      503,
      {
        status: 'unavailable',
        model_type: null,
        model_version: null,
        uptime: expect.stringMatching(/^\d+:\d\d:\d\d$/),
        last_prediction: null,
      },
    ])
    for (const answer of [
      await service.ask('/predict', { text: 'a' }),
      await service.ask('/explain', { text: 'a' }),
      await service.ask('/model/info'),
    ]) {
      expect([answer.status, answer.body.error]).toEqual([503, 'Model not ready'])
    }
    await service.host.load('news', '1', 'a')
    expect((await service.ask('/predict', { text: 'a' })).status).toBe(503)
    service.host.setTraffic('news', { 1: 100 })
    expect((await service.ask('/health')).body).toMatchObject({ status: 'healthy', model_version: '1' })
  })

  test('a sealed folder answers as the loaded model does, in every protocol', async () => {
    await using service = await serve({
      models: [{ name: 'news', version: '7', folder: folders.one }],
      host: '127.0.0.1',
      port: 0,
    })
    await using model = await loadModel(folders.one)
    const text = 'Striker misses a penalty'
    const [expected] = await model.predict([text])
    const ask = async (path: string, body: unknown) =>
      (
        await fetch(service.url + path, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) })
      ).json()
    const probabilities = { Sports: expected!.probabilities[1], Business: expected!.probabilities[0] }
    const scores = { prediction: 'Sports', confidence: expected!.probabilities[1], probabilities }

    expect(await ask('/predict', { text })).toEqual({
      ...scores,
      processing_time_ms: expect.any(Number),
      model_version: '7',
      timestamp: expect.any(String),
    })
    expect(await ask('/predict', { instances: [text, { text }] })).toEqual({ predictions: [scores, scores] })
    expect(await ask('/predict/batch', { texts: [text] })).toMatchObject({
      predictions: [scores],
      model_version: '7',
    })
    const explained = (await ask('/explain', { text })) as { words: { words: string; weight: number }[] }
    expect(explained).toMatchObject({ ...scores, model_name: 'news' })
    expect(explained.words.map(({ words }) => words)).toContain('penalty')

    const info = await (await fetch(`${service.url}/model/info`)).json()
    expect(info).toMatchObject({
      model_name: 'news',
      version: '7',
      runtime: 'pressroom',
      accuracy: 1,
      categories: ['Business', 'Sports'],
      feature_count: fittedInfo(model).features,
      traffic: { 7: 100 },
    })
    expect((info as { examples: string[] }).examples).toHaveLength(2)
  })

  test('Vertex AI asks at the paths that it named, colon and all; they win over ours', async () => {
    const health = '/v1/endpoints/1/deployedModels/2'
    await using vertex = await serveModels(
      { a: fakeModel() },
      { healthRoute: health, predictRoute: `${health}:predict` },
    )
    await vertex.host.swap('model', '1', 'a')
    expect((await vertex.ask(health)).status).toBe(200)
    const answer = await vertex.ask(`${health}:predict`, { instances: ['a'] })
    expect(answer.body.predictions).toHaveLength(1)
    expect((await vertex.ask(`${health}xpredict`, { instances: ['a'] })).status).toBe(404)
    expect((await vertex.ask('/health')).status).toBe(200)

    await using root = await serveModels(
      { a: fakeModel() },
      { healthRoute: '/', predictRoute: '/predict/batch' },
    )
    await root.host.swap('model', '1', 'a')
    expect((await root.ask('/')).body.status).toBe('healthy')
    expect((await root.ask('/predict/batch', { instances: ['a'] })).body.predictions).toHaveLength(1)
  })

  test('what cannot be answered is refused in JSON, with its status', async () => {
    await using service = await serveModels({ a: fakeModel(), b: fakeModel() })
    await service.host.swap('news', '1', 'a')
    await service.host.swap('mail', '1', 'b')
    const long = JSON.stringify({ texts: ['x'.repeat(1_500_000)] })
    const answers = [
      await service.ask('/predict', '{'),
      await service.ask('/predict', { text: 'a' }, { 'content-type': 'text/plain' }),
      await service.ask('/predict/batch', long),
      await service.ask('/predict'),
      await service.ask('/nowhere'),
      await service.ask('/predict', { text: 'a' }),
      await service.ask('/predict?model=post', { text: 'a' }),
      await service.ask('/predict?model=a&model=b', { text: 'a' }),
    ]
    expect(answers.map(({ status, body }) => `${status} ${body.error}: ${body.message}`)).toEqual([
      expect.stringMatching(/^400 Invalid input: the body is not JSON; /),
      '415 Unsupported media type: the body is not declared as JSON; send "content-type: application/json"',
      '413 Request too large: the body is too large; send fewer texts in a request',
      '405 Method not allowed: /predict does not answer GET; use POST',
      expect.stringMatching(/^404 Not found: there is no \/nowhere here; .*\/explain/),
      '400 Invalid input: several models are served here; they are: news, mail; name one: ?model=news',
      '400 Invalid input: no model "post" is served here; there is: news, mail',
      '400 Invalid input: the address names several models; a, b; name one',
    ])
    expect(answers[3]!.headers.get('allow')).toBe('POST')
    expect((await service.ask('/predict?model=mail', { text: 'a' })).status).toBe(200)
  })

  test('what somebody says of a text is counted for every loaded version, whatever traffic it has', async () => {
    const models = {
      a: fakeModel(),
      b: fakeModel({ label: 'Business' }),
      c: fakeModel({ fails: new Error('no') }),
    }
    await using service = await serveModels(models)
    const say = async (body: unknown, headers?: Record<string, string>) => {
      const answer = await service.ask('/feedback', body, headers)
      return [answer.status, answer.body.message ?? answer.body]
    }
    expect(await say({ text: 'a', label: 'Sports' })).toMatchObject([503, expect.any(String)])
    await service.host.swap('news', '1', 'a')
    await service.host.load('news', '2', 'b')
    await service.host.load('news', '3', 'c')
    expect(await say({ text: 'a', label: 'Sports' })).toEqual([200, { right: ['1'], wrong: ['2', '3'] }])
    expect(await say({ text: 'a', label: 'Business' })).toEqual([200, { right: ['2'], wrong: ['1', '3'] }])
    const now = Date.now()
    expect(service.host.measure('news', '2', 0, now)).toEqual({ requests: 0, labelled: 2, accuracy: 0.5 })
    expect(service.host.measure('news', '3', 0, now)).toEqual({ requests: 0, labelled: 2, accuracy: 0 })
    for (const [body, message] of [
      [{ text: 'a', label: 'Sprots' }, /^no version gives the label "Sprots"; there are: /],
      [{ text: 'a' }, /^label is missing, not a string; send the label that is right/],
      [{ text: ' ', label: 'Sports' }, /^text is blank/],
      [
        { text: 'a', label: 'Sports', version: '1' },
        /^the body has "version"; it takes "text" and "label" only/,
      ],
    ] as const) {
      expect(await say(body)).toEqual([400, expect.stringMatching(message)])
    }
    // A page elsewhere can make a browser send text, and no JSON.
    expect((await say({ text: 'a', label: 'Sports' }, { 'content-type': 'text/plain' }))[0]).toBe(415)
    expect(service.host.measure('news', '1', 0, Date.now())?.labelled).toBe(2)
    const metrics = String((await service.ask('/metrics')).body)
    expect(metrics).toContain('feedback_total{model="news",version="2",right="true"} 1')
  })

  test('a fault of ours is told to the log, not to the client', async () => {
    const faults: unknown[] = []
    const fails = new Error('a secret')
    await using service = await serveModels(
      { a: fakeModel({ fails }) },
      { onFault: fault => faults.push(fault) },
    )
    await service.host.swap('news', '1', 'a')
    const { status, body } = await service.ask('/predict', { text: 'a' })
    expect([status, body.message]).toEqual([500, 'the service failed; its log says why'])
    expect(faults).toEqual([fails])
  })

  test('/metrics counts requests and predictions, and knows the models', async () => {
    await using service = await serveModels({ a: fakeModel(), b: fakeModel({ label: 'Business' }) })
    await service.host.swap('news', '1', 'a')
    await service.ask('/predict', { instances: ['a', 'b', 'c'] })
    await service.ask('/predict', '{')
    await service.ask('/some/secret/path')
    await service.host.swap('news', '2', 'b')
    await service.ask('/predict', { text: 'a' })
    const lines = String((await service.ask('/metrics')).body).split('\n')
    expect(
      lines.filter(line =>
        /^(api_requests_total|predictions_total|model_|prediction_confidence_count)/.test(line),
      ),
    ).toEqual([
      'api_requests_total{method="POST",route="/predict",status="200"} 2',
      'api_requests_total{method="POST",route="/predict",status="400"} 1',
      'api_requests_total{method="GET",route="none",status="404"} 1',
      'predictions_total{model="news",version="1",class="Sports"} 3',
      'predictions_total{model="news",version="2",class="Business"} 1',
      'prediction_confidence_count{model="news",version="1"} 3',
      'prediction_confidence_count{model="news",version="2"} 1',
      'model_info{model="news",version="2",engine="linear"} 1',
      'model_traffic_percent{model="news",version="2"} 100',
    ])
    expect(lines).toContain('api_request_duration_seconds_count{method="POST",route="/predict"} 3')
  })

  test('the page and its files carry a policy without exceptions', async () => {
    await using service = await serveModels({})
    const page = await service.ask('/')
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'; /,
    )
    expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe|https?:|\*/)
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.body).not.toMatch(/ on[a-z]+=|style=|<style|https?:/)
    const types = ['/', '/page.css', '/page.js', '/icon.svg'].map(async path =>
      (await service.ask(path)).headers.get('content-type'),
    )
    expect(await Promise.all(types)).toEqual([
      'text/html; charset=utf-8',
      'text/css; charset=utf-8',
      'text/javascript; charset=utf-8',
      'image/svg+xml',
    ])
  })
})

describe('ModelHost', () => {
  test('a request keeps the version it began with, which is disposed after it', async () => {
    const old = fakeModel({ holds: true })
    const models: Record<string, Model> = { old, new: fakeModel({ label: 'Business' }) }
    await using host = new ModelHost(async folder => models[folder.split('/').at(-1)!]!)
    await host.swap('news', '1', 'old')
    const answered = host.use('news', async ({ model, version }) => [
      version,
      (await model.predict(['a']))[0]!.label,
    ])
    await host.load('news', '2', 'new')
    host.setTraffic('news', { 2: 100 })
    const unloaded = host.unload('news', '1')
    await expect(host.use('news', async ({ version }) => version)).resolves.toBe('2')
    expect(host.state()).toEqual({ models: { news: { versions: ['2'], traffic: { 2: 100 } } } })
    expect(old.disposed()).toBe(false)
    old.release()
    expect(await answered).toEqual(['1', 'Sports'])
    await unloaded
    expect(old.disposed()).toBe(true)
  })

  test("a deployer's commands for a model are carried out in order, and hold up no other model's", async () => {
    const gate = Promise.withResolvers<void>()
    const loading: string[] = []
    await using host = new ModelHost(async folder => {
      loading.push(folder.split('/').at(-1)!)
      if (folder.endsWith('slow')) await gate.promise
      return fakeModel()
    })
    const carryOut = createCommander(host)
    const load = (id: number, model: string, folder: string) =>
      carryOut({ id, command: 'load', model, version: '1', folder })
    const slow = load(1, 'news', 'slow')
    const after = carryOut({ id: 2, command: 'traffic', model: 'news', split: { 1: 100 } })
    expect(await load(3, 'mail', 'quick')).toMatchObject({ id: 3, ok: true })
    expect(await carryOut({ id: 4, command: 'observe' })).toEqual({
      id: 4,
      ok: true,
      state: { models: { mail: { versions: ['1'], traffic: {} } } },
    })
    gate.resolve()
    expect(await slow).toMatchObject({ id: 1, ok: true })
    expect(await after).toMatchObject({ ok: true, state: { models: { news: { traffic: { 1: 100 } } } } })
    expect(loading).toEqual(['slow', 'quick'])
  })

  test('loading twice loads once, also at the same time; another folder is refused', async () => {
    let loads = 0
    await using host = new ModelHost(async () => {
      loads += 1
      return fakeModel()
    })
    await Promise.all([host.load('news', '1', 'a'), host.load('news', '1', 'a')])
    await host.load('news', '1', './a')
    expect(loads).toBe(1)
    await expect(host.load('news', '1', 'b')).rejects.toThrow('news 1 is already loaded from another folder')
  })

  test('a folder that cannot be loaded leaves what serves untouched', async () => {
    await using host = new ModelHost(loadModel)
    await host.swap('news', '1', folders.one)
    const before = host.state()
    const damaged = join(room.path, 'damaged')
    await sealHeadlines(damaged)
    await writeFile(join(damaged, 'model.bin'), 'not weights')
    await expect(host.swap('news', '2', damaged)).rejects.toMatchObject({ code: 'model-damaged' })
    await expect(host.swap('news', '2', join(room.path, 'none'))).rejects.toBeInstanceOf(PressroomError)
    expect(host.state()).toEqual(before)
    // Put right, the same version can be loaded.
    await rename(damaged, join(room.path, 'moved'))
    await sealHeadlines(damaged)
    await host.swap('news', '2', damaged)
    expect(host.state()).toEqual({ models: { news: { versions: ['2'], traffic: { 2: 100 } } } })
  })

  test('a version with traffic is not unloaded; one that is not loaded is unloaded already', async () => {
    await using host = new ModelHost(async () => fakeModel())
    await host.swap('news', '1', 'a')
    await expect(host.unload('news', '1')).rejects.toThrow('news 1 still takes 100 % of requests')
    await host.unload('news', '2')
    await host.unload('mail', '1')
    await host.load('news', '2', 'b')
    host.setTraffic('news', { 1: 90, 2: 10 })
    await expect(host.unload('news', '2')).rejects.toThrow('still takes 10 %')
    await expect(host.useVersion('news', '3', async () => 1)).rejects.toThrow()
  })

  test('a step of a rollout is judged by what came after it; taken again it goes on', async () => {
    await using host = new ModelHost(async () => fakeModel())
    await host.swap('news', '1', 'a')
    await host.load('news', '2', 'b')
    const label = () => host.feedback('news', async () => true)
    const since = Date.now()
    const labelled = (from: number) => host.measure('news', '2', from, from + 60_000)?.labelled
    const take = (share: number, begun: number) =>
      host.setTraffic('news', { 1: 100 - share, 2: share }, { version: '2', share, since: begun })
    await label()
    take(10, since)
    expect(labelled(since)).toBeUndefined()
    await label()
    take(10, since)
    await label()
    expect(labelled(since)).toBe(2)
    take(50, since + 1)
    expect(labelled(since + 1)).toBeUndefined()
    await label()
    expect(labelled(since + 1)).toBe(1)
  })

  test('a model that was still loading when the host closed is disposed', async () => {
    const late = fakeModel()
    const gate = Promise.withResolvers<void>()
    const host = new ModelHost(async () => {
      await gate.promise
      return late
    })
    const loading = host.load('news', '1', 'a')
    await host[Symbol.asyncDispose]()
    gate.resolve()
    await expect(loading).rejects.toMatchObject({ code: 'cancelled' })
    expect(late.disposed()).toBe(true)
  })
})

describe('under load', () => {
  /** One POST over a real keep-alive connection. */
  const post = (agent: Agent, url: string, body: string) =>
    new Promise<{ status: number; version: string; prediction: string }>((resolve, reject) => {
      const sent = request(`${url}/predict`, { method: 'POST', agent, headers: JSON_TYPE }, response => {
        const chunks: Buffer[] = []
        response.on('data', chunk => chunks.push(chunk))
        response.on('end', () => {
          const answer = JSON.parse(Buffer.concat(chunks).toString())
          resolve({
            status: response.statusCode!,
            version: answer.model_version,
            prediction: answer.prediction,
          })
        })
      })
      sent.on('error', reject).end(body)
    })

  test('twenty promotions fail no request, and each is seen at once', async () => {
    await using service = await serve({
      models: [{ name: 'news', version: '0', folder: folders.one }],
      host: '127.0.0.1',
      port: 0,
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 16 })
    const body = JSON.stringify({ text: 'Late penalty decides the cup' })
    for (let version = 1; version <= 20; version++) {
      const folder = version % 2 === 0 ? folders.one : folders.ten
      const before = Array.from({ length: 20 }, () => post(agent, service.url, body))
      // One is answered by the old version; the others are on their way when the promotion begins.
      expect((await Promise.race(before)).version).toBe(String(version - 1))
      const swapping = service.host.swap('news', String(version), folder)
      const during = Array.from({ length: 20 }, () => post(agent, service.url, body))
      await swapping
      const after = await post(agent, service.url, body)
      expect(after).toEqual({ status: 200, version: String(version), prediction: 'Sports' })
      for (const answer of await Promise.all([...before, ...during])) {
        expect(answer).toMatchObject({ status: 200, prediction: 'Sports' })
        expect([String(version - 1), String(version)]).toContain(answer.version)
      }
    }
    expect(service.host.state()).toEqual({ models: { news: { versions: ['20'], traffic: { 20: 100 } } } })
    agent.destroy()
  })

  test('closing answers the request that has begun, and drops connections that ask nothing', async () => {
    const service = await serve({
      models: [{ name: 'news', version: '1', folder: folders.one }],
      host: '127.0.0.1',
      port: 0,
    })
    const port = Number(new URL(service.url).port)
    const silent = connect(port, '127.0.0.1').resume()
    await once(silent, 'connect')
    const begun = connect(port, '127.0.0.1')
    begun.write(
      'POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{"text"',
    )
    // An answered request shows that the half one before it has arrived too.
    await fetch(`${service.url}/health`)
    const closed = Promise.all([service.close(60_000), once(silent, 'close')])
    begun.write(':"goal"}')
    const [answer] = (await once(begun, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK/)
    await closed
    await service[Symbol.asyncDispose]()
  })

  test('closing ends at its deadline although a client never finishes', async () => {
    const service = await serve({ models: [], host: '127.0.0.1', port: 0 })
    const stuck = connect(Number(new URL(service.url).port), '127.0.0.1').resume()
    stuck.write('POST /predict HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n')
    await fetch(`${service.url}/health`)
    await Promise.all([service.close(1), once(stuck, 'close')])
  })
})
