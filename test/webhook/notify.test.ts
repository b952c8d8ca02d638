import { describe, expect, test } from '@jest/globals'
import { PressroomError } from '../../core/errors.ts'
import { listenOn } from '../../webhook/http.ts'
import type { ReconcileEvent } from '../../webhook/index.ts'
import { githubNotifier } from '../../webhook/notify/github.ts'
import { createNotices, type Notice } from '../../webhook/notify/notices.ts'
import { createNotifications, type Notifier } from '../../webhook/notify/notify.ts'
import { slackNotifier } from '../../webhook/notify/slack.ts'
import { githubServer } from '../support/github-server.ts'

const load = (version = '2', model = 'news'): ReconcileEvent => {
  return { kind: 'step', step: { do: 'load', model, version }, line: `vertex: ${model} ${version} is loaded` }
}
const shift: ReconcileEvent = {
  kind: 'step',
  step: { do: 'shift', model: 'news', split: { 2: 100 } },
  line: 'vertex: news 2 is given 100 %',
}
const rolling: ReconcileEvent = {
  kind: 'rolling',
  model: 'news',
  version: '2',
  line: 'vertex: news 2 takes 10 %',
}
/** Version 2 was bad. */
const back: ReconcileEvent = {
  kind: 'step',
  step: {
    do: 'shift',
    model: 'news',
    split: { 1: 100 },
    rollout: { version: '2', share: 0, since: 0, bad: 'p99 900 of 50' },
  },
  line: 'vertex: news 1 is given 100 %',
}
const retire: ReconcileEvent = {
  kind: 'step',
  step: { do: 'retire', model: 'news' },
  line: 'vertex: news is taken down',
}
const serving = (version = '2', model = 'news'): ReconcileEvent => {
  return { kind: 'serving', model, version, line: `vertex: ${model} ${version} takes 100 %` }
}
const failed = (why = 'no quota', rejected = false, name: string | null = 'news'): ReconcileEvent => {
  const model = name ?? undefined
  const error = new PressroomError('deployment-failed', why)
  return { kind: 'failed', failure: { model, rejected, error }, line: `vertex: ${why}` }
}
const unchanged: ReconcileEvent = { kind: 'unchanged', line: 'vertex: nothing to do' }

