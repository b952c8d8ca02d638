import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openRegistry, signEvent } from '../../core/registry/index.ts'
import { digestFolder } from '../../core/storage/digest.ts'
import { readEndpoint } from '../../webhook/targets/vertex/read.ts'
import { gcsServer } from './gcs-server.ts'
import { mlflowServer } from './mlflow-server.ts'
import { sealHeadlines } from './models.ts'
import { tempFolder } from './temp.ts'
import { SEED } from './vertex/bench.ts'
import { vertexServer } from './vertex-server.ts'

const SECRET = 'pressroom-test-secret'

/** What seed 000's receiver stands between: MLflow that keeps its artifacts in a bucket of Google's, and Vertex AI. */
export interface ClassicScene extends AsyncDisposable {
  /** The five variables that it is configured by. */
  readonly variables: Readonly<Record<string, string>>
  /** Where the servers of this test are: no part of what a person sets. */
  readonly places: Readonly<Record<string, string>>
  /** Registers a model's next version and makes it champion. */
  promote(n: number): Promise<void>
  /** A delivery as MLflow 3.17.2 was recorded sending it, signed now. */
  delivery(version: number): {
    readonly method: 'POST'
    readonly headers: Record<string, string>
    readonly body: string
  }
  /** What a served version answers to a golden example. */
  label(text: string): string
  /** Percent of the requests by version, as the endpoint has it. */
  traffic(): Readonly<Record<string, number>> | undefined
}

export async function classicScene(): Promise<ClassicScene> {
  await using opened = new AsyncDisposableStack()
  const scratch = opened.use(await tempFolder())
  const gcs = opened.use(await gcsServer())
  const mlflow = opened.use(await mlflowServer())
  const vertex = opened.use(await vertexServer())
  mlflow.store.artifactRoot = 'gs://models/mlflow'
  // The five variables leave five seconds between two looks at an operation.
  vertex.operations.looks = 0
  const before = process.env.PRESSROOM_GCS_ENDPOINT
  process.env.PRESSROOM_GCS_ENDPOINT = gcs.url
  opened.defer(() => {
    if (before === undefined) delete process.env.PRESSROOM_GCS_ENDPOINT
    else process.env.PRESSROOM_GCS_ENDPOINT = before
  })
  const registry = opened.use(await openRegistry(mlflow.url))
  const golden = new Map<string, string>()
  const label = (text: string) => golden.get(text) ?? 'nothing'
  vertex.endpoints.labelOf = (_, text) => label(text)
  const scene = opened.move()
  return {
    variables: { MLFLOW_WEBHOOK_SECRET: SECRET, MLFLOW_TRACKING_URI: mlflow.url, ...SEED },
    places: {
      PRESSROOM_GCS_ENDPOINT: gcs.url,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM: vertex.endpoint,
    },
    async promote(n) {
      const folder = join(scratch.path, `model-${n}`)
      await sealHeadlines(folder, undefined, n)
      const info = JSON.parse(await readFile(join(folder, 'pressroom.json'), 'utf8'))
      for (const { text, label } of info.golden) golden.set(text, label)
      await registry.registerVersion({ name: 'news-topics', folder, digest: await digestFolder(folder) })
      await registry.setAlias('news-topics', 'champion', String(n))
    },
    delivery(version) {
      const timestamp = Math.floor(Date.now() / 1000)
      const at = new Date().toISOString().replace('Z', '000+00:00')
      const body = `{"entity": "model_version_alias", "action": "created", "timestamp": "${at}", "data": {"name": "news-topics", "alias": "champion", "version": "${version}"}}`
      const headers = {
        'User-Agent': 'python-requests/2.34.2',
        'Content-Type': 'application/json',
        ...signEvent({ deliveryId: randomUUID(), timestamp, body }, SECRET),
      }
      return { method: 'POST', headers, body }
    },
    label,
    traffic() {
      const [endpoint] = [...vertex.endpoints.endpoints.values()].filter(each => each.description !== '')
      return endpoint && readEndpoint(endpoint)?.state.traffic
    },
    [Symbol.asyncDispose]: () => scene[Symbol.asyncDispose](),
  }
}
