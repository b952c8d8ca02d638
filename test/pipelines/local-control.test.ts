import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { loadAll } from 'js-yaml'
import type { Json } from '../../components/definition/index.ts'
import { lockFolder } from '../../core/storage/lock.ts'
import { findEngine } from '../../pipelines/runners/local/engine.ts'
import {
  findRun,
  listRuns,
  pruneCache,
  pruneRuns,
  pullCache,
  pushCache,
  type RunRequest,
  type RunResult,
  runLocal,
} from '../../pipelines/runners/local/index.ts'
import {
  differences,
  lockHead,
  lockOf,
  readLock,
  requireSame,
  writeLock,
} from '../../pipelines/runners/local/lock.ts'
import { confusion } from '../../pipelines/runners/local/page/confusion.ts'
import { type PageRun, runPage } from '../../pipelines/runners/local/page/page.ts'
import type { ComponentSpec, ContainerSpec, PipelineSpec, TaskSpec } from '../../pipelines/specification.ts'
import { type FakeEngine, fakeEngine } from '../support/fake-engine.ts'
import { start } from '../support/pressroom.ts'
import { constant, input, leaf, output, outputArtifact, specOf, task } from '../support/specs.ts'
import { tempFolder } from '../support/temp.ts'

const stageModules = [new URL('../support/stages/index.ts', import.meta.url).href]
const GOLDENS = fileURLToPath(new URL('../../../shared/kfp-goldens/', import.meta.url))
const anyway = { triggerPolicy: { strategy: 'ALL_UPSTREAM_TASKS_COMPLETED' as const } }
const any = { artifactType: { schemaTitle: 'system.Artifact', schemaVersion: '0.0.1' } }
const echo = leaf('echo', ['value', 'suffix'], ['value'], {
  outputDefinitions: { parameters: { value: { parameterType: 'STRING' } }, artifacts: { note: any } },
})

// What Node compiled for one test's workers serves those of the next.
let shared: Awaited<ReturnType<typeof tempFolder>>
let engine: FakeEngine
beforeAll(async () => {
  shared = await tempFolder()
  engine = await fakeEngine(shared.path)
})
afterAll(async () => {
  await shared[Symbol.asyncDispose]()
})

function run(home: string, spec: PipelineSpec, rest: Partial<RunRequest> = {}): Promise<RunResult> {
  const env = { ...engine.env, NODE_COMPILE_CACHE: join(shared.path, 'compiled'), ...rest.env }
  return runLocal({ spec, home, stageModules, ...rest, env })
}

const statesOf = ({ tasks }: RunResult) => Object.fromEntries(tasks.map(({ task, state }) => [task, state]))
const taskOf = ({ tasks }: RunResult, name: string) => tasks.find(({ task }) => task === name)
const logOf = (result: RunResult, task: string) => readFile(join(result.folder, task, 'log.txt'), 'utf8')
const linesOf = async (path: string) => (await readFile(path, 'utf8')).trim().split('\n').length

async function appeared(path: string): Promise<void> {
  while (!existsSync(path)) await sleep(5)
}

async function golden(name: string): Promise<PipelineSpec> {
  const full = join(GOLDENS, 'full', `${name}.yaml`)
  const path = existsSync(full) ? full : join(GOLDENS, 'structure', `${name}.yaml`)
  return loadAll(await readFile(path, 'utf8'))[0] as PipelineSpec
}

const shown = existsSync(GOLDENS) ? describe : describe.skip
shown('pipelines of the Python SDK, in a container engine', () => {
  /** The pipeline, its parameters, how it ends, and for tasks what their output parameter is or how they ended. */
  const cases: [string, Record<string, Json>, string, Record<string, Json>][] = [
    ['two_step_pipeline_containerized', { text: 'x' }, 'succeeded', { component2: 'succeeded' }],
    [
      'producer_consumer_param_pipeline',
      { text: 'x' },
      'succeeded',
      { producer: 'x, this is an output parameter\n', consumer: 'succeeded' },
    ],
    ['pipeline_with_task_final_status_yaml', {}, 'succeeded', { 'exit-op': 'succeeded' }],
    ['collected_parameters', {}, 'succeeded', { 'consume-ids': 'id-s1+id-s2+id-s3' }],
    ['collected_artifacts', {}, 'succeeded', { 'read-models': 'xs1 ys1 zs1 xs2 ys2 zs2 xs3 ys3 zs3' }],
    ['if_elif_else_with_oneof_parameters', {}, 'succeeded', { 'print-and-return': 'Draw!' }],
    ['if_else_with_oneof_artifacts', {}, 'succeeded', { 'print-artifact': 'succeeded' }],
    ['parameter_oneof', {}, 'succeeded', { 'crust-comp': 'succeeded' }],
    ['nested_with_parameters', {}, 'succeeded', { add: 72 }],
    [
      'pipeline_as_exit_task',
      {},
      'failed',
      {
        'exit-handler-1/fail-op': 'failed',
        'conditional-notification/get-run-state': 'FAILED',
        'conditional-notification/condition-1/print-op': 'succeeded',
      },
    ],
    [
      'pipeline_with_multiple_exit_handlers',
      {},
      'failed',
      { 'exit-handler-1/fail-op': 'failed', 'print-op': 'succeeded', 'print-op-5': 'succeeded' },
    ],
    [
      'pipeline_with_loops_and_conditions',
      {},
      'succeeded',
      {
        'for-loop-14/0/condition-15/for-loop-16/1/print-text-9': 'succeeded',
        'for-loop-14/1/condition-15/for-loop-16/print-text-9': 'skipped',
      },
    ],
    ['pipeline_with_retry', {}, 'succeeded', { add: 8 }],
    [
      'pipeline_with_task_using_ignore_upstream_failure',
      {},
      'succeeded',
      { 'fail-op': 'failed', 'print-op': 'succeeded' },
    ],
    ['pipeline_with_workspace', {}, 'succeeded', { 'read-from-workspace': 'kept' }],
  ]
  test.each(cases)('%s', async (name, parameters, state, expected) => {
    await using home = await tempFolder()
    const result = await run(home.path, await golden(name), { parameters, cache: false })
    const told = result.tasks.map(({ task, state, outputs }) => {
      return [task, Object.values(outputs?.parameters ?? {})[0] ?? state]
    })
    expect(Object.fromEntries(told)).toMatchObject(expected)
    expect(result.state).toBe(state)
  })
})

