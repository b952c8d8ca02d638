import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  type RouteHandlerMethod,
} from 'fastify'
import { failure, failureOf } from './failures.ts'
import { createHandlers } from './handlers.ts'
import type { ModelHost } from './host.ts'
import { createMetrics } from './metrics.ts'
import { PAGE_POLICY, readPage } from './page.ts'
import { LIMITS } from './protocols/requests.ts'

export interface ServiceOptions {
  /** Paths that also answer health checks and predictions, as Vertex AI names them in AIP_HEALTH_ROUTE and AIP_PREDICT_ROUTE. */
  readonly healthRoute?: string
  readonly predictRoute?: string
  /** Told of every fault of ours; default: the console's error stream. */
  readonly onFault?: (fault: unknown) => void
}

/** How long a client may take to send a request, in milliseconds; Vertex AI itself gives up after 60 s. */
const REQUEST_TIMEOUT_MS = 60_000

/** Of every answer: it is what its type says, it is for this asker only, and nobody learns where it was read. */
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
}

/**
 * The prediction service over HTTP, not yet listening. It answers from `host` and does not own it.
 * Routes: `/` (the page), `/predict`, `/predict/batch`, `/explain`, `/feedback`, `/health`, `/model/info`, `/metrics`.
 */
export async function createService(host: ModelHost, options: ServiceOptions = {}): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: LIMITS.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // A request on a connection that is being drained is still answered: closing must fail nobody.
    return503OnClosing: false,
  })
  const metrics = createMetrics(host)
  const handlers = createHandlers(host, metrics)

  // Protocols parse the bytes themselves: what is wrong with them is then said in one voice.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(HEADERS)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    metrics.answered(request.method, route, reply.statusCode, reply.elapsedTime / 1000)
    done()
  })
  app.setErrorHandler((error, _request, reply) => {
    const { status, body } = failureOf(error)
    if (status === 500) (options.onFault ?? console.error)(error)
    return reply.code(status).send(body)
  })
  app.setNotFoundHandler((request, reply) => refuse(app, request, reply))

  // The platform's paths come first: should it name one of ours, it means its own.
  const add = (method: 'GET' | 'POST', url: string, handler: RouteHandlerMethod) => {
    if (!app.hasRoute({ method, url })) app.route({ method, url, handler })
  }
  if (options.predictRoute !== undefined) add('POST', literal(options.predictRoute), handlers.predict)
  if (options.healthRoute !== undefined) add('GET', literal(options.healthRoute), handlers.health)
  add('POST', '/predict', handlers.predict)
  add('POST', '/predict/batch', handlers.predictBatch)
  add('POST', '/explain', handlers.explain)
  add('POST', '/feedback', handlers.feedback)
  add('GET', '/health', handlers.health)
  add('GET', '/model/info', handlers.modelInfo)
  add('GET', '/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  )
  for (const [path, { type, body }] of await readPage()) {
    add('GET', path, async (_request, reply) =>
      reply.type(type).header('content-security-policy', PAGE_POLICY).send(body),
    )
  }
  return app
}

/** A path as fastify takes it literally: a single colon begins a parameter, and Vertex AI's own paths end in `:predict`. */
function literal(path: string): string {
  return path.replaceAll(':', '::')
}

function refuse(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.replace(/\?.*$/s, '')
  const allowed = (['GET', 'POST'] as const).filter(method => app.hasRoute({ method, url: path }))
  if (allowed.length > 0) reply.header('allow', allowed.join(', '))
  const { status, body } =
    allowed.length > 0
      ? failure(405, `${path} does not answer ${request.method}; use ${allowed.join(' or ')}`)
      : failure(
          404,
          `there is no ${path} here; there are /predict, /predict/batch, /explain, /feedback, /health, /model/info and /metrics`,
        )
  return reply.code(status).send(body)
}
