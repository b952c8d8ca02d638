import { parseVertexSettings, vertexTarget } from '../../webhook/targets/vertex/index.ts'
import { testTargetContract } from '../support/target-contract.ts'
import { sourceIn } from '../support/vertex/bench.ts'
import { vertexServer } from '../support/vertex-server.ts'

testTargetContract('Vertex AI', async () => {
  const server = await vertexServer()
  const settings = parseVertexSettings(
    { apiEndpoint: server.endpoint },
    {
      PROJECT_ID: server.home.project,
      LOCATION: server.home.location,
      CONTAINER_IMAGE_URI: 'europe-docker.pkg.dev/newsroom-test/images/serving:1',
    },
  )
  const open = [] as AsyncDisposable[]
  return {
    open() {
      const target = vertexTarget(settings, { pollSeconds: 0.001, pauseSeconds: 0.001, timeoutSeconds: 5 })
      open.push(target)
      return target
    },
    source: sourceIn('gs://models/news'),
    async [Symbol.asyncDispose]() {
      for (const each of open) await each[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
})
