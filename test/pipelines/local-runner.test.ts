import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { compile } from '../../pipelines/compiler/index.ts'
import { integer, pipeline, text, when } from '../../pipelines/index.ts'
import { codeFingerprint } from '../../pipelines/runners/local/fingerprint.ts'
import {
  type RunEvent,
  type RunRequest,
  type RunResult,
  runLocal,
} from '../../pipelines/runners/local/index.ts'
import { WorkerPool } from '../../pipelines/runners/local/pool.ts'
import { constant, leaf, specOf, task } from '../support/specs.ts'
import { announce, echo, hang, meet, read, stumble } from '../support/stages/index.ts'
import { tempFolder } from '../support/temp.ts'

const stageModules = [new URL('../support/stages/index.ts', import.meta.url).href]

// What Node compiled for one test's workers serves those of the next.
let shared: Awaited<ReturnType<typeof tempFolder>>
beforeAll(async () => {
  shared = await tempFolder()
})
afterAll(async () => {
  await shared[Symbol.asyncDispose]()
})

type Rest = Partial<RunRequest>

function run(home: string, spec: RunRequest['spec'], rest: Rest = {}): Promise<RunResult> {
  const env = { ...process.env, NODE_COMPILE_CACHE: shared.path, ...rest.env }
  return runLocal({ spec, home, stageModules, ...rest, env })
}

/** A pipeline without inputs, compiled. */
function specFrom(body: () => void) {
  return compile(pipeline({ name: 'trial', description: 'A trial.', inputs: {} }, () => void body()))
}

const statesOf = (result: RunResult) =>
  Object.fromEntries(result.tasks.map(({ task, state }) => [task, state]))
const taskOf = (result: RunResult, name: string) => result.tasks.find(({ task }) => task === name)
const linesOf = async (path: string) => (await readFile(path, 'utf8')).trim().split('\n').length
const logOf = (result: RunResult, task: string) => readFile(join(result.folder, task, 'log.txt'), 'utf8')

/** The file's text, once it is there. */
async function appeared(path: string): Promise<string> {
  for (;;) {
    const found = await readFile(path, 'utf8').catch(() => undefined)
    if (found !== undefined) return found
    await sleep(5)
  }
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await sleep(5)
  }
}

