import { describe, expect, test } from '@jest/globals'
import { requireAbilities } from '../../webhook/deployment/abilities.ts'
import { parseDeployment } from '../../webhook/deployment/file.ts'
import { DEFAULT_MODEL, DEFAULT_POLICY, type Limits, policyOf } from '../../webhook/deployment/policy.ts'
import { type Candidate, desire, lastGood } from '../../webhook/plan/desired.ts'
import { forbiddenSource } from '../../webhook/plan/sources.ts'
import { judge, type Verdict } from '../../webhook/plan/verdict.ts'
import { parseCloudRunSettings } from '../../webhook/targets/cloud-run/index.ts'
import { parseKubernetesSettings } from '../../webhook/targets/kubernetes/index.ts'
import type { Measured } from '../../webhook/targets/target.ts'
import { parseVertexSettings } from '../../webhook/targets/vertex/index.ts'
import { expectOurs, expectUnpolluted, junk, placesIn, spoilt } from '../support/junk.ts'
import * as fc from '../support/properties.ts'

const DAY = 86_400_000
const parse = (text: string) => parseDeployment(text, 'deployment.yaml')

describe('a deployment file', () => {
  test('says all that it can', () => {
    const policy = parse(`
target: { kind: vertex, project: newsroom, machineType: n1-standard-2 }
defaults:
  gates: { tags: { validation_status: passed }, metrics: { accuracy: 0.8 } }
  bad: { errorRate: 0.01, p99: 200, within: 36h }
models:
  news:
    beside: { alias: challenger, canary: 5 }
    canary: [{ share: 10, wait: 10m }, { share: 50, wait: 1.5h }]
    gates: { approval: approved_by }
  sports:
retired: [weather]
sources: [gs://newsroom/models]
`)
    const base = {
      ...DEFAULT_MODEL,
      gates: { tags: { validation_status: 'passed' }, metrics: { accuracy: 0.8 }, approval: undefined },
      limits: { errorRate: 0.01, p99: 200, requests: 50, within: 36 * 3_600_000 },
    }
    expect(policy).toEqual({
      target: { kind: 'vertex', settings: { project: 'newsroom', machineType: 'n1-standard-2' } },
      models: new Map<string, object>([
        [
          'news',
          {
            ...base,
            beside: { alias: 'challenger', as: 'canary', share: 5 },
            gates: { ...base.gates, approval: 'approved_by' },
            steps: [
              { share: 10, wait: 600_000 },
              { share: 50, wait: 5_400_000 },
              { share: 100, wait: 0 },
            ],
          },
        ],
        ['sports', base],
      ]),
      others: undefined,
      retired: new Set(['weather']),
      sources: ['gs://newsroom/models'],
    })
    expect(policyOf(policy, 'weather')).toBeUndefined()
  })

  test('an empty one is the default', () => {
    expect(parse('')).toEqual(DEFAULT_POLICY)
  })

  test('what is retired is not deployed', () => {
    const policy = parse('retired: [news]')
    expect(policyOf(policy, 'news')).toBeUndefined()
    expect(policyOf(policy, 'sports')).toEqual(DEFAULT_MODEL)
  })

  test.each([
    ['{ models: { news: }, retired: [news] }', 'news is among models and among retired'],
    ['retired: [a/b]', 'retired.0 must match pattern'],
    ['modles: { news: }', 'the file has no "modles"; did you mean "models"?'],
    ['target: { kind: sagemaker }', 'target.kind must be one of local, vertex, kubernetes, cloud-run'],
    ['target: { project: x }', "target must have required property 'kind'"],
    ['defaults: { canary: [{ share: 10, wait: soon }] }', 'defaults.canary.0.wait must match pattern'],
    ['defaults: { canary: [{ share: 101, wait: 1s }] }', 'defaults.canary.0.share must be <= 100'],
    [
      'defaults: { canary: [{ share: 50, wait: 1s }, { share: 50, wait: 1s }] }',
      'defaults.canary.1.share is 50 after 50; shares must rise',
    ],
    [
      'defaults: { beside: { alias: challenger } }',
      'defaults.beside must say one of load, canary and shadow, and says 0',
    ],
    [
      'models: { news: { beside: { alias: champion, load: true } } }',
      'models.news.beside.alias is champion, the alias that serves',
    ],
    ['models: { "../news": }', 'property name'],
    ['sources: []', 'sources must NOT have fewer than 1 items'],
    ['a: [', 'deployment.yaml is not one YAML document'],
    ['---\n---\n', 'deployment.yaml is not one YAML document'],
    ['target: &t { kind: vertex, env: *t }', 'its aliases (*name) stand for more than 100 levels'],
    ['a: &a { b: &b [*a, *a, *b] }', 'its aliases (*name) stand for more than 100 levels'],
    // Later than any date, now and one such wait would be none.
    [`defaults: { bad: { within: ${'9'.repeat(400)}h } }`, 'defaults.bad.within must match pattern'],
    [
      'defaults: { canary: [{ share: 1, wait: 99999999999999h }] }',
      'defaults.canary.0.wait must match pattern',
    ],
  ])('%s is refused', (text, message) => {
    expect(() => parse(text)).toThrow(message)
  })

  test('is read or refused, whatever is in any place of it', () => {
    const document = {
      target: { kind: 'vertex', project: 'newsroom', autoscaling: { cpu: 60 }, args: ['a'], env: { A: 'b' } },
      defaults: { serve: 'champion', canary: [{ share: 10, wait: '10m' }], bad: { p99: 5, within: '10h' } },
      models: {
        news: null,
        sports: {
          beside: { alias: 'challenger', canary: 5 },
          gates: { tags: { a: 'b' }, metrics: { x: 1 }, approval: 'who' },
        },
      },
      retired: ['weather'],
      sources: ['gs://a/b'],
    }
    const env = { PROJECT_ID: 'newsroom', LOCATION: 'europe-west1', CONTAINER_IMAGE_URI: 'images/serving:1' }
    const parsers = [parseVertexSettings, parseKubernetesSettings, parseCloudRunSettings]
    const property = fc.property(fc.constantFrom(...placesIn(document)), junk, (place, value) => {
      const attempt = <T>(read: () => T): T | undefined => {
        try {
          return read()
        } catch (error) {
          expectOurs(error)
          return undefined
        }
      }
      const policy = attempt(() => parse(spoilt(document, place, value)))
      for (const parseSettings of policy === undefined ? [] : parsers) {
        attempt(() => parseSettings(policy?.target.settings, env))
      }
      expectUnpolluted()
    })
    fc.assert(property, { numRuns: 50 })
  })

  test('all faults are told at once', () => {
    expect(() => parse('target: { kind: x }\ndefaults: { canary: [{ share: 0, wait: 1 }] }\n')).toThrow(
      /has 3 wrong settings/,
    )
  })

  test('what its target cannot do is refused by name', () => {
    const policy = parse(
      'defaults: { beside: { alias: challenger, shadow: 5 }, canary: [{ share: 10, wait: 1s }], bad: { p99: 5, accuracy: 0.5 } }',
    )
    const can = { canary: false, shadow: false, measure: ['p99'] as const }
    expect(() => requireAbilities(policy, { name: 'small', can })).toThrow(
      expect.objectContaining({
        code: 'invalid-setting',
        where: [
          'defaults: it splits no traffic (canary)',
          'defaults: it shadows nothing (beside.shadow)',
          'defaults: it does not measure accuracy (bad.accuracy)',
        ].join('\n  '),
      }),
    )
    requireAbilities(DEFAULT_POLICY, { name: 'small', can: { ...can, measure: [] } })
  })
})

