/** What the Python SDK of Kubeflow Pipelines makes of the compiled files. */
import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import fc from 'fast-check'
import { load, loadAll } from 'js-yaml'
import { STAGES } from '../../components/stages.ts'
import { compile, compileDocuments, toYaml } from '../../pipelines/compiler/index.ts'
import { container, list, type PipelineSpec, pipeline } from '../../pipelines/index.ts'
import { OWN_GOLDENS, SHARED_GOLDENS } from '../pipelines/golden-pipelines.ts'
import { danglingReferences } from '../pipelines/references.ts'
import { tempFolder } from '../support/temp.ts'
import { pythonWith, runScript } from './python.ts'
import { pipelineOf } from './random/build.ts'
import { program } from './random/generate.ts'
import type { Checks } from './suite.ts'
import { type Way, wrapped } from './wrapped.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const GOLDENS = join(ROOT, 'test/goldens/kfp')
const LOADED = join(ROOT, 'test/goldens/kfp-loaded')
/** Compiled pipelines of the Kubeflow project, beside the checkout or nowhere. */
const SHARED = resolve(ROOT, '../shared/kfp-goldens')
const PACKAGES = ['kfp==2.17.0', 'kfp-kubernetes==2.17.0']

/** What the SDK drops of a component that it loads; ours keeps it. */
const LOST = ['resources', 'cachingOptions']

/** Pipelines that random/generate.ts makes up. */
const RANDOM = 300

const NUMBER = { noNaN: true, noDefaultInfinity: true }

/** Strings that one reader of YAML or another takes for something else, and line breaks of YAML 1.1. */
const WORDS = '1e3 0o7 017 yes No y ~ 1_000 12:30:45 .nan .inf 0x1F = << null 2024-01-01 - ? * & ! | > % @'
  .split(' ')
  .concat(
    '',
    ' a',
    'a ',
    'a: b',
    'a #',
    'a\nb',
    '\r\n',
    '\t',
    'a\u2028b',
    '\u2029',
    '\u0085',
    '\ufeff',
    '\u007f',
    '\u009f',
  )

/** A line of kfp_wrap.py. */
interface Wrapped {
  readonly file: string
  readonly way: Way
  readonly error?: string
  readonly spec: object
  readonly platform: object
}

/** A line of kfp_check.py. */
interface Checked {
  readonly file: string
  readonly name: string
  readonly inputs: Readonly<Record<string, { readonly optional: boolean; readonly default: unknown }>>
  readonly outputs: Readonly<Record<string, unknown>>
  readonly spec: unknown
  readonly platform: unknown
}

export async function available(): Promise<string | undefined> {
  const found = await pythonWith('kfp', PACKAGES)
  return 'reason' in found ? found.reason : undefined
}

