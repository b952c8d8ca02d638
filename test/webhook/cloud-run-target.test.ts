import { cloudRunTarget, parseCloudRunSettings } from '../../webhook/targets/cloud-run/index.ts'
import { cloudRunServer } from '../support/cloud-run-server.ts'
import { testTargetContract } from '../support/target-contract.ts'
import { sourceIn } from '../support/vertex/bench.ts'

testTargetContract('Cloud Run', async () => {
  const server = await cloudRunServer()
  const settings = parseCloudRunSettings(
    { apiEndpoint: server.endpoint },
    {
      PROJECT_ID: server.home.project,
      LOCATION: server.home.location,
      CONTAINER_IMAGE_URI: 'europe-docker.pkg.dev/newsroom-test/images/serving:1',
    },
  )
  const open: AsyncDisposable[] = []
  return {
    open() {
      const target = cloudRunTarget(settings, {
        pollSeconds: 0.001,
        pauseSeconds: 0.001,
        timeoutSeconds: 5,
      })
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