describe('a run', () => {
  const inputs = {
    value: text({ default: 'it\'s "quoted"\n{{$}} {{x}}', help: 'A text.' }),
    suffix: text({ optional: true, help: 'Its end.' }),
    times: integer({ default: 1, help: 'How often.' }),
  }
  const spec = compile(
    pipeline({ name: 'trial', description: 'A trial.', inputs }, ({ value, suffix, times }) => {
      const first = echo({ value, suffix, times })
      const second = read({ note: first.note, other: first.note })
      when(times.is(2), () => {
        const inner = echo({ value: second.text, settings: { 'a "b"': ["'c'\n"] } })
        when(inner.value.isNot('x'), () => void read({ note: inner.note }))
      })
      return { text: second.text, note: first.note }
    }),
  )

  test('passes values and artifacts on, skips what is not needed, and leaves a record', async () => {
    await using home = await tempFolder()
    const events: RunEvent[] = []
    const result = await run(home.path, spec, { onEvent: event => events.push(event) })
    const value = 'it\'s "quoted"\n{{$}} {{x}}'
    const metadata = JSON.stringify({ length: value.length })
    expect(result).toMatchObject({
      state: 'succeeded',
      outputs: {
        parameters: { text: `${value}+${metadata}` },
        artifacts: { note: [{ metadata: { length: 25 } }] },
      },
    })
    expect(statesOf(result)).toEqual({
      echo: 'succeeded',
      read: 'succeeded',
      'condition-1/echo-2': 'skipped',
      'condition-1/condition-2/read-2': 'skipped',
    })
    expect(await readFile(fileURLToPath(result.outputs.artifacts.note?.[0]?.uri ?? ''), 'utf8')).toBe(value)
    expect(result.folder).toBe(join(home.path, 'runs', result.id))
    expect(result.id).toMatch(/^\d{8}-\d{6}-[0-9a-f]{4}$/)

    expect(JSON.parse(await readFile(join(result.folder, 'run.json'), 'utf8'))).toMatchObject({
      id: result.id,
      pipeline: 'trial',
      parameters: { value, times: 1 },
      state: 'succeeded',
      outputs: result.outputs,
      tasks: result.tasks,
    })
    expect(JSON.parse(await readFile(join(result.folder, 'pipeline.json'), 'utf8'))).toEqual(spec)
    expect((await readdir(join(result.folder, 'echo'))).toSorted()).toEqual([
      'executor-input.json',
      'executor-output.json',
      'log.txt',
      'outputs',
    ])
    expect(await logOf(result, 'echo')).toMatch(/^\d{4}-\d\d-\d\dT\S+Z info echo it's "quoted"\n/)

    const told = events.map(event => ('task' in event ? `${event.type} ${event.task}` : event.type))
    expect(told).toEqual([
      'run-started',
      'task-started echo',
      'task-log echo',
      'task-finished echo',
      'task-started read',
      'task-finished read',
      'task-finished condition-1/echo-2',
      'task-finished condition-1/condition-2/read-2',
      'run-finished',
    ])
    expect(JSON.parse(JSON.stringify(events[3]))).toMatchObject({
      state: 'succeeded',
      summary: '25 characters',
    })
  })

  test('takes the other branch, with the optional input given', async () => {
    await using home = await tempFolder()
    const result = await run(home.path, spec, { parameters: { value: 'x', suffix: '!', times: 2 } })
    expect(statesOf(result)).toEqual({
      echo: 'succeeded',
      read: 'succeeded',
      'condition-1/echo-2': 'succeeded',
      'condition-1/condition-2/read-2': 'succeeded',
    })
    expect(taskOf(result, 'condition-1/condition-2/read-2')?.outputs?.parameters).toEqual({
      text: `xx!+{"length":3}${JSON.stringify({ 'a "b"': ["'c'\n"] })}`,
    })
  })

  test('runs tasks side by side, up to its limit, in workers that are used again', async () => {
    await using home = await tempFolder()
    const side = specFrom(() => {
      const folder = home.path
      meet({ folder, me: 'a', others: 'a,b' })
      meet({ folder, me: 'b', others: 'a,b' })
      meet({ folder, me: 'c', others: 'a,b' })
    })
    const result = await run(home.path, side, { concurrency: 2 })
    expect(result.state).toBe('succeeded')
    // An input names the folder that the run itself writes to: nothing can be known by its content.
    expect(await logOf(result, 'meet')).toContain(`${home.path} is where this run writes`)
    expect(new Set(result.tasks.map(({ outputs }) => outputs?.parameters.pid)).size).toBe(2)
  })
})

describe('a failure', () => {
  test.each([
    [
      'throw',
      { code: 'stage-failed', what: 'stumble failed: stumbled', stack: expect.stringContaining('stages') },
    ],
    ['ours', { code: 'no-rows', what: 'nothing to read', where: 'in the file', fix: 'fill it' }],
    ['kill', { code: 'stage-killed', what: 'stumble ended with its process (signal SIGKILL)' }],
    ['exit', { code: 'stage-killed', what: 'stumble ended with its process (exit code 3)' }],
  ])('%s stops what depends on it, not the rest, and keeps no half-made artifact', async (how, error) => {
    await using home = await tempFolder()
    const counter = join(home.path, 'counter')
    const spec = specFrom(() => {
      const bad = stumble({ how, counter })
      const after = read({ note: bad.half })
      read({ note: after.folder })
      const fine = echo({ value: 'fine' })
      read({ note: fine.note })
    })
    const result = await run(home.path, spec, { concurrency: 1 })
    expect(statesOf(result)).toEqual({
      stumble: 'failed',
      read: 'skipped',
      'read-2': 'skipped',
      echo: 'succeeded',
      'read-3': 'succeeded',
    })
    expect(result).toMatchObject({ state: 'failed', error: { code: error.code } })
    expect(result.error?.message).toContain(error.what)
    expect(taskOf(result, 'stumble')?.error).toMatchObject(error)
    expect(taskOf(result, 'read')?.summary).toBe('stumble failed')
    expect((await readdir(join(result.folder, 'stumble'))).toSorted()).toEqual([
      'executor-input.json',
      'log.txt',
    ])
    expect(await logOf(result, 'stumble')).toContain(error.what)
    if (error.code === 'stage-killed') expect(result.error?.where).toContain(join('stumble', 'log.txt'))
  })

  test('keeps what the process printed last', async () => {
    await using home = await tempFolder()
    const spec = specFrom(() => void stumble({ how: 'print-and-exit', counter: join(home.path, 'counter') }))
    expect(await logOf(await run(home.path, spec), 'stumble')).toContain('warn last words')
  })

  test.each([
    [1, 'failed', 2],
    [2, 'succeeded', 3],
  ])('is tried again %d times', async (retries, state, attempts) => {
    await using home = await tempFolder()
    const counter = join(home.path, 'counter')
    const spec = specFrom(() => void stumble({ how: 'kill', counter, times: 2 }).retry(retries))
    const result = await run(home.path, spec)
    expect([result.state, await linesOf(counter)]).toEqual([state, attempts])
    expect(await logOf(result, 'stumble')).toContain('attempt 1 failed; the next begins in 0 s')
  })

  test('a stage that takes too long is stopped; its worker is replaced', async () => {
    await using home = await tempFolder()
    const spec = specFrom(() => {
      hang({ started: join(home.path, 'started') })
      echo({ value: 'after' })
    })
    const result = await run(home.path, spec, { taskTimeoutSeconds: 2, concurrency: 1 })
    expect(statesOf(result)).toEqual({ hang: 'failed', echo: 'succeeded' })
    expect(result.error).toMatchObject({ code: 'stage-timeout', where: expect.stringContaining('log.txt') })
    expect(result.error?.message).toContain('hang was stopped after 2 s')
    await gone(Number(await appeared(join(home.path, 'started'))))
  })

  test('a worker killed from outside', async () => {
    await using home = await tempFolder()
    const started = join(home.path, 'started')
    const running = run(
      home.path,
      specFrom(() => void hang({ started })),
    )
    process.kill(Number(await appeared(started)), 'SIGKILL')
    expect((await running).error).toMatchObject({ code: 'stage-killed' })
  })

  test.each([false, true])('a stop from outside ends the run (deaf stage: %s)', async stubborn => {
    await using home = await tempFolder()
    const started = join(home.path, 'started')
    const controller = new AbortController()
    const spec = specFrom(() => {
      const first = hang({ started, stubborn })
      echo({ value: 'later' }).after(first)
    })
    const running = run(home.path, spec, { signal: controller.signal })
    const pid = Number(await appeared(started))
    controller.abort()
    const result = await running
    expect(statesOf(result)).toEqual({ hang: 'cancelled', echo: 'cancelled' })
    expect(result).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } })
    await gone(pid)
  })

  test('a stop that comes too early', async () => {
    await using home = await tempFolder()
    const spec = specFrom(() => void echo({ value: 'x' }))
    const result = await run(home.path, spec, { signal: AbortSignal.abort() })
    expect([result.state, statesOf(result)]).toEqual(['cancelled', { echo: 'cancelled' }])
    await using pool = new WorkerPool({ stageModules, env: process.env, compileCache: shared.path })
    const job = { stage: 'echo', input: {}, env: {} }
    await expect(pool.run(job, () => {}, AbortSignal.abort())).rejects.toThrow('aborted')
  })

  test.each([
    [{ concurrency: 0 }, 'invalid-setting', 'concurrency'],
    [{ taskTimeoutSeconds: -1 }, 'invalid-setting', 'time-out'],
    [{ parameters: { valeu: 'x' } }, 'invalid-parameter', '"valeu"'],
    [{ stageModules: ['file:///nowhere.ts'] }, 'invalid-stage', 'nowhere.ts'],
    [{ stageModules: [new URL('../support/specs.ts', import.meta.url).href] }, 'invalid-stage', 'no stage'],
  ])('%j keeps a run from starting', async (rest, code, what) => {
    await using home = await tempFolder()
    await expect(
      run(
        home.path,
        specFrom(() => void echo({ value: 'x' })),
        rest,
      ),
    ).rejects.toMatchObject({
      code,
      message: expect.stringContaining(what),
    })
    expect(await readdir(home.path)).toEqual([])
  })

  test('a foreign container is never started, nor is anything else', async () => {
    await using home = await tempFolder()
    const counter = join(home.path, 'counter')
    const spec = specOf(
      { dag: { tasks: { ours: task('announce', { counter: constant(counter) }), theirs: task('touch') } } },
      { announce: leaf('announce', ['counter']), touch: leaf('touch', []) },
      { touch: { container: { image: 'busybox', command: ['touch', counter] } } },
    )
    await expect(run(home.path, spec)).rejects.toMatchObject({
      code: 'invalid-pipeline',
      where: expect.stringMatching(/^theirs: it starts touch \S+ in busybox$/),
    })
    expect(await readdir(home.path)).toEqual([])
  })

  test('a folder that a run is using', async () => {
    await using home = await tempFolder()
    const started = join(home.path, 'started')
    const controller = new AbortController()
    const running = run(
      home.path,
      specFrom(() => void hang({ started })),
      { signal: controller.signal },
    )
    await appeared(started)
    await expect(
      run(
        home.path,
        specFrom(() => void echo({ value: 'x' })),
      ),
    ).rejects.toMatchObject({
      code: 'folder-locked',
    })
    controller.abort()
    await running
    expect(await readdir(join(home.path, 'runs'))).toHaveLength(1)
  })
})