describe('what is told', () => {
  test.each<[string, ReconcileEvent[], string[]]>([
    ['a deployment, once at each end', [load(), shift, serving()], ['started news 2', 'succeeded news 2']],
    ['nothing when there is nothing to do', [unchanged, unchanged], []],
    [
      'a failure, and not its repetitions',
      [load(), failed(), load(), failed()],
      ['started news 2', 'failed news 2'],
    ],
    [
      'another failure',
      [load(), failed(), failed('no image')],
      ['started news 2', 'failed news 2', 'failed news 2'],
    ],
    [
      'a failure that has passed',
      [load(), failed(), load(), shift, serving()],
      ['started news 2', 'failed news 2', 'succeeded news 2'],
    ],
    [
      'a failure before any step that passes',
      [failed(), load(), shift, serving()],
      ['failed news ', 'succeeded news 2'],
    ],
    ['a rejected version', [load(), failed('golden', true)], ['started news 2', 'rejected news 2']],
    [
      'a version that is rejected in its rollout, and the one before it again',
      [
        load(),
        rolling,
        failed('p99', true),
        { ...shift, step: { do: 'shift', model: 'news', split: { 1: 100 } } },
        serving('1'),
      ],
      ['started news 2', 'rejected news 2', 'rolled-back news 1'],
    ],
    [
      'a version that loses its traffic, to one who has heard nothing of its rollout',
      [
        back,
        failed('p99', true),
        { ...shift, step: { do: 'shift', model: 'news', split: { 1: 100 } } },
        serving('1'),
      ],
      ['rejected news 2', 'rolled-back news 1'],
    ],
    [
      'a version that loses its traffic while the registry is away, and is rejected when it is back',
      [
        load(),
        failed('away', false, null),
        back,
        failed('it has lost its traffic'),
        failed('p99', true),
        serving('1'),
      ],
      ['started news 2', 'failed  ', 'failed news 2', 'rejected news 2', 'rolled-back news 1'],
    ],
    [
      'a version that was brought in beside the one that serves',
      [load('3'), { ...serving('2'), beside: '3' } as ReconcileEvent],
      ['started news 3', 'succeeded news 3'],
    ],
    [
      'a version that was brought in where another stands beside it',
      [load(), load('3'), { ...serving('2'), beside: '3' } as ReconcileEvent],
      ['started news 2', 'succeeded news 2'],
    ],
    [
      'no tidying up',
      [{ kind: 'step', step: { do: 'unload', model: 'news', version: '1' }, line: 'gone' }, serving('2')],
      [],
    ],
    [
      'a model that is taken down',
      [load(), serving(), retire],
      ['started news 2', 'succeeded news 2', 'retired news '],
    ],
    [
      'one that is taken down at the second try',
      [failed('busy'), failed('busy'), retire, unchanged],
      ['failed news ', 'retired news '],
    ],
    [
      'one that is taken down without effect, once',
      [retire, failed('without effect'), retire, failed('without effect')],
      ['retired news ', 'failed news '],
    ],
    [
      'one that comes back, and is taken down again',
      [retire, load(), serving(), retire, unchanged, retire],
      ['retired news ', 'started news 2', 'succeeded news 2', 'retired news ', 'retired news '],
    ],
    ['a registry that is away', [failed('away', false, null), failed('away', false, null)], ['failed  ']],
    [
      'one that is away again later',
      [failed('away', false, null), unchanged, failed('away', false, null)],
      ['failed  ', 'failed  '],
    ],
    [
      'one that is away again later, while a rollout waits',
      [failed('away', false, null), rolling, failed('away', false, null)],
      ['failed  ', 'failed  '],
    ],
    [
      'two models apart',
      [load(), load('7', 'sport'), serving('7', 'sport'), failed()],
      ['started news 2', 'started sport 7', 'succeeded sport 7', 'failed news 2'],
    ],
    [
      'the next deployment',
      [load(), serving(), load('3')],
      ['started news 2', 'succeeded news 2', 'started news 3'],
    ],
  ])('%s', (_what, events, expected) => {
    const pick = createNotices()
    const told = events.map(pick).filter(notice => notice !== undefined)
    expect(told.map(({ state, model = '', version = '' }) => `${state} ${model} ${version}`)).toEqual(
      expected,
    )
  })
})

