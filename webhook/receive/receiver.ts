import { type ErrorCode, PressroomError } from '../../core/errors.ts'
import { MAX_EVENT_BYTES, parseEvent } from '../../core/registry/event-body.ts'
import { DEFAULT_TOLERANCE_S, requireSecrets, verifyEvent } from '../../core/registry/events.ts'
import type { RegistryEvent } from '../../core/registry/types.ts'
import { LADDER, type Outcome } from './ladder.ts'
import { createSeen } from './seen.ts'

/** A request, whatever carried it. */
export interface IncomingDelivery {
  readonly method: string
  /** Path without query. */
  readonly path: string
  /** By lower-case name, as node:http gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The raw body, read only as far as it is needed. */
  readonly body: AsyncIterable<Uint8Array>
}

/** What to answer: `body` is JSON with the outcome and its reason in a sentence. */
export interface ReceiverAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a delivery came to, for the log; never a secret. */
export interface Receipt {
  readonly outcome: Outcome
  readonly status: number
  readonly reason: string
  /** From its head to its answer. */
  readonly seconds: number
  /** The verified event; undefined when the delivery was refused or repeated. */
  readonly event: RegistryEvent | undefined
  /** What made the receiver fail, for the log only. */
  readonly error?: unknown
}

export interface ReceiverOptions {
  /** Any one of them may have signed: while a secret is rotated, the old and the new. */
  readonly secrets: readonly string[]
  /** Called for each fresh event, before its delivery is answered: it must return at once and work later. */
  readonly wake: (event: RegistryEvent) => void
  /** Where events arrive. Default `/webhook`. */
  readonly path?: string
  /** Largest distance in seconds between a delivery's timestamp and the clock. Default MLflow's, 300. */
  readonly tolerance?: number
  /** Called once a delivery, with what it came to. */
  readonly report?: (receipt: Receipt) => void
  /** Milliseconds since the epoch; default the present. */
  readonly now?: () => number
}

/** The receiver's core: it knows no transport. */
export interface Receiver {
  /** Never rejects: a failure of the receiver itself is a 500, which MLflow tries again. */
  receive(delivery: IncomingDelivery): Promise<ReceiverAnswer>
}

/** A few MB of ids. Forgetting one that comes again costs one look at the deployments. */
const SEEN_CAPACITY = 20_000

const REFUSALS: { readonly [C in ErrorCode]?: Outcome } = {
  'event-unsigned': 'unsigned',
  'event-forged': 'forged',
  'event-expired': 'expired',
  'event-malformed': 'malformed',
}

/**
 * Receives a registry's events: verifies the raw bytes, parses them, and wakes the deployer once a delivery. An event is
 * only a reason to look: what it says is reported, never deployed.
 * @throws PressroomError `invalid-setting` when no secret, or an empty one, is given.
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  const {
    secrets,
    wake,
    path = '/webhook',
    tolerance = DEFAULT_TOLERANCE_S,
    report,
    now = Date.now,
  } = options
  requireSecrets(secrets)
  // A delivery is refused as expired once its timestamp is `tolerance` old, and the timestamp may lie that far ahead.
  const seen = createSeen({ capacity: SEEN_CAPACITY, lifetime: 2 * tolerance * 1000 })

  async function judge({ method, path: asked, headers, body }: IncomingDelivery): Promise<Verdict> {
    if (asked === '/healthz' && method === 'GET') return { outcome: 'healthy' }
    if (asked !== path) return { outcome: 'unknown-path' }
    if (method !== 'POST') return { outcome: 'wrong-method' }
    if (!isJson(headers['content-type'])) return { outcome: 'wrong-type' }
    const bytes = await readAtMost(MAX_EVENT_BYTES, headers['content-length'], body)
    if (bytes === undefined) return { outcome: 'too-large' }
    const { deliveryId } = verifyEvent(headers, bytes, { secrets, now: now(), tolerance })
    const event = parseEvent(bytes)
    // Only what is genuine and whole is remembered, so that nobody else can fill the memory or block an id.
    if (seen.has(deliveryId)) return { outcome: 'repeated' }
    const outcome = isTest(event) ? 'test' : event.kind === 'unknown' ? 'ignored' : 'accepted'
    if (outcome === 'accepted') wake(event)
    seen.add(deliveryId)
    return { outcome, event }
  }

  return {
    async receive(delivery) {
      const begun = performance.now()
      const { outcome, event, error } = await judge(delivery).catch(refuse)
      const { status, reason = reasonOf(error) } = LADDER[outcome]
      const seconds = (performance.now() - begun) / 1000
      if (outcome !== 'healthy')
        report?.({ outcome, status, reason, seconds, event, ...(outcome === 'failed' && { error }) })
      return {
        status,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'cache-control': 'no-store',
          ...(outcome === 'wrong-method' && { allow: 'POST' }),
        },
        body: `${JSON.stringify({ outcome, reason })}\n`,
      }
    },
  }
}

interface Verdict {
  readonly outcome: Outcome
  readonly event?: RegistryEvent
  readonly error?: unknown
}

function refuse(error: unknown): Verdict {
  const outcome = error instanceof PressroomError ? REFUSALS[error.code] : undefined
  return { outcome: outcome ?? 'failed', error }
}

/** What and where, on one line; what to do is for whoever configures the sender, and stands in the documentation. */
function reasonOf(error: unknown): string {
  if (!(error instanceof PressroomError)) return ''
  const [what] = error.message.split('\n', 1)
  return error.where === undefined ? what! : `${what}: ${error.where}`
}

function isJson(contentType: string | readonly string[] | undefined): boolean {
  return typeof contentType === 'string' && /^application\/json\s*(;|$)/i.test(contentType)
}

/** The whole body, or undefined as soon as it is known to be larger than `limit` bytes. */
async function readAtMost(
  limit: number,
  announced: string | readonly string[] | undefined,
  body: AsyncIterable<Uint8Array>,
): Promise<Uint8Array | undefined> {
  if (Number(announced) > limit) return undefined
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body) {
      size += chunk.byteLength
      if (size > limit) return undefined
      chunks.push(chunk)
    }
  } catch (cause) {
    throw new PressroomError('event-malformed', 'the sender hung up before the end of the body', { cause })
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
}

/** The model that an event is about; undefined where it names none, as what we do not know may. */
export function modelNamedBy({ data }: RegistryEvent): string | undefined {
  const { name } = data as { readonly name?: unknown }
  return typeof name === 'string' ? name : undefined
}

interface TestData {
  readonly name?: unknown
  readonly alias?: unknown
  readonly key?: unknown
  readonly tags?: { readonly example_key?: unknown } | null
}

/**
 * Whether it came from MLflow's "test webhook", which sends made-up data, signed like real data. A real model may have the
 * example's name, so what else is made up is looked at too.
 */
function isTest({ data }: RegistryEvent): boolean {
  const { name, alias, key, tags } = data as TestData
  if (name !== 'example_model') return false
  return alias === 'example_alias' || key === 'example_key' || tags?.example_key === 'example_value'
}
