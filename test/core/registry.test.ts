import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import promoteRun from '../../components/promote/run.ts'
import registerRun from '../../components/register/run.ts'
import { openRegistry, registryLocation, type VersionStage } from '../../core/registry/index.ts'
import { toKey } from '../../core/registry/names.ts'
import { digestFolder } from '../../core/storage/digest.ts'
import { sealHeadlines } from '../support/models.ts'
import { registerContent, writeFolder } from '../support/registry.ts'
import { REGISTRY_CONTRACT } from '../support/registry-contract.ts'
import { tempFolder } from '../support/temp.ts'

async function emptyRegistry() {
  const temp = await tempFolder()
  const registry = await openRegistry(join(temp.path, 'registry'))
  const register = (content: string, name = 'news') => registerContent(registry, temp.path, name, content)
  return {
    registry,
    register,
    path: temp.path,
    artifacts: join(temp.path, 'registry', 'artifacts', 'news'),
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]()
      await temp[Symbol.asyncDispose]()
    },
  }
}

describe('the contract', () => {
  test.each(Object.entries(REGISTRY_CONTRACT))('%s', async (_title, holds) => {
    await using world = await emptyRegistry()
    const { registry, path } = world
    await using second = await openRegistry(registry.location)
    await holds({ registry, second, path, prefix: 'news' })
  })
})

describe('versions', () => {
  test('registered again leave sound files alone', async () => {
    await using world = await emptyRegistry()
    const { registry, register, path } = world
    const first = await register('a')
    await register('b')
    const folder = await writeFolder(join(path, 'elsewhere'), 'a')
    const { ino } = await stat(await registry.download('news', '1'))
    const again = await registry.registerVersion({ name: 'news', folder, digest: await digestFolder(folder) })
    // A service may be reading the files: sound ones are left alone.
    expect(await stat(await registry.download('news', '1'))).toMatchObject({ ino })
    expect(again).toEqual({ version: first.version, reused: true })
    expect(first.reused).toBe(false)
    expect(await registry.getModel('news')).toMatchObject({ latestVersion: '2' })
  })

  test.each([
    ['changed', (folder: string) => writeFile(join(folder, 'model.txt'), 'changed')],
    ['more', (folder: string) => writeFile(join(folder, 'extra'), '')],
    ['fewer', (folder: string) => rm(join(folder, 'inner'), { recursive: true })],
    ['linked', (folder: string) => symlink('model.txt', join(folder, 'link'))],
    ['gone', (folder: string) => rm(folder, { recursive: true })],
  ])('files that were %s since are not given out, and registering again mends them', async (_, harm) => {
    await using world = await emptyRegistry()
    const { registry, register } = world
    await register('a')
    const stored = await registry.download('news', '1')
    await harm(stored)
    await expect(registry.download('news', '1')).rejects.toMatchObject({ code: 'model-damaged' })
    expect(await register('a')).toMatchObject({ version: { version: '1' }, reused: true })
    expect(await registry.download('news', '1')).toBe(stored)
  })

  test('a registration that is refused tells nobody, and its files go with the next one', async () => {
    await using world = await emptyRegistry()
    const { registry, path, artifacts } = world
    const folder = await writeFolder(join(path, 'a'), 'a')
    const request = { name: 'news', folder, digest: await digestFolder(folder), runId: 'nobody' }
    await expect(registry.registerVersion(request)).rejects.toMatchObject({ code: 'not-registered' })
    expect(registry.outbox?.next()).toBeUndefined()
    await world.register('b')
    expect(await readdir(artifacts)).toHaveLength(1)
  })

  test('what a crash left is adopted when whole, replaced when not, removed when nobody wants it', async () => {
    await using world = await emptyRegistry()
    const { registry, register, path, artifacts } = world
    const left = async (content: string) => {
      const folder = await writeFolder(join(path, content), content)
      const place = join(artifacts, (await digestFolder(folder)).slice(7))
      await cp(folder, place, { recursive: true })
      return place
    }
    const [whole, half, unwanted] = [await left('whole'), await left('half'), await left('unwanted')]
    await rm(join(half, 'inner'), { recursive: true })
    await writeFile(join(artifacts, 'notes.txt'), 'not ours')
    expect((await register('half')).version.version).toBe('1')
    expect(await registry.download('news', '1')).toBe(half)
    await cp(join(path, 'whole'), whole, { recursive: true })
    expect((await register('whole')).version.version).toBe('2')
    expect(await registry.download('news', '2')).toBe(whole)
    expect(await readdir(artifacts)).not.toContain(unwanted)
    expect(await readdir(artifacts)).toHaveLength(3)
  })
})

