import { request as httpRequest } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import type { Credentials } from './kubeconfig.ts'

/** How bytes travel: fetch, or through Kubernetes' API server as a kubeconfig says. */
export type Send = (
  url: URL,
  init: {
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string | Uint8Array
    readonly signal: AbortSignal
  },
) => Promise<Pick<Response, 'status' | 'headers' | 'text'>>

/**
 * Sends requests with a kubeconfig's certificates, which fetch cannot be given and node:https can.
 *
 * An account that is not known any more is read anew, once a request: tokens expire before the time that their program
 * told, and a kubeconfig is written anew by whoever signs in meanwhile. A request that was answered 401 was not carried out.
 * @param again reads the credentials once more
 */
export function sendAs(credentials: Credentials, again: () => Promise<Credentials>): Send {
  let current = credentials
  return async (url, init) => {
    const answer = await sendOnce(current, url, init)
    if (answer.status !== 401) return answer
    current = await again()
    return sendOnce(current, url, init)
  }
}

async function sendOnce(
  credentials: Credentials,
  url: URL,
  { method, headers, body, signal }: Parameters<Send>[1],
): ReturnType<Send> {
  const options: RequestOptions = { method, headers: { 'accept-encoding': 'identity', ...headers }, signal }
  await unlessAborted(signal, credentials.apply(options))
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk)).on('error', reject)
      response.on('end', () => {
        const { statusCode: status = 0, headers: received } = response
        const pairs = Object.entries(received).flatMap(([key, value]) =>
          value === undefined ? [] : [[key, String(value)]],
        )
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({ status, headers: new Headers(Object.fromEntries(pairs)), text: async () => text })
      })
    })
    request.on('error', reject).end(body)
  })
}

/** A program that gives tokens may wait for a person for ever. */
async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
