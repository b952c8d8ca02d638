import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { formatEvent, MAX_EVENT_BYTES } from '../../core/registry/event-body.ts'
import {
  type DeliveryOptions,
  type DeliveryReport,
  deliverOutbox,
  openRegistry,
  parseEvent,
  signEvent,
  verifyEvent,
  watchOutbox,
} from '../../core/registry/index.ts'
import { retryDelay } from '../../core/registry/outbox.ts'
import { listening } from '../support/listening.ts'
import * as fc from '../support/properties.ts'
import { registerContent } from '../support/registry.ts'
import { tempFolder } from '../support/temp.ts'

const SECRET = 'a secret of the tests'

describe('signatures', () => {
  // Made with Python's hmac and base64 modules, from these very bytes.
  const vectors = [
    {
      secret: 's3cret',
      deliveryId: '0e2d7c64-1a0b-4c8e-9d5b-6f3c2b1a0987',
      timestamp: 1_700_000_000,
      body: Buffer.from('{"entity":"registered_model"}'),
      signature: 'v1,N9nAHCvI2PklTPcK4qOpo3vDmPGHTBRE7xskoXFRyNc=',
    },
    {
      secret: 'schlüssel ✓',
      deliveryId: 'id-2',
      timestamp: 0,
      body: Buffer.alloc(0),
      signature: 'v1,gZHl0wiuW1b8ZGj5PzdBf+3GQ1yGDRfg/irobP9frII=',
    },
    {
      secret: 'k'.repeat(100),
      deliveryId: 'x',
      timestamp: 999_999_999_999,
      body: Buffer.from(Uint8Array.from({ length: 256 }, (_, i) => i)),
      signature: 'v1,8YXuTwkjX9nW/fip7Kkkh+AVNStgANAxWeeA/eg86yM=',
    },
  ]
  test.each(vectors)(
    'are those of an independent computation: $deliveryId',
    ({ secret, signature, ...delivery }) => {
      const headers = signEvent(delivery, secret)
      expect(headers).toEqual({
        'X-MLflow-Signature': signature,
        'X-MLflow-Delivery-Id': delivery.deliveryId,
        'X-MLflow-Timestamp': `${delivery.timestamp}`,
      })
      const now = delivery.timestamp * 1000
      expect(verifyEvent(headers, delivery.body, { secrets: ['other', secret], now })).toEqual({
        deliveryId: delivery.deliveryId,
        timestamp: delivery.timestamp,
      })
    },
  )

  const delivery = { deliveryId: 'id', timestamp: 1_700_000_000, body: 'body' }
  const now = delivery.timestamp * 1000
  const signed = signEvent(delivery, SECRET)
  const body = Buffer.from(delivery.body)
  const codeOf = (verify: () => unknown) => {
    try {
      verify()
      return 'verified'
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  test.each([
    ['verified', {}],
    ['event-unsigned', { 'X-MLflow-Signature': undefined }],
    ['event-malformed', { 'X-MLflow-Signature': '' }],
    ['event-malformed', { 'X-MLflow-Signature': `v2,${signed['X-MLflow-Signature']?.slice(3)}` }],
    ['event-malformed', { 'X-MLflow-Signature': 'v1,AAAA' }],
    ['event-malformed', { 'X-MLflow-Signature': `${signed['X-MLflow-Signature']}\n` }],
    ['event-malformed', { 'x-mlflow-signature': signed['X-MLflow-Signature'] }],
    ['event-malformed', { 'X-MLflow-Delivery-Id': undefined }],
    ['event-malformed', { 'X-MLflow-Delivery-Id': 'x'.repeat(201) }],
    ['event-malformed', { 'X-MLflow-Delivery-Id': ['id', 'id'] }],
    ['event-malformed', { 'X-MLflow-Timestamp': undefined }],
    ['event-malformed', { 'X-MLflow-Timestamp': '1.7e9' }],
    ['event-malformed', { 'X-MLflow-Timestamp': '01700000000' }],
    ['event-forged', { 'X-MLflow-Signature': `v1,${'A'.repeat(43)}=` }],
    ['event-forged', { 'X-MLflow-Delivery-Id': 'Id' }],
    ['event-forged', { 'X-MLflow-Timestamp': '1700000001' }],
  ])('%s: %j', (code, change) => {
    expect(codeOf(() => verifyEvent({ ...signed, ...change }, body, { secrets: [SECRET], now }))).toBe(code)
  })

  test('any other byte or secret is forged', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, at, flip) => {
          const headers = signEvent({ ...delivery, body: bytes }, SECRET)
          const other = bytes.slice()
          other[at % other.length]! ^= flip
          const verify = (body: Uint8Array, secret: string) =>
            codeOf(() => verifyEvent(headers, body, { secrets: [secret], now }))
          expect(verify(bytes, SECRET)).toBe('verified')
          expect(verify(other, SECRET)).toBe('event-forged')
          expect(verify(bytes, `${SECRET}!`)).toBe('event-forged')
        },
      ),
    )
  })

  test.each([
    [-301, 'event-expired'],
    [-300, 'verified'],
    [300, 'verified'],
    [301, 'event-expired'],
  ])('seen %i s after the timestamp: %s', (seconds, code) => {
    const at = now + seconds * 1000
    expect(codeOf(() => verifyEvent(signed, body, { secrets: [SECRET], now: at }))).toBe(code)
  })

  test('no secret, or an empty one, is nobody to trust', () => {
    for (const secrets of [[], [''], [SECRET, '']]) {
      expect(codeOf(() => verifyEvent(signed, body, { secrets, now }))).toBe('invalid-setting')
    }
    expect(codeOf(() => signEvent(delivery, ''))).toBe('invalid-setting')
  })

  test('an error never tells the secret', () => {
    const secrets = ['hidden-1', 'hidden-2']
    expect(() => verifyEvent(signed, body, { secrets, now })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hidden') }),
    )
  })
})