test('what cannot be in a key becomes an underscore', () => {
  expect(toKey('classes.Q&A/"x".f1')).toBe('classes.Q_A/_x_.f1')
})

describe('opening', () => {
  test('goes by what is given, then the environment, then the current folder', () => {
    expect(registryLocation('a', { PRESSROOM_REGISTRY: 'b' })).toBe('a')
    expect(registryLocation(undefined, { PRESSROOM_REGISTRY: 'b' })).toBe('b')
    expect(registryLocation(undefined, { PRESSROOM_REGISTRY: '' })).toBe('.pressroom/registry')
    expect(registryLocation(undefined, {})).toBe('.pressroom/registry')
    const server = { MLFLOW_TRACKING_URI: 'http://mlflow:5000' }
    expect(registryLocation(undefined, server)).toBe('http://mlflow:5000')
    expect(registryLocation(undefined, { ...server, PRESSROOM_REGISTRY: 'b' })).toBe('b')
    // Those are for MLflow's own client on one machine.
    for (const uri of ['sqlite:///mlflow.db', 'mlruns', 'file:///tmp/mlruns', 'databricks']) {
      expect(registryLocation(undefined, { MLFLOW_TRACKING_URI: uri })).toBe('.pressroom/registry')
    }
  })

  test('takes a path or a file URL, and finds what was there', async () => {
    await using world = await emptyRegistry()
    await world.register('a')
    await using again = await openRegistry(pathToFileURL(world.registry.location).href)
    expect(again.location).toBe(world.registry.location)
    expect(await again.searchVersions('news')).toHaveLength(1)
  })

  test.each(['https://user:secret@mlflow.example', 'http://', 's3://bucket', 'file://host/path', ''])(
    'refuses %j',
    async location => {
      const error = await openRegistry(location).catch(error => error)
      expect(error).toMatchObject({ code: 'usage' })
      expect(error.message).not.toContain('secret')
    },
  )

  const spoil = (sql: string) => (path: string) => {
    using db = new DatabaseSync(path)
    db.exec(sql)
  }
  test.each([
    ['no database at all', (path: string) => writeFile(path, 'name,age\n'.repeat(1000))],
    ['cut short', (path: string) => truncate(path, 5000)],
    ['of another program', spoil('pragma application_id = 7')],
    ['of a newer release', spoil('pragma user_version = 99')],
  ])('refuses a database that is %s', async (_, harm) => {
    await using world = await emptyRegistry()
    await world.register('a')
    await world.registry[Symbol.asyncDispose]()
    await harm(join(world.registry.location, 'registry.db'))
    const use = async () => {
      await using registry = await openRegistry(world.registry.location)
      await registry.searchVersions('news')
    }
    await expect(use()).rejects.toMatchObject({ code: 'registry-damaged' })
  })

  test('a foreign database is left as it is', async () => {
    await using temp = await tempFolder()
    const path = join(temp.path, 'registry.db')
    spoil('create table theirs (a)')(path)
    const before = await readFile(path)
    await expect(openRegistry(temp.path)).rejects.toMatchObject({ code: 'registry-damaged' })
    expect((await readFile(path)).equals(before)).toBe(true)
    expect(await readdir(temp.path)).toEqual(['registry.db'])
  })

  test('a place that cannot be written is one clear error', async () => {
    await using temp = await tempFolder()
    await writeFile(join(temp.path, 'file'), '')
    for (const folder of ['file', 'file/below']) {
      await expect(openRegistry(join(temp.path, folder))).rejects.toMatchObject({ code: 'not-writable' })
    }
    const sealed = join(temp.path, 'sealed')
    await mkdir(sealed)
    await chmod(temp.path, 0o755)
    await chmod(sealed, 0o555)
    const root = process.getuid?.() === 0
    // Root may write anywhere, so root steps aside: 65534 is nobody.
    if (root) process.seteuid?.(65534)
    try {
      await expect(openRegistry(sealed)).rejects.toMatchObject({ code: 'not-writable' })
      await expect(openRegistry(join(sealed, 'below'))).rejects.toMatchObject({ code: 'not-writable' })
    } finally {
      if (root) process.seteuid?.(0)
      await chmod(sealed, 0o755)
    }
  })
})

