import { describe, expect, test } from '@jest/globals'
import { pipelineAction } from '../actions/pipeline/definition.ts'
import { answersOf, reportOf, summaryOf } from '../actions/pipeline/results.ts'
import { readInputs } from '../actions/runtime/inputs.ts'
import { actionFile } from '../components/faces/action.ts'
import type { RunResult, StoredArtifact, TaskRecord } from '../pipelines/runners/local/index.ts'
import { madeUp } from './support/made-up.ts'

const made = madeUp()

test('action.yml says all that the definition says', () => {
  const optional = (description: string) => ({ description, required: false })
  const required = (description: string) => ({ description, required: true })
  expect(actionFile({ ...made, name: 'Made up', main: '../../dist/made-up.js' })).toEqual({
    name: 'Made up',
    description: 'Has an input of every kind.',
    author: 'Pressroom',
    branding: { icon: 'file-text', color: 'gray-dark' },
    inputs: {
      rows: required('Rows.'),
      hints: optional('Hints.'),
      'model-name': required('The name.'),
      registry: required('Where.'),
      seed: { ...optional('The seed.'), default: '7' },
      'min-macro-f1': { ...optional('The least.'), default: '0.5' },
      strict: { ...optional('Whether.'), default: 'false' },
      engine: { ...optional('Which one. One of fast, exact.'), default: 'fast' },
      names: { ...optional('Some names.'), default: '["a","b"]' },
      extra: optional('Anything else.'),
      'api-token': required('The token.'),
      'proxy-token': optional('Another.'),
    },
    outputs: {
      report: { description: 'Path of: The report.' },
      'macro-f1': { description: 'The mean | the middle.' },
      previous: { description: 'What was there.' },
    },
    runs: { using: 'node24', main: '../../dist/made-up.js' },
  })
})

test('what action.yml gives as defaults reads back as the defaults', () => {
  for (const definition of [made, pipelineAction]) {
    const { inputs } = actionFile({ ...definition, main: '' })
    const texts = Object.entries(inputs).map(([name, input]) => [
      name,
      input.default ?? (input.required ? 'x' : ''),
    ])
    const given = Object.fromEntries(texts)
    const { parameters } = readInputs(definition.inputs, name => given[name] ?? '', {})
    for (const [key, input] of Object.entries(definition.inputs))
      if (input.presence === 'defaulted') expect(parameters[key]).toEqual(input.default)
  }
})

describe('inputs', () => {
  const least = { rows: 'rows.jsonl', 'model-name': 'news', registry: 'here', 'api-token': 'hush' }
  const read = (given: Record<string, string>, env: NodeJS.ProcessEnv = {}) =>
    readInputs(made.inputs, name => ({ ...least, ...given })[name] ?? '', env)

  test('what is left out is left to the stage', () => {
    expect(read({})).toEqual({
      parameters: { modelName: 'news', registry: 'here' },
      artifacts: { rows: 'rows.jsonl' },
      secrets: { MADE_TOKEN: 'hush' },
    })
  })

  test('a required input may come from its variable', () => {
    const env = { MADE_REGISTRY: 'there', MADE_TOKEN: 'hush' }
    expect(read({ registry: '', 'api-token': '' }, env)).toMatchObject({
      parameters: { modelName: 'news' },
      secrets: {},
    })
  })

  test.each([
    ['seed', '12', 12],
    ['min-macro-f1', '-1e-3', -0.001],
    ['strict', 'true', true],
    ['engine', 'exact', 'exact'],
    ['names', 'World, Sci/Tech', ['World', 'Sci/Tech']],
    ['names', '["a, b", 3]', ['a, b', 3]],
    ['extra', '{"deep":{"er":null}}', { deep: { er: null } }],
  ])('%s: %s', (name, given, value) => {
    expect(Object.values(read({ [name]: given }).parameters)).toContainEqual(value)
  })

  test.each([
    ['seed', '1.5', '"seed" must be a whole number, not 1.5'],
    ['seed', '-1', '"seed" must be at least 0, not -1'],
    ['seed', '0x10', '"seed" must be a whole number, not "0x10"'],
    ['min-macro-f1', '0,9', '"min-macro-f1" must be a number, not "0,9"'],
    ['min-macro-f1', 'NaN', '"min-macro-f1" must be a number, not "NaN"'],
    ['strict', 'True', '"strict" must be true or false, not "True"'],
    ['engine', 'slow', '"engine" must be "fast" or "exact", not "slow"'],
    ['names', '[1', '"names" must be a list, not "[1"'],
    ['extra', 'a=b', '"extra" must be an object, not "a=b"'],
    ['rows', '', '"rows" is missing: Rows.'],
    ['registry', '', '"registry" is missing: Where.'],
    ['api-token', '', '"api-token" is missing: The token.'],
  ])('%s: %j is refused', (name, given, fault) => {
    expect(() => read({ [name]: given })).toThrow(
      expect.objectContaining({ code: 'invalid-parameter', message: `${fault}\n  correct it under with:` }),
    )
  })

  test('every fault is told at once', () => {
    expect(() => read({ 'model-name': '', strict: 'yes', seed: 'x' })).toThrow(
      [
        '3 inputs are wrong',
        '"model-name" is missing: The name.',
        '"seed" must be a whole number, not "x"',
        '"strict" must be true or false, not "yes"',
        'correct them under with:',
      ].join('\n  '),
    )
  })
})

