import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { tempFolder } from './support/temp.ts'

const exec = promisify(execFile)
const root = resolve(import.meta.dirname, '..')
const published = join(root, 'build', 'package')

let folder: AsyncDisposable & { readonly path: string }

/** Builds the package, packs it, and installs it into an empty folder, as a stranger would. */
beforeAll(async () => {
  folder = await tempFolder()
  await exec(process.execPath, ['tools/build.ts'], { cwd: root })
  const { stdout } = await exec('npm', ['pack', '--silent', '--pack-destination', folder.path, published])
  await writeFile(join(folder.path, 'package.json'), '{"private": true, "type": "module"}')
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  await exec('npm', ['install', ...flags, `./${stdout.trim()}`], { cwd: folder.path })
}, 180_000)

afterAll(async () => folder[Symbol.asyncDispose]())

test('what is published is JavaScript with declarations, without sources or the pinned Node', async () => {
  const files = await readdir(join(folder.path, 'node_modules', 'pressroom-ml'), { recursive: true })
  expect(files.filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([])
  const manifest = JSON.parse(await readFile(join(published, 'package.json'), 'utf8'))
  expect(manifest).toMatchObject({ name: 'pressroom-ml', engines: { node: '>=24' } })
  expect(Object.keys(manifest)).not.toEqual(
    expect.arrayContaining(['optionalDependencies', 'devDependencies', 'scripts']),
  )
  for (const entry of Object.values<{ types: string; default: string } | string>(manifest.exports)) {
    const paths = typeof entry === 'string' ? [entry] : [entry.types, entry.default]
    for (const path of paths) expect(files).toContain(path.replace('./', ''))
  }
})

test('every export can be imported, and a pipeline written against it compiles', async () => {
  await writeFile(
    join(folder.path, 'mine.js'),
    `import { ingest, train } from 'pressroom-ml/components'
     import { pipeline, text } from 'pressroom-ml/pipelines'
     import * as serving from 'pressroom-ml/serving'
     import * as webhook from 'pressroom-ml/webhook'
     if (typeof serving.serve !== 'function' || typeof webhook.plan !== 'function') throw new Error('missing exports')
     export default pipeline({ name: 'mine', inputs: { source: text('Rows.') } }, ({ source }) => {
       const data = ingest({ source })
       train({ train: data.train, validation: data.validation })
     })`,
  )
  const { stdout } = await pressroom('compile', 'mine.js', '--json')
  expect(Object.keys(JSON.parse(stdout).root.dag.tasks)).toEqual(['ingest', 'train'])
})

test('the command line does the whole job from the installed package', async () => {
  const { stdout } = await pressroom('up', '--once', '--port', '0', '--json')
  const { model, version, prediction } = JSON.parse(stdout)
  expect({ model, version }).toEqual({ model: 'news', version: '1' })
  expect(['World', 'Sports', 'Business', 'Sci/Tech']).toContain(prediction)
})

test('an absent ONNX Runtime leaves the model usable and its export marked as unchecked', async () => {
  const { stdout } = await pressroom('models', 'news', '--json')
  const [{ source }] = JSON.parse(stdout).versions
  const info = JSON.parse(await readFile(join(fileURLToPath(source), 'pressroom.json'), 'utf8'))
  expect(JSON.stringify(info)).toMatch(/unchecked/)
})

/** Runs the installed command with the Node that runs the tests. */
function pressroom(...args: string[]) {
  const bin = join(folder.path, 'node_modules', 'pressroom-ml', 'bin', 'pressroom.js')
  return exec(process.execPath, [bin, ...args], { cwd: folder.path })
}
