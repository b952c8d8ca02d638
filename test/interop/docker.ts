/** The image in a real Docker engine: built twice, and each way to run a pipeline in it against the one without. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { PRESSROOM_IMAGE } from '../../components/image.ts'
import { IMAGE } from '../../examples/own-stage/stages/image.ts'
import { tempFolder } from '../support/temp.ts'
import { importBase } from './docker/base.ts'
import { buckets } from './docker/buckets.ts'
import { containers } from './docker/containers.ts'
import { type DockerEngine, engineFiles, startEngine } from './docker/engine.ts'
import { buildImage, requireSlim } from './docker/image.ts'
import { newsPipelines } from './docker/news.ts'
import { ROOT, runHere } from './docker/run-here.ts'
import { pythonWith } from './python.ts'
import type { Checks } from './suite.ts'

const CONTAINERFILE = 'components/Containerfile'
const EXAMPLE = join(ROOT, 'examples/own-stage')
const KFP_DOCKER = ['kfp==2.17.0', 'docker==7.2.0']
/** What the image may add to its base: the bundle is 6 MB, ONNX Runtime 46. */
const MOST_MEGABYTES = 60

export { available } from './docker/engine.ts'

export async function checks(t: Checks): Promise<void> {
  // available() has seen to it that they are there.
  const { root } = (await engineFiles()) as { root: string }
  await using engine = await startEngine(root)
  await using folder = await tempFolder()
  await importBase(engine)
  await buildImage(engine, CONTAINERFILE, PRESSROOM_IMAGE)

  await t.check('the image: small, not root, and the same layers when it is built again', () =>
    requireSlim(engine, CONTAINERFILE, PRESSROOM_IMAGE, MOST_MEGABYTES),
  )
  await t.check('its command is explicit, for any user and with a file system that cannot be written', () =>
    anyUser(engine),
  )
  await containers(t, engine, folder.path)
  await buckets(t, engine)
  await t.check('a stage of a team, on their image, gives what it gives on this machine', () =>
    ownStage(engine, folder.path),
  )
  await newsPipelines(t, engine, folder.path, await pythonWith('kfp-docker', KFP_DOCKER))
}

async function anyUser(engine: DockerEngine): Promise<void> {
  const command = ['--rm', '--read-only', '--user', '4321:0', PRESSROOM_IMAGE, 'pressroom']
  assert.match(await engine.docker('run', ...command, 'train', '--help'), /^Usage: pressroom train/)
}

async function ownStage(engine: DockerEngine, folder: string): Promise<void> {
  await engine.docker('build', '-f', join(EXAMPLE, 'Containerfile'), '-t', IMAGE, EXAMPLE)
  const place = (home: string) => ({ env: engine.env, home: join(folder, home), cwd: EXAMPLE })
  const inputs = { source: '../newsroom/news.csv' }
  const registered = await runHere(place('own-host'), 'pipeline.yaml', inputs)
  assert.equal(registered.outputs.dropped, 3)
  // Where nobody registers it, the same file names an image like any other.
  const elsewhere = { ...place('own-container'), cwd: ROOT }
  const contained = await runHere(elsewhere, join(EXAMPLE, 'pipeline.yaml'), {
    source: 'examples/newsroom/news.csv',
  })
  assert.deepEqual(contained, registered)
}
