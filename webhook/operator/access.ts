import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { OperatorSettings } from '../settings.ts'

/** Says whether a request may pass. `program` ones, which change something, need a bearer token: a browser sends none by itself. */
export type Access = (headers: IncomingHttpHeaders, program: boolean) => Promise<boolean>

/** Where Google publishes the keys that sign its identity tokens, and the names it signs as. */
const GOOGLE_KEYS = 'https://www.googleapis.com/oauth2/v3/certs'
const GOOGLE_ISSUERS = ['https://accounts.google.com', 'accounts.google.com']

/**
 * Lets in who has the operator's token: as a bearer token, or for a browser as the password of any user. A program may also show
 * an identity token that Google signed for the account and audience that are set, as Cloud Scheduler does.
 * @param keys address of the signer's keys (JWKS)
 */
export function createAccess({ token, oidc }: Omit<OperatorSettings, 'port'>, keys = GOOGLE_KEYS): Access {
  const verify = oidc === undefined ? undefined : identityCheck(oidc, keys)
  return async ({ authorization = '' }, program) => {
    const [, scheme = '', given = ''] = /^(bearer|basic) +(\S+)$/i.exec(authorization) ?? []
    if (scheme.toLowerCase() === 'basic') {
      const password = Buffer.from(given, 'base64').toString().split(':').slice(1).join(':')
      return !program && token !== undefined && equal(password, token)
    }
    if (given === '') return false
    if (token !== undefined && equal(given, token)) return true
    return program && verify !== undefined && given.split('.').length === 3 && (await verify(given))
  }
}

/** Digests first: texts of different lengths would otherwise not be compared in constant time. */
function equal(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map(text => createHash('sha256').update(text).digest())
  return timingSafeEqual(a!, b!)
}

function identityCheck(
  { audience, account }: NonNullable<OperatorSettings['oidc']>,
  address: string,
): (token: string) => Promise<boolean> {
  // Loaded when the first token comes, not at a cold start; keys are fetched once and again when an unknown one signed.
  const library = import('jose').then(jose => ({ ...jose, keys: jose.createRemoteJWKSet(new URL(address)) }))
  library.catch(() => {})
  return async token => {
    const { jwtVerify, keys } = await library
    try {
      const { payload } = await jwtVerify(token, keys, {
        audience,
        issuer: GOOGLE_ISSUERS,
        algorithms: ['RS256'],
        requiredClaims: ['exp'],
      })
      return payload.email === account && payload.email_verified === true
    } catch {
      return false
    }
  }
}
