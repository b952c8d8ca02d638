import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { loadAll } from 'js-yaml'
import { parseDeployment } from '../../webhook/deployment/file.ts'
import { planRetirement } from '../../webhook/plan/retire.ts'
import { kubernetesTarget, parseKubernetesSettings } from '../../webhook/targets/kubernetes/index.ts'
import { labelOfVersion, nameOfModel, nameOfVersion } from '../../webhook/targets/kubernetes/names.ts'
import { type DeploymentRecord, progressOf } from '../../webhook/targets/kubernetes/readiness.ts'
import { replicasFor, sharesOf } from '../../webhook/targets/kubernetes/replicas.ts'
import { openTarget } from '../../webhook/targets/open.ts'
import type { Target, TargetStep } from '../../webhook/targets/target.ts'
import { eventually } from '../support/eventually.ts'
import { expectOurs, expectUnpolluted } from '../support/junk.ts'
import { sendingJunk, spoiling } from '../support/junk-answers.ts'
import {
  kubernetesBench,
  openTarget as openAt,
  send,
  settingsFor,
  sourceOf,
} from '../support/kubernetes/bench.ts'
import { type Fate, settle } from '../support/kubernetes/controller.ts'
import type { Json } from '../support/kubernetes/fields.ts'
import { forbidden } from '../support/kubernetes/server.ts'
import { failure } from '../support/kubernetes/status.ts'
import { RESOURCES } from '../support/kubernetes/store.ts'
import { listening } from '../support/listening.ts'
import * as fc from '../support/properties.ts'
import { testTargetContract } from '../support/target-contract.ts'

const GATEWAY = { gateway: { name: 'public', mirror: true } }

testTargetContract('Kubernetes, splitting by numbers of pods', () => kubernetesBench())
testTargetContract('Kubernetes with a Gateway', () => kubernetesBench(GATEWAY))
testTargetContract('Kubernetes with autoscalers', () => kubernetesBench({ minReplicas: 2, maxReplicas: 4 }))

