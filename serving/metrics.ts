import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Prediction } from '../core/model/index.ts'
import type { ModelHost } from './host.ts'
import type { Served } from './slot.ts'

/** The service's measurements, one set a service. */
export interface ServiceMetrics {
  /** What `/metrics` answers: the Prometheus text format, and its content type. */
  readonly registry: Registry
  /** A request was answered; `route` is the route's pattern, so that the series stay few. */
  answered(method: string, route: string, status: number, seconds: number): void
  /** A version made predictions. */
  predicted(served: Served, predictions: readonly Prediction[]): void
  /** Somebody labelled a text, and a version would give it that label, or another. */
  labelled(served: Served, right: boolean): void
}

/** Half a millisecond, what one headline costs a linear model with its HTTP around it, up to Vertex AI's 60 s, in seconds. */
const DURATIONS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60]
const CONFIDENCES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1]

/** Metrics of one service; what they say of models is read from `host` when Prometheus asks. */
export function createMetrics(host: ModelHost): ServiceMetrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: 'api_requests_total',
    help: 'Requests answered.',
    labelNames: ['method', 'route', 'status'] as const,
    registers,
  })
  const durations = new Histogram({
    name: 'api_request_duration_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['method', 'route'] as const,
    buckets: DURATIONS,
    registers,
  })
  const predictions = new Counter({
    name: 'predictions_total',
    help: 'Texts classified, by predicted class.',
    labelNames: ['model', 'version', 'class'] as const,
    registers,
  })
  const confidences = new Histogram({
    name: 'prediction_confidence',
    help: 'Probability of the predicted class.',
    labelNames: ['model', 'version'] as const,
    buckets: CONFIDENCES,
    registers,
  })
  const feedback = new Counter({
    name: 'feedback_total',
    help: 'Texts that somebody labelled, by whether the version gives them that label.',
    labelNames: ['model', 'version', 'right'] as const,
    registers,
  })
  describeModels(host, registers)
  return {
    registry,
    answered(method, route, status, seconds) {
      requests.inc({ method, route, status })
      durations.observe({ method, route }, seconds)
    },
    predicted({ name, version }, made) {
      for (const { label, probabilities } of made) {
        predictions.inc({ model: name, version, class: label })
        confidences.observe({ model: name, version }, Math.max(...probabilities))
      }
    },
    labelled({ name, version }, right) {
      feedback.inc({ model: name, version, right: String(right) })
    },
  }
}

function describeModels(host: ModelHost, registers: Registry[]): void {
  new Gauge({
    name: 'model_info',
    help: 'Loaded model versions; the value is always 1.',
    labelNames: ['model', 'version', 'engine'] as const,
    registers,
    collect() {
      this.reset()
      for (const { name, version, model } of host.list()) {
        this.set({ model: name, version, engine: model.info.engine }, 1)
      }
    },
  })
  new Gauge({
    name: 'model_traffic_percent',
    help: 'Share of the requests that a loaded version answers.',
    labelNames: ['model', 'version'] as const,
    registers,
    collect() {
      this.reset()
      for (const { name, version, share } of host.list()) this.set({ model: name, version }, share)
    },
  })
  new Gauge({
    name: 'model_accuracy',
    help: 'Accuracy on the validation rows, as the model folder records it.',
    labelNames: ['model', 'version'] as const,
    registers,
    collect() {
      this.reset()
      for (const { name, version, model } of host.list()) {
        const accuracy = model.info.metrics.validationAccuracy
        if (accuracy !== undefined) this.set({ model: name, version }, accuracy)
      }
    },
  })
}
