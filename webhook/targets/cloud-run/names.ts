import { hashOf, resourceId } from '../google/fitted.ts'

/** Marks services of ours. */
export const OWNER_LABEL = 'managed-by'
export const OWNER = 'pressroom'

/** The annotation that holds what Cloud Run has no field for. */
export const STATE = 'pressroom'

/**
 * The id of a model's service. Cloud Run allows 49 characters; a tag and the name of its service together have 46 at most,
 * since both are in the first label of the tag's address.
 */
export function serviceId(model: string): string {
  return resourceId('pressroom', model, 33)
}

/** The tag of a version, 3 to 12 characters: `v-3`, or a digest of a version that a tag cannot hold. */
export function tagOf(version: string): string {
  return /^[a-z0-9]{1,10}$/.test(version) ? `v-${version}` : `x-${hashOf(version, 10)}`
}

/**
 * The name of a new revision. Names are used once: one whose container failed keeps its name, and so does one that was
 * deleted, for a while. The service's etag tells one try from the next.
 */
export function revisionName(service: string, version: string, etag: string): string {
  return `${service}-${tagOf(version)}-${hashOf(etag, 6)}`
}
