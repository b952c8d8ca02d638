import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { type Command, flagOf } from '../../cli/command.ts'
import { stageCommand } from '../../cli/commands/stage.ts'
import { runStageCommand } from '../../cli/commands/stage-run.ts'
import { readConfig } from '../../cli/config-file.ts'
import { checkSettings, resolveSettings, type Sources, showSettings } from '../../cli/settings.ts'
import { list, text } from '../../components/definition/index.ts'
import { train } from '../../components/train/stage.ts'
import { madeUp } from '../support/made-up.ts'
import { tempFolder } from '../support/temp.ts'

const command = stageCommand(madeUp())
const nothing: Sources = { flags: {}, env: {}, config: undefined }
const least = { rows: 'rows.jsonl', modelName: 'news', registry: 'here' }
const settle = (flags: Sources['flags'], env: NodeJS.ProcessEnv = { MADE_TOKEN: 'hush' }) =>
  resolveSettings(command, { ...nothing, flags: { ...least, ...flags }, env })

describe('a value comes from', () => {
  const small: Command = {
    name: 'small-one',
    description: 'Small.',
    inputs: { dataHome: text({ default: 'standard', env: 'DATA_HOME', help: 'Where.' }) },
    run: async () => async () => {},
  }
  const places: readonly [origin: string, Partial<Sources>][] = [
    ['--data-home', { flags: { dataHome: 'flag' } }],
    ['PRESSROOM_SMALL_ONE_DATA_HOME', { env: { PRESSROOM_SMALL_ONE_DATA_HOME: 'variable' } }],
    ['DATA_HOME', { env: { DATA_HOME: 'own variable' } }],
    [
      'my.yaml: small-one.dataHome',
      { config: { file: 'my.yaml', sections: { 'small-one': { dataHome: 'file' } } } },
    ],
  ]

  // Every set of places that have it: the first of them wins.
  test.each(Array.from({ length: 2 ** places.length }, (_, set) => places.filter((_, i) => set & (1 << i))))(
    'the first of %j',
    (...given) => {
      const values = ['flag', 'variable', 'own variable', 'file']
      const sources = given.reduce<Sources>((all, [, { flags, env, config }]) => {
        return {
          flags: { ...all.flags, ...flags },
          env: { ...all.env, ...env },
          config: config ?? all.config,
        }
      }, nothing)
      const first = given[0]?.[0]
      const value =
        first === undefined ? 'standard' : values[places.findIndex(([origin]) => origin === first)]
      expect(resolveSettings(small, sources)).toEqual({ dataHome: { value, origin: first ?? 'default' } })
    },
  )

  test('an empty variable says nothing, and another command has its own', () => {
    const env = { PRESSROOM_SMALL_ONE_DATA_HOME: '', DATA_HOME: '', PRESSROOM_SMALL_DATA_HOME: 'x' }
    expect(resolveSettings(small, { ...nothing, env }).dataHome).toEqual({
      value: 'standard',
      origin: 'default',
    })
  })
})

