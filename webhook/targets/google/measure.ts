import { type Monitoring, timeSeries } from '../../../core/google/monitoring.ts'
import type { Measured, TimeWindow } from '../target.ts'

/** The two metrics that tell how a version does, and where they are its own. */
export interface ServingMetrics {
  /** A DELTA INT64 metric with the label `response_code`. */
  readonly requests: string
  /** A DELTA DISTRIBUTION metric. */
  readonly latencies: string
  /** The rest of the filter: which resource, which version. */
  readonly of: string
  /** Milliseconds in one unit of the latencies. */
  readonly milliseconds: number
}

/**
 * What a version did in a window: answers of 5xx count as failed, those of 4xx are the caller's. Undefined when it was asked nothing.
 * @throws PressroomError what asking Cloud Monitoring throws
 */
export async function measureServing(
  monitoring: Monitoring,
  { requests, latencies, of, milliseconds }: ServingMetrics,
  window: TimeWindow,
): Promise<Measured | undefined> {
  const [counts, slow] = await Promise.all([
    timeSeries(monitoring, {
      ...window,
      filter: `metric.type="${requests}" AND ${of}`,
      reducer: 'REDUCE_SUM',
      groupBy: ['metric.label.response_code'],
    }),
    timeSeries(monitoring, {
      ...window,
      filter: `metric.type="${latencies}" AND ${of}`,
      reducer: 'REDUCE_PERCENTILE_99',
    }),
  ])
  const all = counts.reduce((sum, { value }) => sum + value, 0)
  if (all === 0) return undefined
  const failed = counts
    .filter(({ labels }) => Number(labels.response_code) >= 500)
    .reduce((sum, { value }) => sum + value, 0)
  const [p99] = slow
  return {
    requests: all,
    errorRate: failed / all,
    ...(p99 !== undefined && { p99: p99.value * milliseconds }),
  }
}
