import { execFile } from 'node:child_process'
import { cp, mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { dump } from 'js-yaml'
import { actionFile } from '../../../components/faces/action.ts'
import { ACTION_BUNDLE } from '../../../tools/bundle.ts'
import { toldSecret } from './told-secret.ts'

const exec = promisify(execFile)
const ROOT = resolve(import.meta.dirname, '../../..')

/**
 * Copies the checkout as GitHub would check it out, changes that are not committed yet included: without node_modules and
 * whatever else git ignores. The copy is a repository of its own.
 */
export async function copyCheckout(folder: string): Promise<void> {
  const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout } = await exec('git', listing, { cwd: ROOT, maxBuffer: 1e8 })
  for (const path of stdout.split('\0').filter(Boolean)) {
    const source = join(ROOT, path)
    // Listed, and deleted since.
    if ((await stat(source).catch(() => undefined)) === undefined) continue
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await cp(source, join(folder, path))
  }
  await addToldSecret(folder)
  const identity = ['-c', 'user.name=interop', '-c', 'user.email=interop@example.com']
  await exec('git', ['init', '--quiet', '--initial-branch', 'main'], { cwd: folder })
  await exec('git', ['add', '--all'], { cwd: folder })
  await exec('git', [...identity, 'commit', '--quiet', '--message', 'copy'], { cwd: folder })
}

/** Adds an action made as the generators make those of the shipped stages. */
async function addToldSecret(folder: string): Promise<void> {
  const main = '../../dist/told-secret.js'
  const action = actionFile({ ...toldSecret, name: toldSecret.name, main })
  await mkdir(join(folder, 'actions/told-secret'))
  await writeFile(join(folder, 'actions/told-secret/action.yml'), dump(action))
  await build({
    ...ACTION_BUNDLE,
    outfile: join(folder, 'dist/told-secret.js'),
    stdin: {
      contents: `import { runStageAction } from './actions/runtime/stage.ts'
        import { toldSecret } from './test/interop/actions/told-secret.ts'
        await runStageAction(toldSecret)`,
      resolveDir: ROOT,
      loader: 'ts',
    },
  })
}
