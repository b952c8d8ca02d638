import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { load } from 'js-yaml'
import { isActing } from '../../cli/definition/plain.ts'
import { compileInThread } from '../../cli/definition/thread.ts'
import { difference } from '../../core/report/difference.ts'
import { eventually } from '../support/eventually.ts'
import { pressroom, start } from '../support/pressroom.ts'
import * as fc from '../support/properties.ts'
import { tempFolder } from '../support/temp.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const LOADED = join(ROOT, 'test/goldens/kfp-loaded')

let folder: AsyncDisposable & { readonly path: string }
const at = (name: string) => join(folder.path, name)

/** A definition that says a word. */
function definition(name: string, word = 'hello'): string {
  return `import { container, pipeline } from 'pressroom-ml/pipelines'
const say = container({ name: 'say' }, () => ({ image: 'alpine:3.22', command: ['echo', '${word}'] }))
export default pipeline({ name: '${name}' }, () => void say())
`
}

/** Whether a definition of which this is said comes to an end; others are stopped early, and these not even on a slow machine. */
const ends = (says: RegExp) => !says.source.includes('did not end')

beforeAll(async () => {
  folder = await tempFolder()
  await mkdir(at('node_modules'))
  await symlink(ROOT, at('node_modules/pressroom-ml'))
  await writeFile(at('package.json'), '{"type":"module"}')
})
afterAll(async () => folder[Symbol.asyncDispose]())

