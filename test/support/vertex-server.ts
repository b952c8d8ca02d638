import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { grpc } from 'google-gax'
import { EndpointService } from './vertex/endpoint-service.ts'
import type { Fault, Seen } from './vertex/faults.ts'
import { ModelService } from './vertex/model-service.ts'
import { Operations } from './vertex/operations.ts'
import { PipelineService } from './vertex/pipeline-service.ts'
import { serviceOf } from './vertex/protos.ts'
import { Refusal } from './vertex/refusal.ts'
import type { Home } from './vertex/resources.ts'
import { ScheduleService } from './vertex/schedule-service.ts'

/** Handlers of a service, by the names of its methods. What is missing is UNIMPLEMENTED. */
type Handlers = Readonly<Record<string, (request: never) => object>>

/** Vertex AI as its published protos have it, over gRPC on loopback, without encryption. */
export interface VertexServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string
  readonly home: Home
  readonly pipelines: PipelineService
  readonly schedules: ScheduleService
  readonly models: ModelService
  readonly endpoints: EndpointService
  readonly operations: Operations
  /** Every call, in order. */
  readonly seen: Seen[]
  /** What goes wrong with a call, if anything. */
  fault: (seen: Seen) => Fault | undefined
}

export async function vertexServer(): Promise<VertexServer> {
  const home: Home = { project: 'newsroom-test', location: 'europe-west4' }
  const operations = new Operations()
  const pipelines = new PipelineService(home, operations)
  const schedules = new ScheduleService(home, operations)
  const models = new ModelService(home, operations)
  const endpoints = new EndpointService(home, operations, models)
  const seen: Seen[] = []
  const server = new grpc.Server()
  const add = (file: string, name: string, handlers: Handlers) => {
    const service = serviceOf(`google/${file}.proto`, `google.${name}`)
    server.addService(service, implement(handlers, answer))
  }
  add('cloud/aiplatform/v1/pipeline_service', 'cloud.aiplatform.v1.PipelineService', pipelines.handlers)
  add('cloud/aiplatform/v1/schedule_service', 'cloud.aiplatform.v1.ScheduleService', schedules.handlers)
  add('cloud/aiplatform/v1/model_service', 'cloud.aiplatform.v1.ModelService', models.handlers)
  add('cloud/aiplatform/v1/endpoint_service', 'cloud.aiplatform.v1.EndpointService', endpoints.handlers)
  add(
    'cloud/aiplatform/v1/prediction_service',
    'cloud.aiplatform.v1.PredictionService',
    endpoints.predictions,
  )
  add('longrunning/operations', 'longrunning.Operations', operations.handlers)

  async function answer(call: Seen, handle: (request: never) => object): Promise<object> {
    seen.push(call)
    const fault = self.fault(call)
    if (fault instanceof Refusal) throw fault
    if (fault === 'silent') return new Promise(() => {})
    if (typeof fault === 'object') await sleep(fault.delay)
    const given = handle(call.request as never)
    if (fault === 'unanswered') throw new Refusal('UNAVAILABLE', 'upstream connect error or disconnect')
    if (fault === 'dropped') wire.cut()
    return given
  }

  const port = await new Promise<number>((done, failed) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? done(bound) : failed(error),
    )
  })
  const wire = await openWire(port)
  const self: VertexServer = {
    endpoint: `http://127.0.0.1:${wire.port}`,
    home,
    pipelines,
    schedules,
    models,
    endpoints,
    operations,
    seen,
    fault: () => undefined,
    async [Symbol.asyncDispose]() {
      server.forceShutdown()
      await wire.close()
    },
  }
  return self
}

function implement(
  handlers: Handlers,
  answer: (call: Seen, handle: (request: never) => object) => Promise<object>,
): grpc.UntypedServiceImplementation {
  const entries = Object.entries(handlers).map(([method, handle]) => {
    const serve: grpc.handleUnaryCall<Seen['request'], object> = ({ request, metadata }, callback) => {
      answer({ method, request, metadata: metadata.getMap() }, handle).then(
        given => callback(null, given),
        error => callback(error instanceof Refusal ? error.toServiceError() : error),
      )
    }
    return [method, serve]
  })
  return Object.fromEntries(entries)
}

/** The way to the server, as a thing of its own: gRPC's server cannot drop a connection in the midst of a call. */
async function openWire(to: number) {
  const open = new Set<Socket>()
  const server = createServer(client => {
    const upstream = connect(to, '127.0.0.1')
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket)
      // Small frames would each wait 40 ms for the acknowledgement of the one before.
      socket.setNoDelay(true)
      socket.pipe(other)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
    }
  })
  const cut = () => {
    for (const socket of open) socket.destroy()
  }
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    async close() {
      cut()
      await new Promise(done => server.close(done))
    },
  }
}
