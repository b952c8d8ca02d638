import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { build } from 'esbuild'
import { BUNDLE, licensesOf } from './bundle.ts'

/**
 * `npm run build`: what leaves the checkout.
 *   build/package  the npm package: JavaScript with declarations, no pinned Node
 *   build/image    the command line as a bundle, for the containers
 */
const ROOT = resolve(import.meta.dirname, '..')
const ROOMS = ['core', 'components', 'pipelines', 'serving', 'webhook', 'cli']
/** What the code reads at run time, or users load, beside modules. */
const ASSETS = [
  'components/*/component.yaml',
  'pipelines/*.yaml',
  'serving/page/*.{html,css,js,svg}',
  'examples/newsroom/*',
  'docs/**/*.md',
  'docs/reference/pressroom.schema.json',
  'README.md',
  'LICENSE',
  'bin/pressroom.js',
]

await rm(join(ROOT, 'build'), { recursive: true, force: true })
await buildPackage(join(ROOT, 'build', 'package'))
await buildImage(join(ROOT, 'build', 'image'))

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

async function buildImage(out: string): Promise<void> {
  const { metafile } = await build({
    ...BUNDLE,
    absWorkingDir: ROOT,
    entryPoints: {
      pressroom: 'cli.ts',
      worker: 'pipelines/runners/local/worker.ts',
      'definition-worker': 'cli/definition/definition-worker.ts',
      serve: 'serving/main.ts',
    },
    outdir: out,
  })
  // Without shared chunks each script stands alone, and finds the page beside itself.
  await cp(join(ROOT, 'serving', 'page'), join(out, 'page'), { recursive: true })
  await writeFile(join(out, 'package.json'), '{"type":"module"}\n')
  await writeFile(join(out, 'licenses.txt'), await licensesOf(metafile, ROOT))
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
