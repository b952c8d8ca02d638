import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import {
  chmod,
  cp,
  lutimes,
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { CLOUD_RUN_CLIENTS } from '../webhook/targets/cloud-run/services.ts'
import { VERTEX_CLIENTS } from '../webhook/targets/vertex/services.ts'
import { IMAGE_BUNDLE, licensesOf } from './bundle.ts'
import { layClients } from './clients.ts'

/**
 * `npm run build`: what leaves the checkout.
 *   build/package  the npm package: JavaScript with declarations, no pinned Node
 *   build/image    the command line as a bundle, laid out as the stages' container has it
 *   build/native   what of it is made for one kind of processor: ONNX Runtime
 *   build/serving  the prediction service alone, laid out as its container has it
 *   build/deployer the deployer alone, with its targets' clients, laid out as its container has it
 */
const ROOT = resolve(import.meta.dirname, '..')
/** As container engines call processors, and as Node does. */
const ARCHITECTURES = { amd64: 'x64', arm64: 'arm64' }
/** Packages that no bundle can hold. */
const NATIVE = ['onnxruntime-common', 'onnxruntime-node']
/** Google's clients that the deployer loads. */
const GOOGLE = [VERTEX_CLIENTS, CLOUD_RUN_CLIENTS]
const ROOMS = ['core', 'components', 'pipelines', 'serving', 'webhook', 'actions', 'cli']
/** In the image: where a shell looks for the command, and where modules look for the package. */
const LINKS = [
  ['usr/local/bin/pressroom', '/opt/pressroom/pressroom.js'],
  ['opt/node_modules/pressroom-ml', '../pressroom'],
] as const
/** What a user's own Python runs; `import` looks for it beside its module. */
const EXPORT_SCRIPT = 'core/model/import/sklearn_export.py'
/** What the code reads at run time, or users load, beside modules. */
const ASSETS = [
  'components/*/component.yaml',
  EXPORT_SCRIPT,
  'pipelines/*.yaml',
  'serving/page/*.{html,css,js,svg}',
  'examples/newsroom/*',
  'docs/**/*.md',
  'docs/reference/*.schema.json',
  'README.md',
  'LICENSE',
  'bin/pressroom.js',
]

await rm(join(ROOT, 'build'), { recursive: true, force: true })
await buildPackage(join(ROOT, 'build', 'package'))
await buildImage(join(ROOT, 'build', 'image'))
await buildServing(join(ROOT, 'build', 'serving'))
await buildDeployer(join(ROOT, 'build', 'deployer'))
for (const [name, arch] of Object.entries(ARCHITECTURES))
  await buildNative(join(ROOT, 'build', 'native', name), arch)

async function buildPackage(out: string): Promise<void> {
  await mkdir(out, { recursive: true })
  const config = join(ROOT, 'build', 'tsconfig.json')
  await writeFile(
    config,
    JSON.stringify({
      extends: '../tsconfig.json',
      compilerOptions: {
        noEmit: false,
        declaration: true,
        rewriteRelativeImportExtensions: true,
        rootDir: '..',
        outDir: 'package',
        // Comments are the declarations' documentation.
        removeComments: false,
      },
      include: ['../cli.ts', ...ROOMS.map(room => `../${room}/**/*.ts`)],
    }),
  )
  run(join(ROOT, 'node_modules', '.bin', 'tsc'), ['--project', config])
  await rm(config)
  for (const asset of globSync(ASSETS, { cwd: ROOT })) {
    await mkdir(dirname(join(out, asset)), { recursive: true })
    await cp(join(ROOT, asset), join(out, asset))
  }
  await writeFile(join(out, 'package.json'), `${JSON.stringify(await manifest(), null, 2)}\n`)
}

/** The published package.json: entries as JavaScript with types, and nothing that only a checkout needs. */
async function manifest(): Promise<Record<string, unknown>> {
  const { scripts, devDependencies, optionalDependencies, overrides, ...kept } = JSON.parse(
    await readFile(join(ROOT, 'package.json'), 'utf8'),
  )
  const entries = Object.entries<string>(kept.exports).map(([name, path]) => {
    if (!path.endsWith('.ts')) return [name, path]
    return [name, { types: path.replace(/\.ts$/, '.d.ts'), default: path.replace(/\.ts$/, '.js') }]
  })
  return { ...kept, exports: Object.fromEntries(entries) }
}

/** The tree that the stages' Containerfile lays over its base: equal sources give equal bytes, modes and times. */
async function buildImage(out: string): Promise<void> {
  const home = join(out, 'opt', 'pressroom')
  const entries = {
    pressroom: 'cli.ts',
    worker: 'pipelines/runners/local/worker.ts',
    'definition-worker': 'cli/definition/definition-worker.ts',
    'search-thread': 'core/choose/search-thread.ts',
    components: 'components/index.ts',
    serve: 'serving/main.ts',
  }
  await bundle(home, entries, NATIVE)
  await copyPage(home)
  await cp(join(ROOT, EXPORT_SCRIPT), join(home, basename(EXPORT_SCRIPT)))
  await writeFile(join(home, 'package.json'), `${JSON.stringify(await imageManifest())}\n`)
  for (const [link, target] of LINKS) {
    await mkdir(dirname(join(out, link)), { recursive: true })
    await symlink(target, join(out, link))
  }
  await settle(out)
}

/** The tree of the prediction service alone. */
async function buildServing(out: string): Promise<void> {
  await buildAlone(out, { serve: 'serving/main.ts' })
  await copyPage(join(out, 'app'))
  await settle(out)
}

/** The tree of the deployer alone. */
async function buildDeployer(out: string): Promise<void> {
  const app = join(out, 'app')
  const clients = await layClients(ROOT, GOOGLE, app)
  await buildAlone(
    out,
    { deployer: 'webhook/main.ts' },
    GOOGLE.map(({ name }) => name),
    clients,
  )
  await settle(out)
}

async function buildAlone(
  out: string,
  entries: Readonly<Record<string, string>>,
  beside: readonly string[] = [],
  bundled: readonly Metafile[] = [],
): Promise<void> {
  await bundle(join(out, 'app'), entries, beside, bundled)
  await writeFile(join(out, 'app', 'package.json'), '{"type":"module"}\n')
}

/** Where the service finds its page: beside its script. */
async function copyPage(folder: string): Promise<void> {
  await cp(join(ROOT, 'serving', 'page'), join(folder, 'page'), { recursive: true })
}

/** Scripts, and the licences of what is in them, or beside them as packages and as bundles. */
async function bundle(
  outdir: string,
  entryPoints: Readonly<Record<string, string>>,
  beside: readonly string[] = [],
  bundled: readonly Metafile[] = [],
): Promise<void> {
  const { metafile } = await build({ ...IMAGE_BUNDLE, absWorkingDir: ROOT, outdir, entryPoints })
  await writeFile(join(outdir, 'licenses.txt'), await licensesOf([metafile, ...bundled], ROOT, beside))
}

/** The files of {@link NATIVE} for one Linux, where the bundle finds them. */
async function buildNative(out: string, arch: string): Promise<void> {
  const modules = join(ROOT, 'node_modules')
  const files = globSync(
    [
      'onnxruntime-node/{package.json,dist/*.js}',
      `onnxruntime-node/bin/*/linux/${arch}/*`,
      'onnxruntime-common/{package.json,dist/cjs/**/*.{js,json}}',
    ],
    { cwd: modules },
  )
  for (const file of files) {
    const to = join(out, 'opt', 'pressroom', 'node_modules', file)
    await mkdir(dirname(to), { recursive: true })
    await cp(join(modules, file), to)
  }
  await settle(out)
}

/** What lets modules beside the bundle, a team's stages, import `pressroom-ml/components`. */
async function imageManifest(): Promise<Record<string, unknown>> {
  const { name, version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  return { name, version, type: 'module', exports: { './components': './components.js' } }
}

/** Gives everything in a folder, and itself, the modes and the one time that make layers of it equal. */
async function settle(folder: string): Promise<void> {
  const time = Number(process.env.SOURCE_DATE_EPOCH || 0)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await settle(path)
    else if (!entry.isSymbolicLink()) await chmod(path, entry.name === 'pressroom.js' ? 0o755 : 0o644)
    await lutimes(path, time, time)
  }
  await chmod(folder, 0o755)
  await utimes(folder, time, time)
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
