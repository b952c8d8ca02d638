import { createHash } from 'node:crypto'

/** Labels select, so they hold what fits into one; annotations hold names and versions as the registry has them. */
export const LABEL = {
  manager: 'app.kubernetes.io/managed-by',
  model: 'pressroom.dev/model',
  version: 'pressroom.dev/version',
  /** `in` on pods that a Service of several versions may reach. */
  pool: 'pressroom.dev/pool',
} as const

export const ANNOTATION = {
  model: 'pressroom.dev/model-name',
  version: 'pressroom.dev/model-version',
  source: 'pressroom.dev/source',
  digest: 'pressroom.dev/digest',
  traffic: 'pressroom.dev/traffic',
  rollout: 'pressroom.dev/rollout',
  shadow: 'pressroom.dev/shadow',
} as const

/** Who owns the fields that we apply, and the value of {@link LABEL.manager}. */
export const FIELD_MANAGER = 'pressroom'

/** A model's objects and the label that selects its pods: `pressroom-news`. */
export function nameOfModel(model: string): string {
  return `pressroom-${fitted(model, /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 24)}`
}

/**
 * A version's objects: `pressroom-news-v3`. Versions other than MLflow's numbers carry a digest of both names, so that
 * version `1-v2` of `a` is not version `2` of `a-v1`.
 */
export function nameOfVersion(model: string, version: string): string {
  const base = nameOfModel(model)
  return /^\d{1,9}$/.test(version)
    ? `${base}-v${version}`
    : `${base.slice(0, 34)}-${slug(version, 10)}-y${digest(JSON.stringify([model, version]))}`
}

/** The label of a version, which is that of one model's. */
export function labelOfVersion(version: string): string {
  return /^\d{1,9}$/.test(version) ? version : `${slug(version, 40)}-y${digest(version)}`
}

/** A name that needs no change is kept; any other is told apart by a digest that no kept name can end with. */
function fitted(name: string, plain: RegExp, length: number): string {
  const kept = plain.test(name) && name.length <= length && !/-[xy][0-9a-f]{10}$/.test(name)
  return kept ? name : `${slug(name, length)}-x${digest(name)}`
}

function slug(name: string, length: number): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return plain.slice(0, length).replace(/^-+|-+$/g, '') || 'm'
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10)
}
