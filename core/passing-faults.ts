import { type ErrorCode, PressroomError, systemCode } from './errors.ts'

/** Statuses of servers that are busy, starting or away, and of gateways that could not ask them. */
export const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

/** Connections that were refused, reset or cut, names that could not be looked up just now: of Node, and of undici. */
const PASSING_SYSTEM_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENETDOWN',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_SOCKET',
])

/** gRPC's DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED and UNAVAILABLE (google.rpc.Code), which Google's clients put in `code`. */
const PASSING_GRPC_CODES: ReadonlySet<number> = new Set([4, 8, 14])

const PASSING_ERRORS: ReadonlySet<ErrorCode> = new Set(['folder-locked', 'server-unreachable'])

/** Errors of ours that speak of what was given, found or asked for, whatever caused them: the next try finds the same. */
const LASTING_ERRORS: ReadonlySet<ErrorCode> = new Set([
  'usage',
  'invalid-setting',
  'invalid-parameter',
  'invalid-request',
  'invalid-name',
  'invalid-rows',
  'invalid-stage',
  'invalid-pipeline',
  'cancelled',
  'file-not-found',
  'not-text',
  'missing-column',
  'not-signed-in',
  'stage-timeout',
  'package-missing',
])

/**
 * Whether a fault is likely to pass: trying again a little later may succeed, with nothing changed. An error of ours is
 * judged by its code, else by its causes; anything else by the codes and statuses that Node, fetch and the cloud clients
 * put on errors. What is not known to pass does not.
 */
export function isPassingFault(error: unknown): boolean {
  if (error instanceof PressroomError) {
    if (PASSING_ERRORS.has(error.code)) return true
    return !LASTING_ERRORS.has(error.code) && isPassingFault(error.cause)
  }
  if (!(error instanceof Error) || error.name === 'AbortError') return false
  if (PASSING_SYSTEM_CODES.has(systemCode(error) ?? '')) return true
  if (statusesOf(error).some(status => PASSING_STATUSES.has(status))) return true
  // Errors of child processes have numbers in `code` too, and no metadata.
  if ('code' in error && 'metadata' in error && PASSING_GRPC_CODES.has(Number(error.code))) return true
  // fetch wraps the system's error, and for several addresses a list of them.
  const causes = error instanceof AggregateError ? [error.cause, ...error.errors] : [error.cause]
  return causes.some(isPassingFault)
}

/** HTTP statuses as fetch wrappers, Google's clients and the AWS SDK name them. */
function statusesOf(error: Error): number[] {
  const { status, statusCode, code, $metadata } = error as {
    readonly status?: unknown
    readonly statusCode?: unknown
    readonly code?: unknown
    readonly $metadata?: { readonly httpStatusCode?: unknown }
  }
  return [status, statusCode, code, $metadata?.httpStatusCode].map(Number).filter(Number.isInteger)
}