describe('what is wanted', () => {
  const candidate = (version: string, tags = {}, more: Partial<Candidate> = {}): Candidate => ({
    ...{ version, tags, metrics: {}, forbidden: undefined },
    ...more,
  })
  const serving = (version: string) => ({ versions: [version], traffic: { [version]: 100 } })
  const gates = { tags: { status: 'passed' }, metrics: { accuracy: 0.8 }, approval: 'approved_by' }
  const strict = { ...DEFAULT_MODEL, gates }
  const fit = { tags: { status: 'passed', approved_by: 'Ada' }, metrics: { accuracy: 0.9 } }

  test('is the version of the alias', () => {
    expect(desire(DEFAULT_MODEL, { champion: '2' }, [candidate('2')], serving('1'))).toEqual({
      desired: { serve: '2', steps: DEFAULT_MODEL.steps, patience: DAY },
      held: [],
    })
  })

  test('is nothing without the alias', () => {
    expect(desire(DEFAULT_MODEL, { challenger: '2' }, [candidate('2')], serving('1')).desired).toBeUndefined()
  })

  test.each<[string, Candidate | undefined, RegExp]>([
    [
      'rejected',
      candidate('2', { ...fit.tags, 'pressroom.rejected': 'slow' }, { metrics: fit.metrics }),
      /was rejected \(slow\); remove its tag/,
    ],
    ['gone', undefined, /does not have it any more/],
    [
      'without a tag',
      candidate('2', { approved_by: 'Ada' }, { metrics: fit.metrics }),
      /tag status is not set, not "passed"/,
    ],
    [
      'with another tag',
      candidate('2', { ...fit.tags, status: 'failed' }, { metrics: fit.metrics }),
      /status is "failed"/,
    ],
    ['without a metric', candidate('2', fit.tags), /no metric accuracy, of which 0.8 is the least/],
    [
      'too inaccurate',
      candidate('2', fit.tags, { metrics: { accuracy: 0.79 } }),
      /accuracy is 0.79, below 0.8/,
    ],
    ['not a number', candidate('2', fit.tags, { metrics: { accuracy: Number.NaN } }), /accuracy is NaN/],
    [
      'not approved',
      candidate('2', { status: 'passed' }, { metrics: fit.metrics }),
      /nobody has approved it/,
    ],
    [
      'from elsewhere',
      candidate('2', fit.tags, { metrics: fit.metrics, forbidden: 'its source is not ours' }),
      /its source/,
    ],
  ])('is what served, when the version is %s', (_what, second, reason) => {
    const versions = [candidate('1'), ...(second === undefined ? [] : [second])]
    const { desired, held } = desire(strict, { champion: '2' }, versions, serving('1'))
    expect(desired).toEqual({ serve: '1', steps: DEFAULT_MODEL.steps, patience: DAY, urgent: true })
    expect(held).toEqual([{ alias: 'champion', version: '2', reason: expect.stringMatching(reason) }])
  })

  test('gates are not held against what serves', () => {
    expect(desire(strict, { champion: '2' }, [candidate('2')], serving('2')).held).toEqual([])
  })

  test('is the last good version when nothing serves', () => {
    const versions = [
      candidate('1', { 'pressroom.good': '2026-01-01T00:00:00Z' }),
      candidate('2', { 'pressroom.good': '2026-02-01T00:00:00Z' }),
      candidate('3', { 'pressroom.good': '2026-03-01T00:00:00Z', 'pressroom.rejected': 'slow' }),
    ]
    expect(lastGood(versions)?.version).toBe('2')
    const { desired } = desire(DEFAULT_MODEL, { champion: '3' }, versions, { versions: [], traffic: {} })
    expect(desired).toMatchObject({ serve: '2', urgent: true })
  })

  test('has a challenger beside it, but not the champion itself', () => {
    const policy = { ...DEFAULT_MODEL, beside: { alias: 'challenger', as: 'canary' as const, share: 5 } }
    const versions = [candidate('1'), candidate('2')]
    expect(
      desire(policy, { champion: '1', challenger: '2' }, versions, serving('1')).desired?.beside,
    ).toEqual({
      ...{ version: '2', as: 'canary', share: 5 },
    })
    expect(
      desire(policy, { champion: '1', challenger: '1' }, versions, serving('1')).desired?.beside,
    ).toBeUndefined()
  })
})

