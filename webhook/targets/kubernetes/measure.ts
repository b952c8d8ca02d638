import { aString, listOf, objectWith } from '../../../core/decode.ts'
import { PressroomError } from '../../../core/errors.ts'
import type { Measured, TimeWindow } from '../target.ts'
import { servedName } from './pod.ts'

const anAnswer = objectWith({
  data: objectWith({
    result: listOf(
      objectWith({
        value: (value: unknown, at: string) => aString((value as unknown[])?.[1], `${at}[1]`),
      }),
    ),
  }),
})

/** The queries of one version's requests in a window, by the names of serving/metrics.ts. */
function queriesFor(
  model: string,
  version: string,
  seconds: number,
): Record<'requests' | 'failed' | 'p99', string> {
  const of = `model=${JSON.stringify(servedName(model))},version=${JSON.stringify(version.replace(/[^\w.-]/g, '-'))}`
  const window = `[${Math.max(1, Math.ceil(seconds))}s]`
  // A pod has one version: its own series say which, whatever labels the cluster's scraping adds.
  const onlyThis = `* on (job, instance) group_left () max by (job, instance) (max_over_time(model_info{${of}}${window}))`
  const route = 'route=~"/(predict|batch|explain).*"'
  return {
    requests: `sum(increase(api_requests_total{${route}}${window}) ${onlyThis})`,
    failed: `sum(increase(api_requests_total{${route},status=~"5.."}${window}) ${onlyThis})`,
    p99: `histogram_quantile(0.99, sum by (le) (increase(api_request_duration_seconds_bucket{${route}}${window}) ${onlyThis}))`,
  }
}

/**
 * What Prometheus has of one version in a window of time.
 * @returns undefined when it has nothing
 * @throws PressroomError `server-unreachable`, `server-answer`
 */
export async function measureVersion(
  prometheusUrl: string | undefined,
  model: string,
  version: string,
  { from, to }: TimeWindow,
): Promise<Measured | undefined> {
  if (prometheusUrl === undefined) return undefined
  const queries = queriesFor(model, version, (to - from) / 1000)
  const ask = (query: string) => numberOf(prometheusUrl, query, to)
  const [requests, failed = 0, p99] = await Promise.all([
    ask(queries.requests),
    ask(queries.failed),
    ask(queries.p99),
  ])
  if (requests === undefined || requests <= 0) return undefined
  return {
    requests: Math.round(requests),
    errorRate: Math.min(1, failed / requests),
    ...(p99 !== undefined && { p99: 1000 * p99 }),
  }
}

/** One number at one time; undefined when no series answers, or it is none (0 divided by 0). */
async function numberOf(prometheusUrl: string, query: string, at: number): Promise<number | undefined> {
  const url = new URL(`${prometheusUrl.replace(/\/$/, '')}/api/v1/query`)
  const body = new URLSearchParams({ query, time: String(at / 1000) })
  let answer: Response
  try {
    answer = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(20_000) })
  } catch (cause) {
    throw new PressroomError('server-unreachable', `Prometheus does not answer at ${url.origin}`, {
      fix: 'check prometheusUrl in the deployment file',
      cause,
    })
  }
  try {
    const { data } = anAnswer(await answer.json(), 'it')
    const [found] = data.result
    const value = Number(found?.value ?? Number.NaN)
    return Number.isFinite(value) ? value : undefined
  } catch (cause) {
    throw new PressroomError('server-answer', 'the answer is not one of Prometheus', {
      where: `${url.origin} answered ${answer.status}: ${(cause as Error).message}`,
      fix: 'check prometheusUrl in the deployment file',
      cause,
    })
  }
}
