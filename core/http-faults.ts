import { messageOf, systemCode } from './errors.ts'

/** Failures before the first byte was sent: the server has not seen the request. */
const UNSENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** OpenSSL's words for a certificate that is not to be trusted, as Node gives them: no later try will see another. */
const UNTRUSTED =
  /^(CERT_|ERR_TLS_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(VERIFY|GET_ISSUER))/

/** Whether a failed fetch ended before the server can have seen the request. */
export function wasUnsent(error: unknown): boolean {
  return codesOf(error).some(code => UNSENT.has(code) || UNTRUSTED.test(code))
}

/** Whether a fetch failed because the server's certificate is not trusted. */
export function isUntrusted(error: unknown): boolean {
  return codesOf(error).some(code => UNTRUSTED.test(code))
}

/** Why a fetch failed, in a few words; `seconds` is the time it was given. */
export function reasonOf(error: unknown, seconds: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `nothing came within ${seconds} s`
  return codesOf(error)[0] ?? rootOf(error)
}

/** `Retry-After` in seconds, at most a minute; its other form, a date, is left to the own pause. */
export function retryAfterOf(headers: Pick<Headers, 'get'>): number {
  const header = headers.get('retry-after')
  return header !== null && /^\d+$/.test(header) ? Math.min(60, Number(header)) : 0
}

/** fetch wraps the system's error, and for several addresses a list of them. */
function codesOf(error: unknown): string[] {
  const causes = error instanceof AggregateError ? error.errors : []
  const cause = error instanceof Error ? [error.cause] : []
  return [systemCode(error) ?? [], [...cause, ...causes].flatMap(codesOf)].flat()
}

/** What fetch itself says is only that it failed. */
function rootOf(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error)
  return error.cause === undefined ? error.message : rootOf(error.cause)
}