describe('telling', () => {
  test('goes in order, and one who fails or hangs holds up nobody', async () => {
    const told: string[] = []
    const warnings: string[] = []
    const broken: Notifier = {
      name: 'Broken',
      send: async () => {
        throw new PressroomError('server-refused', 'it answered 500')
      },
    }
    const hanging: Notifier = {
      name: 'Hanging',
      send: (_notice, signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    }
    const slow: Notifier = {
      name: 'Slow',
      async send({ state }) {
        await new Promise(resolve => setTimeout(resolve, state === 'started' ? 30 : 0))
        told.push(state)
      },
    }
    {
      await using all = createNotifications([broken, hanging, slow], (_severity, message) =>
        warnings.push(message),
      )
      for (const event of [load(), serving()]) all.happened(event)
    }
    expect(told).toEqual(['started', 'succeeded'])
    expect(
      warnings.filter(line => line.startsWith('Broken could not be told: it answered 500')),
    ).toHaveLength(2)
    expect(warnings.some(line => line.startsWith('Hanging could not be told'))).toBe(true)
  })
})

const signal = new AbortController().signal
const notice = (
  state: Notice['state'],
  version: string | undefined = '2',
  message = 'vertex: news 2',
): Notice => {
  return { state, model: 'news', version, message }
}

describe('Slack', () => {
  test('gets a text in which no name is a mention', async () => {
    const bodies: unknown[] = []
    await using server = await listenOn(async (request, response) => {
      bodies.push(JSON.parse((await request.toArray()).join('')))
      response.end('ok')
    })
    const slack = slackNotifier(`${server.url}/services/T0/B0/hidden`)
    await slack.send({ state: 'rejected', model: '<!channel> & co', version: '2', message: 'a\nb' }, signal)
    expect(bodies).toEqual([{ text: ':no_entry: Rejected *&lt;!channel&gt; &amp; co 2*\na\nb' }])
  })

  test.each([
    ['refuses', 403, /it answered 403 invalid_token/],
    ['sends elsewhere', 302, /does not answer/],
  ])('that %s is said without the address', async (_what, status, message) => {
    await using server = await listenOn((_request, response) => {
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('invalid_token')
    })
    const sent = slackNotifier(`${server.url}/hidden`).send(notice('failed'), signal)
    await expect(sent).rejects.toMatchObject({ message: expect.stringMatching(message) })
    await expect(sent).rejects.toMatchObject({ message: expect.not.stringContaining('hidden') })
  })
})

describe('GitHub', () => {
  const TOKEN = 'ghs_hidden'
  const settings = (api: string) => ({ repository: 'newsroom/models', token: TOKEN, ref: 'main', api })

  test('gets a deployment with its statuses, and events for workflows', async () => {
    await using server = await githubServer('newsroom/models', TOKEN)
    const github = githubNotifier(settings(server.url))
    await github.send(notice('started'), signal)
    // Another process, as after a restart.
    await githubNotifier(settings(server.url)).send(notice('succeeded', '2', 'x'.repeat(500)), signal)
    expect(server.deployments).toEqual([
      expect.objectContaining({
        ref: 'main',
        environment: 'news',
        payload: { model: 'news', version: '2' },
        auto_merge: false,
        required_contexts: [],
        statuses: [
          expect.objectContaining({ state: 'in_progress' }),
          expect.objectContaining({ state: 'success' }),
        ],
      }),
    ])
    expect(
      server.dispatches.map(({ event_type, client_payload }) => [event_type, client_payload.state]),
    ).toEqual([
      ['pressroom-deployment', 'started'],
      ['pressroom-deployment', 'succeeded'],
    ])
  })

  test('gets a new deployment when an earlier version comes back', async () => {
    await using server = await githubServer('newsroom/models', TOKEN)
    const github = githubNotifier(settings(server.url))
    for (const version of ['1', '2', '1']) {
      await github.send(notice('started', version), signal)
      await github.send(notice('succeeded', version), signal)
    }
    expect(server.deployments.map(({ statuses }) => statuses.map(({ state }) => state))).toEqual([
      ['in_progress', 'success'],
      ['in_progress', 'success'],
      ['in_progress', 'success'],
    ])
  })

  test('gets what served last as inactive when the model is taken down', async () => {
    await using server = await githubServer('newsroom/models', TOKEN)
    const github = githubNotifier(settings(server.url))
    const retired = { ...notice('retired'), version: undefined }
    await github.send(retired, signal)
    expect(server.deployments).toEqual([])
    for (const version of ['1', '2']) await github.send(notice('started', version), signal)
    await github.send(retired, signal)
    expect(server.deployments).toMatchObject([
      { payload: { version: '1' }, statuses: [{ state: 'in_progress' }] },
      { payload: { version: '2' }, statuses: [{ state: 'in_progress' }, { state: 'inactive' }] },
    ])
    expect(server.dispatches.at(-1)!.client_payload).toMatchObject({ state: 'retired', version: null })
  })

  test('gets failures that know no version, or no model, as events alone', async () => {
    await using server = await githubServer('newsroom/models', TOKEN)
    const github = githubNotifier(settings(server.url))
    const message = 'away'
    await github.send({ state: 'failed', model: 'news', version: undefined, message }, signal)
    await github.send({ state: 'failed', model: undefined, version: undefined, message }, signal)
    expect(server.deployments).toEqual([])
    expect(server.dispatches.map(({ client_payload }) => client_payload)).toEqual([
      { state: 'failed', model: 'news', version: null, message },
      { state: 'failed', model: null, version: null, message },
    ])
  })

  test.each([401, 404, 500])('that answers %d is said without the token', async status => {
    await using server = await githubServer('newsroom/models', TOKEN)
    server.refuse(status)
    const sent = githubNotifier(settings(server.url)).send(notice('started'), signal)
    await expect(sent).rejects.toMatchObject({
      code: 'server-refused',
      message: expect.stringContaining(`newsroom/models answered ${status}`),
    })
    await expect(sent).rejects.toMatchObject({ message: expect.not.stringContaining(TOKEN) })
  })

  test('that is away is said', async () => {
    const sent = githubNotifier(settings('http://127.0.0.1:1')).send(notice('started'), signal)
    await expect(sent).rejects.toMatchObject({ code: 'server-unreachable' })
  })
})