describe('a text becomes a value', () => {
  test.each<[Sources['flags'], string, unknown]>([
    [{ seed: '3' }, 'seed', 3],
    [{ strict: 'true' }, 'strict', true],
    [{ names: ['a,b'] }, 'names', ['a', 'b']],
    [{ names: ['a', 'b,c', '["d,e", 1]'] }, 'names', ['a', 'b', 'c', 'd,e', 1]],
    [{ names: 'a,b' }, 'names', ['a', 'b']],
    [{ extra: '{"a": 1}' }, 'extra', { a: 1 }],
    [{ rows: 'a,b' }, 'rows', 'a,b'],
  ])('%j', (flags, key, value) => expect(settle(flags)[key]).toEqual({ value, origin: flagOf(key) }))

  test('whole where the command says so', () => {
    const inputs = { set: list({ default: [], help: 'As key=value.' }) }
    const run: Command = {
      name: 'run',
      description: '',
      inputs,
      verbatim: ['set'],
      run: async () => async () => {},
    }
    const { set } = resolveSettings(run, { ...nothing, flags: { set: ['a=1,2', 'b=["c"]', ''] } })
    expect(set).toEqual({ value: ['a=1,2', 'b=["c"]', ''], origin: '--set' })
  })

  const [EMPTY, NO_LIST] = ['must not be empty', 'must be a list, not']
  test.each<[Sources['flags'], string]>([
    [{ modelName: '' }, `--model-name ${EMPTY}`],
    [{ rows: '' }, `--rows ${EMPTY}`],
    [{ engine: '' }, `--engine ${EMPTY}`],
    [{ seed: '' }, '--seed must be a whole number, not ""'],
    [{ strict: '' }, '--strict must be true or false, not ""'],
    [{ extra: '' }, '--extra must be an object, not ""'],
    [{ names: [''] }, `--names ${NO_LIST} ""`],
    [{ names: ['a', '[1'] }, `--names ${NO_LIST} "[1"`],
    [{ engine: 'slow' }, '--engine must be "fast" or "exact", not "slow"'],
    [{ minMacroF1: '1.5' }, '--min-macro-f1 must be at most 1, not 1.5'],
  ])('or a fault: %j', (flags, fault) => {
    expect(() => checkSettings(command, settle(flags))).toThrow(
      expect.objectContaining({
        code: 'invalid-setting',
        message: `${fault}\n  see pressroom made-up --help`,
      }),
    )
  })

  test('all faults come at once, each with its place', () => {
    const settings = resolveSettings(command, {
      flags: { seed: 'x' },
      env: { PRESSROOM_MADE_UP_STRICT: 'yes', MADE_REGISTRY: 'here' },
      config: { file: 'my.yaml', sections: { 'made-up': { modelName: 'News' } } },
    })
    expect(() => checkSettings(command, settings)).toThrow(
      [
        '5 settings are wrong',
        '--rows is missing: Rows.',
        'my.yaml: made-up.modelName must match [a-z]+|[0-9]+, not "News"',
        '--seed must be a whole number, not "x"',
        'PRESSROOM_MADE_UP_STRICT must be true or false, not "yes"',
        '"apiToken" is missing: set MADE_TOKEN in the environment',
        'see pressroom made-up --help',
      ].join('\n  '),
    )
  })
})

describe('what is shown', () => {
  test('is every setting with its value, its origin and its fault', () => {
    expect(showSettings(settle({ seed: '-1', names: ['a,b'], extra: '{"a":1}' }))).toBe(`\
rows        "rows.jsonl"             --rows
hints       -                        not set
modelName   "news"                   --model-name
registry    "here"                   --registry
seed        -1                       --seed                         --seed must be at least 0, not -1
minMacroF1  0.5                      default
strict      false                    default
engine      "fast"                   default
names       ["a","b"]                --names
extra       {"a":1}                  --extra
apiToken    -                        MADE_TOKEN, set and not shown
proxyToken  -                        not set
out         "pressroom-out/made-up"  default`)
  })

  test('never is a secret, whatever goes wrong', async () => {
    await using folder = await tempFolder()
    const secrets = { MADE_TOKEN: 'hush', MADE_PROXY_TOKEN: 'hush hush' }
    const settings = settle({ seed: 'x' }, secrets)
    const shown = [showSettings(settings), JSON.stringify(settings)]
    try {
      checkSettings(command, settings)
    } catch (error) {
      shown.push(String(error), JSON.stringify(error))
    }
    const rows = join(folder.path, 'rows')
    await writeFile(rows, '')
    const values = { rows, modelName: 'news', registry: 'here', out: join(folder.path, 'out') }
    let told: unknown
    const stage = madeUp(async ({ inputs }) => {
      told = [inputs.apiToken, inputs.proxyToken]
      return { parameters: { macroF1: 1, previous: 'none' }, summary: 'done' }
    })
    for (const json of [true, false]) {
      await runStageCommand(stage, {
        settings: values,
        log: { info: line => shown.push(line), warn: line => shown.push(line) },
        signal: new AbortController().signal,
        json,
        print: line => shown.push(line),
        exitWith: () => {},
        env: secrets,
      })
    }
    expect(told).toEqual(['hush', 'hush hush'])
    expect(shown.length).toBeGreaterThan(5)
    expect(shown.join('\n')).not.toContain('hush')
  })
})