describe('recorded from MLflow', () => {
  const path = fileURLToPath(new URL('../../../shared/mlflow-recorded/deliveries.json', import.meta.url))
  // The recordings lie beside the checkout of those who work on Pressroom; they are not ours to publish.
  const recorded = existsSync(path) ? test : test.skip

  recorded('every delivery verifies as its record says', async () => {
    const deliveries: readonly Recorded[] = JSON.parse(await readFile(path, 'utf8'))
    expect(deliveries.length).toBeGreaterThan(30)
    for (const { kind, secret, headers, bodyBase64 } of deliveries) {
      const body = Buffer.from(bodyBase64, 'base64')
      const now = Number(headers['X-MLflow-Timestamp']) * 1000
      const verify = () => verifyEvent(headers, body, { secrets: [secret ?? SECRET], now })
      if (secret === null) expect(verify).toThrow(expect.objectContaining({ code: 'event-unsigned' }))
      else if (kind === 'redirected')
        expect(verify).toThrow(expect.objectContaining({ code: 'event-forged' }))
      else {
        expect(verify()).toEqual({ deliveryId: headers['X-MLflow-Delivery-Id'], timestamp: now / 1000 })
        const { workspace: _, ...event } = JSON.parse(body.toString())
        expect(parseEvent(body)).toEqual({ kind: `${event.entity}.${event.action}`, ...event })
      }
    }
  })

  interface Recorded {
    readonly kind: string
    readonly secret: string | null
    readonly headers: Readonly<Record<string, string>>
    readonly bodyBase64: string
  }
})

describe('bodies', () => {
  const alias = { name: 'news', alias: 'champion', version: '3' }
  const body = (change: object) =>
    Buffer.from(
      JSON.stringify({
        entity: 'model_version_alias',
        action: 'created',
        timestamp: '2026-11-21T06:37:24.934469+00:00',
        data: alias,
        ...change,
      }),
    )
  const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) })

  test('what we do not know is kept', () => {
    for (const change of [{ entity: 'prompt' }, { action: 'vanished' }, { entity: 'constructor' }]) {
      const event = JSON.parse(body({ ...change, data: { anything: [1] } }).toString())
      expect(parseEvent(body({ ...change, data: { anything: [1] } }))).toEqual({ kind: 'unknown', ...event })
    }
  })

  test.each([
    ['no JSON', Buffer.from('{')],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a list', Buffer.from('[]')],
    ['null', Buffer.from('null')],
    ['no entity', body({ entity: undefined })],
    ['an empty action', body({ action: '' })],
    ['no time', body({ timestamp: 'yesterday' })],
    ['no data', body({ data: null })],
    ['a number for a version', body({ data: { ...alias, version: 3 } })],
    ['no name', body({ data: { ...alias, name: '' } })],
    ['too deep', body({ entity: 'prompt', data: nested(16) })],
    ['far too deep', Buffer.from('['.repeat(500_000))],
    ['too large', Buffer.alloc(MAX_EVENT_BYTES + 1, 0x20)],
  ])('%s is malformed', (_, bytes) => {
    expect(() => parseEvent(bytes)).toThrow(expect.objectContaining({ code: 'event-malformed' }))
  })

  test('whatever arrives is an event or malformed', () => {
    const anyBody = fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from), fc.object().map(body))
    fc.assert(
      fc.property(anyBody, bytes => {
        try {
          parseEvent(bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: 'event-malformed' })
        }
      }),
    )
  })

  test('what is formatted is parsed again', () => {
    const text = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(fc.dictionary(text, text), text, (tags, description) => {
        const data = { name: 'news', tags, description }
        const event = parseEvent(
          Buffer.from(formatEvent('registered_model.created', data, 1_700_000_000_123)),
        )
        expect(event).toEqual({
          kind: 'registered_model.created',
          entity: 'registered_model',
          action: 'created',
          timestamp: '2023-11-14T22:13:20.123Z',
          data,
        })
      }),
    )
    const data = { ...alias, key: 'k', value: 'x'.repeat(MAX_EVENT_BYTES) }
    expect(() => formatEvent('model_version_tag.set', data, 0)).toThrow(
      expect.objectContaining({ code: 'invalid-parameter' }),
    )
  })
})

