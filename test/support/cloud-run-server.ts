import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { CloudRunServices } from './cloud-run/services.ts'
import { type GrpcServer, grpcServer } from './grpc-server.ts'
import { listening } from './listening.ts'
import { Operations } from './vertex/operations.ts'
import { serviceOf } from './vertex/protos.ts'
import type { Home } from './vertex/resources.ts'

/** Cloud Run as its published protos have it, and the containers that it would run, over HTTP. */
export interface CloudRunServer extends GrpcServer {
  readonly home: Home
  readonly run: CloudRunServices
  readonly operations: Operations
}

export async function cloudRunServer(): Promise<CloudRunServer> {
  const home: Home = { project: 'newsroom-test', location: 'europe-west4' }
  const operations = new Operations()
  const run = new CloudRunServices(home, operations)
  const v2 = (file: string, name: string) =>
    serviceOf(`google/cloud/run/v2/${file}.proto`, `google.cloud.run.v2.${name}`, 'run')
  const server = await grpcServer([
    [v2('service', 'Services'), run.handlers],
    [v2('revision', 'Revisions'), run.revisionHandlers],
    [serviceOf('google/longrunning/operations.proto', 'google.longrunning.Operations'), operations.handlers],
  ])
  const containers = await listening(
    createServer(async (request, response) => {
      const body = (await json(request)) as { readonly instances: readonly string[] }
      const answer = run.answer(request.url ?? '', body.instances)
      response
        .writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer ?? {}))
    }),
  )
  run.address = containers.url
  const close = server[Symbol.asyncDispose]
  return Object.assign(server, {
    home,
    run,
    operations,
    async [Symbol.asyncDispose]() {
      await close()
      await containers[Symbol.asyncDispose]()
    },
  })
}
