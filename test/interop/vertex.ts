/** Google's Python SDK of Vertex AI: the same jobs from the same pipeline, and its own client on our test server. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromStruct } from '../../core/google/struct.ts'
import { compile, toYaml } from '../../pipelines/compiler/index.ts'
import news from '../../pipelines/news.ts'
import { scheduleOnVertex } from '../../pipelines/runners/vertex/index.ts'
import { jobBody, type VertexSubmission } from '../../pipelines/runners/vertex/job.ts'
import { DIGEST_LABEL } from '../../pipelines/runners/vertex/labels.ts'
import { tempFolder } from '../support/temp.ts'
import { vertexServer } from '../support/vertex-server.ts'
import { pythonWith, runScript } from './python.ts'
import type { Checks } from './suite.ts'

const PACKAGES = ['google-cloud-aiplatform==2.7.0', 'PyYAML==6.0.4']

interface Told {
  readonly jobs: Readonly<Record<'compiled' | 'on' | 'off', object>>
  readonly [other: string]: unknown
}

export async function available(): Promise<string | undefined> {
  const found = await pythonWith('vertex', PACKAGES)
  return 'reason' in found ? found.reason : undefined
}

export async function checks(t: Checks): Promise<void> {
  // available() has seen to it that there is one.
  const { python } = (await pythonWith('vertex', PACKAGES)) as { python: string }
  await using folder = await tempFolder()
  await using server = await vertexServer()
  const spec = compile(news, { target: 'vertex' })
  const file = join(folder.path, 'news.yaml')
  await writeFile(file, toYaml({ spec }))
  const submission: VertexSubmission = {
    spec,
    name: 'News',
    pipelineRoot: 'gs://newsroom/runs',
    parameters: { source: 'gs://newsroom/a.csv', seed: 7 },
    labels: { team: 'news' },
    failurePolicy: 'fast',
    encryptionKey: 'projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k',
  }
  const connection = { ...server.home, apiEndpoint: server.endpoint }
  await scheduleOnVertex({ ...submission, connection, cron: 'TZ=Europe/Oslo 0 2 * * *' })
  const { jobs, ...told }: Told = JSON.parse(
    await runScript(python, 'vertex_peer.py', file, new URL(server.endpoint).host),
  )

  for (const [name, caching] of [['compiled'], ['on', true], ['off', false]] as const) {
    await t.check(`the job is the one that the SDK makes, caching ${name}`, async () => {
      const body = jobBody({ ...submission, ...(caching !== undefined && { caching }) }, 'europe-west4')
      assert.deepEqual(asJson(body), jobs[name])
    })
  }
  await t.check('the test server is Vertex AI to its own Python client', async () => {
    assert.deepEqual(told, {
      again: 'AlreadyExists',
      misnamed: 'InvalidArgument',
      deletedEarly: 'FailedPrecondition',
      end: 'PIPELINE_STATE_SUCCEEDED',
      tasks: ['peer', 'ingest', 'train', 'evaluate', 'validate', 'condition-1', 'register', 'promote'],
      left: 0,
      schedule: { name: 'News', cron: 'TZ=Europe/Oslo 0 2 * * *' },
      pausedTwice: 'FailedPrecondition',
    })
  })
}

/** A job as protobuf's JSON has it, less the label that is ours. */
function asJson({ pipelineSpec, runtimeConfig, labels, ...rest }: ReturnType<typeof jobBody>): object {
  const { [DIGEST_LABEL]: _, ...others } = labels
  const parameterValues = fromStruct({ fields: runtimeConfig.parameterValues })
  return {
    ...rest,
    pipelineSpec: fromStruct(pipelineSpec),
    labels: others,
    runtimeConfig: { ...runtimeConfig, parameterValues },
  }
}
