import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { pressroom } from '../support/pressroom.ts'
import { tempFolder } from '../support/temp.ts'

let folder: AsyncDisposable & { readonly path: string }

beforeAll(async () => {
  folder = await tempFolder()
  const write = (name: string, content: string | Uint8Array) => writeFile(join(folder.path, name), content)
  await mkdir(join(folder.path, 'folder'))
  await write('rows.csv', 'text,label\nhello there,a\nfoo bar\n,b\nmore text,c\n')
  await write('good.csv', 'text,label\nhello there,a\nfoo bar,b\n')
  await write('one.csv', 'text,label\na b,x\nc d,x\n')
  await write('empty.csv', '')
  await write(
    'binary.csv',
    Uint8Array.from({ length: 999 }, (_, i) => (i * 7) % 256),
  )
  await write('long.csv', `text,label\n${'x'.repeat(50_000_000)},a\n`)
  await write('wrong.yaml', 'ingest:\n  sede: 4\n  seed: x\nunknown: 1\n')
  await write('broken.yaml', 'ingest: [1,\n')
  await write('not-a-pipeline.ts', 'export default 3\n')
  await write('throws.ts', 'throw new Error("from the definition")\n')
})
afterAll(async () => folder[Symbol.asyncDispose]())

/** Command line, exit status, and what the message must say. */
const CASES: readonly (readonly [line: string, status: number, ...says: string[]])[] = [
  ['trian', 2, "unknown command 'trian'", 'did you mean train?'],
  ['ingest good.csv --sed 3', 2, "unknown option '--sed'", 'did you mean --seed?'],
  ['up --prot 3', 2, "unknown option '--prot'", 'did you mean --port?'],
  ['ingest', 1, '--source is missing'],
  ['ingest good.csv --seed ture', 1, '--seed must be a whole number, not "ture"'],
  ['ingest good.csv --seed -1', 1, '--seed must be at least 0'],
  ['ingest good.csv --bad-rows drop', 1, '--bad-rows must be "fail" or "skip", not "drop"'],
  ['ingest good.csv --config nope.yaml', 1, 'no settings file nope.yaml'],
  [
    'ingest good.csv --config wrong.yaml',
    1,
    '"unknown" is not a setting',
    'did you mean "seed"?',
    'ingest.seed must be a whole number, not "x"',
  ],
  ['ingest good.csv --config broken.yaml', 1, 'broken.yaml is not one YAML document'],
  ['ingest nope.csv', 1, 'no such file: nope.csv'],
  ['ingest folder', 1, 'folder is a folder'],
  ['ingest empty.csv', 1, 'no rows in empty.csv'],
  ['ingest one.csv', 1, 'every row of one.csv has the label "x"'],
  [
    'ingest good.csv --text-column txet',
    1,
    'no column "txet" in good.csv',
    'it has: text, label',
    'did you mean --text-column text?',
  ],
  ['ingest binary.csv', 1, 'binary.csv is not a text file'],
  ['ingest long.csv', 1, 'line 2 of long.csv is longer than 1 MB'],
  ['ingest rows.csv', 1, '2 of 4 rows of rows.csv break the schema', 'line 3:', 'line 4:'],
  ['evaluate --model folder --test good.csv', 1, 'is not a model'],
  ['train --train good.csv --validation good.csv', 1, 'line 1 of', 'is not a row'],
  ['run nope', 1, 'no pipeline "nope"'],
  ['run not-a-pipeline.ts', 1, 'has no pipeline as its default export'],
  ['compile throws.ts', 1, 'throws.ts cannot be loaded', 'from the definition'],
  ['run news --on kubeflow --resume last', 2, '--resume cannot go with --on kubeflow'],
  ['run news --set seed', 2, '--set seed is not key=value', 'source, name, seed'],
  ['run news --set sed=3', 1, 'sed', 'did you mean "seed"?'],
  ['runs prune', 2, 'prune needs to know what may go', '--keep N'],
  ['runs prune --older-than 30days', 1, '--older-than must match'],
  ['cache prune', 2, 'prune needs to know what may go', '--max-size 5GB'],
  ['cache pull', 2, 'cache pull needs a place'],
  ['models nope', 1, 'no model "nope"'],
  ['serve', 2, 'no model to serve'],
  ['promote --name news --version 3', 1, 'news'],
  ['register --model folder --name news/of', 1, '--name must match'],
]

test.each(CASES)('pressroom %s', async (line, status, ...says) => {
  const before = await readdir(folder.path)
  const ended = await pressroom(folder.path, line === '' ? [] : line.split(' '))
  for (const part of says) expect(ended.stderr).toContain(part)
  expect(ended.stderr).not.toMatch(/^\s+at .*\.[jt]s/m)
  expect(ended.stdout).toBe('')
  expect(ended.status).toBe(status)
  const left = (await readdir(folder.path, { recursive: true })).filter(name => /\.tmp|~/.test(name))
  expect(left).toEqual([])
  expect(
    (await readdir(folder.path)).filter(name => !before.includes(name) && !OWN_FOLDERS.has(name)),
  ).toEqual([])
})

/** What a command may make: the folders that it works in. */
const OWN_FOLDERS = new Set(['.pressroom', 'pressroom-out'])

test('a port in use is named before anything is trained', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  try {
    const ended = await pressroom(folder.path, ['up', '--once', '--port', String(port)])
    expect(ended.stderr).toContain(`port ${port} of 127.0.0.1 is in use`)
    expect(ended.stdout).toBe('')
    expect(ended.status).toBe(1)
  } finally {
    server.close()
  }
})

test('--json puts the error on standard output as one object', async () => {
  const ended = await pressroom(folder.path, ['ingest', 'nope.csv', '--json'])
  expect(JSON.parse(ended.stdout)).toMatchObject({
    error: { code: 'file-not-found', what: 'no such file: nope.csv' },
  })
})

test('--debug adds the stack', async () => {
  const ended = await pressroom(folder.path, ['ingest', 'nope.csv', '--debug'])
  expect(ended.stderr).toMatch(/^\s+at .*\.ts/m)
})
