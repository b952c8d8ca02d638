import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A `docker` (test/support/fake-docker.ts) for one test. */
export interface FakeEngine {
  readonly bin: string
  /** An environment in which it is the first on PATH. */
  readonly env: NodeJS.ProcessEnv
  /** The arguments of all calls so far, in the order they came. */
  calls(): Promise<string[][]>
}

/** Puts a fake `docker` into a folder. */
export async function fakeEngine(folder: string): Promise<FakeEngine> {
  const bin = join(folder, 'bin')
  await mkdir(bin, { recursive: true })
  const script = fileURLToPath(new URL('./fake-docker.ts', import.meta.url))
  await writeFile(join(bin, 'docker'), `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`)
  await chmod(join(bin, 'docker'), 0o755)
  return {
    bin,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, FAKE_DOCKER: folder },
    async calls() {
      const lines = await readFile(join(folder, 'calls.jsonl'), 'utf8')
      return lines
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
    },
  }
}
