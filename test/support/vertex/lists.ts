import { Refusal } from './refusal.ts'

export interface ListRequest {
  readonly filter?: string
  readonly pageSize?: number
  readonly pageToken?: string
  readonly orderBy?: string
}

/** A term of a filter: `state="ACTIVE"` or `labels.env="prod"`; of google.aip.dev/160 no more than is used is read. */
const TERM = /^([a-z_]+(?:\.[a-z0-9_-]+)?)\s*(!?=)\s*"((?:[^"\\]|\\.)*)"$/

/** One page. A token belongs to one filter and order; the default order is the newest first. */
export function listPage<T extends object>(
  items: readonly T[],
  { filter = '', pageSize = 0, pageToken = '', orderBy = '' }: ListRequest,
  fields: readonly string[],
): { readonly items: T[]; readonly nextPageToken: string } {
  if (pageSize < 0) throw new Refusal('INVALID_ARGUMENT', 'Page size must not be negative.')
  if (orderBy !== '' && !/^(create|update|start|end)_time( desc)?$/.test(orderBy))
    throw new Refusal('INVALID_ARGUMENT', `Invalid order_by: ${orderBy}`)
  const context = `${filter} ${orderBy}`
  const start = readToken(pageToken, context)
  const holds = readFilter(filter, fields)
  // Items come in the order of their creation.
  const newestFirst = orderBy === '' || orderBy.endsWith(' desc')
  const found = items.filter(holds)
  if (newestFirst) found.reverse()
  const end = start + Math.min(pageSize || 100, 100)
  const next = end < found.length ? btoa(JSON.stringify({ start: end, context })) : ''
  return { items: found.slice(start, end), nextPageToken: next }
}

function readToken(token: string, context: string): number {
  if (token === '') return 0
  try {
    const read = JSON.parse(atob(token)) as { readonly start: number; readonly context: string }
    if (read.context === context) return read.start
  } catch {
    // Refused below.
  }
  throw new Refusal('INVALID_ARGUMENT', 'The page token is invalid.')
}

function readFilter(filter: string, fields: readonly string[]): (item: object) => boolean {
  if (filter === '') return () => true
  const terms = filter.split(/\s+AND\s+/).map(term => {
    const [, field = '', sign, text = ''] = TERM.exec(term.trim()) ?? []
    if (sign === undefined || !fields.includes(field.split('.')[0] ?? '')) {
      throw new Refusal('INVALID_ARGUMENT', `Invalid filter: "${filter}"`)
    }
    const wanted = text.replace(/\\(.)/g, '$1')
    return (item: object) => (valueAt(item, field) === wanted) === (sign === '=')
  })
  return item => terms.every(holds => holds(item))
}

function valueAt(item: object, field: string): unknown {
  const [head = '', ...rest] = field.split('.')
  const key = head.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
  const value = (item as Record<string, unknown>)[key]
  return rest.length === 0 ? value : (value as Record<string, unknown> | undefined)?.[rest.join('.')]
}
