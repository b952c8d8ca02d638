import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { PressroomError, systemCode } from '../core/errors.ts'
import { loadModel } from '../core/model/index.ts'
import { isRemote, openRemote } from '../core/storage/remote.ts'
import { ModelHost } from './host.ts'
import { createService, type ServiceOptions } from './service.ts'
import type { ServeSettings } from './settings.ts'

/** A service that listens. Disposing it drains it: see {@link RunningService.close}. */
export interface RunningService extends AsyncDisposable {
  /** Where it answers, for a person on this machine: `http://127.0.0.1:8080`. */
  readonly url: string
  readonly host: ModelHost
  /** Takes no new connections, answers what is under way, and after `deadlineMs` closes what is left. Default 8 s. */
  close(deadlineMs?: number): Promise<void>
}

/** Cloud Run kills a container 10 s after SIGTERM; what is left is for disposing models and exiting. */
const DRAIN_MS = 8000
/** Long enough for a request that is on its way to an open connection. */
const SWEEP_MS = 200

/**
 * Loads the models, gives each all of its traffic, and listens.
 * @throws PressroomError what loading throws; `port-in-use` or `invalid-setting` when it cannot listen there
 */
export async function serve(
  settings: ServeSettings & Pick<ServiceOptions, 'onFault'>,
): Promise<RunningService> {
  const { runtime } = settings
  const host = new ModelHost(folder => loadModel(folder, { runtime }))
  try {
    for (const { name, version, folder } of settings.models)
      await host.swap(name, version, await onDisk(folder))
    const app = await createService(host, settings)
    const sockets = trackSockets(app)
    await listen(app, settings)
    const close = once((deadlineMs: number) => drain(app, host, sockets, deadlineMs))
    return {
      url: urlOf(app),
      host,
      close: (deadlineMs = DRAIN_MS) => close(deadlineMs),
      [Symbol.asyncDispose]: () => close(DRAIN_MS),
    }
  } catch (error) {
    await host[Symbol.asyncDispose]()
    throw error
  }
}

/** The folder itself, or a copy of one in a bucket. A container is started anew for another model, so nothing tidies up. */
async function onDisk(folder: string): Promise<string> {
  if (!isRemote(folder)) return folder
  return (await openRemote(folder)).fetch(join(tmpdir(), 'pressroom-models'))
}

async function listen(app: FastifyInstance, { host, port }: ServeSettings): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    await app.close()
    throw listenFailure(cause, host, port)
  }
}

function listenFailure(cause: unknown, host: string, port: number): unknown {
  switch (systemCode(cause)) {
    case 'EADDRINUSE':
      return new PressroomError('port-in-use', `port ${port} of ${host} is in use`, {
        fix: 'stop what uses it, or give another one with --port; 0 takes a free one',
        cause,
      })
    case 'EACCES':
      return new PressroomError('invalid-setting', `this user may not listen on port ${port} of ${host}`, {
        fix: 'give a port above 1023 with --port',
        cause,
      })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new PressroomError('invalid-setting', `this machine has no address ${host} to listen on`, {
        fix: 'give 127.0.0.1 for this machine only, 0.0.0.0 for every address of it, with --host',
        cause,
      })
    default:
      return cause
  }
}

/**
 * Closes the server. Node closes each connection that is idle at that moment, but neither one that becomes idle later nor
 * one that never asked anything, as browsers open in advance: those are closed here.
 */
async function drain(
  app: FastifyInstance,
  host: ModelHost,
  sockets: ReadonlySet<Socket>,
  deadlineMs: number,
): Promise<void> {
  const silent = [...sockets].filter(socket => socket.bytesRead === 0)
  const sweep = setInterval(() => {
    app.server.closeIdleConnections()
    for (const socket of silent) if (socket.bytesRead === 0) socket.destroy()
  }, SWEEP_MS)
  const deadline = setTimeout(() => app.server.closeAllConnections(), deadlineMs)
  try {
    await app.close()
  } finally {
    clearInterval(sweep)
    clearTimeout(deadline)
  }
  await host[Symbol.asyncDispose]()
}

/** The server's open connections, at any time. */
function trackSockets(app: FastifyInstance): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  app.server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return sockets
}

function urlOf(app: FastifyInstance): string {
  const { address, family, port } = app.server.address() as AddressInfo
  // A browser cannot open the address that means "every address".
  const named = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address
  return `http://${family === 'IPv6' && named !== '127.0.0.1' ? `[${named}]` : named}:${port}`
}

/** The first call's result for every call. */
function once<A>(work: (argument: A) => Promise<void>): (argument: A) => Promise<void> {
  let result: Promise<void> | undefined
  return argument => {
    result ??= work(argument)
    return result
  }
}
