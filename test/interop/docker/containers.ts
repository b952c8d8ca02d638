import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AnyPipeline } from '../../../pipelines/index.ts'
import { eventually } from '../../support/eventually.ts'
import type { Checks } from '../suite.ts'
import type { DockerEngine } from './engine.ts'
import { absent, failing, hanging, passing } from './foreign.ts'
import { compileTo, runHere, startRun } from './run-here.ts'

/** Containers of whatever image, run by our local runner. */
export async function containers(t: Checks, engine: DockerEngine, folder: string): Promise<void> {
  const place = { env: engine.env, home: join(folder, 'home') }
  const file = (name: string) => join(folder, `${name}.yaml`)

  await t.check('words, variables, outputs, an input that a container cannot write to', async () => {
    const path = await compileTo(file('passing'), passing)
    const { outputs } = await runHere(place, path, { word: 'a "b" $c' })
    assert.deepEqual(outputs, { text: 'a "b" $c & more', length: 8 })
  })
  await t.check('a container that ends with an error', () =>
    fails(failing, 'stage-failed', /^failing ended with exit code 7 in pressroom-interop\/node:24$/),
  )
  await t.check('an image that is nowhere', () =>
    fails(absent, 'stage-failed', /^docker could not run localhost:9\/no\/such:1 for absent$/),
  )
  await t.check('Ctrl-C kills the container, and the run says so', async () => {
    await using run = startRun(place, await compileTo(file('hanging'), hanging))
    while (!run.output().includes('"line":"begun"')) await sleep(20)
    assert.match(await engine.docker('ps', '--format', '{{.Names}}'), /^pressroom-/)
    run.process.kill('SIGINT')
    const { status, stdout } = await run.ended
    assert.equal(status, 130)
    assert.match(stdout, /"state":"cancelled"/)
    assert.equal(await engine.docker('ps', '--quiet'), '')
    // The engine takes its records of a container away after it, in its own time.
    await eventually(async () => (await engine.docker('ps', '--all', '--quiet')) === '')
  })
  await t.check('without an engine nothing starts', async () => {
    const without = { ...place, env: { ...engine.env, DOCKER_HOST: 'unix:///nowhere.sock' } }
    const path = await compileTo(file('failing'), failing)
    const { status, stdout } = await startRun(without, path).ended
    assert.equal(status, 1)
    const { error } = JSON.parse(stdout)
    assert.equal(error.code, 'invalid-pipeline')
    assert.match(error.where, /^failing: it starts sh -c echo last words; exit 7 in pressroom-interop/)
  })

  async function fails(pipeline: AnyPipeline, code: string, what: RegExp): Promise<void> {
    const path = await compileTo(file('fails'), pipeline)
    const { status, stdout } = await startRun(place, path).ended
    assert.equal(status, 1)
    const { error } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
    assert.equal(error.code, code, stdout)
    assert.match(error.what, what)
  }
}
