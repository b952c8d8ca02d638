import { aNumberOrText, aString, type Decoded, listOf, objectWith, orAbsent, recordOf } from '../decode.ts'
import { PressroomError } from '../errors.ts'
import { isObject } from '../object.ts'
import { shorten } from '../report/shorten.ts'
import type { GoogleEndpoint } from './endpoint.ts'

/** Where Cloud Monitoring answers, and as whom it is asked. */
export interface Monitoring {
  readonly endpoint: GoogleEndpoint
  readonly project: string
  headers(url: string): Promise<Headers>
}

/** What is asked of a metric over one window. */
export interface SeriesQuery {
  /** Cloud Monitoring's filter: the metric's type and labels, and the resource's. */
  readonly filter: string
  /** The window, in milliseconds since the epoch. */
  readonly from: number
  readonly to: number
  /** `REDUCE_SUM`, `REDUCE_PERCENTILE_99`: how series that share the labels of `groupBy` become one. */
  readonly reducer: string
  /** `metric.label.response_code`. Default none: one series. */
  readonly groupBy?: readonly string[]
}

/** One number of a group of series. */
export interface SeriesValue {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A metric's points come a minute apart, and no alignment may be shorter. */
const SHORTEST_SECONDS = 60

/**
 * What Cloud Monitoring has of a metric in a window, one number a group. Its points come up to some four minutes late, so a
 * window that ends now misses its end.
 *
 * REST, projects.timeSeries.list (cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/list).
 * @throws PressroomError `server-unreachable`, `not-signed-in`, `server-refused`, `server-answer`
 */
export async function timeSeries(
  { endpoint, project, headers }: Monitoring,
  query: SeriesQuery,
  signal?: AbortSignal,
): Promise<readonly SeriesValue[]> {
  const { filter, from, to, reducer, groupBy = [] } = query
  const seconds = Math.max(SHORTEST_SECONDS, Math.ceil((to - from) / 1000))
  const { host, port, plaintext } = endpoint
  const url = new URL(`${plaintext ? 'http' : 'https'}://${host}:${port}/v3/projects/${project}/timeSeries`)
  const parameters: [string, string][] = [
    ['filter', filter],
    ['interval.startTime', new Date(to - 1000 * seconds).toISOString()],
    ['interval.endTime', new Date(to).toISOString()],
    ['aggregation.alignmentPeriod', `${seconds}s`],
    ['aggregation.perSeriesAligner', 'ALIGN_DELTA'],
    ['aggregation.crossSeriesReducer', reducer],
    ...groupBy.map((field): [string, string] => ['aggregation.groupByFields', field]),
  ]
  url.search = new URLSearchParams(parameters).toString()
  const answer = await ask(url, await headers(url.href), host, project, signal)
  try {
    return (anAnswer(answer, 'it').timeSeries ?? []).map(readSeries)
  } catch (cause) {
    throw new PressroomError('server-answer', 'the answer is not one of Cloud Monitoring', {
      where: `${host}: ${(cause as Error).message}`,
      fix: 'check the endpoint',
    })
  }
}

async function ask(
  url: URL,
  headers: Headers,
  host: string,
  project: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const timeout = AbortSignal.timeout(30_000)
  const response = await fetch(url, {
    headers,
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    redirect: 'error',
  }).catch(cause => {
    signal?.throwIfAborted()
    throw new PressroomError('server-unreachable', `${host} does not answer`, {
      fix: 'check the network',
      cause,
    })
  })
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok && isObject(body)) return body
  const told = isObject(body) && isObject(body.error) ? body.error.message : undefined
  const said = typeof told === 'string' ? told : `HTTP ${response.status}`
  const denied = response.status === 401 || response.status === 403
  throw new PressroomError(
    denied ? 'not-signed-in' : response.ok ? 'server-answer' : 'server-refused',
    `Cloud Monitoring does not tell: ${shorten(said, 300)}`,
    { where: host, fix: denied ? `it needs roles/monitoring.viewer on the project "${project}"` : undefined },
  )
}

const labelled = orAbsent(objectWith({ labels: orAbsent(recordOf(aString)) }))
const aSeries = objectWith({
  metric: labelled,
  resource: labelled,
  points: orAbsent(
    listOf(
      objectWith({
        value: orAbsent(
          objectWith({ int64Value: orAbsent(aNumberOrText), doubleValue: orAbsent(aNumberOrText) }),
        ),
      }),
    ),
  ),
})
const anAnswer = objectWith({ timeSeries: orAbsent(listOf(aSeries)) })

/** The window is one period, yet its edges may fall into two. What is no number was measured of nothing. */
function readSeries({ metric, resource, points = [] }: Decoded<typeof aSeries>): SeriesValue {
  const values = points
    .map(({ value }) => value?.int64Value ?? value?.doubleValue ?? 0)
    .filter(value => Number.isFinite(value))
  return {
    labels: { ...resource?.labels, ...metric?.labels },
    value: values.reduce((sum, value) => sum + value, 0),
  }
}