test.each<[string, readonly string[] | undefined, boolean]>([
  ['mlflow-artifacts:/1/models/m-1/artifacts', undefined, true],
  ['models:/m-1', undefined, true],
  ['runs:/1/model', undefined, true],
  ['/registry/artifacts/1', undefined, true],
  ['file:///registry/artifacts/1', undefined, true],
  ['/registry-of-others/1', undefined, false],
  ['gs://anywhere/1', undefined, false],
  ['gs://mlflow/root/1/models/m-1/artifacts', undefined, true],
  ['gs://mlflow/roots/1', undefined, false],
  ['gs://mlflow/root/1', ['gs://news/models'], false],
  ['gs://news/models/1', ['gs://news/models'], true],
  ['gs://news/models/1', ['gs://news/models/'], true],
  ['gs://news/models-of-others/1', ['gs://news/models'], false],
  ['gs://news/models/../secrets', ['gs://news/models'], false],
  ['gs://news/models/%2e%2e/secrets', ['gs://news/models'], false],
  ['gs://news/models/1?x=/', ['gs://news/models'], false],
  ['s3://news/models/1', ['gs://news/models'], false],
  ['/registry/../etc', undefined, false],
  ['/registry/1', ['gs://news'], false],
])('%s, when %j are allowed', (source, sources, allowed) => {
  expect(forbiddenSource(source, sources, ['/registry', 'gs://mlflow/root']) === undefined).toBe(allowed)
})

