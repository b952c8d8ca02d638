import type { FastifyReply, FastifyRequest } from 'fastify'
import { describeHealth, describeModel, type ModelDescription } from './about.ts'
import { type ModelHost, notServed } from './host.ts'
import type { ServiceMetrics } from './metrics.ts'
import type { Source } from './protocols/answers.ts'
import { type ExplainedAnswer, writeExplanation } from './protocols/explain.ts'
import { type FeedbackAnswer, readFeedback, requireKnown } from './protocols/feedback.ts'
import { type Body, invalid, parseBody } from './protocols/requests.ts'
import {
  type BatchAnswer,
  readExplained,
  readText,
  readTexts,
  type SimpleAnswer,
  writeAnswer,
  writeBatch,
} from './protocols/simple.ts'
import { readInstances, type VertexAnswer, writePredictions } from './protocols/vertex.ts'
import type { Served } from './slot.ts'

/** What each route does: a request in, the JSON body of its answer out. */
export interface Handlers {
  predict(request: FastifyRequest): Promise<SimpleAnswer | VertexAnswer>
  predictBatch(request: FastifyRequest): Promise<BatchAnswer>
  explain(request: FastifyRequest): Promise<ExplainedAnswer>
  feedback(request: FastifyRequest): Promise<FeedbackAnswer>
  health(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>
  modelInfo(request: FastifyRequest): Promise<ModelDescription>
}

/** Words named by `/explain`. */
const WORDS = 6

/** Handlers that answer from `host` and report to `metrics`; they reject with what failures.ts turns into an answer. */
export function createHandlers(host: ModelHost, metrics: ServiceMetrics): Handlers {
  const started = performance.now()
  let lastPrediction: Date | undefined

  const ask = async (served: Served, texts: readonly string[]) => {
    const predictions = await served.model.predict(texts)
    metrics.predicted(served, predictions)
    lastPrediction = new Date()
    return predictions
  }

  return {
    async predict(request) {
      const stop = stopwatch()
      const body = bodyOf(request)
      if ('instances' in body) {
        const texts = readInstances(body)
        return host.use(modelOf(request), async served =>
          writePredictions(await ask(served, texts), sourceOf(served)),
        )
      }
      const text = readText(body)
      return host.use(modelOf(request), async served => {
        const [prediction] = await ask(served, [text])
        return writeAnswer(prediction!, sourceOf(served), stop())
      })
    },
    async predictBatch(request) {
      const stop = stopwatch()
      const texts = readTexts(bodyOf(request))
      return host.use(modelOf(request), async served =>
        writeBatch(await ask(served, texts), sourceOf(served), stop()),
      )
    },
    async explain(request) {
      const stop = stopwatch()
      const text = readExplained(bodyOf(request))
      return host.use(modelOf(request), async served => {
        const [prediction] = await ask(served, [text])
        const words = await served.model.explain(text, WORDS)
        return writeExplanation(prediction!, words, sourceOf(served), stop())
      })
    },
    async feedback(request) {
      const { text, label } = readFeedback(bodyOf(request))
      const name = modelOf(request)
      const labels = host.list(host.resolve(name)).flatMap(({ model }) => model.info.labels)
      if (labels.length > 0) requireKnown(label, [...new Set(labels)])
      const judged = await host.feedback(name, async ({ model }) => {
        const [prediction] = await model.predict([text])
        return prediction!.label === label
      })
      for (const [served, right] of judged) metrics.labelled(served, right)
      const versions = (wanted: boolean) =>
        judged.filter(([, right]) => right === wanted).map(([{ version }]) => version)
      return { right: versions(true), wrong: versions(false) }
    },
    async health(_request, reply) {
      const body = describeHealth(host.list(), (performance.now() - started) / 1000, lastPrediction)
      return reply.code(body.status === 'healthy' ? 200 : 503).send(body)
    },
    async modelInfo(request) {
      const name = host.resolve(modelOf(request))
      const description = describeModel(host.list(name), host.state().models[name])
      if (description === undefined) throw notServed()
      return description
    },
  }
}

/** Milliseconds since this call. */
function stopwatch(): () => number {
  const begun = performance.now()
  return () => performance.now() - begun
}

function bodyOf(request: FastifyRequest): Body {
  return parseBody(request.body as Buffer | undefined)
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