describe('several processes', () => {
  const CLIENT = fileURLToPath(new URL('../support/registry-client.ts', import.meta.url))

  /** Its next message; a client that ends without one has failed, and its error is on the screen. */
  const messageOf = (client: ChildProcess) =>
    new Promise<unknown>((resolve, reject) => {
      client.once('message', resolve)
      client.once('exit', code => reject(new Error(`a client ended with ${code}`)))
    })

  test('that register the same folders at once agree on every number', async () => {
    await using temp = await tempFolder()
    const location = join(temp.path, 'registry')
    const folders = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map(content => writeFolder(join(temp.path, content), content)),
    )
    const clients = Array.from({ length: 6 }, (_, i) => {
      const order = [...folders.slice(i % 5), ...folders.slice(0, i % 5)]
      return fork(CLIENT, [location, ...order], { execArgv: [] })
    })
    const ended = clients.map(client => once(client, 'exit'))
    await Promise.all(clients.map(messageOf))
    const answers = Promise.all(clients.map(messageOf))
    for (const client of clients) client.send('go')
    const got = (await answers) as Record<string, { version: string; reused: boolean }>[]
    // One that closes the database still takes files away.
    await Promise.all(ended)

    await using registry = await openRegistry(location)
    const versions = await registry.searchVersions('news')
    expect(versions.map(version => version.version)).toEqual(['5', '4', '3', '2', '1'])
    expect(new Set(versions.map(version => version.digest)).size).toBe(5)
    for (const folder of folders) {
      expect(new Set(got.map(answer => answer[folder]?.version)).size).toBe(1)
      expect(got.filter(answer => answer[folder]?.reused === false)).toHaveLength(1)
    }
    expect(await readdir(join(location, 'artifacts', 'news'))).toHaveLength(5)
    const events: Record<string, number> = {}
    for (let event = registry.outbox?.next(); event !== undefined; event = registry.outbox?.next()) {
      const { entity, action } = JSON.parse(event.body)
      events[`${entity}.${action}`] = (events[`${entity}.${action}`] ?? 0) + 1
      registry.outbox?.settle(event.deliveryId, 'delivered', '')
    }
    expect(events).toEqual({
      'registered_model.created': 1,
      'model_version.created': 5,
      'model_version_alias.created': 30,
    })
  })

  test('one that is killed while it registers leaves one version or none', async () => {
    await using temp = await tempFolder()
    const location = join(temp.path, 'registry')
    const folder = await writeFolder(join(temp.path, 'large'), 'large')
    for (let i = 0; i < 40; i++) await writeFile(join(folder, `part-${i}`), Buffer.alloc(200_000, i))
    const artifacts = join(location, 'artifacts', 'news')
    for (let i = 0; i < 3; i++) {
      const client = fork(CLIENT, [location, folder], { execArgv: [] })
      await once(client, 'message')
      let answered = false
      client.once('message', () => {
        answered = true
      })
      client.send('go')
      const copying = async () =>
        (await readdir(artifacts).catch(() => [])).join().includes(`-${client.pid}-`)
      while (!answered && !(await copying())) await sleep(1)
      client.kill('SIGKILL')
      await once(client, 'exit')
    }
    await using registry = await openRegistry(location)
    const { version } = await registry.registerVersion({
      name: 'news',
      folder,
      digest: await digestFolder(folder),
    })
    expect(version.version).toBe('1')
    expect(await registry.searchVersions('news')).toHaveLength(1)
    expect(await readdir(artifacts)).toHaveLength(1)
    await registry.download('news', '1')
  })
})