interface Received {
  readonly id: string
  readonly body: string
  readonly headers: IncomingHttpHeaders
}

/** A webhook that keeps what it got; `answer` may leave a request without one. */
async function webhook(answer: (response: ServerResponse, received: Received) => void, port = 0) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const bytes = await buffer(request)
    const { deliveryId: id } = verifyEvent(request.headers, bytes, { secrets: [SECRET] })
    const one = { id, body: bytes.toString(), headers: request.headers }
    received.push(one)
    answer(response, one)
  })
  const open = await listening(server, port)
  return { ...open, received, url: `${open.url}/webhook` }
}

const accept = (response: ServerResponse) => response.writeHead(202).end()

async function registryWithAliases(aliases: readonly string[]) {
  const temp = await tempFolder()
  const registry = await openRegistry(join(temp.path, 'registry'))
  await registerContent(registry, temp.path, 'news', 'a')
  const { outbox } = registry
  // The two events of the registration would only be in the way.
  for (let event = outbox?.next(); event !== undefined; event = outbox?.next()) {
    outbox?.settle(event.deliveryId, 'delivered', '')
  }
  for (const alias of aliases) await registry.setAlias('news', alias, '1')
  return {
    registry,
    location: registry.location,
    path: temp.path,
    rows() {
      using db = new DatabaseSync(join(registry.location, 'registry.db'))
      return db
        .prepare('select status, tries, detail from outbox order by number')
        .all()
        .slice(2)
        .map(row => ({ ...row }))
    },
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]()
      await temp[Symbol.asyncDispose]()
    },
  }
}

