import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import {
  artifact,
  defineStage,
  type InputDefinitions,
  integer,
  type OutputDefinitions,
  optionalArtifact,
  type StageRun,
} from '../../components/definition/index.ts'
import {
  type ExecutorInput,
  execute,
  parseExecutorInput,
  parseExecutorOutput,
} from '../../components/faces/executor.ts'
import { artifactAt, mapRecord, outputsUnder } from '../../components/faces/files.ts'
import { referencePage } from '../../components/faces/reference.ts'
import { runStage, type StageCall } from '../../components/faces/run-stage.ts'
import { asPressroomError, PressroomError } from '../../core/errors.ts'
import { junk, placesIn, spoilt } from '../support/junk.ts'
import { type MadeUpRun, madeUp } from '../support/made-up.ts'
import * as fc from '../support/properties.ts'
import { tempFolder } from '../support/temp.ts'

const log = { info: () => {}, warn: () => {} }
const { signal } = new AbortController()
const fine: Awaited<ReturnType<MadeUpRun>> = { parameters: { macroF1: 0.5, previous: '' }, summary: 'done' }

test('an output is named after itself, and what is to be opened has the ending that opens it', () => {
  const stage = defineStage({
    name: 'small',
    description: 'Small.',
    inputs: {},
    outputs: {
      page: artifact('html', 'A page.'),
      report: artifact('markdown', 'A report.'),
      rows: artifact('dataset', 'Rows.'),
      count: integer('How many.'),
    },
    run: async () => ({ default: async () => ({ parameters: { count: 1 }, summary: '' }) }),
  })
  const places = mapRecord(outputsUnder(stage, '/out'), ({ path }) => path)
  expect(places).toEqual({ page: '/out/page.html', report: '/out/report.md', rows: '/out/rows' })
})

