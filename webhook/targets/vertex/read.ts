import type { ObservedModel } from '../../plan/state.ts'
import { fromLabel } from '../google/fitted.ts'
import { readRollout, revisionOf } from '../google/state.ts'
import { LOADING_LABEL, modelOf, versionOf } from './names.ts'
import type { DeployedMessage, EndpointMessage } from './services.ts'

/** What one endpoint of ours has. */
export interface EndpointRecord {
  readonly id: string
  readonly model: string
  /** The deployed models that are ours, by version. */
  readonly deployed: ReadonlyMap<string, DeployedMessage>
  readonly state: ObservedModel
  /** The version that somebody began to load and that is not there; it may be coming. */
  readonly marked: string | undefined
  readonly message: EndpointMessage
}

/** Reads an endpoint; undefined for one that is not ours, whatever its labels say. */
export function readEndpoint(message: EndpointMessage): EndpointRecord | undefined {
  const id = message.name.slice(message.name.lastIndexOf('/') + 1)
  const model = modelOf(id, message.description)
  if (model === undefined) return undefined
  const deployed = new Map<string, DeployedMessage>()
  const traffic: Record<string, number> = {}
  for (const each of message.deployedModels) {
    // A model that was deployed here by hand keeps its share in the sum, and is nothing that could be unloaded.
    const own = idOf(each.model) === id ? versionOf(each.displayName) : undefined
    const share = message.trafficSplit[each.id] ?? 0
    if (own !== undefined) deployed.set(own, each)
    if (share > 0) traffic[own ?? `deployed model ${each.id}`] = share
  }
  const versions = [...deployed.keys()]
  const rollout = readRollout(message.labels)
  const label = message.labels[LOADING_LABEL]
  const marked = label === undefined ? undefined : fromLabel(label)
  return {
    id,
    model,
    deployed,
    message,
    marked: marked !== undefined && deployed.has(marked) ? undefined : marked,
    state: {
      versions,
      traffic,
      ...(rollout && { rollout }),
      revision: revisionOf({ traffic, ...(rollout && { rollout }) }),
      ...(deployed.size === 0 && message.deployedModels.length > 0 && { foreign: true as const }),
    },
  }
}

/** The id in `projects/…/models/ID` or `projects/…/models/ID@VERSION`. */
function idOf(name: string): string | undefined {
  return /\/models\/([^/@]+)(?:@.*)?$/.exec(name)?.[1]
}
