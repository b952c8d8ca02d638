import type { Refusal } from './refusal.ts'

/** What goes wrong with one call, in place of its answer or after it was carried out. */
export type Fault =
  /** In place of the answer. */
  | Refusal
  /** The server does what it is asked, and answers UNAVAILABLE as a gateway would. */
  | 'unanswered'
  /** The server does what it is asked, and the connection drops. */
  | 'dropped'
  /** Nothing ever comes. */
  | 'silent'
  /** The answer comes after so many milliseconds. */
  | { readonly delay: number }

/** A call, as a fault is chosen for it. */
export interface Seen {
  readonly method: string
  readonly request: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
}

/** The fault in the first `count` calls of a method. */
export function firstCalls(method: string, count: number, fault: Fault): (seen: Seen) => Fault | undefined {
  let left = count
  return seen => (seen.method === method && left-- > 0 ? fault : undefined)
}

/**
 * Does work that is killed as it makes its `at`-th call.
 * @returns whether it came to its end before that
 */
export async function killedAt(
  at: number,
  server: { fault: (seen: Seen) => Fault | undefined },
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<boolean> {
  const killed = new AbortController()
  let count = 0
  server.fault = () => {
    count += 1
    if (count === at) killed.abort(new Error('killed'))
    return undefined
  }
  const finished = await work(killed.signal).then(
    () => true,
    () => false,
  )
  server.fault = () => undefined
  return finished
}