describe('runStage', () => {
  /** A call that is right, in a folder with the rows that it names. */
  async function callIn(folder: string, rest: Partial<StageCall> = {}): Promise<StageCall> {
    const rows = join(folder, 'rows.jsonl')
    await writeFile(rows, '')
    return {
      parameters: { modelName: 'news', registry: 'here' },
      artifacts: { rows: artifactAt(rows) },
      outputs: outputsUnder(madeUp(), join(folder, 'out')),
      log,
      signal,
      env: { MADE_TOKEN: 'hush' },
      ...rest,
    }
  }

  test('gives the stage parsed inputs, made folders and its secrets', async () => {
    await using folder = await tempFolder()
    const env = { MADE_TOKEN: 'hush', MADE_REGISTRY: 'there', MADE_PROXY_TOKEN: '' }
    const parameters = { modelName: 'news', seed: 3, names: null }
    const call = await callIn(folder.path, { env, parameters })
    let seen: unknown
    const stage = madeUp(async ({ inputs, outputs, log: given, signal: stop }) => {
      given.info('begun')
      expect(stop).toBe(signal)
      await writeFile(outputs.report.path, 'written')
      seen = inputs
      return fine
    })
    expect(await runStage(stage, call)).toEqual(fine)
    expect(seen).toEqual({
      rows: call.artifacts.rows,
      hints: undefined,
      modelName: 'news',
      registry: 'there',
      seed: 3,
      minMacroF1: 0.5,
      strict: false,
      engine: 'fast',
      names: ['a', 'b'],
      extra: undefined,
      apiToken: 'hush',
      proxyToken: undefined,
    })
    expect(await readFile(join(folder.path, 'out', 'report.md'), 'utf8')).toBe('written')
  })

  test('prefers what is given to the variable, and parses the variable', async () => {
    await using folder = await tempFolder()
    const stage = defineStage({
      name: 'small',
      description: 'Small.',
      inputs: { size: integer({ env: 'SIZE', default: 1, help: 'The size.' }) },
      outputs: { size: integer('The same.') },
      run: async () => ({ default: async ({ inputs }) => ({ parameters: inputs, summary: '' }) }),
    })
    const sizeOf = async (given: object, env: NodeJS.ProcessEnv) => {
      const call = { ...(await callIn(folder.path)), artifacts: {}, parameters: { ...given }, env }
      return (await runStage(stage, call)).parameters
    }
    expect(await sizeOf({ size: 4 }, { SIZE: '3' })).toEqual({ size: 4 })
    expect(await sizeOf({}, { SIZE: '3' })).toEqual({ size: 3 })
    expect(await sizeOf({}, { SIZE: '' })).toEqual({ size: 1 })
    await expect(sizeOf({}, { SIZE: 'three' })).rejects.toThrow('"size" must be a whole number, not "three"')
  })

  test('names everything that is wrong with a call, and never a secret', async () => {
    await using folder = await tempFolder()
    const call = await callIn(folder.path, {
      parameters: {
        apiToken: 'hush',
        constructor: 1,
        hints: 'a path',
        modelName: 'News',
        seed: -1,
        strict: 'yes',
        names: 'a',
      },
      artifacts: { rows: artifactAt('/nowhere/rows'), seed: artifactAt('/nowhere') },
      outputs: {},
      env: { MADE_PROXY_TOKEN: 'hush' },
    })
    const error = await runStage(madeUp(), call).catch((error: unknown) => error)
    expect(error).toMatchObject({
      code: 'invalid-parameter',
      message: [
        '12 inputs are wrong',
        '"apiToken" is a secret, not a parameter',
        `"constructor" is not an input; it has ${Object.keys(madeUp().inputs).join(', ')}`,
        '"hints" is an artifact, not a parameter',
        '"seed" is a parameter, not an artifact',
        '"rows" is not there: /nowhere/rows',
        '"modelName" must match [a-z]+|[0-9]+, not "News"',
        '"registry" is missing: Where.',
        '"seed" must be at least 0, not -1',
        '"strict" must be true or false, not "yes"',
        '"names" must be a list, not "a"',
        '"apiToken" is missing: set MADE_TOKEN in the environment',
        'output "report" has no place to go',
        'see pressroom made-up --help',
      ].join('\n  '),
    })
    expect(`${error}${JSON.stringify(error)}`).not.toContain('hush')
  })

  test('what a stage says of itself tells no secret, in the log, in an error or in its cause', async () => {
    await using folder = await tempFolder()
    const said: string[] = []
    const call = await callIn(folder.path, {
      log: { info: line => void said.push(line), warn: line => void said.push(line) },
      env: { MADE_TOKEN: 'hush-hush', MADE_PROXY_TOKEN: 'psst!' },
    })
    const failing = (thrown: (token: string) => unknown) =>
      runStage(
        madeUp(async ({ inputs, log }) => {
          log.warn(`asked with ${inputs.apiToken} by ${inputs.proxyToken}`)
          throw thrown(inputs.apiToken)
        }),
        call,
      ).catch((error: unknown) => error)
    const ours = await failing(
      token => new PressroomError('not-registered', 'no', { where: `at ${token}`, fix: 'ask' }),
    )
    expect(ours).toMatchObject({ code: 'not-registered', message: 'no\n  at ***\n  ask' })
    const foreign = await failing(token => new Error('refused', { cause: new Error(`401 for ${token}`) }))
    expect(foreign).toMatchObject({ code: 'stage-failed', message: 'refused' })
    expect((foreign as Error).cause).toBeUndefined()
    const harmless = new Error('harmless')
    expect(await failing(() => harmless)).toBe(harmless)
    expect(said).toEqual(Array(3).fill('asked with *** by ***'))
    for (const error of [ours, foreign]) expect(inspect(error)).not.toContain('hush-hush')
  })

  test('anything may be thrown, also what has no text', async () => {
    await using folder = await tempFolder()
    const call = await callIn(folder.path)
    for (const [thrown, what] of [
      ['no luck', 'no luck'],
      [undefined, 'undefined'],
      [{ toString: [] }, 'something that is no error, and has no text'],
    ] as const) {
      const failing = madeUp(async () => {
        throw thrown
      })
      const caught = await runStage(failing, call).then(
        () => 'nothing was thrown',
        (error: unknown) => asPressroomError(error),
      )
      expect(caught).toMatchObject({ code: 'internal', what })
    }
  })

  const coded = (code: string | number, more: object = {}) =>
    Object.assign(new Error(`broken by ${code}`), { code, ...more })
  const unreachable = new PressroomError('server-unreachable', 'the registry does not answer')

  test.each<[string, Error, boolean]>([
    ['a connection that was reset', new TypeError('fetch failed', { cause: coded('ECONNRESET') }), true],
    [
      'refusals by every address',
      new TypeError('fetch failed', { cause: new AggregateError([coded('ECONNREFUSED')]) }),
      true,
    ],
    ['a name that cannot be looked up just now', coded('EAI_AGAIN'), true],
    ['429', Object.assign(new Error('slow down'), { status: 429 }), true],
    ['503 of the AWS SDK', Object.assign(new Error('slow'), { $metadata: { httpStatusCode: 503 } }), true],
    ["503 of Google's clients", coded(503), true],
    ['UNAVAILABLE of gRPC', coded(14, { metadata: {}, details: 'unavailable' }), true],
    ['a locked folder', new PressroomError('folder-locked', 'another process holds it'), true],
    ['a server that is away', unreachable, true],
    ['what that caused', new PressroomError('stage-failed', 'no rows', { cause: unreachable }), true],
    ['a name that does not exist', coded('ENOTFOUND'), false],
    ['404', Object.assign(new Error('none'), { status: 404 }), false],
    ['a program that ended with 14', coded(14), false],
    ['a missing file', coded('ENOENT'), false],
    ['a fault of the stage', new TypeError('x is undefined'), false],
    [
      'bad input, whatever caused it',
      new PressroomError('invalid-rows', 'bad', { cause: unreachable }),
      false,
    ],
    ['an abort', new DOMException('stopped', 'AbortError'), false],
  ])('%s: tried again %#', async (_, error, again) => {
    await using folder = await tempFolder()
    let tries = 0
    const warned: string[] = []
    const stage = madeUp(
      async ({ outputs }) => {
        tries++
        // What an earlier try had begun is gone.
        await writeFile(outputs.report.path, `try ${tries}`, { flag: 'wx' })
        if (tries < 3) throw error
        return fine
      },
      { retry: { times: 2, pauseSeconds: 0.001 } },
    )
    const call = await callIn(folder.path, { log: { ...log, warn: line => warned.push(line) } })
    const outcome = await runStage(stage, call).catch(thrown => thrown)
    expect([tries, outcome]).toEqual(again ? [3, fine] : [1, error])
    expect(warned.length).toBe(again ? 2 : 0)
    if (again) expect(warned[0]).toMatch(/; this may pass: 2 further tries, the next in 0\.0 s$/)
  })

  test('a fault that does not pass after all is thrown; a stop ends the wait', async () => {
    await using folder = await tempFolder()
    let tries = 0
    const run: MadeUpRun = async () => {
      tries++
      throw unreachable
    }
    const call = await callIn(folder.path)
    await expect(runStage(madeUp(run, { retry: { times: 1, pauseSeconds: 0.001 } }), call)).rejects.toBe(
      unreachable,
    )
    await expect(runStage(madeUp(run, { retry: { times: 0 } }), call)).rejects.toBe(unreachable)
    expect(tries).toBe(3)
    const controller = new AbortController()
    const warn = () => controller.abort(new PressroomError('cancelled', 'stopped'))
    const stopped = runStage(madeUp(run, { retry: { pauseSeconds: 3600 } }), {
      ...call,
      log: { ...log, warn },
      signal: controller.signal,
    })
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
    expect(tries).toBe(4)
  })

  test.each([
    ['stopped leaves nothing that it made', true, ['rows.jsonl']],
    ['failing leaves what may say why', false, ['a', 'a/b', 'a/b/report', 'rows.jsonl']],
  ])('a stage that is %s', async (_, stopping, left) => {
    await using folder = await tempFolder()
    const stop = new AbortController()
    const outputs = { report: artifactAt(join(folder.path, 'a', 'b', 'report')) }
    const call = { ...(await callIn(folder.path)), outputs, signal: stop.signal }
    const writing = madeUp(async () => {
      await writeFile(outputs.report.path, 'half')
      if (stopping) stop.abort(unreachable)
      throw new PressroomError('invalid-rows', 'bad')
    })
    await expect(runStage(writing, call)).rejects.toMatchObject({ code: 'invalid-rows' })
    expect((await readdir(folder.path, { recursive: true })).sort()).toEqual(left)
    const failing = madeUp(async () => {
      throw new PressroomError('invalid-rows', 'bad')
    })
    const elsewhere = { report: artifactAt(join(folder.path, 'c', 'd', 'report')) }
    await expect(runStage(failing, { ...call, outputs: elsewhere })).rejects.toThrow('bad')
    expect((await readdir(folder.path, { recursive: true })).sort()).toEqual(left)
  })

  test('a stage that is stopped leaves what was there before', async () => {
    await using folder = await tempFolder()
    const stop = new AbortController()
    const call = { ...(await callIn(folder.path)), signal: stop.signal }
    await runStage(
      madeUp(async ({ outputs }) => {
        await writeFile(outputs.report.path, 'earlier')
        return fine
      }),
      call,
    )
    const stopped = madeUp(async () => {
      stop.abort()
      throw new PressroomError('cancelled', 'stopped')
    })
    await expect(runStage(stopped, call)).rejects.toMatchObject({ code: 'cancelled' })
    expect(await readFile(call.outputs.report!.path, 'utf8')).toBe('earlier')
  })

  test('one fault is the message itself', async () => {
    await using folder = await tempFolder()
    const call = await callIn(folder.path, { artifacts: {} })
    await expect(runStage(madeUp(), call)).rejects.toMatchObject({
      message: '"rows" is missing: Rows.\n  see pressroom made-up --help',
    })
  })

  test('says that an output cannot be written before the stage runs', async () => {
    await using folder = await tempFolder()
    const outputs = { report: artifactAt(join(folder.path, 'rows.jsonl', 'report')) }
    const call = await callIn(folder.path, { outputs })
    await expect(runStage(madeUp(), call)).rejects.toMatchObject({ code: 'not-writable' })
  })

  test.each<[object, string]>([
    [
      { parameters: { macroF1: '1', previous: '' } },
      'made-up: its output "macroF1" must be a number, not "1"',
    ],
    [
      { parameters: { macroF1: NaN, previous: '' } },
      'made-up: its output "macroF1" must be a number, not NaN',
    ],
    [{ parameters: { macroF1: 1 } }, 'made-up: its output "previous" must be a string, not undefined'],
    [
      { parameters: { ...fine.parameters, report: 'x' } },
      'made-up: it returned "report", which is no output parameter of it',
    ],
    [{ metadata: { previous: {} } }, 'made-up: it described "previous", which is no output artifact of it'],
    [{ metadata: { report: { loss: null } } }, 'made-up: its metadata "loss" of "report" must not be null'],
    [{ metadata: { report: { loss: NaN } } }, 'made-up: its metadata "loss" of "report" must not be NaN'],
    [
      { parameters: { toString: 1 } },
      [
        'made-up: it broke its definition in 3 ways',
        'its output "macroF1" must be a number, not undefined',
        'its output "previous" must be a string, not undefined',
        'it returned "toString", which is no output parameter of it',
      ].join('\n  '),
    ],
  ])('refuses an answer that the stage did not define: %j', async (answer, message) => {
    await using folder = await tempFolder()
    const stage = madeUp(async () => ({ ...fine, ...answer }))
    await expect(runStage(stage, await callIn(folder.path))).rejects.toMatchObject({
      code: 'invalid-stage',
      message: `${message}\n  this is a fault in the stage, not in its inputs`,
    })
  })
})

