import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { tempFolder } from '../../support/temp.ts'
import type { DockerEngine } from './engine.ts'

const exec = promisify(execFile)

/** What stands for `docker.io/library/node:24-slim`, which cannot be pulled here. */
export const BASE = 'pressroom-interop/node:24'

/** Makes an image of this Node, of what the tests start beside it, and of the libraries that these load. */
export async function importBase(engine: DockerEngine): Promise<void> {
  await using folder = await tempFolder()
  const root = join(folder.path, 'root')
  const files = {
    [process.execPath]: '/usr/local/bin/node',
    '/usr/bin/env': '/usr/bin/env',
    '/bin/sh': '/bin/sh',
    '/bin/sleep': '/bin/sleep',
    '/usr/bin/wc': '/usr/bin/wc',
  }
  // ONNX Runtime loads one more.
  const libraries = new Set(['/lib/x86_64-linux-gnu/librt.so.1'])
  for (const file of Object.keys(files)) {
    const { stdout } = await exec('ldd', [file])
    for (const [library] of stdout.matchAll(/\/\S+(?= \(0x)/g)) libraries.add(library)
  }
  for (const [from, to] of [...Object.entries(files), ...[...libraries].map(path => [path, path] as const)]) {
    await mkdir(dirname(join(root, to)), { recursive: true })
    await cp(from, join(root, to), { dereference: true })
  }
  await mkdir(join(root, 'etc'))
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nnode:x:1000:1000::/tmp:/bin/sh\n')
  await mkdir(join(root, 'tmp'))
  await chmod(join(root, 'tmp'), 0o1777)
  const tar = join(folder.path, 'root.tar')
  await exec('tar', ['-C', root, '--owner=0', '--group=0', '--sort=name', '--mtime=@0', '-cf', tar, '.'])
  await engine.docker('import', '--change', 'ENV PATH=/usr/local/bin:/usr/bin:/bin', tar, BASE)
}