describe('the target on Kubernetes', () => {
  let bench: Awaited<ReturnType<typeof kubernetesBench>>
  let target: Target
  beforeEach(async () => {
    bench = await kubernetesBench()
    target = bench.open()
  })
  afterEach(async () => bench[Symbol.asyncDispose]())

  const seen = async (model = 'news') =>
    (await target.observe()).models[model] ?? { versions: [], traffic: {} }
  async function take(step: TargetStep, by = target): Promise<void> {
    await by.apply(step, {
      observed: (await by.observe()).models[step.model] ?? { versions: [], traffic: {} },
      source: step.do === 'load' ? sourceOf(step.model, step.version) : undefined,
      signal: AbortSignal.timeout(20_000),
    })
  }
  const load = (version: string, by?: Target) => take({ do: 'load', model: 'news', version }, by)
  const shift = (split: Record<string, number>, by?: Target) =>
    take({ do: 'shift', model: 'news', split }, by)
  const spec = (plural: string, name: string) => bench.server.store.find(plural, name)!.object.spec as Json

  test('reads whatever is in any place of an answer, or refuses it as no answer of Kubernetes', async () => {
    for (const version of ['1', '2', '3']) await load(version)
    await shift({ 1: 90, 2: 10 })
    const works: readonly ((by: Target) => Promise<unknown>)[] = [
      by => by.observe(),
      by => load('3', by),
      by => shift({ 1: 50, 2: 50 }, by),
      by => by.ask!('news', '1', ['a text']),
      by => take({ do: 'unload', model: 'news', version: '3' }, by),
    ]
    const property = fc.asyncProperty(fc.constantFrom(...works), spoiling(5), async (work, spoilt) => {
      const connection = { server: bench.server.url, send: sendingJunk(send, spoilt) }
      const pauses = { pollSeconds: 0.001, pauseSeconds: 0.001 }
      const by = kubernetesTarget(settingsFor(), { connection, ...pauses })
      await work(by).catch(expectOurs)
      expectUnpolluted()
    })
    await fc.assert(property, { numRuns: 100 })
  })

  test.each([
    ['a page to sign in at', '<!doctype html><p>Sign in', 'it must be an object'],
    ['a list without end', '{"items":[],"metadata":{"continue":"again"}}', 'its list of services has no end'],
    ['a list of one for a name', '{"items":[{"metadata":{"name":["a"]}}]}', 'metadata.name must be a string'],
  ])('%s is no answer of Kubernetes', async (_, text, why) => {
    const answer = { status: 200, headers: new Headers(), text: async () => text }
    const connection = { server: 'https://cluster.example', send: async () => answer }
    await expect(kubernetesTarget(settingsFor(), { connection }).observe()).rejects.toMatchObject({
      code: 'server-answer',
      message: expect.stringContaining(why),
    })
  })

  test('keeps a loaded version without traffic out of a split', async () => {
    for (const version of ['1', '2', '3']) await load(version)
    await shift({ 1: 100 })
    await shift({ 1: 50, 2: 50 })
    const selector = Object.entries(spec('services', 'pressroom-news').selector as Json)
    const reached = ['1', '2', '3'].filter(version => {
      const { template } = spec('deployments', `pressroom-news-v${version}`) as {
        template: { metadata: { labels: Json } }
      }
      return selector.every(([key, value]) => template.metadata.labels[key] === value)
    })
    expect(reached).toEqual(['1', '2'])
    await load('4')
    expect((await seen()).traffic).toEqual({ 1: 50, 2: 50 })
  })

  test('says what a split by numbers of pods comes to', async () => {
    const notes: string[] = []
    const by = openAt(bench.server.url, { splitReplicas: 5 }, text => notes.push(text))
    for (const version of ['1', '2']) await load(version, by)
    await shift({ 1: 100 }, by)
    await shift({ 1: 90, 2: 10 }, by)
    expect(notes).toEqual(['news: 1 gets 80.0 % (4 pods), 2 gets 20.0 % (1 pod)'])
  })

  test.each([
    ['numbers of pods', {}],
    ['bounds of autoscalers', { maxReplicas: 4 }],
  ])('does not wait for pods that another deployer changed: by %s', async (_, more) => {
    const [first, second] = [openAt(bench.server.url, more), openAt(bench.server.url, more)]
    for (const version of ['1', '2']) await load(version, first)
    await shift({ 1: 100 }, first)
    const pods = () => spec('deployments', 'pressroom-news-v1').replicas
    bench.server.fate = () => ({ status: { replicas: 3, updatedReplicas: 0 } })
    const early = shift({ 1: 60, 2: 40 }, first)
    await eventually(() => pods() === 3)
    const late = shift({ 1: 90, 2: 10 }, second)
    await expect(early).rejects.toMatchObject({
      code: 'deployment-conflict',
      message: expect.stringMatching(
        /pods of news 1 were changed while.*\n.*: 3 wanted, now 9\n {2}look again/,
      ),
    })
    bench.server.fate = () => undefined
    settle(bench.server.store, bench.server.fate)
    await late
    expect((await seen()).traffic).toEqual({ 1: 90, 2: 10 })
  })

  test.each<[string, Fate, RegExp]>([
    [
      'an image that cannot be pulled',
      failing({
        waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "registry.example/a:1"' },
      }),
      /does not become ready: its image cannot be pulled: "registry.example\/a:1"\n {2}push the image/,
    ],
    [
      'a secret that is not there',
      failing({ waiting: { reason: 'CreateContainerConfigError', message: 'secret "aws" not found' } }),
      /container serving cannot be made: secret "aws" not found\n {2}create what is missing/,
    ],
    [
      'a volume whose secret is not there, which only an event tells',
      {
        ...failing({ waiting: { reason: 'ContainerCreating' } }),
        events: [
          {
            metadata: { name: 'e' },
            reason: 'FailedMount',
            message: 'MountVolume.SetUp failed for volume "s" : secret "nosuch" not found',
          },
        ],
      },
      /MountVolume.SetUp failed for volume "s" : secret "nosuch" not found/,
    ],
    [
      'a quota, which makes no pod at all',
      {
        status: {
          conditions: [
            {
              type: 'ReplicaFailure',
              status: 'True',
              reason: 'FailedCreate',
              message:
                'pods "a" is forbidden: exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=0',
            },
          ],
        },
      },
      /exceeded quota: q.*\n {2}raise the quota/,
    ],
  ])('explains %s, and takes away what failed', async (_, fate, message) => {
    bench.server.fate = () => fate
    await expect(load('1')).rejects.toThrow(message)
    expect([...bench.server.store.objects.keys()]).toEqual([])
  })

  test('does not take a version for lost whose autoscaler has just changed its number', async () => {
    const by = openAt(bench.server.url, { maxReplicas: 4 })
    await load('1', by)
    await shift({ 1: 100 }, by)
    bench.server.store.update(
      'deployments',
      'pressroom-news-v1',
      { spec: { replicas: 3 } },
      'kube-controller-manager',
    )
    expect((await by.observe()).models.news).toMatchObject({ versions: ['1'], traffic: { 1: 100 } })
    expect(await by.ask('news', '1', ['a'])).toEqual(['1: a'])
  })

  test('brings back what a person edited', async () => {
    await load('1')
    await load('2')
    await shift({ 1: 100 })
    const containers = [{ name: 'serving', image: 'registry.example/other:2' }]
    bench.server.store.update(
      'deployments',
      'pressroom-news-v1',
      { spec: { template: { spec: { containers } } } },
      'kubectl-edit',
    )
    expect((await seen()).versions).toEqual(['2'])
    await load('1')
    expect((await seen()).versions).toEqual(['1', '2'])
    const selector = { 'pressroom.dev/model': 'pressroom-news', 'pressroom.dev/version': '2' }
    bench.server.store.update('services', 'pressroom-news', { spec: { selector } }, 'kubectl-edit')
    expect((await seen()).traffic).toEqual({ 2: 100 })
    await shift({ 1: 100 })
    expect(spec('services', 'pressroom-news').selector).toMatchObject({ 'pressroom.dev/version': '1' })
  })

  test('takes nothing from another controller, and names it', async () => {
    await load('1')
    bench.server.store.update(
      'deployments',
      'pressroom-news-v1',
      { spec: { progressDeadlineSeconds: 5 } },
      'argocd-controller',
    )
    await expect(load('1')).rejects.toThrow(
      /^argocd-controller manages fields that Pressroom sets\n {2}\.spec\.progressDeadlineSeconds \(argocd-controller\)\n {2}take these objects out of argocd-controller/,
    )
  })

  test('says which verb a Role lacks', async () => {
    bench.server.refuse = call => (call.verb === 'patch' ? forbidden(call) : undefined)
    await expect(load('1')).rejects.toThrow(
      /may not patch deployments\n.*\n {2}add the verb "patch" on "deployments" of API group "apps"/,
    )
  })

  test('needs exactly the rights of the Role that ships', async () => {
    const scaled = openAt(bench.server.url, { ...GATEWAY, maxReplicas: 4 })
    for (const by of [scaled, target]) {
      await load('1', by)
      await load('2', by)
      await shift({ 1: 100 }, by)
      await by.ask('news', '2', ['a'])
      bench.server.fate = () => failing({ waiting: { reason: 'ContainerCreating' } })
      await take(
        { do: 'load', model: 'other', version: '1' },
        openAt(bench.server.url, { readySeconds: 1, maxReplicas: 4 }),
      ).catch(() => {})
      bench.server.fate = () => undefined
      await shift({ 2: 100 }, by)
      await take({ do: 'unload', model: 'news', version: '1' }, by)
      await take({ do: 'retire', model: 'news' }, by)
    }
    const made = new Set(
      bench.server.calls.map(({ group, resource, verb }) => `${group}/${resource} ${verb}`),
    )
    const objects = loadAll(readFileSync('deploy/kubernetes/deployer.yaml', 'utf8')) as Json[]
    const { rules } = objects.find(({ kind }) => kind === 'Role') as unknown as {
      rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[]
    }
    const given = rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap(group => resources.flatMap(each => verbs.map(verb => `${group}/${each} ${verb}`))),
    )
    // An apply creates what is not there, and the API server then asks for both rights.
    const applied = [...made]
      .filter(each => each.endsWith(' patch'))
      .map(each => each.replace(/ patch$/, ' create'))
    expect(given.toSorted()).toEqual([...new Set([...made, ...applied])].toSorted())
  })

  test('is opened as the deployment file that ships says', async () => {
    const objects = loadAll(readFileSync('deploy/kubernetes/deployer.yaml', 'utf8')) as Json[]
    const { data } = objects.find(({ kind }) => kind === 'ConfigMap') as { data: Record<string, string> }
    const policy = parseDeployment(data['deployment.yaml']!, 'deployment.yaml')
    await using opened = await openTarget(policy.target, { env: {} })
    expect(opened.name).toBe('kubernetes')
    expect(opened.can).toEqual({ canary: true, shadow: false, measure: [] })
  })

  test.each([
    ['by numbers of pods', {}],
    ['by autoscaled pods', { maxReplicas: 4 }],
    ['by a Gateway', GATEWAY],
  ])(
    'a deployer that ends at any of its calls leaves a model that serves, and work for the next: %s',
    async (_, more) => {
      const steps: TargetStep[] = [
        { do: 'load', model: 'news', version: '2' },
        {
          do: 'shift',
          model: 'news',
          split: { 1: 90, 2: 10 },
          rollout: { version: '2', share: 10, since: 1 },
        },
        { do: 'shift', model: 'news', split: { 2: 100 } },
        { do: 'unload', model: 'news', version: '1' },
      ]
      const ends = new Set<string>()
      let calls = Number.POSITIVE_INFINITY
      for (let last = 0; last < calls; last++) {
        await using place = await kubernetesBench(more)
        const { server } = place
        for (const step of [
          { do: 'load', model: 'news', version: '1' },
          { do: 'shift', model: 'news', split: { 1: 100 } },
        ] as const) {
          await take(step, openAt(server.url, more))
        }
        server.calls.length = 0
        // Every call from that one on is one that a killed deployer does not make.
        server.refuse = call => (server.calls.length > last ? forbidden(call) : undefined)
        let outcome = 'killed'
        for (const step of steps) {
          outcome = await take(step, openAt(server.url, more)).then(
            () => 'done',
            () => 'killed',
          )
          if (outcome === 'killed') break
        }
        if (outcome === 'done') calls = last
        server.refuse = () => undefined
        const { traffic = {}, versions = [] } = (await openAt(server.url, more).observe()).models.news ?? {}
        expect(Object.keys(traffic).length).toBeGreaterThan(0)
        expect(versions).toEqual(expect.arrayContaining(Object.keys(traffic)))
        // What the plan would still want; a version that is gone is not loaded again.
        const left = traffic[2] === 100 ? steps.slice(-1) : steps
        for (const step of left) await take(step, openAt(server.url, more))
        const end = [...server.store.objects].map(([key, { object }]) => [
          key,
          object.metadata.annotations,
          object.spec,
        ])
        ends.add(JSON.stringify(end.toSorted()))
      }
      expect(calls).toBeGreaterThan(20)
      expect(ends.size).toBe(1)
    },
  )

  test.each([
    ['by numbers of pods', {}],
    ['by autoscaled pods', { maxReplicas: 4 }],
    ['by a Gateway', GATEWAY],
  ])('takes a model down with all that is its own, wherever a deployer is killed: %s', async (_, more) => {
    const retire = { do: 'retire', model: 'news' } as const
    let calls = Number.POSITIVE_INFINITY
    for (let last = 0; last < calls; last++) {
      await using place = await kubernetesBench(more)
      const { server } = place
      const by = () => openAt(server.url, more)
      for (const version of ['1', '2']) await load(version, by())
      await shift({ 1: 90, 2: 10 }, by())
      await take({ do: 'load', model: 'news-a', version: '1' }, by())
      const others = [...server.store.objects.keys()].filter(name => name.includes('news-a'))
      // A name of ours that somebody gave to a Service of theirs.
      const theirs = { metadata: { name: 'pressroom-news-v3' }, spec: { ports: [{ port: 80 }] } }
      server.store.create('api/v1/services', RESOURCES['api/v1/services']!, theirs, 'kubectl-create Update')
      server.calls.length = 0
      server.refuse = call => (server.calls.length > last ? forbidden(call) : undefined)
      const whole = await take(retire, by()).then(
        () => true,
        () => false,
      )
      if (whole) calls = last
      server.refuse = () => undefined
      for (const _ of planRetirement('news', await by().observe()).steps) await take(retire, by())
      expect([...server.store.objects.keys()].sort()).toEqual(
        ['services/pressroom-news-v3', ...others].sort(),
      )
    }
    expect(calls).toBeGreaterThan(10)
  })

  test('takes down what is left of a version whose Deployment was deleted by hand', async () => {
    const by = openAt(bench.server.url, { maxReplicas: 4 })
    await load('1', by)
    await shift({ 1: 100 }, by)
    bench.server.store.objects.delete('deployments/pressroom-news-v1')
    expect([...bench.server.store.objects.keys()]).toHaveLength(4)
    await take({ do: 'retire', model: 'news' }, by)
    expect([...bench.server.store.objects.keys()]).toEqual([])
  })

  test('reads long lists page by page, and a cluster in two calls', async () => {
    for (const version of ['1', '2', '3']) await load(version)
    bench.server.pageSize = 2
    expect([...(await seen()).versions].sort()).toEqual(['1', '2', '3'])
    bench.server.pageSize = 500
    bench.server.calls.length = 0
    await target.observe()
    expect(bench.server.calls.length).toBe(2)
  })

  test('weighs by an HTTPRoute, and mirrors by it', async () => {
    const by = openAt(bench.server.url, GATEWAY)
    await load('1', by)
    await load('2', by)
    await shift({ 1: 100 }, by)
    await take({ do: 'shadow', model: 'news', version: '2', share: 20 }, by)
    const [rule] = spec('httproutes', 'pressroom-news').rules as Json[]
    expect(rule).toEqual({
      backendRefs: [{ name: 'pressroom-news-v1', port: 80, weight: 10_000 }],
      filters: [
        {
          type: 'RequestMirror',
          requestMirror: { backendRef: { name: 'pressroom-news-v2', port: 80 }, percent: 20 },
        },
      ],
    })
    expect((await by.observe()).models.news).toMatchObject({ traffic: { 1: 100 }, shadow: { 2: 20 } })
    await expect(take({ do: 'unload', model: 'news', version: '2' }, by)).rejects.toThrow('gets copies')
    await shift({ 1: 95, 2: 5 }, by)
    expect((await by.observe()).models.news).toMatchObject({ traffic: { 1: 95, 2: 5 } })
    // A route that was not written after its Service, or was edited, tells what it does itself.
    const rules = [{ backendRefs: [{ name: 'pressroom-news-v1', port: 80, weight: 1 }] }]
    bench.server.store.update('httproutes', 'pressroom-news', { spec: { rules } }, 'kubectl-edit')
    expect((await by.observe()).models.news).toMatchObject({ traffic: { 1: 100 } })
    await shift({ 1: 95, 2: 5 }, by)
    expect((await by.observe()).models.news).toMatchObject({ traffic: { 1: 95, 2: 5 } })
  })

  test.each([
    '404 page not found\n',
    failure(404, 'NotFound', 'the server could not find the requested resource').body,
  ])('says that a cluster has no Gateway API: %j', async body => {
    bench.server.refuse = ({ resource }) => (resource === 'httproutes' ? { status: 404, body } : undefined)
    const by = openAt(bench.server.url, GATEWAY)
    await expect(by.observe()).rejects.toThrow(
      /does not have this kind of object\n.*\n.*the Gateway API installed/,
    )
  })

  test('does not shadow without a Gateway', async () => {
    await load('1')
    await expect(take({ do: 'shadow', model: 'news', version: '1', share: 5 })).rejects.toThrow(
      'without a Gateway',
    )
  })

  test('measures one version by its pods in Prometheus', async () => {
    const asked: string[] = []
    const server = createServer(async (incoming, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of incoming) chunks.push(chunk as Buffer)
      const query = new URLSearchParams(Buffer.concat(chunks).toString()).get('query')!
      asked.push(query)
      const value = query.startsWith('histogram') ? '0.025' : query.includes('5..') ? '3' : '300.2'
      response.end(
        JSON.stringify({ status: 'success', data: { result: [{ metric: {}, value: [1, value] }] } }),
      )
    })
    const open = await listening(server)
    const prometheusUrl = open.url
    const by = openAt(bench.server.url, { prometheusUrl })
    expect(by.can.measure).toEqual(['errorRate', 'p99'])
    const measured = await by.measure!('news', '2', { from: 1_000_000, to: 1_060_000 })
    await open[Symbol.asyncDispose]()
    expect(measured).toEqual({ requests: 300, errorRate: 3 / 300.2, p99: 25 })
    expect(asked.every(query => query.includes('model_info{model="news",version="2"}[60s]'))).toBe(true)
    await expect(by.measure!('news', '2', { from: 0, to: 1 })).rejects.toMatchObject({
      code: 'server-unreachable',
    })
  })
})

