import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { asPressroomError } from '../../core/errors.ts'
import { pathOf } from '../receive/node-http.ts'
import type { Access } from './access.ts'
import { STATUS_POLICY } from './status-page.ts'

/** What the routes for operators ask of the deployer. */
export interface Operations {
  /** The status page's HTML. */
  page(): Promise<string>
  metrics(): Promise<{ readonly type: string; readonly body: string }>
  /** Looks at everything now, and tells how it ended. */
  reconcile(): Promise<Reconciled>
}

/** `under-way`: the pass takes longer than a request may, and goes on. */
export interface Reconciled {
  readonly outcome: 'done' | 'failed' | 'under-way'
  readonly failures: readonly string[]
}

interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string
}

interface Route {
  readonly method: 'GET' | 'POST'
  /** It changes something, so that no page of somebody else's may make a browser ask for it. */
  readonly program: boolean
  answer(): Promise<Answer>
}

/**
 * The routes for operators, as a node:http listener: `GET /status`, `GET /metrics`, `POST /reconcile`.
 * @param access who may pass; undefined on a port that only operators reach
 * @param other answers every other path
 */
export function operatorListener(
  operations: Operations,
  access: Access | undefined,
  other: RequestListener = (_request, response) => send(response, refused(404, 'there is nothing here')),
): RequestListener {
  const routes: Readonly<Record<string, Route>> = {
    '/status': {
      method: 'GET',
      program: false,
      async answer() {
        const headers = {
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': STATUS_POLICY,
        }
        return { status: 200, headers, body: await operations.page() }
      },
    },
    '/metrics': {
      method: 'GET',
      program: false,
      async answer() {
        const { type, body } = await operations.metrics()
        return { status: 200, headers: { 'content-type': type }, body }
      },
    },
    '/reconcile': {
      method: 'POST',
      program: true,
      async answer() {
        const reconciled = await operations.reconcile()
        return json(
          reconciled.outcome === 'under-way' ? 202 : reconciled.outcome === 'done' ? 200 : 500,
          reconciled,
        )
      },
    },
  }

  async function answer(route: Route, request: IncomingMessage): Promise<Answer> {
    if (access !== undefined && !(await access(request.headers, route.program))) {
      const challenge = route.program ? 'Bearer' : 'Basic realm="deployer", charset="UTF-8"'
      return {
        ...refused(401, 'the operator token is missing or wrong'),
        headers: { 'www-authenticate': challenge },
      }
    }
    if (request.method !== route.method) {
      return { ...refused(405, `ask with ${route.method}`), headers: { allow: route.method } }
    }
    // A browser says where a POST comes from; none comes from here, since no page of ours sends one.
    if (route.program && request.headers.origin !== undefined)
      return refused(403, 'no web page may ask for this')
    try {
      return await route.answer()
    } catch (error) {
      return refused(500, asPressroomError(error).message)
    }
  }

  return async (request, response) => {
    const path = pathOf(request.url)
    if (!Object.hasOwn(routes, path)) return other(request, response)
    // What a body says is not read; it must not keep the connection.
    request.resume()
    send(response, await answer(routes[path]!, request))
  }
}

function refused(status: number, reason: string): Answer {
  return json(status, { outcome: 'refused', reason })
}

function json(status: number, value: object): Answer {
  return { status, body: `${JSON.stringify(value)}\n` }
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed) return
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
