import { createServer } from 'node:http'
import { type Listening, listening } from './listening.ts'

/** Requests of one version in one moment. */
interface MadeUp {
  /** All that a filter must say: `metric.labels.deployed_model_id="1"`. */
  readonly of: readonly string[]
  /** By response code. */
  readonly codes: Readonly<Record<string, number>>
  /** In the metric's own unit. */
  readonly p99: number
}

export interface MonitoringServer extends Listening {
  readonly queries: URLSearchParams[]
  made: MadeUp | undefined
  /** The status that the next requests are answered with, and Google's error with it. */
  status: number
}

/** The part of Cloud Monitoring's REST API v3 that is asked here: projects.timeSeries.list, aggregated. */
export async function monitoringServer(project: string): Promise<MonitoringServer> {
  const queries: URLSearchParams[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost')
    const reply = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (url.pathname !== `/v3/projects/${project}/timeSeries`) return reply(404, {})
    if (self.status !== 200) {
      return reply(self.status, {
        error: { code: self.status, message: 'Permission monitoring.timeSeries.list denied' },
      })
    }
    queries.push(url.searchParams)
    const filter = url.searchParams.get('filter') ?? ''
    const { made } = self
    if (made === undefined || !made.of.every(part => filter.includes(part))) return reply(200, {})
    const counts = Object.entries(made.codes).map(([code, count]) => ({
      metric: { labels: { response_code: code } },
      points: [{ value: { int64Value: String(count) } }],
    }))
    const percentile = [{ metric: {}, points: [{ value: { doubleValue: made.p99 } }] }]
    const reducer = url.searchParams.get('aggregation.crossSeriesReducer')
    reply(200, { timeSeries: reducer === 'REDUCE_SUM' ? counts : percentile })
  })
  const self: MonitoringServer = {
    ...(await listening(server)),
    queries,
    made: undefined,
    status: 200,
  }
  return self
}