/** A pipeline of one container that runs a shell script; `component` is laid over its component. */
function scripted(script: string, component: ComponentSpec = {}, rest: Partial<TaskSpec> = {}) {
  const container: ContainerSpec = {
    image: 'busybox:1',
    command: ['sh', '-c', script],
    args: ["{{$.outputs.parameters['said'].output_file}}", "{{$.inputs.parameters['value']}}"],
    env: [{ name: 'GREETING', value: 'a b=c' }],
  }
  const tasks = {
    first: task('echo', { value: constant('given') }),
    theirs: task(
      'theirs',
      { value: output('first', 'value') },
      {
        inputs: {
          parameters: { value: output('first', 'value') },
          artifacts: { note: outputArtifact('first', 'note') },
        },
        ...rest,
      },
    ),
  }
  const theirs = leaf('theirs', ['value'], ['said'], {
    inputDefinitions: { parameters: { value: { parameterType: 'STRING' } }, artifacts: { note: any } },
    ...component,
  })
  return specOf({ dag: { tasks } }, { echo, theirs }, { theirs: { container } })
}

describe('a container', () => {
  test('reads its inputs, writes its outputs, and is kept like any task', async () => {
    await using home = await tempFolder()
    const script = 'echo "$GREETING, $1" > "$0"; echo a warning >&2'
    const spec = scripted(script)
    const first = await run(home.path, spec)
    expect(taskOf(first, 'theirs')).toMatchObject({
      state: 'succeeded',
      stage: 'busybox:1',
      outputs: { parameters: { said: 'a b=c, given\n' } },
    })
    expect(await logOf(first, 'theirs')).toMatch(/ info a warning\n/)
    const call = (await engine.calls()).findLast(([command]) => command === 'run') ?? []
    const note = join(first.folder, 'first', 'outputs', 'note')
    expect(call).toContain(`type=bind,source=${note},target=${note},readonly`)
    const folder = join(first.folder, 'theirs')
    for (const path of [join(folder, 'outputs'), join(folder, 'results')]) {
      expect(call).toContain(`type=bind,source=${path},target=${path}`)
    }
    expect(call.slice(call.indexOf('--entrypoint'))).toEqual([
      '--entrypoint',
      'sh',
      'busybox:1',
      '-c',
      script,
      join(folder, 'results', 'said'),
      'given',
    ])
    expect(call).toEqual(expect.arrayContaining(['--rm', '--init', 'no-new-privileges', 'GREETING=a b=c']))
    expect(statesOf(await run(home.path, spec))).toEqual({ first: 'cached', theirs: 'cached' })
  })

  const outputs = (type: 'NUMBER_INTEGER' | 'LIST') => ({
    outputDefinitions: { parameters: { said: { parameterType: type } } },
  })
  test.each<[string, string, ComponentSpec, string]>([
    ['a number', 'echo " 7" > "$0"', outputs('NUMBER_INTEGER'), '7'],
    ['a list', 'echo "[1]" > "$0"', outputs('LIST'), '[1]'],
    [
      'an executor output',
      'echo \'{"parameterValues": {"said": "x"}}\' > "$(dirname $0)/executor-output.json"',
      {},
      '"x"',
    ],
  ])('may answer with %s', async (_, script, component, said) => {
    await using home = await tempFolder()
    const result = await run(home.path, scripted(script, component))
    expect(JSON.stringify(taskOf(result, 'theirs')?.outputs?.parameters.said)).toBe(said)
  })

  test.each<[string, string, ComponentSpec]>([
    ['exit 3', 'theirs ended with exit code 3 in busybox:1', {}],
    ['true', '"said" was not written', {}],
    ['echo seven > "$0"', '"said" must be a whole number, not "seven"', outputs('NUMBER_INTEGER')],
    ['echo "{" > "$(dirname $0)/executor-output.json"', 'theirs wrote a wrong executor output', {}],
    ['ln -s /etc/hostname "$0"', '"said" was not written', {}],
    ['kill -9 $$', 'theirs ended with exit code 137 in busybox:1', {}],
  ])('%s: it failed', async (script, why, component) => {
    await using home = await tempFolder()
    const result = await run(home.path, scripted(script, component))
    expect(statesOf(result)).toEqual({ first: 'succeeded', theirs: 'failed' })
    expect(result.error?.message).toContain(why)
  })

  test.each(['cancel', 'time-out'])('is removed on %s', async how => {
    await using home = await tempFolder()
    const started = join(home.path, 'started')
    const controller = new AbortController()
    const running = run(home.path, scripted(`touch ${started}; exec sleep 60`), {
      signal: controller.signal,
      ...(how === 'time-out' && { taskTimeoutSeconds: 0.5 }),
    })
    await appeared(started)
    if (how === 'cancel') controller.abort()
    expect(taskOf(await running, 'theirs')?.state).toBe(how === 'cancel' ? 'cancelled' : 'failed')
    const calls = await engine.calls()
    const name = calls.findLast(([command]) => command === 'run')?.[4]
    expect(calls.slice(-2)).toEqual([
      ['stop', '-t', '2', name],
      ['rm', '--force', name],
    ])
  })

  test('an input may name the image, but no option of the engine', async () => {
    await using home = await tempFolder()
    const named = (image: string) => {
      const theirs = leaf('theirs', [])
      const container = { image: "{{$.inputs.parameters['base_image']}}", command: ['true'] }
      const tasks = { theirs: task('theirs', { base_image: constant(image) }) }
      return specOf({ dag: { tasks } }, { theirs }, { theirs: { container } })
    }
    expect((await run(home.path, named('alpine'))).state).toBe('succeeded')
    expect((await engine.calls()).findLast(([command]) => command === 'run')?.at(-1)).toBe('alpine')
    expect((await run(home.path, named('--privileged'))).error).toMatchObject({ code: 'invalid-pipeline' })
  })

  test('podman serves where docker does not answer', async () => {
    await using home = await tempFolder()
    await rename(join((await fakeEngine(home.path)).bin, 'docker'), join(home.path, 'bin', 'podman'))
    const PATH = [join(home.path, 'no'), join(home.path, 'bin'), '/usr/bin', '/bin'].join(delimiter)
    await mkdir(join(home.path, 'no'))
    await writeFile(join(home.path, 'no', 'docker'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    expect(await findEngine({ ...engine.env, PATH })).toMatchObject({ command: 'podman' })
  })

  test('needs an engine, before anything starts', async () => {
    await using home = await tempFolder()
    const bin = join(home.path, 'bin')
    await mkdir(bin)
    await writeFile(join(bin, 'docker'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    await expect(run(home.path, scripted('true'), { env: { PATH: bin } })).rejects.toMatchObject({
      code: 'invalid-pipeline',
      where: expect.stringMatching(/^theirs: it starts sh -c true /),
      fix: expect.stringContaining('docker or podman'),
    })
    expect(await readdir(home.path)).toEqual(['bin'])
  })
})

describe('an importer', () => {
  const importing = (uri: string) => {
    const importer = {
      artifactUri: { runtimeParameter: 'uri' },
      typeSchema: any.artifactType,
      metadata: { "{{$.inputs.parameters['uri']}}": 'v' },
    }
    const tasks = {
      fetch: task('fetch', { uri: constant(uri) }),
      read: task('read', {}, { inputs: { artifacts: { note: outputArtifact('fetch', 'artifact') } } }),
    }
    const fetch = leaf('fetch', [], [], {
      inputDefinitions: { parameters: { uri: { parameterType: 'STRING' } } },
      outputDefinitions: { artifacts: { artifact: any } },
    })
    const read = leaf('read', [], ['text'], { inputDefinitions: { artifacts: { note: any } } })
    return specOf({ dag: { tasks } }, { fetch, read }, { fetch: { importer } })
  }

  test.each([(path: string) => path, (path: string) => pathToFileURL(path).href])(
    'takes a file where it is',
    async uriOf => {
      await using home = await tempFolder()
      const path = join(home.path, 'the file')
      await writeFile(path, 'rows')
      const result = await run(home.path, importing(uriOf(path)))
      expect(taskOf(result, 'read')?.outputs?.parameters.text).toBe('rows')
      expect(taskOf(result, 'fetch')?.outputs?.artifacts.artifact).toMatchObject([
        { uri: pathToFileURL(path).href, metadata: { [uriOf(path)]: 'v' } },
      ])
    },
  )

  test.each([
    ['https://x', 'only files, gs:// and s3:// addresses can be brought here'],
    ['s3:///x', 's3:///x names no bucket'],
    ['file://server/x', 'on another machine'],
    ['/nowhere', 'no such file: /nowhere'],
    ['', 'its URI is empty'],
  ])('%s fails', async (uri, why) => {
    await using home = await tempFolder()
    expect((await run(home.path, importing(uri))).error?.message).toContain(why)
  })
})

test('a stop runs the exit task, with its stage, and ends the run as cancelled', async () => {
  await using home = await tempFolder()
  const [started, counter] = [join(home.path, 'started'), join(home.path, 'counter')]
  const tasks = {
    'exit-handler-1': task('body'),
    exit: task('announce', { counter: constant(counter) }, { dependentTasks: ['exit-handler-1'], ...anyway }),
  }
  const body = { dag: { tasks: { hang: task('hang', { started: constant(started) }) } } }
  const controller = new AbortController()
  const components = { body, hang: leaf('hang', ['started']), announce: leaf('announce', ['counter']) }
  const running = run(home.path, specOf({ dag: { tasks } }, components), { signal: controller.signal })
  await appeared(started)
  controller.abort()
  const result = await running
  expect([result.state, statesOf(result)]).toEqual([
    'cancelled',
    { 'exit-handler-1/hang': 'cancelled', exit: 'succeeded' },
  ])
  expect(await linesOf(counter)).toBe(1)
})

test('a group that is tried again begins anew, its loops too', async () => {
  await using home = await tempFolder()
  const say: ComponentSpec = {
    inputDefinitions: { parameters: { item: { parameterType: 'STRING' } } },
    dag: { tasks: { say: task('echo', { value: input('item') }) } },
  }
  const counter = constant(join(home.path, 'counter'))
  const stumble = leaf('stumble', ['how', 'counter'], ['attempts'], {
    inputDefinitions: {
      parameters: {
        how: { parameterType: 'STRING' },
        counter: { parameterType: 'STRING' },
        times: { parameterType: 'NUMBER_INTEGER' },
      },
    },
  })
  const group: ComponentSpec = {
    dag: {
      tasks: {
        loop: task('say', {}, { parameterIterator: { itemInput: 'item', items: { raw: '["a", "b"]' } } }),
        stumble: task(
          'stumble',
          { how: constant('throw'), counter, times: constant(1) },
          { dependentTasks: ['loop'] },
        ),
      },
    },
  }
  const tasks = {
    group: task('group', {}, { retryPolicy: { maxRetryCount: 1 } }),
    after: task('echo', { value: constant('x') }, { dependentTasks: ['group'] }),
  }
  const told: string[] = []
  const result = await run(home.path, specOf({ dag: { tasks } }, { echo, say, group, stumble }), {
    cache: false,
    onEvent: event =>
      'tasks' in event && told.push(`${event.type} ${event.tasks.map(each => each.task).join(' ')}`),
  })
  expect(Object.entries(statesOf(result))).toEqual([
    ['group/loop/0/say', 'succeeded'],
    ['group/loop/1/say', 'succeeded'],
    ['group/stumble', 'succeeded'],
    ['after', 'succeeded'],
  ])
  expect(told).toEqual([
    'run-started group/loop/say group/stumble after',
    'loop-started group/loop/0/say group/loop/1/say',
    'group-retried group/loop/say group/stumble',
    'loop-started group/loop/0/say group/loop/1/say',
  ])
})

test('a long loop in workers gives its results in the order of its items', async () => {
  await using home = await tempFolder()
  const items = Array.from({ length: 200 }, (_, i) => `item ${i}`)
  const each = task(
    'echo',
    {},
    { parameterIterator: { itemInput: 'value', items: { raw: JSON.stringify(items) } } },
  )
  const all = { valueFromParameter: { producerSubtask: 'each', outputParameterKey: 'value' } }
  const root = { dag: { tasks: { each }, outputs: { parameters: { all } } } }
  const result = await run(home.path, specOf(root, { echo }), { concurrency: 4 })
  expect(result.outputs.parameters).toEqual({ all: items })
  expect(result.tasks).toHaveLength(200)
})

test('a key of its own stands for a task in the cache, whatever its inputs', async () => {
  await using home = await tempFolder()
  const keyed = (value: string, cacheKey: string) => {
    const tasks = {
      say: task('echo', { value: constant(value) }, { cachingOptions: { enableCache: true, cacheKey } }),
    }
    return specOf({ dag: { tasks } }, { echo })
  }
  const states = []
  for (const [value, key] of [
    ['a', 'k'],
    ['b', 'k'],
    ['b', 'other'],
    ['b', ''],
  ] as const) {
    states.push(taskOf(await run(home.path, keyed(value, key)), 'say')?.state)
  }
  expect(states).toEqual(['succeeded', 'cached', 'succeeded', 'succeeded'])
})

describe('a run that is continued', () => {
  const failing = (home: string, how: string, value = 'x') => {
    const group: ComponentSpec = {
      dag: {
        tasks: {
          stumble: task('stumble', {
            how: constant(how),
            counter: constant(join(home, 'counter')),
            times: constant(1),
          }),
        },
      },
    }
    const loop: ComponentSpec = {
      inputDefinitions: { parameters: { item: { parameterType: 'STRING' } } },
      dag: { tasks: { say: task('echo', { value: input('item') }) } },
    }
    const tasks = {
      announce: task('announce', { counter: constant(join(home, 'announced')) }),
      say: task('echo', { value: constant(value) }),
      loop: task('loop', {}, { parameterIterator: { itemInput: 'item', items: { raw: '["a", "b"]' } } }),
      'exit-handler-1': task('group', {}, { dependentTasks: ['say', 'loop', 'announce'] }),
      exit: task(
        'announce',
        { counter: constant(join(home, 'exited')) },
        { dependentTasks: ['exit-handler-1'], ...anyway },
      ),
    }
    const stumble = leaf('stumble', ['how', 'counter'], ['attempts'], {
      inputDefinitions: {
        parameters: {
          how: { parameterType: 'STRING' },
          counter: { parameterType: 'STRING' },
          times: { parameterType: 'NUMBER_INTEGER' },
        },
      },
    })
    return specOf({ dag: { tasks } }, { echo, loop, group, stumble, announce: leaf('announce', ['counter']) })
  }

  test('keeps what was finished, effects included, and runs the rest and the exit task', async () => {
    await using home = await tempFolder()
    const first = await run(home.path, failing(home.path, 'throw'), { cache: false })
    expect(first.state).toBe('failed')
    const second = await run(home.path, failing(home.path, 'throw'), { cache: false, resume: 'last' })
    expect([second.id, second.state]).toEqual([first.id, 'succeeded'])
    expect(statesOf(second)).toEqual({
      announce: 'cached',
      say: 'cached',
      'loop/0/say': 'cached',
      'loop/1/say': 'cached',
      'exit-handler-1/stumble': 'succeeded',
      exit: 'succeeded',
    })
    const lines = ['announced', 'exited', 'counter'].map(name => linesOf(join(home.path, name)))
    expect(await Promise.all(lines)).toEqual([1, 2, 2])
    await expect(run(home.path, failing(home.path, 'throw'), { resume: first.id })).rejects.toMatchObject({
      code: 'usage',
    })
    const other = { ...failing(home.path, 'throw'), pipelineInfo: { name: 'other' } }
    await expect(run(home.path, other, { resume: first.id })).rejects.toMatchObject({
      code: 'usage',
      what: `run ${first.id} is of trial, not of other`,
    })
  })

  test('loses nothing when it is stopped again before it came to what was finished', async () => {
    await using home = await tempFolder()
    const spec = failing(home.path, 'throw')
    await run(home.path, spec, { cache: false })
    const stopped = await run(home.path, spec, { cache: false, resume: 'last', signal: AbortSignal.abort() })
    expect([stopped.state, taskOf(stopped, 'say')?.state]).toEqual(['cancelled', 'cancelled'])
    const last = await run(home.path, spec, { cache: false, resume: 'last' })
    expect(statesOf(last)).toMatchObject({ announce: 'cached', 'loop/1/say': 'cached', exit: 'succeeded' })
  })

  test('does again what was changed or damaged since', async () => {
    await using home = await tempFolder()
    const first = await run(home.path, failing(home.path, 'throw'), { cache: false })
    await writeFile(join(first.folder, 'loop', '0', 'say', 'outputs', 'note'), 'damaged')
    const second = await run(home.path, failing(home.path, 'throw', 'y'), { cache: false, resume: first.id })
    expect(statesOf(second)).toMatchObject({
      say: 'succeeded',
      'loop/0/say': 'succeeded',
      'loop/1/say': 'cached',
    })
  })

  test('is found by its id or the start of it', async () => {
    await using home = await tempFolder()
    await expect(findRun(home.path, 'last')).rejects.toMatchObject({ code: 'usage', where: 'there are none' })
    const one = specOf({ dag: { tasks: { say: task('echo', { value: constant('x') }) } } }, { echo })
    const { id } = await run(home.path, one)
    await run(home.path, one)
    await mkdir(join(home.path, 'runs', 'zzz'))
    expect(await listRuns(home.path)).toMatchObject([{ state: 'succeeded' }, { pipeline: 'trial' }])
    expect((await findRun(home.path, id)).id).toBe(id)
    await expect(findRun(home.path, '2')).rejects.toThrow('more than one run "2"')
    await expect(findRun(home.path, 'x')).rejects.toThrow('no run "x"')
  })
})

describe('a lock', () => {
  const locked = (source: string, value = 'x') => {
    const parameters = {
      source: { parameterType: 'STRING' as const, defaultValue: source, isOptional: true },
    }
    const tasks = { say: task('echo', { value: constant(value), source: input('source') }) }
    const withSource = leaf('echo', ['value', 'source'], ['value'], {
      outputDefinitions: { parameters: { value: { parameterType: 'STRING' } }, artifacts: { note: any } },
    })
    return specOf({ inputDefinitions: { parameters }, dag: { tasks } }, { echo: withSource })
  }

  test('is kept, and every kind of difference is named', async () => {
    await using home = await tempFolder()
    const [source, file] = [join(home.path, 'rows'), join(home.path, 'pressroom.lock')]
    await writeFile(source, 'rows')
    const make = async (spec: PipelineSpec) => {
      return lockOf(await lockHead({ spec, stageModules }), await run(home.path, spec), stageModules)
    }
    const lock = await make(locked(source))
    await writeLock(file, 'trial', lock)
    await writeLock(file, 'other', lock)
    const kept = await readLock(file, 'trial')
    expect(kept).toEqual(lock)
    expect(differences(kept, await make(locked(source)))).toEqual([])

    await writeFile(source, 'more')
    const content = expect.stringMatching(/^the content of what "source" names: ".*rows"$/)
    expect(differences(kept, await lockHead({ spec: locked(source), stageModules }))).toEqual([content])
    expect(differences(kept, await make(locked(source)))).toEqual([
      content,
      'say: output "note"',
      'say: output "object"',
      'say: output "value"',
    ])
    await writeFile(source, 'rows')
    expect(differences(kept, await make(locked(source, 'y')))).toEqual([
      'the pipeline is defined otherwise',
      'say: its inputs',
      'say: output "note"',
      'say: output "object"',
      'say: output "value"',
    ])
    const head = await lockHead({ spec: locked(source), parameters: { source: 'none' } })
    expect(differences(kept, head)).toEqual([
      'the code of the stages or their packages',
      expect.stringMatching(/^parameter "source": ".*rows" was kept, now "none"$/),
      'the content of what "source" names: "none"',
    ])
    expect(differences({ ...kept, node: 'v1.0.0' }, { ...kept, code: 'other' })).toEqual([
      `Node: v1.0.0 was kept, now ${process.version}`,
    ])
    expect(differences(kept, { ...lock, tasks: { new: { inputs: 'x' } } })).toEqual([
      'say: ran before, not now',
      'new: runs now, not before',
    ])
    expect(() => requireSame('trial', ['this'])).toThrow(
      expect.objectContaining({ code: 'lock-differs', where: 'this' }),
    )
    requireSame('trial', [])
  })

  test('a locked run from the command line says what differs, before it begins where that can be known', async () => {
    await using home = await tempFolder()
    const stages = join(home.path, 'stages.ts')
    const definition = new URL('../../components/index.ts', import.meta.url).href
    const code = (end: string) => `
      import { writeFile } from 'node:fs/promises'
      import { artifact, defineStage, text } from ${JSON.stringify(definition)}
      export const say = defineStage({
        name: 'say', description: 'Says it.', inputs: { word: text('It.') }, outputs: { said: artifact('any', 'It.') },
        run: async () => ({ default: async ({ inputs, outputs }) => {
          await writeFile(outputs.said.path, inputs.word + ${end})
          return { parameters: {}, summary: 'said' }
        } }),
      })`
    const parameters = { word: { parameterType: 'STRING' as const } }
    const spec = specOf(
      { inputDefinitions: { parameters }, dag: { tasks: { say: task('say', { word: input('word') }) } } },
      { say: leaf('say', ['word'], [], { outputDefinitions: { artifacts: { said: any } } }) },
    )
    await writeFile(join(home.path, 'p.yaml'), JSON.stringify(spec))
    await writeFile(join(home.path, 'data'), 'one')
    const go = async (lock: '--lock' | '--locked', word: string) => {
      const words = ['run', 'p.yaml', '--stages', stages, '--set', `word=${word}`, '--cache', 'false', lock]
      await using running = start(home.path, words)
      const { status, stderr } = await running.ended
      const runs = (await listRuns(join(home.path, '.pressroom'))).length
      return { status, stderr: stderr.split('\n  ').slice(0, -1).join('; '), runs }
    }
    await writeFile(stages, code(`''`))
    expect(await go('--lock', 'data')).toEqual({ status: 0, stderr: '', runs: 1 })
    expect(await go('--locked', 'data')).toEqual({ status: 0, stderr: '', runs: 2 })
    const title = 'run: trial is not what pressroom.lock says; '
    await writeFile(join(home.path, 'data'), 'two')
    expect(await go('--locked', 'data')).toEqual({
      status: 1,
      stderr: `${title}the content of what "word" names: "data"`,
      runs: 2,
    })
    await writeFile(join(home.path, 'data'), 'one')
    expect(await go('--locked', 'else')).toEqual({
      status: 1,
      stderr: `${title}parameter "word": "data" was kept, now "else"; the content of what "word" names: "else"`,
      runs: 2,
    })
    await writeFile(stages, code('Math.random()'))
    expect(await go('--locked', 'data')).toEqual({
      status: 1,
      stderr: `${title}the code of the stages or their packages`,
      runs: 2,
    })
    expect(await go('--lock', 'data')).toMatchObject({ status: 0 })
    expect(await go('--locked', 'data')).toEqual({
      status: 1,
      stderr: `${title}say: output "said"`,
      runs: 4,
    })
  })

  test.each([
    ['', 'invalid-setting'],
    ['lockVersion: 2', 'invalid-setting'],
    ['[', 'invalid-setting'],
    ['lockVersion: 1\npipelines: {}', 'lock-differs'],
  ])('%j is none', async (text, code) => {
    await using home = await tempFolder()
    const file = join(home.path, 'pressroom.lock')
    await expect(readLock(file, 'x')).rejects.toMatchObject({ code: 'file-not-found' })
    await writeFile(file, text)
    await expect(readLock(file, 'x')).rejects.toMatchObject({ code })
  })
})

test('a cache that machines share: what was pushed is taken elsewhere, and never trusted blindly', async () => {
  await using here = await tempFolder()
  await using there = await tempFolder()
  const place = join(shared.path, 'place')
  const spec = specOf({ dag: { tasks: { say: task('echo', { value: constant('x') }) } } }, { echo })
  const { cacheKey = '' } = taskOf(await run(here.path, spec), 'say') ?? {}
  expect(await pushCache(here.path, pathToFileURL(place).href)).toEqual({ copied: 1, present: 0, damaged: 0 })
  expect(await pushCache(here.path, place)).toEqual({ copied: 0, present: 1, damaged: 0 })
  await mkdir(join(place, 'not-ours'))
  expect(await pullCache(there.path, place)).toEqual({ copied: 1, present: 0, damaged: 0 })
  expect(statesOf(await run(there.path, spec))).toEqual({ say: 'cached' })

  await rm(join(there.path, 'cache'), { recursive: true })
  await cp(join(place, cacheKey), join(there.path, 'cache', cacheKey), { recursive: true })
  await writeFile(join(there.path, 'cache', cacheKey, 'artifacts', 'note'), 'forged')
  expect(statesOf(await run(there.path, spec))).toEqual({ say: 'succeeded' })
  await expect(pushCache(here.path, 'https://x')).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('no place that can be shared'),
  })
})

test('the page folds a long loop into ranges, opens the one that failed, and links only the logs that are there', () => {
  const spec = specOf({ dag: { tasks: { loop: task('loop', {}) } } }, { loop: { dag: { tasks: {} } } })
  const tasks = Array.from({ length: 250 }, (_, i) => {
    const state = i === 120 ? ('failed' as const) : ('succeeded' as const)
    return { task: `loop/${i}/say`, name: 'say', state, startedAt: '2026-11-27T14:00:00Z', seconds: 0 }
  })
  const loops = { loop: tasks.map((_, i) => `item ${i}`) }
  const run = { id: 'x', pipeline: 'p', parameters: {}, state: 'failed', startedAt: '2026-11-27T14:00:00Z' }
  const hasLog = (path: string) => path === 'loop/7/say'
  const page = runPage({ ...run, tasks, loops, hasLog } as unknown as PageRun, spec)
  const ranges = [...page.matchAll(/<details class="group"( open)?><summary>(\d+ to \d+) (.*?)<\/summary>/g)]
  expect(ranges.map(([, open, label]) => [label, open !== undefined])).toEqual([
    ['0 to 99', false],
    ['100 to 199', true],
    ['200 to 249', false],
  ])
  expect(ranges[1]?.[3]).toContain('99 succeeded')
  expect(page.match(/<article /g)).toHaveLength(250)
  expect(page.match(/log\.txt/g)).toEqual(['log.txt'])
})

describe('what is old', () => {
  const days = (ago: number) => new Date(Date.now() - ago * 86_400_000)
  const key = (digit: number) => String(digit).repeat(64)

  /** A home with runs that ended some days ago, newest first, and results that were used then, of 1,000 bytes each. */
  async function aged(home: string, ...ages: number[]): Promise<void> {
    for (const [i, ago] of ages.entries()) {
      const id = `run-${9 - i}`
      await mkdir(join(home, 'runs', id), { recursive: true })
      const times = { startedAt: days(ago).toISOString(), endedAt: days(ago).toISOString() }
      await writeFile(
        join(home, 'runs', id, 'run.json'),
        JSON.stringify({ id, state: 'succeeded', tasks: [], ...times }),
      )
      await mkdir(join(home, 'cache', key(i)), { recursive: true })
      await writeFile(join(home, 'cache', key(i), 'entry.json'), 'x'.repeat(1000))
      await utimes(join(home, 'cache', key(i)), days(ago), days(ago))
    }
  }

  test.each<[object, string[]]>([
    [{ keep: 2 }, ['run-7', 'run-6']],
    [{ olderThanSeconds: 5 * 86_400 }, ['run-7', 'run-6']],
    [{ keep: 3, olderThanSeconds: 5 * 86_400 }, ['run-6']],
    [{ keep: 1, olderThanSeconds: 30 * 86_400 }, []],
    [{ keep: 0 }, ['run-9', 'run-8', 'run-7', 'run-6']],
  ])('runs: %j', async (options, removed) => {
    await using home = await tempFolder()
    await aged(home.path, 0, 1, 10, 20)
    const left = async () => (await listRuns(home.path)).map(({ id }) => id)
    const dry = await pruneRuns(home.path, { ...options, dryRun: true })
    expect(dry).toMatchObject({ removed, kept: 4 - removed.length })
    expect(await left()).toHaveLength(4)
    expect(await pruneRuns(home.path, options)).toEqual(dry)
    expect(await left()).toEqual(['run-9', 'run-8', 'run-7', 'run-6'].filter(id => !removed.includes(id)))
    expect(await readdir(home.path)).toEqual(['cache', 'runs'])
  })

  test('a run that goes on stays; one that was killed does not', async () => {
    await using home = await tempFolder()
    await aged(home.path, 3)
    const file = join(home.path, 'runs', 'run-9', 'run.json')
    await writeFile(file, (await readFile(file, 'utf8')).replace('succeeded', 'running'))
    {
      await using _lock = await lockFolder(home.path, 'run')
      expect(await pruneRuns(home.path, { keep: 0 })).toMatchObject({ removed: [], kept: 1 })
      await expect(pruneCache(home.path, {})).rejects.toMatchObject({ code: 'folder-locked' })
    }
    expect(await pruneRuns(home.path, { keep: 0 })).toMatchObject({ removed: ['run-9'], kept: 0 })
  })

  test.each<[object, number[]]>([
    [{ mostBytes: 2000 }, [2, 3]],
    [{ olderThanSeconds: 5 * 86_400 }, [2, 3]],
    [{ mostBytes: 3000, olderThanSeconds: 5 * 86_400 }, [3]],
    [{ mostBytes: 9000 }, []],
  ])('results: %j', async (options, removed) => {
    await using home = await tempFolder()
    await aged(home.path, 0, 1, 10, 20)
    expect(await pruneCache(home.path, options)).toEqual({
      removed: removed.map(key),
      bytes: 1000 * removed.length,
      kept: 4 - removed.length,
    })
    expect(await readdir(join(home.path, 'cache'))).toEqual(
      [0, 1, 2, 3].filter(i => !removed.includes(i)).map(key),
    )
  })

  test('copies of what was imported go with results, by one limit; what is neither stays', async () => {
    await using home = await tempFolder()
    await aged(home.path, 0, 10)
    const brought = async (name: string, ago: number) => {
      await mkdir(join(home.path, 'imports', name, 'rows'), { recursive: true })
      await writeFile(join(home.path, 'imports', name, 'rows', 'a.csv'), 'x'.repeat(1000))
      await utimes(join(home.path, 'imports', name), days(ago), days(ago))
    }
    for (const [name, ago] of [['a', 5] as const, ['b', 15] as const]) await brought(name.repeat(32), ago)
    await brought('mine', 30)
    const options = { mostBytes: 2000 }
    const pruned = { removed: [key(1), `imports/${'b'.repeat(32)}`], bytes: 2000, kept: 2 }
    expect(await pruneCache(home.path, { ...options, dryRun: true })).toEqual(pruned)
    expect(await pruneCache(home.path, options)).toEqual(pruned)
    expect(await readdir(join(home.path, 'imports'))).toEqual(['a'.repeat(32), 'mine'])
    expect(await readdir(join(home.path, 'cache'))).toEqual([key(0)])
  })

  test('no run begins while results go', async () => {
    await using home = await tempFolder()
    await aged(home.path, ...Array(40).fill(20))
    const here = (name: string) => existsSync(join(home.path, name))
    let ended = false
    const removal = pruneCache(home.path, {}).finally(() => {
      ended = true
    })
    const looks = { locked: 0, free: 0 }
    while (!ended) {
      if (here('pruned')) looks[here('run.pid') ? 'locked' : 'free'] += 1
      await setImmediate()
    }
    expect(await removal).toMatchObject({ kept: 0 })
    expect(looks).toEqual({ locked: expect.any(Number), free: 0 })
  })

  test('a result counts as used when it is taken', async () => {
    await using home = await tempFolder()
    const spec = specOf({ dag: { tasks: { echo: task('echo', { value: constant('x') }) } } }, { echo })
    await run(home.path, spec)
    const [name = ''] = await readdir(join(home.path, 'cache'))
    await utimes(join(home.path, 'cache', name), days(20), days(20))
    await run(home.path, spec)
    expect(await pruneCache(home.path, { olderThanSeconds: 86_400 })).toMatchObject({ removed: [], kept: 1 })
  })
})

test('the page of a run shows everything, and escapes it', async () => {
  await using home = await tempFolder()
  const hostile = `</style><script>alert("1")</script>&'`
  const loop: ComponentSpec = {
    inputDefinitions: { parameters: { item: { parameterType: 'STRING' } } },
    dag: { tasks: { say: task('echo', { value: input('item') }) } },
  }
  const tasks = {
    loop: task(
      'loop',
      {},
      {
        taskInfo: { name: hostile },
        parameterIterator: { itemInput: 'item', items: { raw: JSON.stringify([hostile, 'b']) } },
      },
    ),
    none: task('loop', {}, { parameterIterator: { itemInput: 'item', items: { raw: '[]' } } }),
    bad: task('stumble', { how: constant('throw'), counter: constant(join(home.path, 'counter')) }),
  }
  const spec = specOf(
    { dag: { tasks } },
    { echo, loop, stumble: leaf('stumble', ['how', 'counter'], ['attempts']) },
  )
  const result = await run(home.path, { ...spec, pipelineInfo: { name: 'trial', displayName: hostile } })
  const page = await readFile(join(result.folder, 'run.html'), 'utf8')
  expect(page).not.toContain('<script')
  expect(page.match(/<\/style>/g)).toHaveLength(2)
  expect(page).toContain('&#60;/style&#62;&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#38;&#39;')
  for (const text of [
    'stumble failed: stumbled',
    'href="loop/0/say/log.txt"',
    'href="loop/1/say/outputs/note"',
    result.id,
  ]) {
    expect(page).toContain(text)
  }
  expect(page).toContain('<a href="#loop/0/say">')
  expect(page.match(/<li><a href="#/g)).toHaveLength(3)
  expect(page).toContain('.graph .pipeline [data-task="loop/say"] { stroke: var(--green)')
  expect(page).toContain('.graph .pipeline [data-task="bad"] { stroke: var(--red)')
})

test('the page is there while a run goes on, and loads itself again', async () => {
  await using home = await tempFolder()
  let page = ''
  const spec = specOf({ dag: { tasks: { echo: task('echo', { value: constant('x') }) } } }, { echo })
  const result = await run(home.path, spec, {
    onEvent: event => {
      if (event.type === 'run-started') page = readFileSync(join(event.folder, 'run.html'), 'utf8')
    },
  })
  expect(page).toContain('location.reload()')
  expect(await readFile(join(result.folder, 'run.html'), 'utf8')).not.toMatch(/<script|script-src/)
})

test.each<[string, Json, number]>([
  [
    'as a table',
    {
      annotationSpecs: [{ displayName: 'a<' }, { displayName: 'b' }],
      rows: [{ row: [3, 1] }, { row: [0, 4] }],
    },
    4,
  ],
  ['not when it is none', { annotationSpecs: [{ displayName: 'a' }], rows: [{ row: ['<script>'] }] }, 0],
  [
    'not when it is too large',
    { annotationSpecs: Array(30).fill({ displayName: 'a' }), rows: Array(30).fill({ row: [1] }) },
    0,
  ],
])('a confusion matrix is shown %s', (_, matrix, cells) => {
  const shown = confusion({ confusionMatrix: matrix })
  const text = typeof shown === 'string' ? shown : shown.text
  expect(text.match(/<td style/g) ?? []).toHaveLength(cells)
  expect(text).not.toMatch(/a<|<script/)
})
