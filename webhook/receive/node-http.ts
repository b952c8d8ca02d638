import type { RequestListener } from 'node:http'
import { type ListeningServer, type ListenOptions, listenOn } from '../http.ts'
import type { Receiver } from './receiver.ts'

/** A receiver as a node:http request listener. */
export function nodeListener(receiver: Receiver): RequestListener {
  return async (request, response) => {
    const answer = await receiver.receive({
      method: request.method ?? '',
      path: pathOf(request.url),
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

/** A request's path without its query. */
export function pathOf(url = ''): string {
  return url.split('?', 1)[0]!
}

/**
 * Serves a receiver over HTTP/1.1. An answer takes milliseconds, and a delivery that gets none is sent again: disposing waits for
 * none.
 * @throws PressroomError `port-in-use`, or `invalid-setting` when the host or port cannot be listened on.
 */
export function listen(receiver: Receiver, options: ListenOptions = {}): Promise<ListeningServer> {
  return listenOn(nodeListener(receiver), options)
}