/** Executes a stage of these inputs and outputs. */
async function executed(
  inputs: InputDefinitions,
  outputs: OutputDefinitions,
  input: ExecutorInput,
  run: StageRun<InputDefinitions, OutputDefinitions>,
) {
  const stage = defineStage({
    name: 'made-up',
    description: 'Made up.',
    inputs,
    outputs,
    run: async () => ({ default: run }),
  })
  return execute(stage, input, { log, signal, env: {} })
}

describe('execute', () => {
  test.each<[object, string]>([
    [{ uri: 'gs://bucket/a/b' }, '/gcs/bucket/a/b'],
    [{ uri: 's3://bucket/a b' }, '/s3/bucket/a b'],
    [{ uri: 'minio://mlpipeline/v2/x' }, '/minio/mlpipeline/v2/x'],
    [{ uri: 'oci://registry/models/x:1' }, '/oci/registry_models_x:1/models'],
    [{ uri: 'file:///nowhere/a%20b' }, '/nowhere/a b'],
    [{ uri: '/nowhere/plain' }, '/nowhere/plain'],
    [{ uri: 'gs://bucket/a', customPath: '/nowhere/custom' }, '/nowhere/custom'],
    [{ uri: 'minio://m/x', metadata: { _kfp_workspace: true } }, '/kfp-workspace/.artifacts/minio/m/x'],
    [{ uri: 'gs://m/x', metadata: { _kfp_workspace: true } }, '/kfp-workspace/.artifacts/gcs/m/x'],
    [{ uri: 'minio://m/x', metadata: { _kfp_workspace: false } }, '/minio/m/x'],
  ])('looks for %j in %s', async (given, path) => {
    const call = { inputs: { artifacts: { rows: { artifacts: [given] } } } }
    const run = executed({ rows: artifact('any', 'Rows.') }, {}, call, async () => {
      throw new Error('there should be no such file')
    })
    await expect(run).rejects.toThrow(`"rows" is not there: ${path}\n`)
  })

  test('of a list takes the first artifact', async () => {
    await using folder = await tempFolder()
    const list = ['first', 'second'].map(name => ({ uri: pathToFileURL(join(folder.path, name)).href }))
    await writeFile(join(folder.path, 'first'), '')
    const call = { inputs: { artifacts: { rows: { artifacts: list } } } }
    const { summary } = await executed({ rows: artifact('any', 'Rows.') }, {}, call, async ({ inputs }) => {
      return { parameters: {}, summary: inputs.rows.path }
    })
    expect(summary).toBe(join(folder.path, 'first'))
  })

  test('an optional artifact is absent as an empty list, an empty object or not at all', async () => {
    const hints = { hints: optionalArtifact('any', 'Hints.') }
    for (const artifacts of [{ hints: { artifacts: [] } }, { hints: {} }, {}]) {
      const { summary } = await executed(hints, {}, { inputs: { artifacts } }, async ({ inputs }) => {
        return { parameters: {}, summary: String(inputs.hints) }
      })
      expect(summary).toBe('undefined')
    }
    await expect(executed({}, {}, {}, async () => ({ parameters: {}, summary: 'called' }))).resolves.toEqual({
      output: { parameterValues: {}, artifacts: {} },
      summary: 'called',
    })
  })

  test('writes the executor output as Kubeflow takes it, in the place of an earlier one', async () => {
    await using folder = await tempFolder()
    const outputFile = join(folder.path, 'deep', 'output.json')
    await mkdir(join(folder.path, 'deep'))
    await writeFile(outputFile, 'earlier')
    const { ino } = await stat(outputFile)
    const place = (name: string) => ({
      artifacts: [{ name, uri: pathToFileURL(join(folder.path, name)).href }],
    })
    const outputs = {
      outputFile,
      parameters: { count: { outputFile: '/nowhere' } },
      artifacts: { model: place('model'), scores: place('scores'), 'executor-logs': place('executor-logs') },
    }
    const definitions = {
      model: artifact('model', 'The model.'),
      scores: artifact('metrics', 'The scores.'),
      count: integer('The count.'),
    }
    const run = (fails: boolean) =>
      executed({}, definitions, { outputs }, async ({ outputs }) => {
        if (fails) throw new Error('it fails')
        expect(Object.keys(outputs)).toEqual(['model', 'scores'])
        return { parameters: { count: 2 }, metadata: { scores: { accuracy: 0.9 } }, summary: '' }
      })

    await expect(run(true)).rejects.toThrow('it fails')
    expect(await readFile(outputFile, 'utf8')).toBe('earlier')
    const { output } = await run(false)
    const written = JSON.parse(await readFile(outputFile, 'utf8'))
    expect(written).toEqual(output)
    expect(written).toEqual({
      parameterValues: { count: 2 },
      artifacts: {
        model: {
          artifacts: [
            { ...place('model').artifacts[0], type: { schemaTitle: 'system.Model' }, metadata: {} },
          ],
        },
        scores: {
          artifacts: [
            {
              ...place('scores').artifacts[0],
              type: { schemaTitle: 'system.Metrics' },
              metadata: { accuracy: 0.9 },
            },
          ],
        },
      },
    })
    // Another file under the old name, where writing into the old one would have shown half of it for a while.
    expect((await stat(outputFile)).ino).not.toBe(ino)
    expect(await readdir(join(folder.path, 'deep'))).toEqual(['output.json'])
  })

  test.each<[string, string]>([
    ['{"inputs": []}', 'it.inputs must be an object'],
    ['{"inputs": {"artifacts": {"a": null}}}', 'it.inputs.artifacts.a must be an object'],
    [
      '{"inputs": {"artifacts": {"a": {"artifacts": [{"uri": ["x"]}]}}}}',
      'artifacts[0].uri must be a string',
    ],
    ['{"outputs": {"outputFile": {"toString": []}}}', 'it.outputs.outputFile must be a string'],
    ['{', 'it is not JSON'],
  ])('says what is wrong with %s', (text, where) => {
    expect(() => parseExecutorInput(text)).toThrow(
      expect.objectContaining({ code: 'invalid-parameter', where: expect.stringContaining(where) }),
    )
  })

  test('takes nulls for what is not set, and no path of a file: URL that is none', async () => {
    const input = parseExecutorInput('{"inputs": null, "outputs": {"artifacts": null, "outputFile": null}}')
    expect(input).toEqual({ inputs: undefined, outputs: { artifacts: undefined, outputFile: undefined } })
    const inputs = { artifacts: { data: { artifacts: [{ uri: 'file:///a%2fb' }] } } }
    const run = executed({ data: artifact('any', 'Given.') }, {}, { inputs }, async () => ({
      parameters: {},
      summary: '',
    }))
    await expect(run).rejects.toThrow('file:///a%2fb is no path on this machine')
  })

  test('reads what a container wrote of its outputs, or says what is wrong with it', () => {
    const written = {
      parameterValues: { count: 1, list: ['a'] },
      artifacts: { model: { artifacts: [{ name: 'm', uri: '/m', metadata: { a: 1 } }] } },
    }
    fc.assert(
      fc.property(fc.constantFrom(...placesIn(written)), junk, (place, value) => {
        const text = spoilt(written, place, value)
        try {
          const { parameterValues = {}, artifacts = {} } = parseExecutorOutput(text)
          expect(JSON.stringify([parameterValues, artifacts]).length).toBeGreaterThan(0)
        } catch (error) {
          expect((error as Error).message).toMatch(/^it\b.* (must be|is nested more than) /s)
        }
      }),
      { numRuns: 200 },
    )
  })

  test.each(['', 'null', '[]', '3', '{{$}}', "{'inputs': {}}"])('refuses %j as an executor input', text => {
    expect(() => parseExecutorInput(text)).toThrow(
      expect.objectContaining({ code: 'invalid-parameter', fix: expect.stringContaining('{{$}}') }),
    )
  })
})

