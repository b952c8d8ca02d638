import type { Send } from '../../core/kubernetes/send.ts'
import { junk, placesIn, spoilt } from './junk.ts'
import * as fc from './properties.ts'

/** Which answer is spoilt, in which of its places, and what stands there. */
export interface Spoiling {
  readonly answer: number
  readonly place: number
  readonly value: unknown
}

/** @param answers so many are asked for, about */
export const spoiling = (answers: number): fc.Arbitrary<Spoiling> =>
  fc.record({ answer: fc.nat(answers - 1), place: fc.nat(), value: junk })

/**
 * Does some work while one JSON answer that it fetches, the so-many-th, has another value in one of its places.
 * @returns what the work rejected with, if it did
 */
export async function withJunk(
  { answer, place, value }: Spoiling,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const { fetch } = globalThis
  let left = answer
  globalThis.fetch = async (...asked) => {
    const response = await fetch(...asked)
    if (!response.headers.get('content-type')?.startsWith('application/json')) return response
    if (left-- !== 0) return response
    const { status, headers } = response
    return new Response(spoiltText(await response.text(), place, value), {
      status,
      headers: new Headers(headers),
    })
  }
  try {
    await work()
    return undefined
  } catch (error) {
    return error
  } finally {
    globalThis.fetch = fetch
  }
}

/** What sends to Kubernetes, the so-many-th answer spoilt. */
export function sendingJunk(send: Send, { answer, place, value }: Spoiling): Send {
  let left = answer
  return async (url, init) => {
    const response = await send(url, init)
    const text = await response.text()
    const spoilt = left-- === 0 && text !== '' ? spoiltText(text, place, value) : text
    return { ...response, text: async () => spoilt }
  }
}

/** A JSON text with another value in one of its places; texts that are JSON themselves are theirs, too. */
export function spoiltText(text: string, place: number, value: unknown): string {
  const document = JSON.parse(text)
  const places = placesIn(document)
  return spoilt(document, places[place % places.length]!, value)
}