describe('the outbox', () => {
  const aliasOf = ({ body }: { body: string }) => JSON.parse(body).data.alias
  const options = (url: string, more: Partial<DeliveryOptions> = {}) => ({
    url,
    secret: SECRET,
    signal: new AbortController().signal,
    ...more,
  })

  test('tells every change in order, as MLflow would', async () => {
    await using temp = await tempFolder()
    await using registry = await openRegistry(join(temp.path, 'registry'))
    await using hook = await webhook(accept)
    const { version } = await registerContent(registry, temp.path, 'news', 'a')
    await registerContent(registry, temp.path, 'news', 'a')
    await registry.setVersionTag('news', '1', 'title', '新聞 🗞')
    await registry.deleteVersionTag('news', '1', 'title')
    await registry.setAlias('news', 'champion', '1')
    await registry.setAlias('news', 'champion', '1')
    await registry.deleteAlias('news', 'champion')
    await registry.deleteAlias('news', 'champion')
    await registry.setAlias('news', 'champion', '2').catch(() => {})
    const told: DeliveryReport[] = []
    await deliverOutbox(registry, options(hook.url, { onDelivered: report => told.push(report) }))

    const created = { name: 'news', alias: 'champion', version: '1' }
    const deleted = { name: 'news', alias: 'champion' }
    expect(told.map(({ event }) => [event.kind, event.data])).toEqual([
      ['registered_model.created', { name: 'news', tags: {}, description: '' }],
      [
        'model_version.created',
        { name: 'news', version: '1', source: version.source, run_id: null, tags: {}, description: null },
      ],
      ['model_version_tag.set', { name: 'news', version: '1', key: 'title', value: '新聞 🗞' }],
      ['model_version_tag.deleted', { name: 'news', version: '1', key: 'title' }],
      ['model_version_alias.created', created],
      ['model_version_alias.created', created],
      ['model_version_alias.deleted', deleted],
      ['model_version_alias.deleted', deleted],
    ])
    expect(hook.received.map(({ id }) => id)).toEqual(told.map(({ deliveryId }) => deliveryId))
    expect(new Set(hook.received.map(({ id }) => id)).size).toBe(8)
    expect(hook.received[0]?.headers['content-type']).toBe('application/json')
    expect(Object.keys(JSON.parse(hook.received[0]?.body ?? ''))).toEqual([
      'entity',
      'action',
      'timestamp',
      'data',
    ])
  })

  test('tries again with the same id after 429 and 5xx', async () => {
    await using world = await registryWithAliases(['a'])
    const statuses = [503, 429, 200]
    await using hook = await webhook(response => response.writeHead(statuses.shift() ?? 500).end())
    const delays: number[] = []
    await deliverOutbox(world.registry, options(hook.url, { onRetry: ({ delay }) => delays.push(delay) }))
    expect(new Set(hook.received.map(({ id }) => id)).size).toBe(1)
    expect(delays).toEqual([250, 500])
    expect(world.rows()).toEqual([{ status: 'delivered', tries: 2, detail: 'HTTP 200' }])
  })

  test.each([
    [1, undefined, 250],
    [3, undefined, 1000],
    [9, undefined, 30_000],
    [5000, undefined, 30_000],
    [1, '2', 2000],
    [9, '2', 30_000],
    [1, '86400', 600_000],
    [1, 'Wed, 21 Oct 2026 07:28:00 GMT', 250],
    [1, '-5', 250],
  ])('after %i tries and Retry-After %s it waits %i ms', (tries, retryAfter, delay) => {
    expect(retryDelay(tries, retryAfter)).toBe(delay)
  })

  test('drops what is refused for good, keeps a record, and goes on', async () => {
    await using world = await registryWithAliases(['a', 'b'])
    await using hook = await webhook((response, received) =>
      response.writeHead(aliasOf(received) === 'a' ? 400 : 202).end('why'),
    )
    const dropped: DeliveryReport[] = []
    await deliverOutbox(world.registry, options(hook.url, { onDropped: report => dropped.push(report) }))
    expect(hook.received.map(aliasOf)).toEqual(['a', 'b'])
    expect(dropped).toMatchObject([{ tries: 1, detail: 'HTTP 400', event: { data: { alias: 'a' } } }])
    expect(world.rows()).toEqual([
      { status: 'dropped', tries: 0, detail: 'HTTP 400' },
      { status: 'delivered', tries: 0, detail: 'HTTP 202' },
    ])
  })

  test('one event that fails holds up no other', async () => {
    await using world = await registryWithAliases(['bad', 'b', 'c'])
    const stop = new AbortController()
    await using hook = await webhook((response, received) =>
      response.writeHead(aliasOf(received) === 'bad' ? 500 : 202).end(),
    )
    await deliverOutbox(
      world.registry,
      options(hook.url, { signal: stop.signal, onRetry: ({ tries }) => tries === 2 && stop.abort() }),
    )
    expect(hook.received.map(aliasOf)).toEqual(['bad', 'b', 'c', 'bad'])
    expect(world.rows()).toMatchObject([{ status: 'pending', tries: 2 }, {}, {}])
  })

  test('waits for a receiver that is not there yet', async () => {
    await using world = await registryWithAliases(['a'])
    const port = await (async () => {
      await using gone = await webhook(accept)
      return gone.port
    })()
    const refused = Promise.withResolvers<string>()
    const delivery = deliverOutbox(
      world.registry,
      options(`http://127.0.0.1:${port}/webhook`, { onRetry: ({ detail }) => refused.resolve(detail) }),
    )
    expect(await refused.promise).toContain('ECONNREFUSED')
    await using hook = await webhook(accept, port)
    await delivery
    expect(hook.received).toHaveLength(1)
  })

  test('gives a receiver that hangs up after the time-out, and tries again with the same id', async () => {
    await using world = await registryWithAliases(['a'])
    await using hook = await webhook(response => hook.received.length > 1 && accept(response))
    await deliverOutbox(world.registry, options(hook.url, { timeout: 100 }))
    expect(hook.received).toHaveLength(2)
    expect(new Set(hook.received.map(({ id }) => id)).size).toBe(1)
  })

  test('follows no redirect', async () => {
    await using world = await registryWithAliases(['a'])
    await using elsewhere = await webhook(accept)
    await using hook = await webhook(response => response.writeHead(307, { location: elsewhere.url }).end())
    const stop = new AbortController()
    const details: string[] = []
    await deliverOutbox(
      world.registry,
      options(hook.url, {
        signal: stop.signal,
        onRetry: ({ detail }) => {
          details.push(detail)
          stop.abort()
        },
      }),
    )
    expect(details).toEqual([expect.stringContaining('redirect')])
    expect(elsewhere.received).toEqual([])
    expect(world.rows()).toMatchObject([{ status: 'pending' }])
  })

  test('an abort in the middle of a try loses nothing', async () => {
    await using world = await registryWithAliases(['a'])
    const stop = new AbortController()
    await using hook = await webhook(() => stop.abort())
    await deliverOutbox(world.registry, options(hook.url, { signal: stop.signal }))
    expect(world.rows()).toEqual([{ status: 'pending', tries: 0, detail: '' }])
    await deliverOutbox(world.registry, options(hook.url, { signal: stop.signal }))
    expect(hook.received).toHaveLength(1)
  })

  test('a sender killed before it could note the answer is followed by one that sends the same id', async () => {
    await using world = await registryWithAliases(['a', 'b'])
    let sender: ReturnType<typeof fork> | undefined
    await using hook = await webhook(response => {
      if (hook.received.length === 1) sender?.kill('SIGKILL')
      else accept(response)
    })
    const dispatcher = fileURLToPath(new URL('../support/dispatcher.ts', import.meta.url))
    sender = fork(dispatcher, [world.location, hook.url], {
      execArgv: [],
      env: { ...process.env, TEST_SECRET: SECRET },
    })
    await once(sender, 'exit')
    await deliverOutbox(world.registry, options(hook.url))
    expect(hook.received.map(aliasOf)).toEqual(['a', 'a', 'b'])
    expect(hook.received[1]?.id).toBe(hook.received[0]?.id)
    expect(world.rows()).toMatchObject([{ status: 'delivered' }, { status: 'delivered' }])
  })

  test('several senders at once deliver each event once', async () => {
    const aliases = ['a', 'b', 'c', 'd', 'e', 'f']
    await using world = await registryWithAliases(aliases)
    await using second = await openRegistry(world.location)
    await using hook = await webhook(accept)
    await Promise.all([world.registry, second].map(registry => deliverOutbox(registry, options(hook.url))))
    expect(hook.received.map(aliasOf)).toEqual(aliases)
  })

  test('an abort ends the wait for another sender', async () => {
    await using world = await registryWithAliases(['a'])
    await using second = await openRegistry(world.location)
    await using hook = await webhook(accept)
    const stop = new AbortController()
    {
      await using _lock = await world.registry.outbox?.lock(stop.signal)
      const delivery = deliverOutbox(second, options(hook.url, { signal: stop.signal }))
      stop.abort()
      await delivery
    }
    expect(hook.received).toEqual([])
    await deliverOutbox(second, options(hook.url))
    expect(hook.received).toHaveLength(1)
  })

  test('is watched until the signal aborts', async () => {
    await using world = await registryWithAliases([])
    await using hook = await webhook(accept)
    const stop = new AbortController()
    const arrived = Promise.withResolvers<void>()
    const watching = watchOutbox(
      world.registry,
      options(hook.url, { signal: stop.signal, onDelivered: () => arrived.resolve() }),
    )
    await world.registry.setAlias('news', 'late', '1')
    await arrived.promise
    stop.abort()
    await watching
    expect(hook.received.map(aliasOf)).toEqual(['late'])
  })

  test('the secret is written nowhere', async () => {
    await using world = await registryWithAliases(['a'])
    await using hook = await webhook(accept)
    await deliverOutbox(world.registry, options(hook.url))
    for (const entry of await readdir(world.location, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue
      expect((await readFile(join(entry.parentPath, entry.name))).includes(SECRET)).toBe(false)
    }
  })

  test.each([
    ['ftp://127.0.0.1/', SECRET],
    ['127.0.0.1:8080', SECRET],
    ['http://user:password@127.0.0.1/', SECRET],
    ['http://127.0.0.1/', ''],
  ])('refuses %s with the secret "%s"', async (url, secret) => {
    await using world = await registryWithAliases([])
    const error = await deliverOutbox(world.registry, options(url, { secret })).catch(error => error)
    expect(error).toMatchObject({ code: 'invalid-setting' })
    expect(error.message).not.toContain('password@')
  })
})