interface Recording {
  readonly case: string
  readonly executorInput: string | null
}

/** In ../shared, where the project's workshop has it. */
const RECORDED = new URL('../../../shared/kfp-recorded/executor.json', import.meta.url)

describe('executor inputs recorded from Kubeflow Pipelines', () => {
  if (!existsSync(RECORDED)) {
    test.skip('../shared/kfp-recorded is not here', () => {})
    return
  }
  const recordings: readonly Recording[] = JSON.parse(readFileSync(RECORDED, 'utf8'))
  const texts = recordings.flatMap(({ case: name, executorInput }, i) => {
    return executorInput === null ? [] : [[`${i}: ${name}`, executorInput] as const]
  })

  // The store is moved into a folder of the test; everything else stays as the launcher wrote it.
  test.each(texts)('%s', async (_, recorded) => {
    await using folder = await tempFolder()
    const moved = recorded
      .replaceAll('minio://mlpipeline', pathToFileURL(folder.path).href)
      .replaceAll('/minio/mlpipeline', folder.path)
    const input = parseExecutorInput(moved)
    const { parameterValues = {}, artifacts: given = {} } = input.inputs ?? {}
    const { artifacts: places = {}, outputFile } = input.outputs ?? {}
    for (const [artifact] of Object.values(given).map(({ artifacts = [] }) => artifacts)) {
      await mkdir(new URL(`${artifact?.uri}`), { recursive: true })
    }
    const made = Object.keys(places).filter(name => name !== 'executor-logs')
    const inputs = {
      ...mapRecord(given, () => artifact('any', 'Given.')),
      ...mapRecord(parameterValues, parameterFor),
    }
    const outputs = Object.fromEntries(made.map(name => [name, artifact('any', 'Made.')]))

    const { output } = await executed(inputs, outputs, input, async context => {
      for (const [key, value] of Object.entries(parameterValues)) expect(context.inputs[key]).toEqual(value)
      for (const [key, { artifacts }] of Object.entries(given)) {
        expect(context.inputs[key]).toMatchObject({
          uri: artifacts?.[0]?.uri,
          metadata: artifacts?.[0]?.metadata,
        })
      }
      expect(Object.keys(context.outputs)).toEqual(made)
      for (const { path } of Object.values<{ path: string }>(context.outputs)) await writeFile(path, 'made')
      return { parameters: {}, summary: '' }
    })
    for (const name of made) {
      expect(await readFile(new URL(output.artifacts[name]?.artifacts[0].uri ?? ''), 'utf8')).toBe('made')
    }
    if (outputFile !== undefined) expect(JSON.parse(await readFile(outputFile, 'utf8'))).toEqual(output)
  })
})

function parameterFor(value: unknown) {
  const kinds = { string: 'string', number: 'number', boolean: 'boolean', object: 'struct' } as const
  const kind = Array.isArray(value) ? 'list' : kinds[typeof value as keyof typeof kinds]
  return { role: 'parameter', kind, presence: 'required', help: 'Given.' } as const
}

test('the reference page says all that the definition says', async () => {
  const golden = new URL('../goldens/faces/made-up.md', import.meta.url)
  expect(referencePage(madeUp())).toBe(await readFile(golden, 'utf8'))
})
