import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PressroomError, systemCode } from '../core/errors.ts'

/** MLflow sends a body at once; whoever needs longer than this for a request holds a connection for nothing. */
const REQUEST_TIMEOUT_MS = 10_000

export interface ListenOptions {
  /** Default 127.0.0.1, this machine only. */
  readonly host?: string
  /** Default 0, any free port. */
  readonly port?: number
  /** Milliseconds that requests under way have to be answered once the server is disposed. Default 0. */
  readonly drain?: number
}

/** A server that listens until it is disposed. */
export interface ListeningServer extends AsyncDisposable {
  /** Where it listens, without a final slash. */
  readonly url: string
}

/**
 * Serves a listener over HTTP/1.1.
 * @throws PressroomError `port-in-use`, or `invalid-setting` when the host or port cannot be listened on.
 */
export async function listenOn(
  listener: RequestListener,
  { host = '127.0.0.1', port = 0, drain = 0 }: ListenOptions = {},
): Promise<ListeningServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, listener)
  const listening = Promise.withResolvers<void>()
  server.once('error', listening.reject).listen(port, host, listening.resolve)
  await listening.promise.catch(error => {
    if (systemCode(error) === 'EADDRINUSE') {
      throw new PressroomError('port-in-use', `port ${port} on ${host} is in use`, {
        fix: 'stop what listens there, or name another port for the webhook',
        cause: error,
      })
    }
    throw new PressroomError('invalid-setting', `cannot listen on ${host} port ${port}`, {
      where: error.message,
      fix: 'name an address of this machine and a port that this user may open',
      cause: error,
    })
  })
  const { port: actual } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>()
      // Closes what is idle, too; an answer under way says that its connection closes after it.
      server.close(() => closed.resolve())
      const deadline = setTimeout(() => server.closeAllConnections(), drain)
      await closed.promise
      clearTimeout(deadline)
    },
  }
}
