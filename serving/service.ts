import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  type RouteHandlerMethod,
} from 'fastify'
import { describeHealth, describeModel } from './about.ts'
import { failure, failureOf } from './failures.ts'
import { type ModelHost, notServed } from './host.ts'
import { createMetrics } from './metrics.ts'
import { PAGE_POLICY, readPage } from './page.ts'
import type { Source } from './protocols/answers.ts'
import { writeExplanation } from './protocols/explain.ts'
import { invalid, LIMITS, parseBody } from './protocols/requests.ts'
import { readText, readTexts, writeAnswer, writeBatch } from './protocols/simple.ts'
import { readInstances, writePredictions } from './protocols/vertex.ts'
import type { Served } from './slot.ts'

export interface ServiceOptions {
  /** Paths that also answer health checks and predictions, as Vertex AI names them in AIP_HEALTH_ROUTE and AIP_PREDICT_ROUTE. */
  readonly healthRoute?: string
  readonly predictRoute?: string
  /** Told of every fault of ours; default: the console's error stream. */
  readonly onFault?: (fault: unknown) => void
}

/** No answer takes half as long; a client that needs longer to send its request holds a socket for nothing. */
const REQUEST_TIMEOUT_MS = 60_000

/** Of every answer: it is what its type says, it is for this asker only, and nobody learns where it was read. */
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
}

/** Words named by `/explain`. */
const WORDS = 6

/**
 * The prediction service over HTTP, not yet listening. It answers from `host` and does not own it.
 * Routes: `/` (the page), `/predict`, `/predict/batch`, `/explain`, `/health`, `/model/info`, `/metrics`.
 */
export async function createService(host: ModelHost, options: ServiceOptions = {}): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: LIMITS.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // A request on a connection that is being drained is still answered: closing must fail nobody.
    return503OnClosing: false,
  })
  const metrics = createMetrics(host)
  const started = performance.now()
  let lastPrediction: Date | undefined

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

  const predict = async (served: Served, texts: readonly string[]) => {
    const predictions = await served.model.predict(texts)
    metrics.predicted(served, predictions)
    lastPrediction = new Date()
    return predictions
  }
  const answer = async (request: FastifyRequest) => {
    const begun = performance.now()
    const body = parseBody(bytesOf(request))
    if ('instances' in body) {
      const texts = readInstances(body)
      return host.use(modelOf(request), async served =>
        writePredictions(await predict(served, texts), sourceOf(served)),
      )
    }
    const text = readText(body)
    return host.use(modelOf(request), async served => {
      const [prediction] = await predict(served, [text])
      return writeAnswer(prediction!, sourceOf(served), performance.now() - begun)
    })
  }
  const health = async (_request: FastifyRequest, reply: FastifyReply) => {
    const body = describeHealth(host.list(), (performance.now() - started) / 1000, lastPrediction)
    return reply.code(body.status === 'healthy' ? 200 : 503).send(body)
  }

  // The platform's paths come first: should it name one of ours, it means its own.
  const add = (method: 'GET' | 'POST', url: string, handler: RouteHandlerMethod) => {
    if (!app.hasRoute({ method, url })) app.route({ method, url, handler })
  }
  if (options.predictRoute !== undefined) add('POST', literal(options.predictRoute), answer)
  if (options.healthRoute !== undefined) add('GET', literal(options.healthRoute), health)
  add('POST', '/predict', answer)
  add('GET', '/health', health)
  add('POST', '/predict/batch', async request => {
    const begun = performance.now()
    const texts = readTexts(parseBody(bytesOf(request)))
    return host.use(modelOf(request), async served =>
      writeBatch(await predict(served, texts), sourceOf(served), performance.now() - begun),
    )
  })
  add('POST', '/explain', async request => {
    const begun = performance.now()
    const text = readText(parseBody(bytesOf(request)))
    return host.use(modelOf(request), async served => {
      const [prediction] = await predict(served, [text])
      const words = await served.model.explain(text, WORDS)
      return writeExplanation(prediction!, words, sourceOf(served), performance.now() - begun)
    })
  })
  add('GET', '/model/info', async request => {
    const info = describeModel(host.list(host.resolve(modelOf(request))))
    if (info === undefined) throw notServed()
    return info
  })
  add('GET', '/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  )
  for (const [path, asset] of await readPage()) {
    add('GET', path, async (_request, reply) =>
      reply.type(asset.type).header('content-security-policy', PAGE_POLICY).send(asset.body),
    )
  }
  return app
}

/** A path as fastify takes it literally: a single colon begins a parameter, and Vertex AI's own paths end in `:predict`. */
function literal(path: string): string {
  return path.replaceAll(':', '::')
}

function bytesOf(request: FastifyRequest): Buffer | undefined {
  return request.body as Buffer | undefined
}

/** The model asked for, where several are served: `?model=news`. */
function modelOf(request: FastifyRequest): string | undefined {
  const { model } = request.query as { readonly model?: string | string[] }
  if (Array.isArray(model)) throw invalid('the address names several models', model.join(', '), 'name one')
  return model
}

function sourceOf({ name, version, model }: Served): Source {
  return { model: name, version, labels: model.info.labels }
}

function refuse(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.url.replace(/\?.*$/s, '')
  const allowed = (['GET', 'POST'] as const).filter(method => app.hasRoute({ method, url: path }))
  const { status, body } =
    allowed.length === 0
      ? failure(
          404,
          `there is no ${path} here; there are /predict, /predict/batch, /health, /model/info and /metrics`,
        )
      : failure(405, `${path} does not answer ${request.method}; use ${allowed.join(' or ')}`)
  if (allowed.length > 0) reply.header('allow', allowed.join(', '))
  return reply.code(status).send(body)
}