test.each<[Record<string, number>, number, number, Record<string, number>]>([
  [{ 1: 90, 2: 10 }, 2, 10, { 1: 9, 2: 1 }],
  [{ 1: 50, 2: 50 }, 2, 10, { 1: 1, 2: 1 }],
  [{ 1: 50, 2: 50 }, 4, 10, { 1: 2, 2: 2 }],
  [{ 1: 99, 2: 1 }, 2, 10, { 1: 9, 2: 1 }],
  [{ 1: 75, 2: 25 }, 2, 10, { 1: 3, 2: 1 }],
])('pods for %j, from %i to %i', (split, least, most, expected) => {
  expect(replicasFor(split, least, most)).toEqual(expected)
})

test('a split always has its pods, within bounds, and shares are 100 in all', () => {
  const split = fc.integer({ min: 1, max: 99 }).map(share => ({ 1: share, 2: 100 - share }))
  fc.assert(
    fc.property(
      split,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 5, max: 40 }),
      (wanted, least, most) => {
        const pods = Object.values(replicasFor(wanted, least, most))
        const sum = pods.reduce((a, b) => a + b, 0)
        const shares = Object.values(sharesOf(replicasFor(wanted, least, most)))
        expect(pods.every(count => count >= 1) && sum >= least && sum <= most).toBe(true)
        expect(shares.reduce((a, b) => a + b, 0)).toBe(100)
      },
    ),
  )
})

