import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PressroomError, systemCode } from '../../core/errors.ts'
import type { Receiver } from './receiver.ts'

/** MLflow sends a body at once; whoever needs longer than this for a request holds a connection for nothing. */
const REQUEST_TIMEOUT_MS = 10_000

/** A receiver as a node:http request listener. */
export function nodeListener(receiver: Receiver): RequestListener {
  return async (request, response) => {
    const answer = await receiver.receive({
      method: request.method ?? '',
      path: (request.url ?? '').split('?', 1)[0]!,
      headers: request.headers,
      // Not destroyed when the receiver stops reading: the sender of too large a body must still get its answer.
      body: request.iterator({ destroyOnReturn: false }),
    })
    // The sender hung up before the whole body had come: nobody is left to answer.
    if (response.destroyed) return
    response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) })
    response.end(answer.body)
  }
}

export interface ListenOptions {
  /** Default 127.0.0.1, this machine only. */
  readonly host?: string
  /** Default 0, any free port. */
  readonly port?: number
}

/** A receiver that listens until it is disposed. */
export interface ReceiverServer extends AsyncDisposable {
  /** Where it listens, without a final slash. */
  readonly url: string
}

/**
 * Serves a receiver over HTTP/1.1.
 * @throws PressroomError `port-in-use`, or `invalid-setting` when the host or port cannot be listened on.
 */
export async function listen(
  receiver: Receiver,
  { host = '127.0.0.1', port = 0 }: ListenOptions = {},
): Promise<ReceiverServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, nodeListener(receiver))
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
      server.close(() => closed.resolve())
      // An answer takes milliseconds, and a delivery that gets none is sent again.
      server.closeAllConnections()
      await closed.promise
    },
  }
}
