import { PressroomError } from '../core/errors.ts'

/** What every refused or failed request is answered with. */
export interface Failure {
  readonly status: number
  readonly body: {
    /** The kind of failure, in words that stay the same. */
    readonly error: string
    /** What, where and what to do, in one line. */
    readonly message: string
    /** ISO 8601, UTC. */
    readonly timestamp: string
  }
}

/** The answer to a failed request. A fault of ours tells its status only: what it says belongs in the log. */
export function failureOf(error: unknown): Failure {
  if (error instanceof PressroomError) {
    const message = error.message.replaceAll('\n  ', '; ')
    if (error.code === 'invalid-request') return failure(400, message)
    if (error.code === 'not-served') return failure(503, message)
    if (error.code === 'prediction-failed') return failure(500, message, 'Model prediction failed')
  }
  const status = statusOf(error)
  if (status === 413) return failure(status, 'the body is too large; send fewer texts in a request')
  if (status === 415)
    return failure(status, 'the body is not declared as JSON; send "content-type: application/json"')
  if (status < 500) return failure(status, 'the request cannot be read')
  return failure(500, 'the service failed; its log says why')
}

/** A {@link Failure} with its time. */
export function failure(
  status: number,
  message: string,
  error = TITLES[status] ?? 'Request refused',
): Failure {
  return { status, body: { error, message, timestamp: new Date().toISOString() } }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Invalid input',
  404: 'Not found',
  405: 'Method not allowed',
  413: 'Request too large',
  415: 'Unsupported media type',
  500: 'Internal error',
  503: 'Model not ready',
}

/** The status that fastify gave its own errors, else 500. */
function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500
  return typeof status === 'number' && status >= 400 ? status : 500
}
