/*
 * MLflow's filters are read by an SQL tokeniser that knows no escapes (3.17.2: 'it''s' finds nothing), so a text goes into
 * one only when it needs none. Whoever searches compares the answers again; what is left out here costs pages, not truth.
 */

const PLAIN_TEXT = /^[\w .:/@+=-]+$/
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/

/** `name = 'news'`; none for a text that would have to be escaped. */
export function textFilter(field: string, value: string): string[] {
  return PLAIN_TEXT.test(value) ? [`${field} = '${value}'`] : []
}

/** `metrics.accuracy >= 0.9`; none for a number that JavaScript writes with an exponent. */
export function leastFilter(field: string, least: number): string[] {
  return PLAIN_NUMBER.test(`${least}`) ? [`${field} >= ${least}`] : []
}

/** A key of params, metrics or tags. Keys have no backtick. */
export function keyed(kind: 'params' | 'metrics' | 'tags', key: string): string {
  return `${kind}.\`${key}\``
}

/** All of them, as a query's field; absent when there are none. */
export function allOf(conditions: readonly string[]): { readonly filter?: string } {
  return conditions.length === 0 ? {} : { filter: conditions.join(' and ') }
}
