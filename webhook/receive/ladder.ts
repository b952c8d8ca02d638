/**
 * Everything a delivery can come to, from the first thing looked at to the last; `docs/webhook.md` has the same table, and
 * a test compares the two. MLflow tries a delivery again on 429 and 5xx only, so a status below 500 is final for that
 * delivery. There is no 3xx: MLflow would follow it with a GET and lose the body. Where the reason is undefined, it is
 * what verifying or parsing found.
 */
export const LADDER = {
  healthy: { status: 200, reason: 'the receiver is up' },
  'unknown-path': { status: 404, reason: 'nothing is received here' },
  'wrong-method': { status: 405, reason: 'events are sent with POST' },
  'wrong-type': { status: 415, reason: 'the content type is not application/json' },
  'too-large': { status: 413, reason: 'the body has more than 1 MiB' },
  unsigned: { status: 401, reason: undefined },
  forged: { status: 401, reason: undefined },
  expired: { status: 401, reason: undefined },
  malformed: { status: 400, reason: undefined },
  repeated: { status: 202, reason: 'this delivery was received before' },
  test: { status: 202, reason: 'a test delivery, and its signature is right' },
  ignored: { status: 202, reason: 'no deployment depends on an event of this kind' },
  accepted: { status: 202, reason: 'the deployments are looked at next' },
  failed: { status: 500, reason: 'the receiver failed; its log says why' },
} as const satisfies Readonly<
  Record<string, { readonly status: number; readonly reason: string | undefined }>
>

/** What a request came to. */
export type Outcome = keyof typeof LADDER
