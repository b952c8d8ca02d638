import { createServer as createHttp, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { Authority } from './certificate.ts'
import { type Listening, listening } from './listening.ts'

export interface Answered {
  readonly status: number
  readonly body: unknown
}

/** An API server of Kubernetes: who asks is known by a token, a certificate or a password, all else gets 401. */
export interface KubernetesServer extends Listening {
  readonly authority: Authority
  /** Tokens that are good, and whose they are. */
  readonly tokens: Map<string, string>
  /** Who asked for what, in order. */
  readonly seen: {
    readonly user: string | undefined
    readonly path: string
    readonly query: URLSearchParams
  }[]
  /** What is answered to who is known. Default: 404 as Kubernetes says it. */
  answer: (path: string, query: URLSearchParams) => Answered | undefined
  /** Where the service proxy leads. */
  service: string | undefined
}

export async function kubernetesServer(
  options: { readonly plain?: boolean } = {},
): Promise<KubernetesServer> {
  const authority = new Authority()
  const handler = (incoming: IncomingMessage, response: ServerResponse) => handle(incoming, response)
  const server = options.plain
    ? createHttp(handler)
    : createHttps(
        {
          ...authority.issue('kubernetes'),
          ca: authority.cert,
          requestCert: true,
          rejectUnauthorized: false,
        },
        handler,
      )
  const open = await listening(server)
  const self: KubernetesServer = {
    ...open,
    url: options.plain ? open.url : open.url.replace('http:', 'https:'),
    authority,
    tokens: new Map(),
    seen: [],
    answer: () => undefined,
    service: undefined,
  }

  function userOf({ headers, socket }: IncomingMessage): string | undefined {
    const [scheme, value = ''] = (headers.authorization ?? '').split(' ')
    if (scheme === 'Bearer') return self.tokens.get(value)
    if (scheme === 'Basic') return Buffer.from(value, 'base64').toString().replace(/:.*/, '')
    const tls = socket as TLSSocket
    const name = tls.authorized ? tls.getPeerCertificate().subject?.CN : undefined
    return Array.isArray(name) ? name[0] : name
  }

  function handle(incoming: IncomingMessage, response: ServerResponse): void {
    const url = new URL(incoming.url ?? '/', self.url)
    const user = userOf(incoming)
    self.seen.push({ user, path: url.pathname, query: url.searchParams })
    const [, proxied] = /\/services\/ml-pipeline:http\/proxy(.*)$/.exec(incoming.url ?? '') ?? []
    if (user !== undefined && proxied !== undefined && self.service !== undefined) {
      const { authorization: _, host: __, ...headers } = incoming.headers
      const onward = request(`${self.service}${proxied}`, { method: incoming.method, headers }, answer => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.on('error', () => response.destroy()).pipe(response)
      })
      incoming.pipe(onward.on('error', () => response.destroy()))
      return
    }
    const { status, body } =
      user === undefined
        ? refused(401, 'Unauthorized', 'Unauthorized')
        : (self.answer(url.pathname, url.searchParams) ??
          refused(404, 'NotFound', 'the server could not find the requested resource'))
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const type = typeof body === 'string' ? 'text/plain' : 'application/json'
    response.writeHead(status, { 'content-type': type }).end(text)
  }
  return self
}

/** An error as Kubernetes sends it. */
export function refused(code: number, reason: string, message: string): Answered {
  return {
    status: code,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code },
  }
}
