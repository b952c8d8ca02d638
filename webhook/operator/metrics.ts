import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Receipt } from '../receive/receiver.ts'
import type { ReconcileEvent } from '../reconcile.ts'
import { type Journal, modelOf } from './journal.ts'

/** The deployer's measurements; `docs/webhook.md` lists them. */
export interface DeployerMetrics {
  /** What `/metrics` answers: the Prometheus text format, and its content type. */
  readonly registry: Registry
  happened(event: ReconcileEvent): void
  received(receipt: Receipt): void
}

/** Around the goal of 10 ms, up to what MLflow waits, in seconds. */
const DURATIONS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 30]

/** Metrics of one deployer. */
export function createDeployerMetrics(journal: Journal): DeployerMetrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const deliveries = new Counter({
    name: 'pressroom_deliveries_total',
    help: 'Deliveries answered, by what they came to.',
    labelNames: ['outcome'] as const,
    registers,
  })
  const acknowledgement = new Histogram({
    name: 'pressroom_acknowledgement_seconds',
    help: 'Time from the head of a delivery to its answer.',
    buckets: DURATIONS,
    registers,
  })
  const events = new Counter({
    name: 'pressroom_deployment_events_total',
    help: 'What passes told: steps taken, models serving, failures, and passes with nothing to do.',
    labelNames: ['kind'] as const,
    registers,
  })
  const failures = new Counter({
    name: 'pressroom_deployment_failures_total',
    help: 'Failures by model; without one when registry or target could not be asked.',
    labelNames: ['model'] as const,
    registers,
  })
  new Gauge({
    name: 'pressroom_settled_timestamp_seconds',
    help: 'When a pass last found or made everything as it is wanted.',
    registers,
    collect() {
      this.set((journal.settledAt ?? 0) / 1000)
    },
  })
  return {
    registry,
    happened(event) {
      events.inc({ kind: event.kind })
      if (event.kind === 'failed') failures.inc({ model: modelOf(event) ?? '' })
    },
    received({ outcome, seconds }) {
      deliveries.inc({ outcome })
      acknowledgement.observe(seconds)
    },
  }
}