test('names and labels fit Kubernetes, and no two versions share one', () => {
  const name = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.stringMatching(/^[a-z0-9-]{1,8}(-v\d)?$/),
    fc.string({ unit: 'grapheme' }),
  )
  fc.assert(
    fc.property(name, name, name, name, (model, version, other, another) => {
      expect(nameOfVersion(model, version)).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])$/)
      expect(nameOfModel(model)).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])$/)
      expect(labelOfVersion(version)).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
      if (model !== other) expect(nameOfModel(model)).not.toBe(nameOfModel(other))
      if (model !== other || version !== another) {
        expect(nameOfVersion(model, version)).not.toBe(nameOfVersion(other, another))
      }
    }),
  )
})

test.each<[string, DeploymentRecord['status'] | undefined, unknown]>([
  ['nothing yet', {}, 'waiting'],
  ['an older generation', { observedGeneration: 1, ...all(2) }, 'waiting'],
  ['older pods beside', { observedGeneration: 2, ...all(2), replicas: 3 }, 'waiting'],
  ['all there', { observedGeneration: 2, ...all(2) }, 'ready'],
  [
    'a bad image over a good one, which stays Available',
    {
      observedGeneration: 2,
      replicas: 3,
      updatedReplicas: 1,
      availableReplicas: 2,
      conditions: [
        { type: 'Available', status: 'True' },
        { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'it timed out' },
      ],
    },
    { failed: 'it timed out' },
  ],
])('a Deployment whose status says %s', (_, status, expected) => {
  const template = {}
  const deployment = {
    metadata: { name: 'a', generation: 2 },
    spec: { replicas: 2, template },
    ...(status && { status }),
  }
  expect(progressOf(deployment)).toEqual(expected)
})

