import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BASE } from './base.ts'
import type { DockerEngine } from './engine.ts'
import { ROOT } from './run-here.ts'

const exec = promisify(execFile)

/**
 * From sources to an image, as the head of a Containerfile says.
 * @param containerfile from the root of the repository on
 */
export async function buildImage(engine: DockerEngine, containerfile: string, tag: string): Promise<void> {
  await exec(process.execPath, ['tools/build.ts'], { cwd: ROOT })
  const file = join(ROOT, containerfile)
  await engine.docker('build', '--no-cache', '--build-arg', `NODE=${BASE}`, '-f', file, '-t', tag, ROOT)
}

/** Builds an image once more: the same layers, of a user that is not root, and no more than so many megabytes on its base. */
export async function requireSlim(
  engine: DockerEngine,
  containerfile: string,
  tag: string,
  mostMegabytes: number,
): Promise<void> {
  const again = 'pressroom-interop/again:1'
  await buildImage(engine, containerfile, again)
  const [first, second, base] = JSON.parse(await engine.docker('inspect', tag, again, BASE))
  assert.deepEqual(second.RootFS, first.RootFS)
  assert.equal(first.Config.User, '1000:1000')
  const megabytes = (first.Size - base.Size) / 1e6
  console.log(`  it adds ${megabytes.toFixed(1)} MB to its base`)
  assert.ok(megabytes < mostMegabytes, `it adds ${megabytes} MB`)
}
