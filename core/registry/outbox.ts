import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf, PressroomError } from '../errors.ts'
import { parseEvent } from './event-body.ts'
import { requireSecrets, signEvent } from './events.ts'
import type { PendingEvent, Registry, RegistryEvent } from './types.ts'

/** MLflow's time-out for one try. */
const TIMEOUT_MS = 30_000
const FIRST_DELAY_MS = 250
const LONGEST_DELAY_MS = 30_000
/** A receiver may ask for more patience than that, up to this. */
const LONGEST_RETRY_AFTER_MS = 600_000
/** New events do not wait behind one that will be tried again later. */
const POLL_MS = 100

/** What became of one try. */
export interface DeliveryReport {
  readonly deliveryId: string
  readonly event: RegistryEvent
  /** Tries so far, this one included. */
  readonly tries: number
  /** `HTTP 202`, or why there was no answer. */
  readonly detail: string
}

export interface DeliveryOptions {
  /** The webhook: http or https, without a password in it. */
  readonly url: string
  /** What events are signed with; it is never stored. */
  readonly secret: string
  /** Ends the delivery; what was not delivered stays in the outbox. */
  readonly signal: AbortSignal
  /** Milliseconds for one try; default 30,000. */
  readonly timeout?: number
  readonly onDelivered?: (report: DeliveryReport) => void
  /** The receiver refused the event for good (4xx). */
  readonly onDropped?: (report: DeliveryReport) => void
  /** `delay`: milliseconds until the next try. */
  readonly onRetry?: (report: DeliveryReport & { readonly delay: number }) => void
}

/**
 * Sends what waits in the registry's outbox to one webhook, first tries in the order of the changes, and
 * returns once nothing waits or the signal aborts.
 *
 * As MLflow does: one delivery id for all tries; 2xx is delivered; 429, 5xx and no answer are tried again, by
 * `Retry-After` or after growing delays; any other 4xx drops the event. Unlike MLflow, an event is never
 * given up while its receiver is away, and survives a crash of the sender. Each try is signed anew, since
 * hours may lie between two.
 * @throws PressroomError `invalid-setting` for a URL or secret that cannot work; what the registry's database can throw.
 */
export async function deliverOutbox(
  registry: Pick<Registry, 'outbox'>,
  options: DeliveryOptions,
): Promise<void> {
  const { outbox } = registry
  const { signal } = options
  checkUrl(options.url)
  requireSecrets([options.secret])
  if (outbox === undefined) return
  while (!signal.aborted) {
    const waiting = outbox.next()
    if (waiting === undefined) return
    const wait = waiting.dueAt - Date.now()
    if (wait > 0) {
      await sleep(Math.min(wait, POLL_MS), undefined, { signal }).catch(() => {})
      continue
    }
    await using lock = await outbox.lock(signal).catch((error): undefined => {
      if (!signal.aborted) throw error
    })
    if (lock === undefined) return
    const event = outbox.next()
    // Another dispatcher may have had it while this one waited for the lock.
    if (event === undefined || event.dueAt > Date.now()) continue
    const answer = await send(event, options)
    if (signal.aborted && answer.outcome === 'retry') return
    const report = {
      deliveryId: event.deliveryId,
      event: parseEvent(Buffer.from(event.body)),
      tries: event.tries + 1,
      detail: answer.detail,
    }
    if (answer.outcome === 'retry') {
      const delay = retryDelay(report.tries, answer.retryAfter)
      outbox.postpone(event.deliveryId, Date.now() + delay, answer.detail)
      options.onRetry?.({ ...report, delay })
    } else {
      outbox.settle(event.deliveryId, answer.outcome, answer.detail)
      const tell = answer.outcome === 'delivered' ? options.onDelivered : options.onDropped
      tell?.(report)
    }
  }
}

/**
 * {@link deliverOutbox} until the signal aborts, looking for new events every `interval` milliseconds,
 * default 100.
 */
export async function watchOutbox(
  registry: Pick<Registry, 'outbox'>,
  { interval = 100, ...options }: DeliveryOptions & { readonly interval?: number },
): Promise<void> {
  while (!options.signal.aborted) {
    await deliverOutbox(registry, options)
    await sleep(interval, undefined, { signal: options.signal }).catch(() => {})
  }
}

/**
 * Milliseconds to wait after so many failed tries: 250, doubled each time up to 30,000; `Retry-After`
 * (seconds) when it asks for more.
 */
export function retryDelay(tries: number, retryAfter: string | undefined): number {
  const asked = /^\d{1,9}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : 0
  const own = Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), LONGEST_DELAY_MS)
  return Math.max(own, Math.min(asked, LONGEST_RETRY_AFTER_MS))
}

interface Answer {
  readonly outcome: 'delivered' | 'dropped' | 'retry'
  readonly detail: string
  readonly retryAfter?: string | undefined
}

async function send(event: PendingEvent, options: DeliveryOptions): Promise<Answer> {
  const { deliveryId, body } = event
  const timeout = AbortSignal.timeout(options.timeout ?? TIMEOUT_MS)
  const timestamp = Math.floor(Date.now() / 1000)
  try {
    const response = await fetch(options.url, {
      method: 'POST',
      // A redirect would turn the POST into a GET without its body, as it does with MLflow.
      redirect: 'error',
      headers: {
        'content-type': 'application/json',
        ...signEvent({ deliveryId, timestamp, body }, options.secret),
      },
      body,
      signal: AbortSignal.any([options.signal, timeout]),
    })
    // Its content means nothing to us, and the connection may go: the status has arrived.
    await response.body?.cancel().catch(() => {})
    return {
      outcome: outcomeOf(response.status),
      detail: `HTTP ${response.status}`,
      retryAfter: response.headers.get('retry-after') ?? undefined,
    }
  } catch (error) {
    return { outcome: 'retry', detail: reasonOf(error) }
  }
}

function outcomeOf(status: number): Answer['outcome'] {
  if (status >= 200 && status < 300) return 'delivered'
  return status >= 400 && status < 500 && status !== 429 ? 'dropped' : 'retry'
}

/** fetch says "fetch failed" whatever happened; why is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error)
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || error.name
}

function checkUrl(url: string): void {
  const parsed = URL.parse(url)
  const web = parsed?.protocol === 'http:' || parsed?.protocol === 'https:'
  if (web && parsed.username === '' && parsed.password === '') return
  throw new PressroomError('invalid-setting', 'the webhook URL cannot be used', {
    where: parsed === null ? 'it is not a URL' : `it begins with ${parsed.protocol}//`,
    fix: 'give an http or https URL without a user or password in it',
  })
}