describe('compile', () => {
  test('a folder: each pipeline beside its file; --check tells what is stale and writes nothing', async () => {
    await mkdir(at('all/deep/node_modules/x'), { recursive: true })
    await writeFile(at('all/one.ts'), definition('one'))
    await writeFile(at('all/deep/two.mjs'), definition('two'))
    await writeFile(at('all/lib.ts'), 'export const word = 1\n')
    await writeFile(at('all/other.ts'), 'export default 3\n')
    await writeFile(at('all/deep/node_modules/x/three.js'), definition('three'))
    const made = await pressroom(folder.path, ['compile', 'all'])
    expect(made).toMatchObject({ status: 0, stderr: '' })
    expect((await yamlIn('all')).sort()).toEqual(['deep/two.yaml', 'one.yaml'])
    expect(load(await readFile(at('all/one.yaml'), 'utf8'))).toHaveProperty('pipelineInfo.name', 'one')
    expect(await pressroom(folder.path, ['compile', 'all', '--check'])).toMatchObject({
      status: 0,
      stdout: '',
    })

    await writeFile(at('all/one.ts'), definition('one', 'bye'))
    await rm(at('all/deep/two.yaml'))
    const before = await readFile(at('all/one.yaml'), 'utf8')
    const stale = await pressroom(folder.path, ['compile', 'all', '--check'])
    expect(stale.status).toBe(1)
    expect(stale.stderr).toContain('2 of 2 files are stale')
    expect(stale.stdout).toContain('two.yaml is missing')
    expect(stale.stdout).toContain('\n-          - hello\n+          - bye\n')
    expect(await readFile(at('all/one.yaml'), 'utf8')).toBe(before)
    expect(await yamlIn('all')).toEqual(['one.yaml'])

    const out = await pressroom(folder.path, ['compile', 'all', '--out', 'made', '--json'])
    expect(JSON.parse(out.stdout).files).toHaveLength(2)
    expect((await yamlIn('made')).sort()).toEqual(['deep/two.yaml', 'one.yaml'])
  })

  test('all that is wrong in a folder is told, and the rest is written', async () => {
    await mkdir(at('mixed'))
    await writeFile(at('mixed/a.ts'), 'throw new Error("from a")\nexport default 1\n')
    await writeFile(at('mixed/b.ts'), definition('No Name'))
    await writeFile(at('mixed/c.ts'), definition('c'))
    const { status, stderr } = await pressroom(folder.path, ['compile', 'mixed'])
    expect(status).toBe(1)
    expect(stderr).toContain('Error: from a (mixed/a.ts:1:7)')
    expect(stderr).toContain('"No Name" is no name for a pipeline')
    expect(await yamlIn('mixed')).toEqual(['c.yaml'])
  })

  test.each([
    [
      'throws.ts',
      'function f() {\n  throw new TypeError("x")\n}\nf()\n',
      /TypeError: x \(.*throws\.ts:2:9\)/,
    ],
    [
      'body.ts',
      definition('body').replace('void say()', '{ while (true); }'),
      /body\.ts did not end within 0\.5 s/,
    ],
    ['endless.ts', 'while (true);\n', /endless\.ts did not end within 0\.5 s/],
    ['waits.ts', 'await new Promise(() => {})\n', /waits\.ts waits for something that never happens/],
    ['exits.ts', 'process.exit(0)\n', /it ended the process with exit code 0/],
    ['syntax.ts', 'export default const\n', /SyntaxError/],
    ['missing.ts', 'import "./nope.ts"\n', /Cannot find module/],
    [
      'async.ts',
      definition('p').replace('() => void say()', 'async () => void say()'),
      /must not be asynchronous/,
    ],
  ])('%s is a clear error', async (name, content, says) => {
    await writeFile(at(name), content)
    const compiled = compileInThread(
      { file: at(name), format: 'yaml' },
      { timeoutSeconds: ends(says) ? 60 : 0.5 },
    )
    await expect(compiled).rejects.toMatchObject({
      code: 'invalid-pipeline',
      message: expect.stringMatching(says),
    })
  })

  // Plain ones run in the command's own thread, the others in one of theirs; nobody is to notice.
  test.each([
    ['throws.ts', 1, /TypeError: x \(throws\.ts:2:9\)/],
    ['body.ts', 1, /body\.ts did not end within 1 s/],
    ['endless.ts', 1, /endless\.ts did not end within 1 s/],
    ['waits.ts', 1, /waits\.ts waits for something that never happens/],
    ['exits.ts', 1, /it ended the process with exit code 0/],
    ['syntax.ts', 1, /syntax\.ts cannot be loaded/],
    ['missing.ts', 1, /Cannot find module/],
    ['grows.ts', 1, /more than 100000 tasks/],
    ['rejects.ts', 1, /rejects\.ts cannot be loaded\n.*Error: lost/],
    ['spins.ts', 1, /spins\.ts did not end within 1 s/],
    ['imports.ts', 0, /^imported\n$/],
    ['leaves.ts', 0, /^$/],
  ])('pressroom compile %s', async (name, status, says) => {
    const plain = definition(name.replace('.ts', ''))
    await writeFile(at('grows.ts'), plain.replace('void say()', '{ while (true) say() }'))
    await writeFile(at('rejects.ts'), `Promise.reject(new Error('lost'))\n${plain}`)
    await writeFile(at('spins.ts'), `(async () => { for (;;) await null })()\n${plain}`)
    await writeFile(at('imported.ts'), `console.log('imported')\n`)
    await writeFile(at('imports.ts'), `import './imported.ts'\n${plain}`)
    await writeFile(
      at('leaves.ts'),
      `import { createServer } from 'node:net'\ncreateServer().listen(0)\nsetInterval(() => {}, 1000)\n${plain}`,
    )
    const ended = await pressroom(folder.path, ['compile', name, '--timeout', ends(says) ? '60' : '1'])
    expect(ended.stderr).toMatch(says)
    expect(ended.status).toBe(status)
    if (status === 0) expect(load(ended.stdout)).toHaveProperty('schemaVersion', '2.1.0')
  })

  test('a plain definition starts no thread', async () => {
    await writeFile(at('quiet.ts'), definition('quiet'))
    await writeFile(
      at('no-thread.mjs'),
      `import { registerHooks } from 'node:module'
       registerHooks({ load: (url, context, next) => (url.endsWith('/thread.ts') ? process.exit(9) : next(url, context)) })`,
    )
    const env = { NODE_OPTIONS: `--import=${at('no-thread.mjs')}` }
    expect(await pressroom(folder.path, ['compile', 'quiet.ts'], env)).toMatchObject({ status: 0 })
    await writeFile(at('loud.ts'), `console.log('aside')\n${definition('loud')}`)
    expect(await pressroom(folder.path, ['compile', 'loud.ts'], env)).toMatchObject({ status: 9 })
  })

  test.each([
    [false, 'import { pipeline } from "pressroom-ml/pipelines"\nconst then = [1].map(x => x)'],
    [false, 'import { join } from "node:path"; export default join(import.meta.dirname, "x")'],
    [true, 'new Promise(() => {})'],
    [true, 'process.exit()'],
    [true, 'const c = globalThis["cons" + "ole"]'],
    [true, 'void import("./x.ts")'],
    [true, '[].constructor.constructor("return 1")()'],
    [true, 'queueMicrotask(() => {})'],
  ])('whether a text may act: %s, %s', (acts, text) => {
    expect(isActing(text)).toBe(acts)
  })

  test.each([
    ['SIGINT', { status: 7, signal: null }],
    ['SIGTERM', { status: null, signal: 'SIGTERM' }],
  ] as const)('%s ends what never would', async (signal, ended) => {
    const program = `
      import { guarded } from '${ROOT}/cli/definition/guard.ts'
      process.on('SIGINT', () => {}).on('SIGTERM', () => {})
      try {
        guarded(() => { process.stdout.write('ready'); for (;;); }, 60)
      } catch (error) {
        process.exit(error.code === 'cancelled' ? 7 : 1)
      }`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program])
    await once(child.stdout, 'data')
    child.kill(signal)
    const [status, by] = await once(child, 'close')
    expect({ status, signal: by }).toEqual(ended)
  })

  test('a stopped compilation ends at once', async () => {
    const job = { file: at('endless.ts'), format: 'yaml' } as const
    const stopped = compileInThread(job, { timeoutSeconds: 30, signal: AbortSignal.timeout(50) })
    await expect(stopped).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  test('what a definition prints is not in its YAML', async () => {
    await writeFile(at('prints.ts'), `console.log('aside')\n${definition('prints')}`)
    const { stdout, stderr } = await pressroom(folder.path, ['compile', 'prints.ts'])
    expect(load(stdout)).toHaveProperty('pipelineInfo.name', 'prints')
    expect(stderr).toBe('aside\n')
  })

  test.each([
    ['compile news --check', 2, 'there is no file beside it'],
    ['compile prints.ts --check --watch', 2, 'exclude each other'],
    [`compile ${LOADED}/shelf.yaml`, 2, 'is compiled already'],
    ['compile package.json/none', 1, 'no pipeline "package.json/none"'],
    ['compile number.ts', 1, 'number.ts has no pipeline as its default export'],
    ['compile nothing', 1, 'there is no pipeline in nothing'],
    ['compile twins', 2, 'would both be written'],
  ])('pressroom %s', async (line, status, says) => {
    await mkdir(at('nothing'), { recursive: true })
    await mkdir(at('twins'), { recursive: true })
    await writeFile(at('number.ts'), 'export default 3\n')
    await writeFile(at('twins/a.ts'), definition('a'))
    await writeFile(at('twins/a.js'), definition('a'))
    const ended = await pressroom(folder.path, line.split(' '))
    expect(ended.stderr).toContain(says)
    expect(ended.status).toBe(status)
  })

  test('--watch compiles again on a change of the definition or of what it imports, errors or not', async () => {
    await mkdir(at('watched/lib'), { recursive: true })
    const import_ = `import { word } from './lib/word.ts'\n`
    await writeFile(at('watched/lib/word.ts'), `export const word = 'one'\n`)
    await writeFile(at('watched/p.ts'), import_ + definition('p').replace(`'hello'`, 'word'))
    const yaml = () => readFile(at('watched/p.yaml'), 'utf8').catch(() => '')
    await using running = start(folder.path, ['compile', 'watched/p.ts', '--watch', '--json'])
    await eventually(async () => (await yaml()).includes('- one\n'))
    await writeFile(at('watched/lib/word.ts'), `export const word = 'two'\n`)
    await eventually(async () => (await yaml()).includes('- two\n'))
    await writeFile(at('watched/p.ts'), 'throw new Error("oh")\n')
    await eventually(() => running.output().includes('Error: oh'))
    await writeFile(at('watched/p.ts'), import_ + definition('p', 'three'))
    await eventually(async () => (await yaml()).includes('- three\n'))
    await rm(at('watched/p.ts'))
    await eventually(() => running.output().includes('no pipeline'))
    await writeFile(at('watched/p.ts'), definition('p', 'four'))
    await eventually(async () => (await yaml()).includes('- four\n'))
    running.process.kill('SIGINT')
    expect(await running.ended).toMatchObject({ status: 130 })
  })

  test('--diagram draws definitions and compiled files', async () => {
    const mermaid = await pressroom(folder.path, ['compile', `${LOADED}/shelf.yaml`, '--diagram', 'mermaid'])
    expect(mermaid.stdout).toBe(`flowchart TD
  subgraph t1["condition-2<br/>if toss-face == 'heads'"]
    t2["report"]
  end
  subgraph t3["for-loop-1<br/>for each of words"]
    t4["paint"]
  end
  t5["toss"]
  t5 --> t1
`)
    const svg = await pressroom(folder.path, ['compile', 'news', '--diagram', 'svg', '--out', 'news.svg'])
    expect(svg.status).toBe(0)
    expect(await readFile(at('news.svg'), 'utf8')).toMatch(/^<svg .*<title>news<\/title>/s)
  })
})