describe('the cache', () => {
  const counted = (source: string, value = 'x') => {
    return specFrom(() => {
      const first = echo({ value, source })
      read({ note: first.note })
    })
  }

  async function setUp(home: string) {
    const source = join(home, 'source')
    await writeFile(source, 'rows')
    const again = (spec = counted(source), rest: Rest = {}) =>
      run(home, spec, { ...rest, env: { ECHO_SUFFIX: '!' } })
    return { source, again }
  }

  test('takes unchanged steps from earlier runs, artifacts included, each run with its own copy', async () => {
    await using home = await tempFolder()
    const { again } = await setUp(home.path)
    const first = await again()
    const second = await again()
    expect(statesOf(first)).toEqual({ echo: 'succeeded', read: 'succeeded' })
    expect(statesOf(second)).toEqual({ echo: 'cached', read: 'cached' })
    expect(taskOf(second, 'read')).toMatchObject({
      summary: 'x!rows',
      cacheKey: taskOf(first, 'read')?.cacheKey,
    })
    const folder = taskOf(second, 'read')?.outputs?.artifacts.folder?.[0]?.uri ?? ''
    expect(folder).toContain(second.id)
    expect(await readFile(join(fileURLToPath(folder), 'inner', 'text'), 'utf8')).toBe('x!rows')
  })

  test('an edited file, another value or another environment is another key; only what follows from it runs', async () => {
    await using home = await tempFolder()
    const { source, again } = await setUp(home.path)
    await again()
    expect(statesOf(await again(counted(source, 'y')))).toEqual({ echo: 'succeeded', read: 'succeeded' })
    await writeFile(source, 'more')
    expect(statesOf(await again())).toEqual({ echo: 'succeeded', read: 'succeeded' })
    await writeFile(source, 'rows')
    expect(statesOf(await again())).toEqual({ echo: 'cached', read: 'cached' })
    expect(statesOf(await run(home.path, counted(source), { env: { ECHO_SUFFIX: ',' } }))).toEqual({
      echo: 'succeeded',
      read: 'succeeded',
    })
  })

  test('a named folder counts with all in it; one without a digest is said to', async () => {
    await using home = await tempFolder()
    const folder = join(home.path, 'rows')
    await mkdir(folder)
    const spec = specFrom(() => void echo({ value: folder }))
    expect(statesOf(await run(home.path, spec))).toEqual({ echo: 'succeeded' })
    expect(statesOf(await run(home.path, spec))).toEqual({ echo: 'cached' })
    await writeFile(join(folder, 'more'), 'x')
    expect(statesOf(await run(home.path, spec))).toEqual({ echo: 'succeeded' })
    await symlink(folder, join(folder, 'link'))
    const result = await run(home.path, spec)
    expect(statesOf(result)).toEqual({ echo: 'succeeded' })
    expect(await logOf(result, 'echo')).toContain(
      `not kept for later runs: ${join(folder, 'link')} is neither`,
    )
  })

  test('is not used where it is off, nor for effects outside', async () => {
    await using home = await tempFolder()
    const counter = join(home.path, 'counter')
    const spec = specFrom(() => {
      echo({ value: 'x' }).cache(false)
      announce({ counter })
    })
    // Whoever writes the file by hand cannot make a stage with effects outside cacheable.
    const forced = structuredClone(spec) as { root: { dag: { tasks: Record<string, object> } } }
    Object.assign(forced.root.dag.tasks.announce ?? {}, { cachingOptions: { enableCache: true } })
    for (const each of [spec, spec, forced, forced]) {
      const result = await run(home.path, each as typeof spec)
      expect(statesOf(result)).toEqual({ echo: 'succeeded', announce: 'succeeded' })
    }
    expect(await linesOf(counter)).toBe(4)
    await run(
      home.path,
      specFrom(() => void echo({ value: 'x' })),
      { cache: false },
    )
    expect(await stat(join(home.path, 'cache')).catch(() => undefined)).toBeUndefined()
  })

  const damages: [string, (entry: string) => Promise<void>][] = [
    ['an artifact has other bytes', entry => writeFile(join(entry, 'artifacts', 'note'), 'other')],
    ['an artifact is missing', entry => rm(join(entry, 'artifacts', 'note'))],
    ['entry.json is cut off', entry => truncate(join(entry, 'entry.json'), 40)],
    ['entry.json is missing', entry => rm(join(entry, 'entry.json'))],
    [
      'entry.json says something else',
      async entry => {
        const path = join(entry, 'entry.json')
        await writeFile(path, (await readFile(path, 'utf8')).replace('x!rows', 'y!rows'))
      },
    ],
  ]
  test.each(damages)('a damaged entry is replaced, with a warning: %s', async (_, damage) => {
    await using home = await tempFolder()
    const { again } = await setUp(home.path)
    const first = await again()
    await damage(join(home.path, 'cache', taskOf(first, 'echo')?.cacheKey ?? ''))
    const warnings: string[] = []
    const onEvent = (event: RunEvent) => {
      if (event.type === 'task-log' && event.level === 'warn') warnings.push(`${event.task}: ${event.line}`)
    }
    expect(statesOf(await again(undefined, { onEvent }))).toEqual({ echo: 'succeeded', read: 'cached' })
    expect(warnings).toEqual([
      expect.stringMatching(/^echo: the kept result \S+ is damaged and will be replaced: /),
    ])
    expect(statesOf(await again(undefined, { onEvent }))).toEqual({ echo: 'cached', read: 'cached' })
    expect(warnings).toHaveLength(1)
  })

  test('a task that writes into its input damages no later run', async () => {
    await using home = await tempFolder()
    const spec = specFrom(() => {
      const first = echo({ value: 'x' })
      const vandal = read({ note: first.note, scribble: true })
      read({ note: first.note }).after(vandal)
    })
    const result = await run(home.path, spec)
    expect(taskOf(result, 'read-2')?.summary).toBe('xscribble')
    expect(await logOf(result, 'read-2')).toContain('a task wrote into the artifact note')
    const reader = specFrom(() => void read({ note: echo({ value: 'x' }).note }))
    const clean = await run(home.path, reader)
    expect(statesOf(clean)).toEqual({ echo: 'cached', read: 'succeeded' })
    expect(taskOf(clean, 'read')?.summary).toBe('x')
  })

  test('knows the code by all that it reaches', async () => {
    await using folder = await tempFolder()
    const [module, helper, table] = ['stage.mjs', 'helper.mjs', 'table.json'].map(name =>
      join(folder.path, name),
    ) as [string, string, string]
    await writeFile(module, `import './helper.mjs'\n// './helper.mjs' again, and a circle`)
    await writeFile(helper, `await import("./stage.mjs"); new URL('./table.json', import.meta.url)`)
    await writeFile(table, '{}')
    const print = () => codeFingerprint([`file://${module}`])
    const before = await print()
    expect(await print()).toBe(before)
    await appendFile(table, ' ')
    const after = await print()
    expect(after).not.toBe(before)
    await appendFile(join(folder.path, 'unrelated.mjs'), 'x')
    expect(await print()).toBe(after)
  })
})

test('kill -9 of the runner in the middle of a run: its worker ends, the next run is clean', async () => {
  await using home = await tempFolder()
  const started = join(home.path, 'started')
  const spec = specFrom(() => {
    const first = echo({ value: 'x' })
    hang({ started }).after(first)
  })
  const request = JSON.stringify({ spec, home: home.path, stageModules })
  const runner = fork(fileURLToPath(new URL('../support/run-local.ts', import.meta.url)), [request], {
    execArgv: [],
  })
  await appeared(started)
  await killed(runner)
  await appeared(`${started}.left`)
  // As left by a writer that died within a rename's reach.
  await mkdir(join(home.path, 'cache', 'a'.repeat(64)), { recursive: true })

  const [interrupted = ''] = await readdir(join(home.path, 'runs'))
  const left = JSON.parse(await readFile(join(home.path, 'runs', interrupted, 'run.json'), 'utf8'))
  expect(left.state).toBe('running')
  const next = await run(
    home.path,
    specFrom(() => void echo({ value: 'x' })),
  )
  expect(statesOf(next)).toEqual({ echo: 'cached' })
})

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'close')
}
