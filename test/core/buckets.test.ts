import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PressroomError } from '../../core/errors.ts'
import { isPlainPath } from '../../core/storage/object-folders.ts'
import { type ObjectStore, openBucket, parseAddress } from '../../core/storage/objects.ts'
import { openRemote, withLocalFile } from '../../core/storage/remote.ts'
import { type FolderStore, openStore } from '../../core/storage/store.ts'
import {
  differences,
  lockHead,
  lockOf,
  pruneCache,
  pullCache,
  pushCache,
  runLocal,
} from '../../pipelines/runners/local/index.ts'
import { eventually } from '../support/eventually.ts'
import { gcsServer } from '../support/gcs-server.ts'
import { start } from '../support/pressroom.ts'
import { type StorageServer, s3Server } from '../support/s3-server.ts'
import { input, leaf, outputArtifact, specOf, task } from '../support/specs.ts'
import { BUCKET_CONTRACT, FOLDERS_CONTRACT } from '../support/storage-contract.ts'
import { tempFolder } from '../support/temp.ts'

const ENVIRONMENT = [
  'AWS_ENDPOINT_URL',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_MAX_ATTEMPTS',
  'PRESSROOM_GCS_ENDPOINT',
]
const kept = Object.fromEntries(ENVIRONMENT.map(name => [name, process.env[name]]))

let servers: Readonly<Record<'s3' | 'gs', StorageServer>>

beforeAll(async () => {
  servers = { s3: await s3Server(), gs: await gcsServer() }
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: servers.s3.url,
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'a-secret-of-tests',
    PRESSROOM_GCS_ENDPOINT: servers.gs.url,
  })
})