describe('the root action tells of a run', () => {
  const stored = (name: string): readonly StoredArtifact[] => [
    {
      name,
      type: { schemaTitle: 'system.Artifact', schemaVersion: '0.0.1' },
      uri: `file:///${name}`,
      metadata: {},
      digest: null,
    },
  ]
  const task = (stage: string, summary: string, rest: Partial<TaskRecord>): TaskRecord => {
    return { task: stage, name: stage, stage, state: 'succeeded', summary, seconds: 0.25, ...rest }
  }
  const trained = task('train', '2 features', {
    state: 'cached',
    outputs: { parameters: { features: 2 }, artifacts: { model: stored('model') } },
  })
  const run = (tasks: readonly TaskRecord[]): RunResult => ({
    id: '1',
    folder: '/home/runs/1',
    state: 'succeeded',
    outputs: { parameters: { accuracy: 0.9 }, artifacts: {} },
    tasks,
  })
  const pathOf = (uri: string) => uri.replace('file://', '')

  test('that registered a version', () => {
    const result = run([
      trained,
      task('evaluate', 'accuracy .9', {
        outputs: { parameters: {}, artifacts: { report: stored('report') } },
      }),
      task('validate', 'passes', {
        outputs: { parameters: { passed: true, reason: 'passes' }, artifacts: {} },
      }),
      task('register', 'news 3', { outputs: { parameters: { version: '3', reused: false }, artifacts: {} } }),
    ])
    expect(answersOf(result, pathOf)).toEqual({
      accuracy: 0.9,
      verdict: 'passes',
      version: '3',
      model: '/model',
      run: '/home/runs/1',
    })
    expect(reportOf(result)).toBe('file:///report')
  })

  test('that stopped at a fault', () => {
    const result = run([
      trained,
      task('evaluate', 'no <rows> | left', { state: 'failed' }),
      { task: 'validate', name: 'validate', stage: 'validate', state: 'skipped', summary: 'evaluate failed' },
    ])
    expect(answersOf(result, pathOf)).toMatchObject({ verdict: '', version: '', model: '/model' })
    expect(reportOf(result)).toBeUndefined()
    expect(summaryOf(result, '# Evaluation\n')).toBe(`# Pressroom

| task | state | outcome | time |
| --- | ---: | ---: | ---: |
| train | cached | 2 features | 0.3 s |
| evaluate | failed | no \\<rows\\> \\| left | 0.3 s |
| validate | skipped | evaluate failed | 0.0 s |

# Evaluation
`)
  })
})
