import { PressroomError } from '../errors.ts'

/** Where a Google API answers. */
export interface GoogleEndpoint {
  readonly host: string
  readonly port: number
  /** Without encryption and without credentials; on this machine only. */
  readonly plaintext: boolean
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/

/**
 * Reads an endpoint: `HOST` or `HOST:PORT`, as for Private Service Connect, or a whole address. `http://` is for a server
 * on this machine, since whatever else goes unencrypted could be read and changed on its way.
 * @throws PressroomError `invalid-setting`
 */
export function parseEndpoint(text: string): GoogleEndpoint {
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`)
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    throw invalid(text, 'it is no host', 'give HOST, HOST:PORT or https://HOST')
  }
  if (url.username + url.password + url.search + url.hash !== '' || url.pathname !== '/') {
    throw invalid(text, 'it holds more than a host and a port', `give ${url.host}`)
  }
  const plaintext = url.protocol === 'http:'
  if (plaintext && !LOOPBACK.test(url.hostname)) {
    throw invalid(text, 'http:// is for a server on this machine only', `give https://${url.host}`)
  }
  const port = url.port === '' ? (plaintext ? 80 : 443) : Number(url.port)
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, plaintext }
}

function invalid(text: string, where: string, fix: string): PressroomError {
  return new PressroomError('invalid-setting', `"${text}" is not an endpoint`, { where, fix })
}
