import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PRESSROOM_IMAGE } from '../../../components/image.ts'
import { gcsServer } from '../../support/gcs-server.ts'
import { s3Server } from '../../support/s3-server.ts'
import type { Checks } from '../suite.ts'
import type { DockerEngine } from './engine.ts'
import { ROOT } from './run-here.ts'

/** The clients of buckets, which the actions' script leaves out, are in the image: stages read rows there by them. */
export async function buckets(t: Checks, engine: DockerEngine): Promise<void> {
  const rows = await readFile(join(ROOT, 'examples/newsroom/news.csv'))
  await using s3 = await s3Server()
  await using gs = await gcsServer()
  const environments = {
    s3: { AWS_ENDPOINT_URL: s3.url, AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' },
    gs: { PRESSROOM_GCS_ENDPOINT: gs.url },
  }
  for (const [scheme, env] of Object.entries(environments)) {
    await t.check(`a stage in the image reads ${scheme}://`, async () => {
      for (const { objects } of [s3, gs]) objects.set('news.csv', rows)
      const variables = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
      const words = ['pressroom', 'ingest', `${scheme}://models/news.csv`, '--out', '/tmp/out', '--json']
      const printed = await engine.docker(
        'run',
        '--rm',
        '--network',
        'host',
        ...variables,
        PRESSROOM_IMAGE,
        ...words,
      )
      assert.equal(JSON.parse(printed).parameters.rows, rows.toString().trim().split('\n').length - 1)
    })
  }
}