afterAll(async () => {
  for (const [name, value] of Object.entries(kept)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  for (const server of Object.values(servers)) await server[Symbol.asyncDispose]()
})

describe.each(['s3', 'gs'] as const)('%s://', scheme => {
  const bucket = (name = 'models') => openBucket({ scheme, bucket: name, key: '' })

  test.each(Object.entries(BUCKET_CONTRACT))('%s', async (_, holds) => {
    await holds(await bucket())
    expect([...servers[scheme].objects.keys()]).toEqual([])
  })

  test.each(Object.entries(FOLDERS_CONTRACT))('%s', async (title, holds) => {
    await holds(await openStore(`${scheme}://models/cache/${title.length}`))
    servers[scheme].objects.clear()
  })

  test('a passing fault is tried again, by an upload too', async () => {
    await using folder = await tempFolder()
    const store = await bucket()
    await writeFile(join(folder.path, 'a'), 'abcdef')
    servers[scheme].faults.statuses = [503]
    await store.write('a', join(folder.path, 'a'))
    servers[scheme].faults.cut = 1
    await store.read('a', join(folder.path, 'back'))
    expect(await readFile(join(folder.path, 'back'), 'utf8')).toBe('abcdef')
    expect(servers[scheme].faults).toEqual({ statuses: [], cut: 0, silent: [] })
    await store.delete('a')
  })

  test('a body that never comes whole is an error and no file', async () => {
    await using folder = await tempFolder()
    await writeFile(join(folder.path, 'a'), 'abcdef')
    await (await bucket()).write('a', join(folder.path, 'a'))
    servers[scheme].faults.cut = 3
    const remote = await openRemote(`${scheme}://models/a`)
    await expect(remote.fetch(join(folder.path, 'into'))).rejects.toMatchObject({
      code: 'server-unreachable',
    })
    const left = await readdir(join(folder.path, 'into'), { recursive: true })
    expect(left.filter(name => name.endsWith('a'))).toEqual([])
    expect(await readFile(await remote.fetch(join(folder.path, 'into')), 'utf8')).toBe('abcdef')
    servers[scheme].objects.clear()
  })

  test.each<[string, (store: ObjectStore) => Promise<unknown>]>([
    ['read', store => store.read('a', 'nowhere/x')],
    [
      'list',
      async store => {
        for await (const _ of store.list('')) throw new Error('it lists')
      },
    ],
  ])('a bucket that is not there: %s', async (_, ask) => {
    await expect(ask(await bucket('absent'))).rejects.toMatchObject({
      code: 'file-not-found',
      message: expect.stringContaining(`${scheme}://absent`),
    })
  })

  test('access denied is said so, and no secret', async () => {
    const store = await bucket()
    servers[scheme].faults.statuses = Array(5).fill(403)
    const error: unknown = await store.head('a').catch(error => error)
    servers[scheme].faults.statuses = []
    expect(error).toMatchObject({
      code: 'not-signed-in',
      message: expect.stringMatching(/^access is denied to/),
    })
    expect((error as Error).message).not.toContain('a-secret-of-tests')
  })

  test('a file of a bucket, a folder of it, and what has changed since', async () => {
    await using folder = await tempFolder()
    const store = await bucket()
    await writeFile(join(folder.path, 'a'), 'one')
    for (const key of ['set/train.csv', 'set/deep/test.csv', 'set/'])
      await store.write(key, join(folder.path, 'a'))
    const into = join(folder.path, 'into')
    const file = await openRemote(`${scheme}://models/set/train.csv`)
    expect(file).toMatchObject({ kind: 'file', bytes: 3 })
    const path = await file.fetch(into)
    expect(await readFile(path, 'utf8')).toBe('one')
    servers[scheme].requests.length = 0
    expect(await file.fetch(into)).toBe(path)
    expect(servers[scheme].requests).toEqual([])
    const whole = await openRemote(`${scheme}://models/set`)
    expect(whole).toMatchObject({ kind: 'folder', bytes: 6 })
    expect((await readdir(await whole.fetch(into), { recursive: true })).sort()).toEqual([
      'deep',
      'deep/test.csv',
      'train.csv',
    ])
    await writeFile(join(folder.path, 'a'), 'two')
    await store.write('set/train.csv', join(folder.path, 'a'))
    expect((await openRemote(`${scheme}://models/set/train.csv`)).version).not.toBe(file.version)
    expect((await openRemote(`${scheme}://models/set`)).version).not.toBe(whole.version)
    await expect(openRemote(`${scheme}://models/nothing`)).rejects.toMatchObject({ code: 'file-not-found' })
    await expect(withLocalFile(`${scheme}://models/set`, undefined, async () => {})).rejects.toThrow(
      'is a folder',
    )
    const failing = withLocalFile(`${scheme}://models/set/train.csv`, undefined, async copy => {
      throw new PressroomError('not-text', `${copy} is no text`)
    })
    await expect(failing).rejects.toThrow(`${scheme}://models/set/train.csv is no text`)
    servers[scheme].objects.clear()
  })

  test('names that no file can have are refused, and lead nowhere', async () => {
    await using folder = await tempFolder()
    const { objects } = servers[scheme]
    for (const names of [['x/../../out'], ['x/a', 'x/a/b'], ['x/A', 'x/a'], ['x/a\\b']]) {
      for (const name of names) objects.set(name, Buffer.from('x'))
      await expect(openRemote(`${scheme}://models/x`)).rejects.toMatchObject({ code: 'not-readable' })
      objects.clear()
    }
    const store = await openStore(`${scheme}://models/c`)
    objects.set(
      'c/folders/bad.json',
      Buffer.from(
        '{"formatVersion":1,"files":[{"path":"../out","bytes":1,"digest":"sha256:'.concat(
          '0'.repeat(64),
          '"}]}',
        ),
      ),
    )
    await expect(store.fetch('bad', join(folder.path, 'into'))).rejects.toThrow('it names the file "../out"')
    expect(await readdir(folder.path)).toEqual([])
    objects.clear()
  })

  test('a cache shared through a bucket: pushed once, pulled whole, damage left out', async () => {
    await using folder = await tempFolder()
    const [here, there] = [join(folder.path, 'here'), join(folder.path, 'there')]
    const key = (digit: string) => digit.repeat(64)
    for (const digit of ['a', 'b', 'c']) {
      await mkdir(join(here, 'cache', key(digit), 'artifacts'), { recursive: true })
      await writeFile(join(here, 'cache', key(digit), 'entry.json'), `{"of":"${digit}"}`)
    }
    const place = `${scheme}://models/shared`
    expect(await pushCache(here, place)).toEqual({ copied: 3, present: 0, damaged: 0 })
    expect(await pushCache(here, place)).toEqual({ copied: 0, present: 3, damaged: 0 })
    const { objects } = servers[scheme]
    const contentOf = (digit: string) =>
      [...objects.keys()].find(name => objects.get(name)!.toString() === `{"of":"${digit}"}`)!
    objects.set(contentOf('b'), Buffer.from('{"of":"x"}'))
    objects.delete(contentOf('c'))
    const told: string[] = []
    const pulled = await pullCache(there, place, { progress: (done, of) => told.push(`${done}/${of}`) })
    expect(pulled).toEqual({ copied: 1, present: 0, damaged: 2 })
    expect(told).toEqual(['1/3', '2/3', '3/3'])
    expect(await readdir(join(there, 'cache'))).toEqual([key('a')])
    objects.clear()
  })

  test('a stop ends a pull at once, also of a server that does not answer, and leaves nothing', async () => {
    await using folder = await tempFolder()
    const { faults, requests } = servers[scheme]
    faults.silent = ['GET']
    requests.length = 0
    const env = Object.fromEntries(ENVIRONMENT.map(name => [name, process.env[name]]))
    const words = ['cache', 'pull', `${scheme}://models/silent`, '--home', folder.path]
    await using pulling = start(folder.path, words, env)
    await eventually(() => requests.length > 0)
    pulling.process.kill('SIGINT')
    expect(await pulling.ended).toMatchObject({ status: 130, stderr: 'cache: stopped\n' })
    expect(await readdir(folder.path)).toEqual([])
    faults.silent = []
  })

  test('a push that is killed midway leaves nothing that is taken for whole; the next one mends it', async () => {
    await using folder = await tempFolder()
    const home = join(folder.path, 'home')
    const name = 'c'.repeat(64)
    for (let i = 0; i < 30; i++) {
      await mkdir(join(home, 'cache', name), { recursive: true })
      await writeFile(join(home, 'cache', name, `${i}`), `${i}`.repeat(1000))
    }
    const place = `${scheme}://models/killed`
    const env = Object.fromEntries(ENVIRONMENT.map(name => [name, process.env[name]]))
    await using pushing = start(folder.path, ['cache', 'push', place, '--home', home], env)
    const { objects } = servers[scheme]
    await eventually(() => objects.size >= 5)
    pushing.process.kill('SIGKILL')
    await pushing.ended
    const store: FolderStore = await openStore(place)
    expect(await store.names()).toEqual([])
    expect(await pushCache(home, place)).toEqual({ copied: 1, present: 0, damaged: 0 })
    expect(await pullCache(join(folder.path, 'other'), place)).toEqual({ copied: 1, present: 0, damaged: 0 })
    expect(await readFile(join(folder.path, 'other', 'cache', name, '29'), 'utf8')).toBe('29'.repeat(1000))
    objects.clear()
  })
})

test('a run takes what lies in a bucket: brought once for each version, which its lock and its cache go by', async () => {
  await using home = await tempFolder()
  const { objects, requests } = servers.s3
  objects.set('note', Buffer.from('one'))
  const any = { artifactType: { schemaTitle: 'system.Artifact', schemaVersion: '0.0.1' } }
  const parameters = { source: { parameterType: 'STRING' as const } }
  const tasks = {
    fetch: task('fetch'),
    read: task('read', {}, { inputs: { artifacts: { note: outputArtifact('fetch', 'artifact') } } }),
    say: task('echo', { value: input('source') }),
  }
  const components = {
    fetch: leaf('fetch', [], [], { outputDefinitions: { artifacts: { artifact: any } } }),
    read: leaf('read', [], ['text'], { inputDefinitions: { artifacts: { note: any } } }),
    echo: leaf('echo', ['value'], ['value']),
  }
  const importer = { artifactUri: { constant: 's3://models/note' }, typeSchema: any.artifactType }
  const spec = specOf({ inputDefinitions: { parameters }, dag: { tasks } }, components, {
    fetch: { importer },
  })
  const stageModules = [new URL('../support/stages/index.ts', import.meta.url).href]
  const request = { spec, home: home.path, stageModules, parameters: { source: 's3://models/note' } }
  const go = async () => {
    requests.length = 0
    const head = await lockHead(request)
    const result = await runLocal(request)
    const { outputs } = result.tasks.find(({ task }) => task === 'read')!
    const states = Object.fromEntries(result.tasks.map(({ task, state }) => [task, state]))
    const brought = requests.filter(each => each === 'GET /models/note').length
    return { lock: await lockOf(head, result, stageModules), states, text: outputs?.parameters.text, brought }
  }
  const first = await go()
  expect(first).toMatchObject({ text: 'one', brought: 1, states: { say: 'succeeded', read: 'succeeded' } })
  const [brought = ''] = await readdir(join(home.path, 'imports'))
  await utimes(join(home.path, 'imports', brought), new Date(0), new Date(0))
  const second = await go()
  expect(second).toMatchObject({ text: 'one', brought: 0, states: { say: 'cached', read: 'cached' } })
  expect(differences(first.lock, second.lock)).toEqual([])
  const unused = await pruneCache(home.path, { olderThanSeconds: 3600, dryRun: true })
  expect(unused).toMatchObject({ removed: [] })
  objects.set('note', Buffer.from('two'))
  const third = await go()
  expect(third).toMatchObject({ text: 'two', brought: 1, states: { say: 'succeeded', read: 'succeeded' } })
  expect(differences(first.lock, third.lock)).toEqual([
    'the content of what "source" names: "s3://models/note"',
    'fetch: output "artifact"',
    'read: its inputs',
    'read: output "text"',
    'read: output "folder"',
  ])
  await pruneCache(home.path, {})
  expect(await readdir(join(home.path, 'imports'))).toEqual([])
  expect(await go()).toMatchObject({ text: 'two', brought: 1, states: { read: 'succeeded' } })

  // As after a kill in the middle of read.
  const { id, folder } = await runLocal(request)
  const file = join(folder, 'run.json')
  const { tasks: records, ...run } = JSON.parse(await readFile(file, 'utf8'))
  const finished = records.filter((record: { readonly task: string }) => record.task === 'fetch')
  await writeFile(file, JSON.stringify({ ...run, state: 'running', tasks: finished }))
  const resumed = await runLocal({ ...request, resume: id, cache: false })
  expect(resumed.error).toBeUndefined()
  const read = resumed.tasks.find(({ task }) => task === 'read')
  expect(read?.outputs?.parameters).toEqual({ text: 'two' })
  objects.clear()
})

test('an upload in parts comes whole, and leaves no parts when it is stopped', async () => {
  await using folder = await tempFolder()
  const path = join(folder.path, 'large')
  const bytes = randomBytes(12 * 2 ** 20)
  await writeFile(path, bytes)
  const { objects, faults, requests } = servers.s3
  const store = await openBucket({ scheme: 's3', bucket: 'models', key: '' })
  await store.write('large', path)
  expect(bytes.equals(objects.get('large')!)).toBe(true)
  objects.clear()

  requests.length = 0
  faults.silent = ['PUT']
  const controller = new AbortController()
  const writing = store.write('large', path, controller.signal)
  const failed = expect(writing).rejects.toThrow('Upload aborted')
  await eventually(() => requests.includes('PUT /models/large'))
  controller.abort()
  await failed
  faults.silent = []
  expect(requests.at(-1)).toBe('DELETE /models/large')
  expect(objects.size).toBe(0)
})

test.each([
  ['gs://bucket', { scheme: 'gs', bucket: 'bucket', key: '' }],
  ['s3://b.c-d/e/f g', { scheme: 's3', bucket: 'b.c-d', key: 'e/f g' }],
  ['/folder', undefined],
  ['https://x', undefined],
])('the address %s', (uri, parts) => {
  expect(parseAddress(uri)).toEqual(parts)
})

test.each(['s3://', 'gs:///x', 's3://UPPER/x'])('%s names no bucket', uri => {
  expect(() => parseAddress(uri)).toThrow('names no bucket')
})

test.each([
  ['a/b c/ü.txt', true],
  ['..', false],
  ['a/../b', false],
  ['/a', false],
  ['a//b', false],
  ['a/', false],
  ['C:x', false],
  ['a\\b', false],
  ['a\u0000b', false],
])('%j stays below its folder: %s', (path, plain) => {
  expect(isPlainPath(path)).toBe(plain)
})

test('nobody signed in, and nobody listening, are each said in a sentence', async () => {
  const away = { ...process.env }
  delete process.env.AWS_ACCESS_KEY_ID
  delete process.env.AWS_SECRET_ACCESS_KEY
  process.env.AWS_EC2_METADATA_DISABLED = 'true'
  const nobody = await openBucket({ scheme: 's3', bucket: 'models', key: '' })
  await expect(nobody.head('a')).rejects.toMatchObject({
    code: 'not-signed-in',
    message: expect.stringMatching(/^there are no credentials/),
  })
  Object.assign(process.env, away)
  process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:9'
  const silent = await openBucket({ scheme: 's3', bucket: 'models', key: '' })
  await expect(silent.head('a')).rejects.toMatchObject({
    code: 'server-unreachable',
    message: expect.stringContaining('ECONNREFUSED'),
  })
  process.env.AWS_ENDPOINT_URL = servers.s3.url
})