const LIMITS = { errorRate: 0.02, p99: 200, accuracy: 0.8, requests: 50, within: 0 }
const sound = { requests: 50, errorRate: 0.02, p99: 200, accuracy: 0.8, labelled: 50 }

test.each<[Measured | undefined, { [K in keyof Limits]?: Limits[K] | undefined }, Verdict]>([
  [sound, {}, { is: 'good' }],
  [
    { ...sound, errorRate: 0.04 },
    {},
    {
      is: 'bad',
      reason: '4 % of its requests failed, the limit is 2 %; of 50 requests',
      brief: 'errorRate 0.04 of 50',
    },
  ],
  [
    { ...sound, p99: 201 },
    {},
    { is: 'bad', reason: 'its p99 was 201 ms, the limit is 200 ms; of 50 requests', brief: 'p99 201 of 50' },
  ],
  [
    { ...sound, accuracy: 0.79 },
    {},
    {
      is: 'bad',
      reason: '79 % of its labelled requests were right, the limit is 80 %; of 50 labelled requests',
      brief: 'accuracy 0.79 of 50',
    },
  ],
  // Too few
  [undefined, {}, { is: 'few', had: '0 of 50 requests', unit: 'requests' }],
  [
    { ...sound, requests: 49, errorRate: 0, p99: 900 },
    {},
    { is: 'few', had: '49 of 50 requests', unit: 'requests' },
  ],
  [
    { ...sound, labelled: 3, accuracy: 1 },
    {},
    { is: 'few', had: '3 of 50 labelled requests', unit: 'labelled requests' },
  ],
  [
    { requests: 50, errorRate: 0 },
    { accuracy: undefined },
    { is: 'few', had: 'no p99 yet', unit: 'requests' },
  ],
  // One wrong answer in fifty is within the limit, two are not, however few were asked by then.
  [{ ...sound, requests: 3, errorRate: 1 / 3 }, {}, { is: 'few', had: '3 of 50 requests', unit: 'requests' }],
  [
    { ...sound, requests: 3, errorRate: 2 / 3 },
    {},
    {
      is: 'bad',
      reason: '66.67 % of its requests failed, the limit is 2 %; of 3 requests',
      brief: 'errorRate 0.667 of 3',
    },
  ],
  [
    { ...sound, labelled: 12, accuracy: 2 / 12 },
    {},
    { is: 'few', had: '12 of 50 labelled requests', unit: 'labelled requests' },
  ],
  [
    { ...sound, labelled: 12, accuracy: 1 / 12 },
    {},
    {
      is: 'bad',
      reason: '8.333 % of its labelled requests were right, the limit is 80 %; of 12 labelled requests',
      brief: 'accuracy 0.0833 of 12',
    },
  ],
  // Without limits nothing is asked for
  [undefined, { errorRate: undefined, p99: undefined, accuracy: undefined }, { is: 'unknown' }],
])('%j with %j is %j', (measured, limits, verdict) => {
  const given = Object.entries({ ...LIMITS, ...limits }).filter(([, limit]) => limit !== undefined)
  expect(judge(measured, Object.fromEntries(given) as unknown as Limits)).toEqual(verdict)
})
