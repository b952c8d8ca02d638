import { DEFAULT_MODEL, TARGET_KINDS } from './policy.ts'

const SHARE = { type: 'integer', minimum: 1, maximum: 99, description: 'Percent of the requests.' }
const NAME = { pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$' }
const ALIAS = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,255}$' }

const DURATION = { type: 'string', pattern: '^\\d{1,7}(\\.\\d{1,3})?(s|m|h)$' }

const BESIDE = {
  description:
    'The version that stands beside the one that serves, and what it gets. Exactly one of load, canary, shadow.',
  type: 'object',
  additionalProperties: false,
  required: ['alias'],
  properties: {
    alias: { ...ALIAS, description: 'For example challenger.' },
    load: { const: true, description: 'It is loaded and asked nothing.' },
    canary: { ...SHARE, description: 'It answers this percentage of the requests.' },
    shadow: {
      ...SHARE,
      maximum: 100,
      description: 'It gets copies of this percentage of the requests; its answers are dropped.',
    },
  },
}

const GATES = {
  description: 'What a version must have before it is brought in.',
  type: 'object',
  additionalProperties: false,
  properties: {
    tags: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Tags of the version with their values: validation_status: passed.',
    },
    metrics: {
      type: 'object',
      additionalProperties: { type: 'number' },
      description: "Least values of the metrics of the version's run.",
    },
    approval: { type: 'string', minLength: 1, description: 'A tag that must be there and say who approved.' },
  },
}

const CANARY = {
  description: 'Rising shares of the requests by which another version is brought in. Left out: all at once.',
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['share', 'wait'],
    properties: {
      share: { ...SHARE, maximum: 100 },
      wait: {
        ...DURATION,
        description:
          'How long it stays there: 90s, 10m, 2h. At 100 the version that served before stays loaded so long.',
      },
    },
  },
}

const BAD = {
  description:
    'What makes a version bad in a step: the version that served before then takes all requests again.',
  type: 'object',
  additionalProperties: false,
  properties: {
    errorRate: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: 'Largest share of requests that may fail.',
    },
    p99: {
      type: 'number',
      exclusiveMinimum: 0,
      description: 'Largest 99th percentile of the latency in milliseconds.',
    },
    accuracy: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: 'Least share of labelled requests answered right.',
    },
    requests: {
      type: 'integer',
      minimum: 1,
      default: DEFAULT_MODEL.limits.requests,
      description:
        'Requests in a step, labelled ones for accuracy, below which nothing is concluded and the rollout does not go on.',
    },
    within: {
      ...DURATION,
      default: '24h',
      description:
        'How long a step waits for so many requests, after its own wait. Then its golden examples decide.',
    },
  },
}

const MODEL = {
  type: 'object',
  additionalProperties: false,
  properties: {
    serve: { ...ALIAS, default: DEFAULT_MODEL.serve, description: 'The alias whose version serves.' },
    beside: BESIDE,
    gates: GATES,
    canary: CANARY,
    bad: BAD,
  },
}

/** The JSON Schema of a deployment file. */
export const DEPLOYMENT_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Pressroom deployment',
  type: 'object',
  additionalProperties: false,
  properties: {
    target: {
      description: 'Where the models serve, and the settings of that target.',
      type: 'object',
      required: ['kind'],
      properties: { kind: { enum: TARGET_KINDS } },
    },
    defaults: { ...MODEL, description: 'What holds for every model unless the model says otherwise.' },
    models: {
      description: 'The models to deploy, by name. Left out: every model whose serving alias is set.',
      type: 'object',
      minProperties: 1,
      propertyNames: NAME,
      additionalProperties: { anyOf: [{ type: 'null' }, MODEL] },
    },
    retired: {
      description:
        'Models to take down, with all that is theirs at the target. A model that is merely left out goes on serving.',
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { type: 'string', ...NAME },
    },
    sources: {
      description:
        "Folders from which models may come: gs://bucket/models. Left out: only from the registry's own store.",
      type: 'array',
      minItems: 1,
      items: { type: 'string', minLength: 1 },
    },
  },
} as const