export async function checks(t: Checks): Promise<void> {
  // available() has seen to it that there is one.
  const { python } = (await pythonWith('kfp', PACKAGES)) as { python: string }
  const pipelines = (await readdir(join(ROOT, 'pipelines'))).filter(name => name.endsWith('.yaml'))
  const components = STAGES.map(({ name }) => `components/${name}/component.yaml`)
  const example = await goldens(join(ROOT, 'examples/own-stage'))
  const files = [
    ...components,
    ...pipelines.map(name => `pipelines/${name}`),
    ...example.filter(file => basename(file) !== 'pressroom.yaml').map(file => relative(ROOT, file)),
  ]
  let checked: Checked[] = []

  await t.check(`the SDK loads ${files.length} files`, async () => {
    const lines = await runScript(python, 'kfp_check.py', ...files.map(file => join(ROOT, file)))
    checked = lines
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
  })
  await t.check('and writes each out again as it is, field by field', async () => {
    assert.equal(checked.length, files.length)
    for (const { file, spec, platform } of checked) {
      assert.deepEqual(spec, load(await readFile(file, 'utf8')), file)
      assert.deepEqual(platform, {}, file)
    }
  })
  await t.check('and what we compile from the golden pipelines, with their platform documents', async () => {
    await using folder = await tempFolder()
    const paths = [...OWN_GOLDENS, ...SHARED_GOLDENS].map(async ({ file, pipeline, options }) => {
      const path = join(folder.path, basename(file))
      const { warnings, ...documents } = compileDocuments(pipeline, options)
      await writeFile(path, toYaml(documents))
      return path
    })
    const lines = (await runScript(python, 'kfp_check.py', ...(await Promise.all(paths)))).trim().split('\n')
    const platforms = await Promise.all(
      lines.map(async line => {
        const { file, spec, platform } = JSON.parse(line) as Checked
        const [ours, second = {}] = loadAll(await readFile(file, 'utf8'))
        assert.deepEqual(spec, ours, file)
        assert.deepEqual(platform, second, file)
        return Object.keys(second as object).length
      }),
    )
    assert.ok(platforms.includes(1))
  })
  await t.check(
    'the search, written in Python with its loop over our components, compiles to ours',
    async () => {
      await using folder = await tempFolder()
      const out = join(folder.path, 'search.yaml')
      await runScript(python, 'kfp_search.py', join(ROOT, 'components'), out)
      const read = async (file: string) => load(await readFile(file, 'utf8'))
      const bare = (document: unknown) => without(document, ['sdkVersion', ...LOST, 'description'])
      assert.deepEqual(bare(await read(join(ROOT, 'pipelines/search.yaml'))), bare(await read(out)))
    },
  )
  await t.check('a component offers the inputs and outputs of its stage', async () => {
    for (const stage of STAGES) {
      const component = checked.find(({ name }) => name === stage.name)
      const wanted = Object.entries(stage.inputs).flatMap(([key, input]) => {
        return input.role === 'secret' ? [] : [[key, input.presence !== 'required']]
      })
      const offered = Object.entries(component?.inputs ?? {}).map(([key, input]) => [key, input.optional])
      assert.deepEqual(Object.fromEntries(offered), Object.fromEntries(wanted), stage.name)
      assert.deepEqual(Object.keys(component?.outputs ?? {}).sort(), Object.keys(stage.outputs).sort())
    }
  })
  await t.check('the committed goldens are what the SDK compiles today', async () => {
    await using folder = await tempFolder()
    await runScript(python, 'kfp_goldens.py', folder.path)
    assert.deepEqual(await readAll(folder.path), await readAll(GOLDENS))
  })
  await t.check('and so are those that load others', async () => {
    await using folder = await tempFolder()
    await runScript(python, 'kfp_wrapped.py', folder.path)
    assert.deepEqual(await readAll(folder.path), await readAll(LOADED))
  })
  const shared = await goldens(SHARED)
  if (shared.length === 0) t.skip('the goldens of the Kubeflow project', `there is no ${SHARED}`)
  const loaded = [
    ...files.map(file => join(ROOT, file)),
    ...(await goldens(GOLDENS)),
    ...(await goldens(LOADED)),
    ...shared,
  ]
  await t.check(
    `loadComponent() of ${loaded.length} files, each wrapped twice, gives what the SDK does`,
    async () => {
      const lines = (await runScript(python, 'kfp_wrap.py', ...loaded)).trim().split('\n')
      assert.equal(lines.length, 2 * loaded.length)
      for (const line of lines) {
        const { file, way, error, spec, platform } = JSON.parse(line) as Wrapped
        assert.equal(error, undefined, file)
        const ours = wrapped(file, way)
        const lost = basename(file) === 'component.yaml' ? LOST : []
        const bare = (document: object) => without(document, ['sdkVersion', ...lost])
        // Its interface is its root's, with a default; the SDK takes that of comp-<name>, without.
        if (basename(file) === 'arguments_parameters.yaml') continue
        assert.deepEqual(bare(ours.spec), bare(spec), `${file}, ${way}`)
        assert.deepEqual(ours.platform ?? {}, platform, `${file}, ${way}`)
      }
    },
  )
  const seed = Date.now() % 1_000_000
  await t.check(
    `${RANDOM} random pipelines of seed ${seed} compile to what the SDK makes of them`,
    async () => {
      await using folder = await tempFolder()
      const programs = fc.sample(program, { numRuns: RANDOM, seed })
      const file = join(folder.path, 'programs.jsonl')
      await writeFile(file, programs.map(one => JSON.stringify(one)).join('\n'))
      const lines = (await runScript(python, 'random/build.py', file)).trim().split('\n')
      assert.equal(lines.length, programs.length)
      for (const [index, one] of programs.entries()) {
        const { error, spec, platform } = JSON.parse(lines[index]!) as Omit<Wrapped, 'file' | 'way'>
        const ours = compileDocuments(pipelineOf(one))
        assert.equal(error, undefined, JSON.stringify(one))
        // Where loop 1 is around loop 14, say, the SDK's groups pass on an input that they do not have (docs/kubeflow.md).
        assert.deepEqual(danglingReferences(ours.spec), [], JSON.stringify(one))
        if (danglingReferences(spec as PipelineSpec).length > 0) continue
        assert.deepEqual(
          without(ours.spec, ['sdkVersion']),
          without(spec, ['sdkVersion']),
          JSON.stringify(one),
        )
        assert.deepEqual(ours.platform ?? {}, platform)
      }
    },
  )
  await t.check('PyYAML reads our files as what they were written from, whatever the strings', async () => {
    await using folder = await tempFolder()
    const documents = fc.sample(
      fc.array(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.double(NUMBER), fc.constantFrom(...WORDS)),
      ),
      500,
    )
    const specs = documents.map(value =>
      specificationWith(value.filter(item => typeof item !== 'string' || item.isWellFormed())),
    )
    const file = join(folder.path, 'yaml.json')
    await writeFile(
      file,
      JSON.stringify(specs.map(spec => ({ yaml: toYaml(spec), value: JSON.stringify(spec) }))),
    )
    assert.equal(await runScript(python, 'kfp_yaml.py', file), '')
  })
  await engineChecks(t)
}

/** What needs an engine. */
async function engineChecks(t: Checks): Promise<void> {
  const docker = await import('./docker.ts')
  const reason = await docker.available()
  if (reason === undefined) await docker.checks(t)
  else t.skip('the image and the pipelines in it', reason)
}

/** A specification with a constant in it. */
function specificationWith(value: unknown): PipelineSpec {
  const make = container({ name: 'take', inputs: { value: list('') } }, () => ({
    image: 'alpine',
    command: ['x'],
  }))
  return compile(pipeline({ name: 'yaml' }, () => void make({ value: value as never })))
}

/** JSON without the fields of these names; an input that is called so stays. */
function without(value: unknown, names: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map(item => without(item, names))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const dropped = names.includes(key) && !(typeof item === 'object' && 'parameterType' in (item ?? {}))
    return dropped ? [] : [[key, without(item, names)] as const]
  })
  return Object.fromEntries(entries)
}

async function goldens(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => [])
  return entries
    .filter(name => name.endsWith('.yaml'))
    .sort()
    .map(name => join(folder, name))
}

async function readAll(folder: string): Promise<Record<string, unknown>> {
  const names = (await readdir(folder)).sort()
  const files = names.map(async name => [name, loadAll(await readFile(join(folder, name), 'utf8'))])
  return Object.fromEntries(await Promise.all(files))
}
