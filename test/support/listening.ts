import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server of a test on loopback, until it is disposed of. */
export interface Listening extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, of a server without TLS. */
  readonly url: string
  readonly port: number
}

/**
 * Lets a server listen on a port of its own. Disposing of it cuts the connections that are open: a client that keeps one for
 * its next request would hold the test.
 *
 * @param port default: one that is free
 */
export async function listening(server: Server, port = 0): Promise<Listening> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: actual } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${actual}`,
    port: actual,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A server of requests that are answered in their time; of one that fails, the connection drops. */
export function answering(answer: (...given: Parameters<RequestListener>) => Promise<unknown>): Server {
  return createServer((request, response) => {
    answer(request, response).catch(error => response.destroy(error))
  })
}