test('a difference, applied, gives the other text', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c'), { maxLength: 40 })
    .map(lines => lines.map(l => `${l}\n`).join(''))
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(patch(before, difference(before, after))).toBe(after)
    }),
  )
  const long = (word: string) => Array.from({ length: 3000 }, (_, i) => `${word}${i}\n`).join('')
  expect(patch(`x\n${long('a')}`, difference(`x\n${long('a')}`, `x\n${long('b')}`))).toBe(`x\n${long('b')}`)
})

test.each([
  ['', 'x\ny\n', '@@ -0,0 +1,2 @@\n+x\n+y\n'],
  ['x\n', '', '@@ -1,1 +0,0 @@\n-x\n'],
  ['a\nx', 'a\nx\n', '@@ -1,2 +1,2 @@\n a\n-x\n\\ No newline at end of file\n+x\n'],
])('a difference is as diff -u has it: %j to %j', (before, after, expected) => {
  expect(difference(before, after)).toBe(expected)
})

test('what docs/pipelines.md shows works, in its order', async () => {
  await mkdir(at('docs'))
  await symlink(at('node_modules'), at('docs/node_modules'))
  const page = await readFile(join(ROOT, 'docs/pipelines.md'), 'utf8')
  for (const [, language, block = ''] of page.matchAll(/^```(ts|sh)\n(.*?)^```$/gms)) {
    if (language === 'ts') {
      const [, name] = /^\/\/ (\S+\.ts)\n/.exec(block) ?? []
      await writeFile(at(`docs/${name}`), block)
      continue
    }
    for (const line of block.trim().split('\n')) {
      const [npx, command, ...args] = line.split(' ')
      expect([npx, command]).toEqual(['npx', 'pressroom'])
      expect(await pressroom(at('docs'), args)).toMatchObject({ status: 0 })
    }
  }
  expect((await pressroom(at('docs'), ['compile', 'typed-party.ts'])).status).toBe(0)
  expect(typeFaults('docs')).toBe('')
})

