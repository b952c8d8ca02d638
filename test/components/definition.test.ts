import { describe, expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { faultOf, parseText } from '../../components/definition/check.ts'
import {
  type AnyParameter,
  artifact,
  boolean,
  choice,
  defineStage,
  installRecorder,
  integer,
  list,
  number,
  optionalArtifact,
  type ParameterKind,
  secret,
  struct,
  text,
} from '../../components/definition/index.ts'
import { kebab } from '../../components/definition/names.ts'
import { schemaOfParameter } from '../../components/faces/schema.ts'
import { loadedBy } from '../support/loaded-modules.ts'
import * as fc from '../support/properties.ts'

const run = async () => {
  throw new Error('not run here')
}

describe('defineStage', () => {
  const define = (inputs: object, outputs: object = {}) => {
    return defineStage({
      name: 'fine',
      description: 'Fine.',
      inputs: { ...inputs },
      outputs: { ...outputs },
      run,
    })
  }

  test('names every fault at once', () => {
    const wrong = () =>
      defineStage({
        name: 'Not_Kebab',
        description: '',
        inputs: {
          'min-df': text(''),
          noCache: boolean({ default: true, help: 'Whether not.' }),
          from: text('A keyword.'),
          token: secret({ env: 'lower', help: '' }),
          share: number({ default: 2, max: 1, examples: [0, 3], help: 'A share.' }),
        },
        outputs: {
          after: text('Hidden.'),
          Model: optionalArtifact('model', 'Left out.') as never,
          rows: integer({ default: 1, help: 'Rows.' }),
        },
        run,
      })
    expect(wrong).toThrow(
      expect.objectContaining({
        code: 'invalid-stage',
        message: [
          'stage "Not_Kebab" cannot be defined',
          'name "Not_Kebab" is not kebab-case',
          'it has no description',
          'input "min-df" is not camelCase',
          'input "min-df" has no help',
          'input "noCache" would read as a negation on the command line',
          'input "from" is a word of Python\'s, whose SDK passes inputs by name',
          'input "token" has no help',
          'input "token" names "lower", which is no environment variable\'s name',
          'input "share" has a wrong default: it must be at most 1, not 2',
          'input "share" has a wrong example: it must be at most 1, not 3',
          'output "after" would hide the task\'s own after()',
          'output "Model" is not camelCase',
          'output "Model" cannot be optional',
          'output "rows" cannot be defaulted',
        ].join('\n  '),
      }),
    )
  })

  const help = 'Help.'
  test.each<[object, string]>([
    [{ x: text({ env: 'a=b', help }) }, 'input "x" names "a=b", which is no environment variable\'s name'],
    [{ x: text({ pattern: '(', help }) }, 'input "x" has a pattern that does not parse: ('],
    [{ x: text({ pattern: ')(', help }) }, 'input "x" has a pattern that does not parse: )('],
    [{ x: text({ default: '', help }) }, 'input "x" has a wrong default: it must not be empty'],
    [{ x: text({ default: undefined as never, help }) }, 'it must be a string, not undefined'],
    [{ x: integer({ min: 2, max: 1, help }) }, 'input "x" has a least value, 2, above its greatest, 1'],
    [
      { x: integer({ default: 0.5, help }) },
      'input "x" has a wrong default: it must be a whole number, not 0.5',
    ],
    [{ x: choice(['a', 'a'], { help }) }, 'input "x" has a choice that is empty or there twice'],
    [{ x: choice(['a', ''], { help }) }, 'input "x" has a choice that is empty or there twice'],
    [{ x: choice(['a'], { default: 'b' as never, help }) }, 'it must be "a", not "b"'],
  ])('refuses %j', (inputs, fault) => {
    expect(() => define(inputs)).toThrow(fault)
  })

  test('refuses retries that are none', () => {
    const retry = { times: 1.5, pauseSeconds: -1 }
    const wrong = () =>
      defineStage({ name: 'made-up', description: 'Made up.', inputs: {}, outputs: {}, retry, run })
    expect(wrong).toThrow('its retry.times must be a whole number from 0 to 10, not 1.5')
    expect(wrong).toThrow('its retry.pauseSeconds must be from 0 to 3600, not -1')
  })

  test.each(['gone', 'model', 'reason'])('refuses %s as a verdict', verdict => {
    const outputs = { model: artifact('model', 'The model.'), reason: text('Why.') }
    const wrong = () =>
      defineStage({
        name: 'made-up',
        description: 'Made up.',
        inputs: {},
        outputs,
        // @ts-expect-error only a boolean output is a verdict
        verdict,
        run,
      })
    expect(wrong).toThrow(`its verdict "${verdict}" is no output that is true or false`)
  })

  test('keeps the definition as plain data on a function', () => {
    const inputs = { seed: integer('The seed.') }
    const stage = define(inputs, { model: artifact('model', 'The model.') })
    expect({ ...stage }).toEqual({
      name: 'fine',
      description: 'Fine.',
      inputs,
      outputs: { model: artifact('model', 'The model.') },
      run,
    })
  })
})

describe('a call', () => {
  const stage = defineStage({
    name: 'fine',
    description: 'Fine.',
    inputs: { a: text('A.') },
    outputs: {},
    run,
  })

  test('outside a pipeline is an error', () => {
    expect(() => stage({ a: 'b' })).toThrow(
      expect.objectContaining({
        code: 'invalid-pipeline',
        where: undefined,
        fix: expect.stringMatching(/^call it/),
      }),
    )
  })

  test('goes to the recorder that was installed last', () => {
    const recorder = (name: string) => (of: { name: string }, args: object) =>
      ({ name, of: of.name, args }) as never
    const leaveOuter = installRecorder(recorder('outer'))
    const leaveInner = installRecorder(recorder('inner'))
    expect(stage({ a: 'b' })).toEqual({ name: 'inner', of: 'fine', args: { a: 'b' } })
    leaveInner()
    expect(stage({ a: 'c' })).toEqual({ name: 'outer', of: 'fine', args: { a: 'c' } })
    leaveOuter()
    expect(() => stage({ a: 'b' })).toThrow('outside a pipeline')
  })
})

test('importing the stages loads nothing of what they do, and no package', async () => {
  const loaded = await loadedBy('components/index.ts')
  expect(loaded).toContain('components/train/stage.ts')
  const known =
    /^components\/(index|[a-z]+-inputs?|definition\/[a-z-]+|[a-z]+\/stage)\.ts$|^core\/(errors|object|report\/shorten)\.ts$/
  expect(loaded.filter(path => !known.test(path))).toEqual([])
})

test.each<[unknown, object]>([
  [text('Help.'), { kind: 'string', presence: 'required' }],
  [
    text({ help: 'Help.', pattern: 'a+', env: 'A' }),
    { kind: 'string', presence: 'required', pattern: 'a+', env: 'A' },
  ],
  [text({ help: 'Help.', optional: true }), { kind: 'string', presence: 'optional' }],
  [text({ help: 'Help.', default: 'a' }), { kind: 'string', presence: 'defaulted', default: 'a' }],
  [
    integer({ help: 'Help.', default: 0, min: 0 }),
    { kind: 'integer', presence: 'defaulted', default: 0, min: 0 },
  ],
  [number({ help: 'Help.', max: 1 }), { kind: 'number', presence: 'required', max: 1 }],
  [boolean({ help: 'Help.', default: false }), { kind: 'boolean', presence: 'defaulted', default: false }],
  [choice(['a', 'b'], { help: 'Help.' }), { kind: 'string', presence: 'required', choices: ['a', 'b'] }],
  [list({ help: 'Help.', examples: [['a']] }), { kind: 'list', presence: 'required', examples: [['a']] }],
  [struct({ help: 'Help.', optional: true }), { kind: 'struct', presence: 'optional' }],
])('the builders make plain data: %j', (made, expected) => {
  expect(made).toEqual({ role: 'parameter', help: 'Help.', ...expected })
})

test.each([
  ['rows', 'rows'],
  ['macroF1', 'macro-f1'],
  ['minDf', 'min-df'],
  ['onnxIR', 'onnx-i-r'],
])('%s is spelled %s outside', (key, spelled) => expect(kebab(key)).toBe(spelled))

const KINDS = ['string', 'integer', 'number', 'boolean', 'list', 'struct'] as const

describe('faultOf', () => {
  test.each<[Parameters<typeof faultOf>[0], unknown, string | undefined]>([
    [{ kind: 'string' }, 'a', undefined],
    [{ kind: 'string' }, ' ', undefined],
    [{ kind: 'string' }, '', 'must not be empty'],
    [{ kind: 'string' }, 3, 'must be a string, not 3'],
    [{ kind: 'string', pattern: 'a|b' }, 'ab', 'must match a|b, not "ab"'],
    [{ kind: 'string', pattern: 'a|b' }, 'b\n', 'must match a|b, not "b\\n"'],
    [{ kind: 'string', pattern: '.' }, '😀', undefined],
    [{ kind: 'string', choices: ['a', 'b', 'c'] }, 'A', 'must be "a", "b" or "c", not "A"'],
    [{ kind: 'string', choices: ['a'] }, 'b', 'must be "a", not "b"'],
    [{ kind: 'integer' }, -0, undefined],
    [{ kind: 'integer' }, 1.5, 'must be a whole number, not 1.5'],
    [{ kind: 'integer' }, '1', 'must be a whole number, not "1"'],
    [{ kind: 'integer' }, 2 ** 53, 'must be at most 9007199254740991, not 9007199254740992'],
    [
      { kind: 'integer', min: -Infinity },
      -(2 ** 53),
      'must be at least -9007199254740991, not -9007199254740992',
    ],
    [{ kind: 'integer', min: 0, max: 3 }, 3, undefined],
    [{ kind: 'integer', min: 0, max: 3 }, 4, 'must be at most 3, not 4'],
    [{ kind: 'number', min: 0.5 }, 0.25, 'must be at least 0.5, not 0.25'],
    [{ kind: 'number' }, 2 ** 60, undefined],
    [{ kind: 'number' }, NaN, 'must be a number, not NaN'],
    [{ kind: 'number' }, -Infinity, 'must be a number, not -Infinity'],
    [{ kind: 'boolean' }, 'true', 'must be true or false, not "true"'],
    [{ kind: 'boolean' }, 0, 'must be true or false, not 0'],
    [{ kind: 'list' }, {}, 'must be a list, not {}'],
    [{ kind: 'list' }, [[], null], undefined],
    [{ kind: 'struct' }, [1], 'must be an object, not [1]'],
    [{ kind: 'struct' }, null, 'must be an object, not null'],
    [{ kind: 'struct' }, undefined, 'must be an object, not undefined'],
    [{ kind: 'struct' }, 10n, 'must be an object, not 10'],
    [{ kind: 'list' }, 'x'.repeat(99), `must be a list, not "${'x'.repeat(78)}…`],
  ])('of %j for %p: %s', (parameter, value, fault) => expect(faultOf(parameter, value)).toBe(fault))

  const pattern = fc.constantFrom('[A-Za-z0-9._-]+', 'a|bc', '', '.*', '\\p{Lu}+', '[^é]', '(a)\\1')
  const choices = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 })
  const limit = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
  const parameter: fc.Arbitrary<AnyParameter> = fc
    .record(
      { kind: fc.constantFrom(...KINDS), pattern, choices, min: limit, max: limit },
      { requiredKeys: ['kind'] },
    )
    .map(({ kind, pattern, choices, min, max }) => {
      const own = {
        ...(kind === 'string' && pattern !== undefined && { pattern }),
        ...(kind === 'string' && choices !== undefined && { choices }),
        ...((kind === 'integer' || kind === 'number') && min !== undefined && { min }),
        ...((kind === 'integer' || kind === 'number') && max !== undefined && { max }),
      }
      return { role: 'parameter', presence: 'required', kind, help: 'Help.', ...own }
    })
  const value = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '',
      'a',
      'bc',
      'aa',
      'É',
      '1',
      -0,
      NaN,
      Infinity,
      2 ** 53 - 1,
      2 ** 53,
      -(2 ** 70),
      undefined,
    ),
    fc.integer({ min: -10, max: 10 }),
    fc.double(),
  )

  test('finds a fault exactly where the JSON Schema does', () => {
    const ajv = new Ajv2020()
    let [accepted, refused] = [0, 0]
    fc.assert(
      fc.property(parameter, fc.array(value, { minLength: 10 }), (parameter, values) => {
        const accepts = ajv.compile(schemaOfParameter(parameter))
        for (const value of [...values, ...(parameter.choices ?? []), parameter.min, parameter.max]) {
          const fine = faultOf(parameter, value) === undefined
          expect([parameter, value, fine]).toEqual([parameter, value, accepts(value)])
          if (fine) accepted += 1
          else refused += 1
        }
      }),
      { numRuns: 400 },
    )
    expect(Math.min(accepted, refused)).toBeGreaterThan(100)
  })
})

