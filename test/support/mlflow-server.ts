import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { answering, type Listening, listening } from './listening.ts'
import { Fault, Page } from './mlflow/fault.ts'
import { proxied } from './mlflow/proxy.ts'
import { answerTo } from './mlflow/routes.ts'
import { Store } from './mlflow/store.ts'

/** What goes wrong with one request, in place of its answer or after it was carried out. */
export type MlflowFault =
  /** The connection drops before the server has done anything. */
  | 'lost'
  /** The server does what it is asked, and the connection drops. */
  | 'unanswered'
  | {
      readonly status: number
      readonly type: string
      readonly body: string | Buffer
      /** Of the body's content. */
      readonly encoding?: 'gzip'
    }

interface Seen {
  readonly method: string
  /** Decoded, from the host on. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface MlflowServer extends Listening {
  readonly store: Store
  /** Every request, in order. */
  readonly seen: readonly Seen[]
  /** What goes wrong with a request, if anything. */
  fault: (request: Seen) => MlflowFault | undefined
}

interface Options {
  /** What `GET /version` says. Default 3.17.2, which the answers are those of. */
  readonly version?: string
  /** The `Authorization` that is let in; default: none is asked for. */
  readonly authorization?: string
  /** Items a page at most. Default 2, so that every list has pages. */
  readonly page?: number
}

const API = '/api/2.0/mlflow/'
const PROXY = '/api/2.0/mlflow-artifacts/artifacts'

/**
 * The REST API of an MLflow tracking server, in memory: the quirks are those of 3.17.2, and `test:interop -- mlflow` runs the
 * same suite against the real one.
 */
export async function mlflowServer({
  version = '3.17.2',
  authorization,
  page = 2,
}: Options = {}): Promise<MlflowServer> {
  const store = new Store()
  const seen: Seen[] = []
  const self: MlflowServer = {
    ...(await listening(answering(handle))),
    store,
    seen,
    fault: () => undefined,
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await buffer(request)
    const url = new URL(request.url ?? '/', self.url)
    const { method = '', headers } = request
    const asked = { method, path: decodeURIComponent(url.pathname), headers, body: bytes.toString() }
    seen.push(asked)
    const fault = self.fault(asked)
    if (fault === 'lost') return void response.destroy()
    const answer = typeof fault === 'object' ? fault : await answered(asked, url, bytes)
    if (fault === 'unanswered') return void response.destroy()
    const { status, type, body } = answer
    const encoding = 'encoding' in answer ? answer.encoding : undefined
    response
      .writeHead(status, {
        ...(type !== '' && { 'content-type': type }),
        ...(encoding !== undefined && { 'content-encoding': encoding }),
      })
      .end(body)
  }

  async function answered({ method, headers }: Seen, url: URL, bytes: Buffer) {
    const json = (status: number, value: object) => {
      return { status, type: 'application/json', body: JSON.stringify(value) }
    }
    try {
      const { pathname, searchParams: query } = url
      if (authorization !== undefined && headers.authorization !== authorization) {
        return { status: 401, type: 'text/html; charset=utf-8', body: 'You are not authenticated.' }
      }
      // Plain text under the name of a page, as the real one sends it.
      if (pathname === '/version') return { status: 200, type: 'text/html; charset=utf-8', body: version }
      if (pathname.startsWith(PROXY)) {
        const path = decodeURIComponent(pathname.slice(PROXY.length + 1))
        const value = proxied(store, method, path, query, bytes)
        if (value === undefined) return { status: 200, type: '', body: '' }
        return Buffer.isBuffer(value) ? { status: 200, type: 'text/plain', body: value } : json(200, value)
      }
      if (!pathname.startsWith(API)) throw new Page(404, 'Not Found')
      const path = pathname.slice(API.length)
      const asked = { method, path, query, type: headers['content-type'], body: bytes.toString() }
      return json(200, await answerTo(store, asked, page))
    } catch (error) {
      if (error instanceof Fault)
        return json(error.status, { error_code: error.code, message: error.message })
      if (error instanceof Page) {
        return { status: error.status, type: 'text/html; charset=utf-8', body: error.message }
      }
      throw error
    }
  }
  return self
}