describe('types', () => {
  test('a generated module types the calls', async () => {
    await mkdir(at('typed'))
    const made = await pressroom(folder.path, ['types', `${LOADED}/shelf.yaml`, '--out', 'typed/shelf.ts'])
    expect(made).toMatchObject({ status: 0, stderr: '' })
    await writeFile(at('typed/use.ts'), USE)
    expect(typeFaults('typed')).toBe('')
    const compiled = await pressroom(folder.path, ['compile', 'typed/use.ts'])
    expect(compiled.status).toBe(0)
    expect(compiled.stdout).toContain('comp-shelf:')
  })

  test('a file that changed since is told from its types', async () => {
    await mkdir(at('stale'))
    const shelf = await readFile(join(LOADED, 'shelf.yaml'), 'utf8')
    await writeFile(at('stale/shelf.yaml'), shelf)
    await pressroom(folder.path, ['types', 'stale/shelf.yaml', '--out', 'stale/shelf.ts'])
    await writeFile(at('stale/shelf.yaml'), shelf.replaceAll('share', 'part'))
    await writeFile(at('stale/use.ts'), `import './shelf.ts'\n`)
    const { status, stderr } = await pressroom(folder.path, ['compile', 'stale/use.ts'])
    expect(status).toBe(1)
    expect(stderr).toContain('input "share" is not in the file')
    expect(stderr).toContain('run pressroom types again')
  })

  test.each([
    ['types news', 2, 'news is not compiled YAML'],
    ['types', 1, '--file is missing'],
    ['types package.json', 1, 'package.json is not a compiled pipeline'],
  ])('pressroom %s', async (line, status, says) => {
    const ended = await pressroom(folder.path, line.split(' '))
    expect(ended.stderr).toContain(says)
    expect(ended.status).toBe(status)
  })
})

