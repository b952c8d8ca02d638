import assert from 'node:assert/strict'
import { readFile, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Registry, RunQuery } from '../../core/registry/index.ts'
import { digestFolder } from '../../core/storage/digest.ts'
import { writeFolder } from './registry.ts'

/** A registry, and what a test of it needs; others may use the same registry. */
export interface RegistryWorld {
  readonly registry: Registry
  /** The same registry, opened once more. */
  readonly second: Registry
  /** An empty folder. */
  readonly path: string
  /** A name that nobody else uses, to be begun with. */
  readonly prefix: string
}

/** What every registry must do, whoever keeps it; each throws when it does not. */
export const REGISTRY_CONTRACT: Readonly<Record<string, (world: RegistryWorld) => Promise<void>>> = {
  'versions are numbered a model at a time, newest first': async world => {
    const { registry } = world
    const [news, sports] = [`${world.prefix}-news`, `${world.prefix}-sports`]
    for (const content of ['a', 'b', 'c']) await register(world, news, content)
    await register(world, sports, 'a')
    const versions = await registry.searchVersions(news)
    same(numbersOf(versions), ['3', '2', '1'])
    const models = (await registry.searchModels()).filter(({ name }) => name.startsWith(world.prefix))
    same(
      models.map(({ createdAt, ...model }) => ({ ...model, dated: isRecent(createdAt) })),
      [
        { name: news, aliases: {}, latestVersion: '3', dated: true },
        { name: sports, aliases: {}, latestVersion: '1', dated: true },
      ],
    )
  },
  'what nobody registered is not there, whatever it is called': async ({ registry, prefix }) => {
    const names = ['', '..', '../up', 'a/b', 'a:b', `it's`, 'both\'"', 'a\nb', '新聞', 'x'.repeat(1024)]
    for (const name of names.map(name => (name === '' ? '' : `${name}${prefix}`))) {
      same(await registry.searchVersions(name), [], name)
      assert.equal(await registry.getModel(name), undefined, name)
      assert.equal(await registry.getVersion(name, '1'), undefined, name)
      await refused(registry.download(name, '1'), 'not-registered')
    }
  },
  'a version is a number as it is written': async world => {
    const name = await named(world, 'a', 'b', 'c')
    const { registry } = world
    assert.equal((await registry.getVersion(name, '3'))?.version, '3')
    for (const version of ['03', '3.0', ' 3', '-3', '0', 'three', '', '9'.repeat(30)]) {
      assert.equal(await registry.getVersion(name, version), undefined, version)
      await refused(registry.setAlias(name, 'champion', version), 'not-registered')
    }
  },
  'the same files again are the same version': async world => {
    const { registry, path, prefix } = world
    const first = await register(world, prefix, 'a')
    await register(world, prefix, 'b')
    const folder = await writeFolder(join(path, 'elsewhere'), 'a')
    const again = await registry.registerVersion({ name: prefix, folder, digest: first.version.digest! })
    same(again, { version: first.version, reused: true })
    assert.equal(first.reused, false)
    same(numbersOf(await registry.searchVersions(prefix)), ['2', '1'])
  },
  'registered at once they are numbered once': async world => {
    const contents = ['a', 'b', 'a', 'c', 'b']
    const folders = new Map<string, string>()
    for (const content of contents) {
      folders.set(content, await writeFolder(join(world.path, content), content))
    }
    const registered = contents.map(async (content, i) => {
      const folder = folders.get(content)!
      const registry = i % 2 === 0 ? world.registry : world.second
      return registry.registerVersion({ name: world.prefix, folder, digest: await digestFolder(folder) })
    })
    const versions = (await Promise.all(registered)).map(({ version }) => version.version)
    assert.equal(new Set(versions).size, 3, versions.join())
    same([versions[0], versions[1]], [versions[2], versions[4]])
    assert.equal((await world.registry.searchVersions(world.prefix)).length, 3)
  },
  'a version keeps what it was registered with': async world => {
    const { registry, path, prefix } = world
    const folder = await writeFolder(join(path, 'a'), 'a')
    const digest = await digestFolder(folder)
    const run = await registry.createRun({ experiment: prefix, name: 'first', metrics: { accuracy: 0.9 } })
    const tags = { 'pressroom.engine': 'linear', title: 'Überblick – 新聞 "quoted" </b>', empty: '' }
    const request = { name: prefix, folder, digest, runId: run.id, tags, description: 'first' }
    const { version } = await registry.registerVersion(request)
    await rm(folder, { recursive: true })
    const { createdAt, source, ...rest } = version
    same(rest, {
      name: prefix,
      version: '1',
      digest,
      stage: 'None',
      runId: run.id,
      tags,
      aliases: [],
      description: 'first',
    })
    assert.ok(isRecent(createdAt))
    assert.match(source, /^[a-z-]+:/)
    assert.match(await registry.getDownloadUri(prefix, '1'), /^(file|mlflow-artifacts|gs|s3):/)
    same(await registry.getVersion(prefix, '1'), version)
    same(await registry.searchVersions(prefix), [version])
    const there = await registry.download(prefix, '1')
    assert.equal(await digestFolder(there), digest)
    assert.equal(await readFile(join(there, 'inner', 'more.txt'), 'utf8'), 'more of a')
  },
  'a folder that is not what its digest says leaves nothing behind': async world => {
    const { registry, path, prefix } = world
    const folder = await writeFolder(join(path, 'a'), 'a')
    const digest = await digestFolder(folder)
    const linked = await writeFolder(join(path, 'linked'), 'a')
    await symlink('/etc/hostname', join(linked, 'link'))
    const name = prefix
    const wrong = digest.replace(/.$/, last => (last === '0' ? '1' : '0'))
    await refused(registry.registerVersion({ name, folder, digest: wrong }), 'model-damaged')
    await refused(registry.registerVersion({ name, folder, digest: 'sha256:../..' }), 'invalid-parameter')
    await refused(registry.registerVersion({ name, folder: join(path, 'nowhere'), digest }), 'file-not-found')
    await refused(registry.registerVersion({ name, folder: linked, digest }), 'not-a-file')
    await refused(registry.registerVersion({ name, folder, digest, runId: 'nobody' }), 'not-registered')
    assert.equal(await registry.getModel(name), undefined)
  },
  'model names are those that a folder can have': async world => {
    const bad = ['', '.', '..', '../up', 'a/b', 'a:b', 'News of today!', 'é', '-rf', 'a\n', 'x'.repeat(201)]
    for (const name of bad) {
      await refused(register(world, name, 'a'), 'invalid-name', /1 to 200 letters/)
    }
  },
  'aliases follow MLflow': async world => {
    const name = await named(world, 'a')
    const { registry } = world
    const bad = ['', 'a b', 'champion.eu', 'é', 'x'.repeat(256), 'latest', 'Latest', 'v1', 'V20']
    for (const alias of bad) {
      await refused(registry.setAlias(name, alias, '1'), 'invalid-name')
      await refused(registry.deleteAlias(name, alias), 'invalid-name')
    }
    for (const alias of ['champion', 'Champion', 'a-b_c', '1', 'v', 'v1a', 'x'.repeat(255)]) {
      assert.equal(await registry.setAlias(name, alias, '1'), undefined, alias)
    }
    assert.equal(Object.keys((await registry.getModel(name))?.aliases ?? {}).length, 7)
  },
  'keys and values follow MLflow': async ({ registry, prefix }) => {
    const run = { experiment: prefix, name: 'a' }
    for (const key of ['', 'a&b', 'a"', 'a`b', 'x'.repeat(251)]) {
      for (const part of [{ params: { [key]: '' } }, { tags: { [key]: '' } }, { metrics: { [key]: 1 } }]) {
        await refused(registry.createRun({ ...run, ...part }), 'invalid-name')
      }
    }
    const number = 5 as unknown as string
    await refused(registry.createRun({ ...run, tags: { a: number } }), 'invalid-parameter')
    await refused(registry.createRun({ ...run, params: { a: number } }), 'invalid-parameter')
    await refused(registry.createRun({ ...run, metrics: { a: Number.NaN } }), 'invalid-parameter')
    same(await registry.searchRuns({ experiment: prefix }), [])
  },
  'an alias moves, and says where it was': async world => {
    const name = await named(world, 'a', 'b')
    const { registry } = world
    assert.equal(await registry.setAlias(name, 'champion', '1'), undefined)
    assert.equal(await registry.setAlias(name, 'champion', '2'), '1')
    assert.equal(await registry.setAlias(name, 'champion', '2'), '2')
    await registry.setAlias(name, 'challenger', '2')
    same((await registry.getModel(name))?.aliases, { champion: '2', challenger: '2' })
    same((await registry.getVersion(name, '2'))?.aliases, ['challenger', 'champion'])
    const [newest] = await registry.searchVersions(name)
    same(newest?.aliases, ['challenger', 'champion'])
    await registry.deleteAlias(name, 'champion')
    await registry.deleteAlias(name, 'champion')
    same((await registry.getModel(name))?.aliases, { challenger: '2' })
  },
  'tags are set, replaced and deleted': async world => {
    const name = await named(world, 'a')
    const { registry } = world
    await registry.setVersionTag(name, '1', 'validation_status', 'pending')
    await registry.setVersionTag(name, '1', 'validation_status', 'passed')
    await registry.setVersionTag(name, '1', 'note', '')
    const { tags } = (await registry.getVersion(name, '1'))!
    same(tags, { validation_status: 'passed', note: '' })
    await registry.deleteVersionTag(name, '1', 'validation_status')
    await registry.deleteVersionTag(name, '1', 'validation_status')
    same((await registry.getVersion(name, '1'))?.tags, { note: '' })
  },
  'what is not there is named beside what is': async world => {
    const name = await named(world, 'a', 'b')
    const { registry } = world
    const calls = [
      () => registry.setAlias(name, 'champion', '7'),
      () => registry.setVersionTag(name, '7', 'k', 'v'),
      () => registry.deleteVersionTag(name, '7', 'k'),
      () => registry.transitionStage(name, '7', 'Staging'),
      () => registry.download(name, '7'),
      () => registry.getDownloadUri(name, '7'),
    ]
    for (const call of calls) await refused(call(), 'not-registered', /it has: 2, 1/)
    const nowhere = `${name}-nowhere`
    await refused(registry.deleteAlias(nowhere, 'champion'), 'not-registered', new RegExp(`${name}\\b`))
    await refused(registry.setAlias(nowhere, 'champion', '1'), 'not-registered', /no model/)
  },
  'stages: Staging, then Production, which archives what was there': async world => {
    const name = await named(world, 'a', 'b')
    const { registry } = world
    const stages = async () => (await registry.searchVersions(name)).map(({ stage }) => stage)
    await registry.transitionStage(name, '1', 'Production')
    assert.equal((await registry.transitionStage(name, '2', 'Staging')).stage, 'Staging')
    same(await stages(), ['Staging', 'Production'])
    await registry.transitionStage(name, '2', 'Production', true)
    same(await stages(), ['Production', 'Archived'])
    await registry.transitionStage(name, '2', 'Production', true)
    same(await stages(), ['Production', 'Archived'])
    await registry.transitionStage(name, '1', 'None', true)
    same(await stages(), ['Production', 'None'])
  },
  'a run keeps params, metrics, tags and data sets': async ({ registry, prefix }) => {
    const request = {
      experiment: prefix,
      name: 'first',
      params: { c: '1', empty: '', long: 'x'.repeat(5000) },
      metrics: { accuracy: 0.1 + 0.2, 'Sci/Tech.f1': 1e-300, negative: -1 },
      tags: { by: 'test', title: `it's "quoted"` },
      datasets: [{ name: 'news', digest: 'a1b2', source: 's3://bucket/news.csv', context: 'training' }],
    }
    const run = await registry.createRun(request)
    const { id, startedAt, ...rest } = run
    assert.match(id, /^[0-9a-f]{32}$/)
    assert.ok(isRecent(startedAt))
    same(rest, { ...request, status: 'RUNNING', endedAt: undefined })
    same(await registry.searchRuns({ experiment: prefix }), [run])
    same(await registry.getRun(id), run)
    assert.equal(await registry.getRun('nobody'), undefined)
  },
  'metrics have a history by step, and a run tells their last': async ({ registry, prefix }) => {
    const { id } = await registry.createRun({ experiment: prefix, name: 'first', metrics: { accuracy: 0.5 } })
    const one = (key: string, step: number, value: number) => registry.logMetrics(id, [{ key, step, value }])
    await one('loss', 10, 0.5)
    await registry.logMetrics(id, [
      { key: 'loss', step: 2, value: 0.9 },
      { key: 'other', step: 2, value: 1 },
      { key: 'loss', step: 3, value: 0.7 },
    ])
    await one('loss', 2, 0.8)
    await registry.logMetrics(id, [])
    const history = await registry.getMetricHistory(id, 'loss')
    same(
      history.map(({ loggedAt, ...point }) => ({ ...point, dated: isRecent(loggedAt) })),
      [
        { step: 2, value: 0.8, dated: true },
        { step: 3, value: 0.7, dated: true },
        { step: 10, value: 0.5, dated: true },
      ],
    )
    same(await registry.getMetricHistory(id, 'nothing'), [])
    const [run] = await registry.searchRuns({ experiment: prefix })
    same(run?.metrics, { accuracy: 0.5, loss: 0.5, other: 1 })
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      await refused(one('value', 0, value), 'invalid-parameter')
    }
    await refused(one('a', 0.5, 1), 'invalid-parameter')
    await refused(one('a,b', 1, 1), 'invalid-name')
    await refused(registry.logMetrics('nobody', [{ key: 'a', step: 0, value: 1 }]), 'not-registered')
    await refused(registry.getMetricHistory('nobody', 'a'), 'not-registered')
  },
  'more metrics and params than one request holds all arrive': async ({ registry, prefix }) => {
    const many = <T>(count: number, value: (i: number) => T) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`key ${i}`, value(i)]))
    const [metrics, params, tags] = [many(1200, i => i), many(250, String), many(150, String)]
    const run = await registry.createRun({ experiment: prefix, name: 'large', metrics, params, tags })
    same([run.metrics, run.params, run.tags], [metrics, params, tags])
  },
  'runs are found by what they have, newest first': async ({ registry, prefix }) => {
    const experiment = prefix
    const quoted = `it's "1" \\ %`
    const first = await registry.createRun({
      experiment,
      name: 'first',
      params: { c: '1', quoted },
      metrics: { accuracy: 0.1 + 0.2, loss: 0.5, tiny: 1e-300 },
      tags: { by: 'test', 'of.who/m': 'us' },
    })
    const second = await registry.createRun({ experiment, name: 'second', metrics: { loss: 0.7, tiny: 0 } })
    const other = await registry.createRun({ experiment: `${prefix}-b`, name: 'other', params: { c: '1' } })
    const found = async (query: RunQuery) =>
      (await registry.searchRuns(query)).flatMap(({ id }) =>
        [first.id, second.id, other.id].includes(id) ? [id] : [],
      )
    same(await found({}), [other.id, second.id, first.id])
    same(await found({ experiment }), [second.id, first.id])
    same(await found({ experiment, limit: 1 }), [second.id])
    same(await found({ params: { c: '1' } }), [other.id, first.id])
    same(await found({ params: { c: '1' }, tags: { by: 'test' } }), [first.id])
    same(await found({ experiment, params: { quoted } }), [first.id])
    same(await found({ experiment, tags: { 'of.who/m': 'us' } }), [first.id])
    same(await found({ experiment, tags: { by: "x' or '1' = '1" } }), [])
    same(await found({ experiment, minMetrics: { loss: 0.7 } }), [second.id])
    same(await found({ experiment, minMetrics: { loss: 0.1, accuracy: 0.3 } }), [first.id])
    same(await found({ experiment, minMetrics: { tiny: 1e-301 } }), [first.id])
    same(await found({ experiment, minMetrics: { loss: -1 } }), [second.id, first.id])
    same(await found({ experiment: `${prefix}-nothing` }), [])
  },
  'files are stored with a run, again too, and only such as are there and stay there': async world => {
    const { registry, path, prefix } = world
    const { id } = await registry.createRun({ experiment: prefix, name: 'first' })
    const folder = await writeFolder(join(path, 'a'), 'a')
    const from = join(folder, 'model.txt')
    const files = { 'evaluation/page.html': from, 'Überblick – 100 %.svg': from }
    await registry.logArtifacts(id, files)
    await registry.logArtifacts(id, files)
    await registry.logArtifacts(id, {})
    await refused(registry.logArtifacts('nobody', { a: from }), 'not-registered')
    for (const name of ['', '..', '../a', '/a', 'a/../b', 'a\\b', 'c:a', 'a\nb', 'a#b']) {
      await refused(registry.logArtifacts(id, { [name]: from }), 'invalid-name')
    }
    await refused(registry.logArtifacts(id, { a: join(path, 'nowhere') }), 'file-not-found')
    await refused(registry.logArtifacts(id, { a: folder }), 'not-a-file')
  },
  'a run ends, and the time it first ended stays': async ({ registry, prefix }) => {
    const { id } = await registry.createRun({ experiment: prefix, name: 'first' })
    await registry.finishRun(id, 'FAILED')
    const [failed] = await registry.searchRuns({ experiment: prefix })
    await registry.finishRun(id, 'FINISHED')
    const [finished] = await registry.searchRuns({ experiment: prefix })
    assert.ok(isRecent(failed!.endedAt!))
    assert.equal(failed?.status, 'FAILED')
    assert.equal(finished?.status, 'FINISHED')
    assert.equal(finished?.endedAt, failed?.endedAt)
    await refused(registry.finishRun('nobody', 'FAILED'), 'not-registered')
  },
}

