import { invalid, refused } from './replies.ts'

export type Item = Readonly<Record<string, unknown>>

export interface ListKind {
  /** `list pipelines`, for messages. */
  readonly what: string
  readonly field: string
  readonly id: string
  readonly type: string
  /** What it may be sorted and filtered by. */
  readonly keys: readonly string[]
}

const OPERATIONS: Readonly<Record<string, (found: unknown, wanted: unknown) => boolean>> = {
  EQUALS: (found, wanted) => found === wanted,
  NOT_EQUALS: (found, wanted) => found !== wanted,
  GREATER_THAN: (found, wanted) => String(found) > String(wanted),
  LESS_THAN: (found, wanted) => String(found) < String(wanted),
  IN: (found, wanted) => (wanted as { values: unknown[] }).values.includes(found),
  IS_SUBSTRING: (found, wanted) => String(found).includes(String(wanted)),
}

/** One page, as the server makes it: a token belongs to one order and filter, an empty list is `{}`. */
export function listPage(
  kind: ListKind,
  items: readonly Item[],
  query: URLSearchParams,
): Record<string, unknown> {
  const given = (name: string) => query.get(name) ?? ''
  const size = given('page_size')
  if (!/^-?\d*$/.test(size))
    throw refused(3, `parsing field "page_size": strconv.ParseInt: parsing "${size}": invalid syntax`)
  const context = `Failed to ${kind.what} due invalid list options: pageToken: ${given('page_token')}, pageSize: ${Number(size)}, sortBy: ${given('sort_by')}, filter: ${given('filter')}`
  if (Number(size) < 0) throw invalid(context, `The page size should be greater than 0. Got ${size}`)
  const filter = readFilter(kind, given('filter'), context)
  const [key = 'created_at', direction = 'asc'] = given('sort_by').split(' ').filter(Boolean)
  if (!kind.keys.includes(key))
    throw invalid(context, `Invalid sorting field: "${key}" on listable type ${kind.type}`)
  const order = `${key} ${direction} ${given('filter')}`
  const start = readToken(given('page_token'), order, context)
  const found = items.filter(filter).toSorted((a, b) => compare(a, b, key) * (direction === 'desc' ? -1 : 1))
  const end = start + (Number(size) || 20)
  if (found.length === 0) return {}
  return {
    [kind.field]: found.slice(start, end),
    total_size: found.length,
    ...(end < found.length && { next_page_token: btoa(JSON.stringify({ start: end, order })) }),
  }
}

/** Stable for equal keys: what was made later comes later. */
function compare(a: Item, b: Item, key: string): number {
  const [x, y] = [String(a[key] ?? ''), String(b[key] ?? '')]
  return x < y ? -1 : x > y ? 1 : 0
}

function readToken(token: string, order: string, context: string): number {
  if (token === '') return 0
  try {
    const read = JSON.parse(atob(token)) as { start: number; order: string }
    if (read.order === order) return read.start
  } catch {
    throw refused(
      3,
      `${context}: InvalidInputError: Invalid page token: illegal base64 data at input byte 0`,
      'Invalid page token',
    )
  }
  throw invalid(context, 'page token does not match the supplied sort by and/or filtering criteria')
}

function readFilter(kind: ListKind, text: string, context: string): (item: Item) => boolean {
  if (text === '') return () => true
  let predicates: readonly Record<string, unknown>[]
  try {
    predicates = (JSON.parse(text) as { predicates: Record<string, unknown>[] }).predicates
  } catch {
    throw invalid(
      context,
      `failed to parse filter spec: proto: syntax error (line 1:2): invalid value ${text.slice(1, 5)}`,
    )
  }
  return item =>
    predicates.every(({ operation, key, ...values }) => {
      const holds = OPERATIONS[String(operation)]
      if (holds === undefined)
        throw invalid(context, `failed to parse valid filter from ${JSON.stringify(text)}`)
      if (!kind.keys.includes(String(key)))
        throw invalid(context, `no support for filtering on unrecognized field "${key}"`)
      // The name of older versions of the API.
      const value = key === 'name' && kind.type === 'Run' ? item.display_name : item[String(key)]
      return holds(value, Object.values(values)[0])
    })
}
