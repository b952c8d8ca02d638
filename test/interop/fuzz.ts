/** Every suite that holds properties, with a new seed and many times the runs: what no run of `npm test` has met yet. */
import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { limitTo } from '../../core/at-once.ts'
import type { Checks } from './suite.ts'

export const name = 'fuzz'

const root = resolve(import.meta.dirname, '../..')
const { PRESSROOM_TEST_SEED: given = 'random', PRESSROOM_TEST_RUNS: runs = '20' } = process.env
/** Milliseconds for a test, which has so many times the runs to make: a hang still ends. */
const TIMEOUT = 30 * 60_000

export async function available(): Promise<string | undefined> {
  return undefined
}

export async function checks(t: Pick<Checks, 'check'>): Promise<void> {
  const seed = given === 'random' ? `${randomInt(2 ** 31)}` : given
  console.log(`  PRESSROOM_TEST_SEED=${seed} PRESSROOM_TEST_RUNS=${runs}`)
  const files = globSync('test/**/*.test.ts', { cwd: root }).filter(file => {
    return readFileSync(join(root, file), 'utf8').includes('/support/properties.ts')
  })
  const oneOf = limitTo(availableParallelism())
  await Promise.all(files.sort().map(file => oneOf(() => t.check(file, () => run(file, { seed, runs })))))
}

function run(file: string, { seed, runs }: { seed: string; runs: string }): Promise<void> {
  const args = ['test', '--', file, '--silent', '--reporters=default', `--testTimeout=${TIMEOUT}`]
  const env = { ...process.env, PRESSROOM_TEST_SEED: seed, PRESSROOM_TEST_RUNS: runs }
  return new Promise((done, failed) => {
    execFile('npm', args, { cwd: root, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error === null) done()
      else failed(new Error(`${stdout}${stderr}`))
    })
  })
}