describe('parseText', () => {
  test.each<[ParameterKind, string, unknown]>([
    ['string', ' as it is ', ' as it is '],
    ['string', '[1]', '[1]'],
    ['boolean', 'true', true],
    ['boolean', 'false', false],
    ['integer', '-12', -12],
    ['integer', '1e3', 1000],
    ['integer', '9007199254740993', 2 ** 53],
    ['number', '+.5', 0.5],
    ['number', '1E-7', 1e-7],
    ['number', '1e999', Infinity],
    ['list', 'a, b ,Sci/Tech', ['a', 'b', 'Sci/Tech']],
    ['list', '1', ['1']],
    ['list', ' ["a,b", 1, []]', ['a,b', 1, []]],
    ['struct', '{"a": {"b": null}}', { a: { b: null } }],
    ['struct', '[1]', [1]],
  ])('reads a %s from %j', (kind, given, value) => expect(parseText(kind, given)).toEqual(value))

  test.each<[ParameterKind, string]>([
    ...['True', 'TRUE', 'yes', '1', '', ' true'].map(given => ['boolean', given] as [ParameterKind, string]),
    ...['', ' ', '0x10', '1_000', '1,5', 'NaN', 'Infinity', '1e', '--1', '１'].flatMap(given =>
      (['integer', 'number'] as const).map(kind => [kind, given] as [ParameterKind, string]),
    ),
    ...['', 'a,,b', 'a,', '[1', '[a]'].map(given => ['list', given] as [ParameterKind, string]),
    ...['', 'a', '{a: 1}', '3'].map(given => ['struct', given] as [ParameterKind, string]),
  ])('what is no %s comes back for faultOf to name: %j', (kind, given) => {
    expect(faultOf({ kind }, parseText(kind, given))).toMatch(/^must /)
  })

  test('reads back whatever JSON makes of a value', () => {
    fc.assert(
      fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue())), value => {
        const kind = Array.isArray(value) ? 'list' : 'struct'
        const written = JSON.stringify(value)
        expect(JSON.stringify(parseText(kind, written))).toBe(written)
      }),
    )
  })
})
