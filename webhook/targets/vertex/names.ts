import { hashOf, resourceId, slugOf } from '../google/fitted.ts'

/** Marks endpoints of ours, and those made only to ask a version. */
export const OWNER_LABEL = 'managed-by'
export const OWNER = 'pressroom'
export const PROBE_OWNER = 'pressroom-probe'

/** The version that is being loaded: with it, a deployment that began elsewhere is known for what it is. */
export const LOADING_LABEL = 'pressroom-loading'

/**
 * The id of a model's endpoint and of its Model resource. Both take `[a-z0-9-]{1,63}` from a letter to a letter or digit
 * (endpoint_service.proto, model_service.proto).
 */
export function idOfModel(model: string): string {
  return resourceId('pressroom', model, 63)
}

/** The id of the endpoint that a version is asked through before it has traffic. */
export function idOfProbe(model: string, version: string): string {
  return `pressroom-probe-${hashOf(JSON.stringify([model, version]), 20)}`
}

/**
 * The id of a deployed version: one to ten digits, ours to choose (endpoint.proto, DeployedModel.id). Choosing it makes
 * deploying a version twice impossible, whoever tries.
 */
export function deployedId(model: string, version: string): string {
  return String(1e9 + (Number.parseInt(hashOf(JSON.stringify([model, version]), 12), 16) % 9e9))
}

/** What people read in the console, and where a deployed model's version is read from. 128 characters at most. */
export function displayOf(version: string): string {
  return `version ${version}`
}

/** The version of {@link displayOf}; undefined for what was deployed by other means. */
export function versionOf(displayName: string): string | undefined {
  return /^version (.+)$/s.exec(displayName)?.[1]
}

/**
 * The alias by which an uploaded version is found again: `v3-` and the digest of what was uploaded. Aliases match
 * `[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]` (model.proto).
 * @param content all that makes the uploaded version what it is
 */
export function aliasOf(version: string, content: string): string {
  return `v${slugOf(`v${version}`, 40).slice(1)}-${hashOf(content, 12)}`
}

/** An alias of the registry as one of Vertex AI's: the same where it can be, else made to fit and told apart. */
export function fittedAlias(alias: string): string {
  if (/^[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]$/.test(alias)) return alias
  return [slugOf(alias, 100) || 'alias', hashOf(alias, 8)].join('-')
}

/** What an endpoint's description says, to be read back; names of models have no limits that a label could keep. */
export function descriptionOf(model: string): string {
  return JSON.stringify({ model })
}

/** The model of an endpoint, when its id is the one that this model's endpoint has: descriptions can be edited. */
export function modelOf(endpointId: string, description: string): string | undefined {
  try {
    const { model } = JSON.parse(description) as { readonly model?: unknown }
    return typeof model === 'string' && idOfModel(model) === endpointId ? model : undefined
  } catch {
    return undefined
  }
}
