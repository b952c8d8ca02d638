import { PressroomError } from '../errors.ts'
import type { CallOptions, GoogleCalls, Pending } from './calls.ts'

/** A method of an official client with one answer. */
export type Method<A> = (
  request: object,
  options: CallOptions & { readonly autoPaginate?: false },
) => Pending<A>

type Page<T> = readonly [T[], { readonly pageToken?: string } | null, unknown]

/** A method of an official client that lists, page by page. */
export type Listing<T> = (
  request: object,
  options: CallOptions & { readonly autoPaginate: false },
) => Promise<Page<T>> & { cancel?(): void }

/**
 * What a list has, asked for page by page, a hundred at a time.
 * @param method its name, for messages
 * @throws PressroomError as {@link GoogleCalls.repeat}
 */
export async function* pagesOf<T>(
  calls: GoogleCalls,
  method: string,
  request: object,
  list: Listing<T>,
): AsyncGenerator<T> {
  let pageToken = ''
  const met = new Set<string>()
  do {
    const page = { pageSize: 100, ...request, pageToken }
    const [items, next] = await calls.repeat(method, options => {
      const sent = list(page, { ...options, autoPaginate: false })
      const whole = sent.then(each => [each] as const)
      return Object.assign(whole, { cancel: () => sent.cancel?.() })
    })
    yield* items
    pageToken = next?.pageToken ?? ''
    if (met.has(pageToken)) {
      throw new PressroomError('server-answer', `Google Cloud does not end its answer to ${method}`, {
        where: 'it gives a page again',
        fix: 'check the endpoint',
      })
    }
    met.add(pageToken)
  } while (pageToken !== '')
}