describe('the settings file', () => {
  async function read(content: string | undefined) {
    await using folder = await tempFolder()
    const file = join(folder.path, 'my.yaml')
    if (content !== undefined) await writeFile(file, content)
    const config = await readConfig(file, async () => [command])
    return config?.sections
  }

  test.each<[string, object]>([
    ['', {}],
    ['# nothing\n', {}],
    ['made-up: {}\n', { 'made-up': {} }],
    [
      'made-up:\n  seed: 3\n  rows: r.jsonl\n  names: [a, 1]\n  extra: { a: { b: null } }\n  strict: true\n',
      { 'made-up': { seed: 3, rows: 'r.jsonl', names: ['a', 1], extra: { a: { b: null } }, strict: true } },
    ],
  ])('is read: %j', async (content, sections) => expect(await read(content)).toEqual(sections))

  test.each<[string, ...string[]]>([
    ['made-up: { seed: 1.5 }', 'made-up.seed must be a whole number, not 1.5'],
    ['made-up: { seed: "3" }', 'made-up.seed must be a whole number, not "3"'],
    ['made-up: { seed: 1e16 }', 'made-up.seed must be at most 9007199254740991, not 10000000000000000'],
    ['made-up: { strict: yes }', 'made-up.strict must be true or false, not "yes"'],
    ['made-up: { engine: slow }', 'made-up.engine must be "fast" or "exact", not "slow"'],
    ['made-up: { modelName: "" }', 'made-up.modelName must not be empty'],
    ['made-up: { rows: "" }', 'made-up.rows must not be empty'],
    ['made-up: { rows: [a] }', 'made-up.rows must be a string, not ["a"]'],
    ['made-up: { names: a }', 'made-up.names must be a list, not "a"'],
    ['made-up: { extra: [] }', 'made-up.extra must be an object, not []'],
    ['made-up: { sed: 3 }', '"made-up.sed" is not a setting; did you mean "seed"?'],
    ['made-up: { quite-other: 3 }', '"made-up.quite-other" is not a setting\n'],
    ['made-up: { __proto__: 3 }', '"made-up.__proto__" is not a setting\n'],
    ['made-up:', 'made-up must be an object, not null'],
    ['made-pu: {}', '"made-pu" is not a setting; did you mean "made-up"?'],
    ['seed: 3', '"seed" stands alone; put it under its command: made-up\n'],
    ['apiToken: hush', '"apiToken" is not a setting\n'],
    ['[made-up]', 'it must hold a section for each command'],
    [
      'made-up: { apiToken: hush }',
      '"made-up.apiToken" is a secret, which belongs into no file: set MADE_TOKEN in the environment',
    ],
    ['made-up: { seed: x, nmaes: [] }\nother: 1', 'has 3 wrong settings', 'seed', 'nmaes', 'other'],
  ])('is refused: %j', async (content, ...says) => {
    const error = await read(content).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'invalid-setting' })
    for (const part of says) expect(`${error}`).toContain(part)
    expect(`${error}`).not.toContain('hush')
  })

  test('the files that docs/training.md shows are read', async () => {
    const guide = await readFile('docs/training.md', 'utf8')
    const shown = [...guide.matchAll(/```json\n(.*?)```/gs)].map(([, content]) => content!)
    expect(shown).toHaveLength(2)
    await using folder = await tempFolder()
    const file = join(folder.path, 'train.json')
    for (const content of shown) {
      await writeFile(file, content)
      const config = await readConfig(file, async () => [stageCommand(train)])
      expect(config?.sections.train).toHaveProperty('learner')
    }
  })

  test.each(['made-up: [1,', 'a: 1\na: 2', '\t- x', 'made-up: {}\n---\nmade-up: {}'])(
    'is not one YAML document: %j',
    async content => {
      await expect(read(content)).rejects.toMatchObject({
        code: 'invalid-setting',
        message: expect.stringContaining('is not one YAML document'),
      })
    },
  )

  test('must be there when it was named', async () => {
    await using folder = await tempFolder()
    await expect(read(undefined)).rejects.toMatchObject({ code: 'file-not-found' })
    await mkdir(join(folder.path, 'pressroom.yaml'))
    await expect(
      readConfig(join(folder.path, 'pressroom.yaml'), async () => [command]),
    ).rejects.toMatchObject({
      code: 'not-readable',
    })
  })
})
