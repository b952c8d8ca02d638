import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { grpc } from 'google-gax'
import type { Fault, Seen } from './vertex/faults.ts'
import { Refusal } from './vertex/refusal.ts'

/** Handlers of a service, by the names of its methods. What is missing is UNIMPLEMENTED. */
type Handlers = Readonly<Record<string, (request: never) => object>>

/** A server of one or more of Google's services, over gRPC on loopback, without encryption. */
export interface GrpcServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string
  /** Every call, in order. */
  readonly seen: Seen[]
  /** What goes wrong with a call, if anything. */
  fault: (seen: Seen) => Fault | undefined
}

/** Serves services, each by its published definition. */
export async function grpcServer(
  services: readonly (readonly [grpc.ServiceDefinition, Handlers])[],
): Promise<GrpcServer> {
  const seen: Seen[] = []
  const server = new grpc.Server()
  for (const [service, handlers] of services) server.addService(service, implement(handlers, answer))

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
  const self: GrpcServer = {
    endpoint: `http://127.0.0.1:${wire.port}`,
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
