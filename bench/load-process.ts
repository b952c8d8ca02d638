import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import autocannon from 'autocannon'
import { percentile } from './figures.ts'
import type { LoadAnswer, LoadPlan, LoadResult } from './load.ts'

/** The process behind load.ts: takes plans by its channel, one at a time, and stops when that closes. */
process.on('message', async (plan: LoadPlan) => {
  const answer = await carryOut(plan).catch((error: Error): LoadAnswer => ({ error: error.message }))
  process.send?.(answer)
})

function carryOut({ url, requests, connections, pace }: LoadPlan): Promise<LoadResult> {
  return 'seconds' in pace
    ? saturate(url, requests, connections, pace.seconds)
    : keepPace(url, requests, connections, pace.perSecond)
}

async function saturate(
  url: string,
  requests: LoadPlan['requests'],
  connections: number,
  duration: number,
): Promise<LoadResult> {
  const { pathname } = new URL(url)
  const taken: number[] = []
  const run = autocannon({
    url,
    connections,
    duration,
    requests: requests.map(each => ({ ...each, method: 'POST', path: pathname })),
  })
  // autocannon's own histogram counts whole milliseconds; most answers take less than one.
  run.on('response', (_client, _status, _bytes, milliseconds) => taken.push(milliseconds))
  const { errors, non2xx, duration: lasted } = await run
  if (errors + non2xx > 0) throw new Error(`${errors} requests failed, ${non2xx} answers were not 2xx`)
  return { perSecond: taken.length / lasted, ...percentilesOf(taken) }
}

/**
 * autocannon's rates are bursts at the start of each second, and its next request waits for the last answer, so that a
 * stalled server is asked less: here the clock alone decides when a request is sent.
 */
async function keepPace(
  url: string,
  requests: LoadPlan['requests'],
  connections: number,
  perSecond: number,
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const begun = performance.now()
  const answers: Promise<number>[] = []
  while (answers.length < requests.length) {
    const due = Math.min(Math.ceil(((performance.now() - begun) * perSecond) / 1000), requests.length)
    while (answers.length < due) {
      const answer = post(url, agent, requests[answers.length]!)
      // Its failure is thrown below, when all are waited for.
      answer.catch(() => {})
      answers.push(answer)
    }
    await sleep(1)
  }
  const taken = await Promise.all(answers)
  const seconds = (performance.now() - begun) / 1000
  agent.destroy()
  return { perSecond: taken.length / seconds, ...percentilesOf(taken) }
}

/** Milliseconds until the whole answer was there. */
function post(url: string, agent: Agent, { headers, body }: LoadPlan['requests'][number]): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const begun = performance.now()
  const sent = request(url, { method: 'POST', agent, headers }, response => {
    const status = response.statusCode ?? 0
    if (status < 200 || status > 299) reject(new Error(`an answer was ${status}`))
    response.on('end', () => resolve(performance.now() - begun)).resume()
  })
  sent.on('error', reject).end(body)
  return promise
}

function percentilesOf(taken: readonly number[]) {
  return { p50: percentile(taken, 0.5), p99: percentile(taken, 0.99) }
}