describe('the stages', () => {
  const log = { info: () => {}, warn: () => {} }
  const file = (path: string) => ({ path, uri: pathToFileURL(path).href, metadata: {} })
  const { signal } = new AbortController()
  const register = (
    model: string,
    registry: string,
    metrics?: string,
    names: { name?: string; alias?: string; stage?: VersionStage; page?: string; figures?: string } = {},
  ) =>
    registerRun({
      inputs: {
        model: file(model),
        metrics: metrics === undefined ? undefined : file(metrics),
        name: 'news',
        alias: 'challenger',
        registry,
        stage: undefined,
        ...names,
        page: names.page === undefined ? undefined : file(names.page),
        figures: names.figures === undefined ? undefined : file(names.figures),
      },
      outputs: { handoff: file(join(dirname(registry), 'handoff')) },
      log,
      signal,
    })
  const promote = (
    version: string | undefined,
    registry: string,
    given: { name?: string; alias?: string; stage?: VersionStage } = {},
  ) => {
    const inputs = { name: 'news', version, alias: undefined, stage: undefined, registry, ...given }
    return promoteRun({ inputs, outputs: {}, log, signal })
  }

  test('register, register again, promote', async () => {
    await using temp = await tempFolder()
    const [model, location, metrics] = ['model', 'registry', 'metrics.json'].map(part =>
      join(temp.path, part),
    ) as [string, string, string]
    await sealHeadlines(model)
    const evaluated = {
      accuracy: 0.861,
      baselines: { naiveBayes: { accuracy: 0.8 }, name: 'x' },
      byClass: { 'Q&A': { f1: 0.5 }, 'Sci/Tech': { f1: 0.25 } },
      confusion: [[1, 2]],
      missing: null,
    }
    await writeFile(metrics, JSON.stringify(evaluated))
    expect(await register(model, location, metrics)).toEqual({
      parameters: { version: '1', reused: false },
      summary: 'news 1 @challenger',
    })
    expect(await register(model, location, metrics)).toEqual({
      parameters: { version: '1', reused: true },
      summary: 'news 1 @challenger (registered before)',
    })
    const handedOn = (name: string) => readFile(join(temp.path, 'handoff', name), 'utf8')
    const experiment = JSON.parse(await handedOn('experiment_info.json'))
    expect(experiment).toEqual({ run_id: expect.any(String), model_path: model })
    expect(JSON.parse(await handedOn('metrics.json'))).toEqual(evaluated)
    expect(await promote('1', location)).toEqual({
      parameters: { previous: '' },
      summary: 'news 1 @champion',
    })
    expect(await promote('1', location)).toEqual({
      parameters: { previous: '1' },
      summary: 'news 1 @champion',
    })
    await expect(promote('2', location)).rejects.toMatchObject({ code: 'not-registered', where: 'it has: 1' })

    await using registry = await openRegistry(location)
    const runs = await registry.searchRuns()
    expect(runs).toHaveLength(1)
    expect(runs[0]!.id).toBe(experiment.run_id)
    expect(runs[0]).toMatchObject({
      experiment: 'news',
      status: 'FINISHED',
      params: {
        engine: 'linear',
        classes: '2',
        'text.text.ngramRange': '1,2',
        'fingerprints.data': 'sha256:test',
      },
      datasets: [{ name: 'rows', digest: 'test', source: 'sha256:test', context: 'training' }],
      metrics: {
        accuracy: 0.861,
        'baselines.naiveBayes.accuracy': 0.8,
        'byClass.Q_A.f1': 0.5,
        'byClass.Sci_Tech.f1': 0.25,
      },
    })
    expect(await registry.getVersion('news', '1')).toMatchObject({
      runId: runs[0]?.id,
      aliases: ['challenger', 'champion'],
      tags: { 'pressroom.engine': 'linear' },
    })
  })

  test('stages go along with register and promote, without an alias unless one is named', async () => {
    await using temp = await tempFolder()
    const [model, location] = [join(temp.path, 'model'), join(temp.path, 'registry')]
    await sealHeadlines(model)
    await register(model, location, undefined, { stage: 'Staging' })
    const at = { name: 'models:/news/Staging', stage: 'Production' } as const
    expect(await promote(undefined, location, at)).toMatchObject({ summary: 'news 1 in Production' })
    expect(await promote('1', location, { stage: 'Production', alias: 'live' })).toEqual({
      parameters: { previous: '' },
      summary: 'news 1 @live, in Production',
    })
    await expect(promote('1', location, { stage: 'Archived', alias: 'v1' })).rejects.toMatchObject({
      code: 'invalid-name',
    })
    await using registry = await openRegistry(location)
    expect(await registry.getVersion('news', '1')).toMatchObject({
      stage: 'Production',
      aliases: ['challenger', 'live'],
    })
  })

  test('what evaluate drew is kept with the run', async () => {
    await using temp = await tempFolder()
    const [model, location, page, figures] = ['model', 'registry', 'page', 'figures'].map(part =>
      join(temp.path, part),
    ) as [string, string, string, string]
    await sealHeadlines(model)
    await writeFile(page, '<!doctype html>')
    await mkdir(figures)
    await writeFile(join(figures, 'roc.svg'), '<svg/>')
    await register(model, location, undefined, { page, figures })
    await using registry = await openRegistry(location)
    const [run] = await registry.searchRuns()
    const folder = join(location, 'runs', run!.id, 'evaluation')
    expect(await readFile(join(folder, 'page.html'), 'utf8')).toBe('<!doctype html>')
    expect(await readFile(join(folder, 'roc.svg'), 'utf8')).toBe('<svg/>')
    expect((await readdir(folder)).sort()).toEqual(['page.html', 'roc.svg'])
  })

  test('a run that a crash left without its version is taken up again', async () => {
    await using temp = await tempFolder()
    const [model, location] = [join(temp.path, 'model'), join(temp.path, 'registry')]
    await sealHeadlines(model)
    await using registry = await openRegistry(location)
    const tags = { 'pressroom.digest': await digestFolder(model) }
    const begun = await registry.createRun({ experiment: 'news', name: 'begun', tags })
    await register(model, location)
    expect(await registry.getVersion('news', '1')).toMatchObject({ runId: begun.id })
    expect(await registry.searchRuns()).toMatchObject([{ id: begun.id, status: 'FINISHED' }])
  })

  test('refuse what is no model and what are no metrics, and register nothing', async () => {
    await using temp = await tempFolder()
    const location = join(temp.path, 'registry')
    const model = join(temp.path, 'model')
    await sealHeadlines(model)
    await writeFile(join(temp.path, 'metrics'), '[1]')
    const refused = [
      [() => register(temp.path, location), 'model-foreign'],
      [() => register(join(temp.path, 'none'), location), 'file-not-found'],
      [() => register(model, location, join(temp.path, 'metrics')), 'invalid-parameter'],
      [() => register(model, location, model), 'not-a-file'],
      [() => register(model, location, undefined, { figures: join(temp.path, 'none') }), 'file-not-found'],
      [() => register(model, location, undefined, { page: join(temp.path, 'none') }), 'file-not-found'],
      [() => register(model, location, undefined, { name: 'News of today!' }), 'invalid-name'],
      [() => register(model, location, undefined, { alias: 'latest' }), 'invalid-name'],
      [() => promote('1', location), 'not-registered'],
    ] as const
    for (const [call, code] of refused) await expect(call()).rejects.toMatchObject({ code })
    await using registry = await openRegistry(location)
    expect(await registry.searchModels()).toEqual([])
    expect(await registry.searchRuns()).toEqual([])
  })
})
