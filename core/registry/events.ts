import { createHmac, timingSafeEqual } from 'node:crypto'
import { PressroomError } from '../errors.ts'

/*
 * The webhook signature of MLflow (mlflow/webhooks/delivery.py), seen on 3.17.2: `v1,` and base64 of
 * HMAC-SHA256 with the secret's UTF-8 over `<delivery id>.<timestamp>.<raw body>`. The bytes are what is
 * signed, so they are checked before anything parses them.
 */
const SIGNATURE_HEADER = 'X-MLflow-Signature'
const DELIVERY_ID_HEADER = 'X-MLflow-Delivery-Id'
const TIMESTAMP_HEADER = 'X-MLflow-Timestamp'

/**
 * Five minutes, as receivers of signed webhooks commonly allow: clocks differ, and retries carry the first
 * try's time.
 */
export const DEFAULT_TOLERANCE_S = 300

/** One delivery of an event, ready to be signed. */
export interface Delivery {
  /** The same for every try, so that the receiver can tell a repetition. */
  readonly deliveryId: string
  /** Seconds since the epoch. */
  readonly timestamp: number
  /** The exact bytes that are sent; a string stands for its UTF-8. */
  readonly body: string | Uint8Array
}

/**
 * The three headers that let a receiver verify a delivery.
 * @throws PressroomError `invalid-setting` when the secret is empty.
 */
export function signEvent(delivery: Delivery, secret: string): Record<string, string> {
  return {
    [SIGNATURE_HEADER]: `v1,${hmac(delivery, secret).toString('base64')}`,
    [DELIVERY_ID_HEADER]: delivery.deliveryId,
    [TIMESTAMP_HEADER]: `${delivery.timestamp}`,
  }
}

export interface Verification {
  /** Any one of them may have signed: while a secret is rotated, the old and the new. */
  readonly secrets: readonly string[]
  /** Milliseconds since the epoch; default the present. */
  readonly now?: number
  /** Largest distance in seconds of the delivery's timestamp from `now`, to either side. Default 300. */
  readonly tolerance?: number
}

/**
 * Says who sent a delivery: returns its id and timestamp (seconds since the epoch) when one of the secrets
 * signed exactly this body.
 * @param headers by name in any letter case, as node:http or `Object.fromEntries(new Headers())` gives them.
 * @param body the raw bytes as they arrived.
 * @throws PressroomError `event-unsigned`, `event-malformed` (headers that no sender of ours makes), `event-forged`,
 *   `event-expired`; `invalid-setting` when no secret, or an empty one, is given.
 */
export function verifyEvent(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: Uint8Array,
  { secrets, now = Date.now(), tolerance = DEFAULT_TOLERANCE_S }: Verification,
): { readonly deliveryId: string; readonly timestamp: number } {
  requireSecrets(secrets)
  const signature = header(headers, SIGNATURE_HEADER)
  if (signature === undefined) {
    throw new PressroomError('event-unsigned', `the event has no ${SIGNATURE_HEADER} header`, {
      fix: 'give the webhook a secret, the same that the receiver has',
    })
  }
  const [, given] = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(signature) ?? []
  if (given === undefined) throw malformed(`${SIGNATURE_HEADER} is not "v1," and 32 bytes in base64`)
  const deliveryId = header(headers, DELIVERY_ID_HEADER) ?? ''
  if (!/^[\x21-\x7e]{1,200}$/.test(deliveryId)) {
    throw malformed(`${DELIVERY_ID_HEADER} is not 1 to 200 visible characters`)
  }
  const seconds = header(headers, TIMESTAMP_HEADER) ?? ''
  if (!/^(0|[1-9]\d{0,11})$/.test(seconds)) throw malformed(`${TIMESTAMP_HEADER} is not a number of seconds`)
  const timestamp = Number(seconds)

  const digest = Buffer.from(given, 'base64')
  // Every secret is tried, whichever fits: the time taken then says nothing about which.
  const fitting = secrets.filter(secret =>
    timingSafeEqual(hmac({ deliveryId, timestamp, body }, secret), digest),
  )
  if (fitting.length === 0) {
    throw new PressroomError('event-forged', 'the signature fits neither the body nor the secret', {
      where: `delivery ${deliveryId}`,
      fix: 'check that sender and receiver have the same secret, and that nothing between them rewrites the body',
    })
  }
  const age = now / 1000 - timestamp
  if (Math.abs(age) > tolerance) {
    throw new PressroomError('event-expired', `the event is ${distance(age)}, ${tolerance} s are allowed`, {
      where: `delivery ${deliveryId}`,
      fix: 'set the clocks of sender and receiver; a delivery that was recorded cannot be sent again',
    })
  }
  return { deliveryId, timestamp }
}

/**
 * Lets a sender or receiver refuse to start, rather than every delivery. Anyone can sign with an empty
 * secret.
 * @throws PressroomError `invalid-setting` when no secret, or an empty one, is given.
 */
export function requireSecrets(secrets: readonly string[]): void {
  if (secrets.length > 0 && !secrets.includes('')) return
  throw new PressroomError('invalid-setting', 'there is no webhook secret', {
    fix: 'set MLFLOW_WEBHOOK_SECRET to a long random text, the same for sender and receiver',
  })
}

function hmac({ deliveryId, timestamp, body }: Delivery, secret: string): Buffer {
  requireSecrets([secret])
  return createHmac('sha256', secret).update(`${deliveryId}.${timestamp}.`).update(body).digest()
}

function header(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  name: string,
): string | undefined {
  const wanted = name.toLowerCase()
  const values = Object.entries(headers).flatMap(([key, value = []]) =>
    key.toLowerCase() === wanted ? value : [],
  )
  if (values.length > 1) throw malformed(`${name} is there ${values.length} times`)
  return values[0]
}

function distance(age: number): string {
  return age > 0 ? `${Math.floor(age)} s old` : `${Math.floor(-age)} s in the future`
}

function malformed(what: string): PressroomError {
  return new PressroomError('event-malformed', `not a delivery of MLflow: ${what}`)
}