test.each([
  [{}, 'it does not say image (or CONTAINER_IMAGE_URI)'],
  [{ image: 'a b' }, 'image is "a b"'],
  [{ image: 'a', minReplicas: 0 }, 'minReplicas is 0'],
  [{ image: 'a', minReplicas: 3, maxReplicas: 2 }, 'maxReplicas is 2 and minReplicas 3'],
  [{ image: 'a', replicas: 3 }, 'kubernetes has an unknown field "replicas"'],
  [{ image: 'a', limits: { memory: 'much' } }, 'kubernetes.limits.memory must be a quantity'],
])('settings %j are refused', (settings, message) => {
  expect(() => parseKubernetesSettings(settings, {})).toThrow(message)
})

function all(replicas: number) {
  return { replicas, updatedReplicas: replicas, availableReplicas: replicas }
}

/** A pod whose container does not start, and the Deployment's deadline passed. */
function failing(state: Json): Fate {
  const message = 'ReplicaSet "a" has timed out progressing.'
  return {
    status: {
      replicas: 1,
      updatedReplicas: 1,
      conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message }],
    },
    pods: [
      {
        metadata: { name: 'a-1' },
        status: { phase: 'Pending', containerStatuses: [{ name: 'serving', image: 'a', state }] },
      },
    ],
  }
}
