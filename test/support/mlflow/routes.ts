import { invalid, Page } from './fault.ts'
import { REGISTRY } from './registry.ts'
import type { Store } from './store.ts'
import { TRACKING } from './tracking.ts'
import { WEBHOOKS } from './webhooks.ts'

/** A part of a list, with the token of the next; an empty list is left out. */
type Paging = (field: string, items: readonly object[]) => object

/** By method and path; a `*` stands for an id. */
export type Routes = Readonly<
  Record<
    string,
    // biome-ignore lint/suspicious/noExplicitAny: the fields of a request are what the real server takes, which is anything
    (store: Store, body: Record<string, any>, page: Paging, id: string) => object | Promise<object>
  >
>

const ROUTES: Routes = { ...TRACKING, ...REGISTRY, ...WEBHOOKS }

export interface Asked {
  readonly method: string
  /** Below the API's prefix. */
  readonly path: string
  readonly query: URLSearchParams
  readonly type: string | undefined
  readonly body: string
}

/** @param most items a page, whatever was asked for */
export function answerTo(store: Store, asked: Asked, most: number): object | Promise<object> {
  const { method, path, query } = asked
  const [, before, id = '', after = ''] = /^((?:logged-models|webhooks)\/)([^/]+)(\/\w+)?$/.exec(path) ?? []
  const pattern = before === undefined ? path : `${before}*${after}`
  const route = ROUTES[`${method} ${pattern}`]
  if (route === undefined) {
    const other = Object.keys(ROUTES).some(key => key.split(' ')[1] === pattern)
    throw other ? new Page(405, 'Method Not Allowed') : new Page(404, 'Not Found')
  }
  const body = method === 'GET' ? Object.fromEntries(query) : parsed(asked)
  const page: Paging = (field, items) => {
    const offset = body.page_token === undefined ? 0 : JSON.parse(atob(body.page_token)).offset
    const count = Math.min(Number(body.max_results ?? 100), most)
    const part = items.slice(offset, offset + count)
    const next = offset + count < items.length && btoa(JSON.stringify({ offset: offset + count }))
    return { ...(part.length > 0 && { [field]: part }), ...(next && { next_page_token: next }) }
  }
  return route(store, body, page, decodeURIComponent(id))
}

function parsed({ type, body }: Asked) {
  if (type === undefined) throw invalid('Bad Request. Content-Type header is missing.')
  if (type !== 'application/json') {
    throw invalid("Bad Request. Content-Type must be one of ['application/json'].")
  }
  try {
    return JSON.parse(body)
  } catch {
    throw new Page(500, 'Internal Server Error')
  }
}
