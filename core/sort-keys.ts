/**
 * The same plain data with the keys of every object in order: JSON gives them no meaning, and protobuf's maps, in which Kubeflow's
 * SDK passes objects, come in any order.
 */
export function sortKeys<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sortKeys) as T
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)])) as T
}