/** By value alone: under Jest, what SQLite and JSON make has prototypes of another realm. */
function same(actual: unknown, expected: unknown, message?: string): void {
  const plain = (value: unknown) =>
    JSON.parse(JSON.stringify(value, (_, part) => (part === undefined ? '(undefined)' : part)))
  assert.deepEqual(plain(actual), plain(expected), message)
}

async function register({ registry, path }: RegistryWorld, name: string, content: string) {
  const folder = await writeFolder(join(path, 'made', content), content)
  return registry.registerVersion({ name, folder, digest: await digestFolder(folder) })
}

/** A model with these contents as its versions. */
async function named(world: RegistryWorld, ...contents: readonly string[]): Promise<string> {
  for (const content of contents) await register(world, world.prefix, content)
  return world.prefix
}

function numbersOf(versions: readonly { readonly version: string }[]): string[] {
  return versions.map(({ version }) => version)
}

/** Within a day, so that a clock may be off. */
function isRecent(time: number): boolean {
  return Math.abs(Date.now() - time) < 86_400_000
}

async function refused(call: Promise<unknown>, code: string, message = /./): Promise<void> {
  await assert.rejects(call, (error: { code?: unknown; message?: unknown }) => {
    assert.equal(error.code, code, String(error.message))
    assert.match(String(error.message), message)
    return true
  })
}