const USE = `import { artifact, artifactList, integer, pipeline } from 'pressroom-ml/pipelines'
import { shelf } from './shelf.ts'

const inputs = { log: artifact('dataset', ''), logs: artifactList('dataset', ''), sides: integer('') }
export default pipeline({ name: 'use', inputs }, ({ log, logs, sides }) => {
  const task = shelf({ log, sides, words: ['x'] })
  shelf({ log: task.kept, sides: 2, share: 0.5 }).after(task)
  task.face.is('heads')
  return { kept: task.kept }
})

pipeline({ name: 'wrong', inputs }, ({ log, logs, sides }) => {
  // @ts-expect-error log is required
  shelf({ sides })
  // @ts-expect-error sides is a number
  shelf({ log, sides: '6' })
  // @ts-expect-error log is one artifact
  shelf({ log: logs, sides })
  // @ts-expect-error there is no such input
  shelf({ log, sides, colour: 'red' })
  const task = shelf({ log, sides })
  // @ts-expect-error there is no such output
  task.nothing
  // @ts-expect-error face is text
  task.face.is(3)
})
`

/** What tsc says of the modules of a folder, under the project's own settings. */
function typeFaults(path: string): string {
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: { typeRoots: [join(ROOT, 'node_modules/@types')] },
    include: [at(`${path}/*.ts`)],
    exclude: [],
  }
  writeFileSync(at(`${path}/tsconfig.json`), JSON.stringify(config))
  return spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', at(path)], { encoding: 'utf8' }).stdout
}

/** Applies a unified diff. */
function patch(before: string, changes: string): string {
  const lines = before.split('\n').slice(0, -1)
  const out: string[] = []
  let at = 0
  for (const line of changes.split('\n').slice(0, -1)) {
    const [, start] = /^@@ -(\d+)/.exec(line) ?? []
    if (start !== undefined) while (at < Number(start) - 1) out.push(lines[at++]!)
    else if (line.startsWith('+')) out.push(line.slice(1))
    else {
      expect(lines[at]).toBe(line.slice(1))
      if (line.startsWith(' ')) out.push(lines[at]!)
      at += 1
    }
  }
  return [...out, ...lines.slice(at)].map(line => `${line}\n`).join('')
}

async function yamlIn(path: string): Promise<string[]> {
  const names = await readdir(at(path), { recursive: true })
  return names.filter(name => name.endsWith('.yaml'))
}
