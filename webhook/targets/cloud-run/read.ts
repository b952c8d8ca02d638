import { isObject } from '../../../core/object.ts'
import type { ObservedModel, Rollout } from '../../plan/state.ts'
import { revisionOf } from '../google/state.ts'
import { rolloutIn } from '../kept-rollout.ts'
import { OWNER, OWNER_LABEL, STATE, serviceId } from './names.ts'
import type { ServiceMessage, TrafficMessage } from './services.ts'

/** What is kept in a service's annotation. */
export interface KeptState {
  readonly model: string
  /** The revision of each version that was loaded or is being loaded. */
  readonly revisions: Readonly<Record<string, string>>
  /**
   * Whether traffic was ever shifted here. Cloud Run gives a service's first revision all of the traffic and has no way to give it
   * none, so that until then its traffic is nobody's decision.
   */
  readonly open: boolean
  readonly rollout?: Rollout
}

/** What one service of ours has. */
export interface ServiceRecord {
  readonly id: string
  readonly kept: KeptState
  /** Where each loaded version is, by version. */
  readonly loaded: ReadonlyMap<string, TrafficMessage>
  readonly state: ObservedModel
  readonly message: ServiceMessage
}

/** Reads a service; undefined for one that is not ours, whatever its labels say. */
export function readService(message: ServiceMessage): ServiceRecord | undefined {
  const id = message.name.slice(message.name.lastIndexOf('/') + 1)
  const kept = message.labels[OWNER_LABEL] === OWNER ? readState(message.annotations[STATE]) : undefined
  if (kept === undefined || serviceId(kept.model) !== id) return undefined
  const versionAt = new Map(Object.entries(kept.revisions).map(([version, revision]) => [revision, version]))
  const loaded = new Map<string, TrafficMessage>()
  const traffic: Record<string, number> = {}
  for (const status of message.trafficStatuses) {
    const version = versionAt.get(status.revision)
    if (version !== undefined && status.tag !== '') loaded.set(version, status)
    // Shares that were given by hand keep their place in the sum.
    const key = version ?? (status.revision === '' ? 'the latest revision' : `revision ${status.revision}`)
    if (kept.open && status.percent > 0) traffic[key] = (traffic[key] ?? 0) + status.percent
  }
  const loading = message.reconciling
    ? Object.keys(kept.revisions).filter(version => !loaded.has(version))
    : []
  const { rollout } = kept
  return {
    id,
    kept,
    loaded,
    message,
    state: {
      versions: [...loaded.keys()],
      traffic,
      ...(loading.length > 0 && { loading }),
      ...(rollout && { rollout }),
      revision: revisionOf({ traffic, ...(rollout && { rollout }) }),
    },
  }
}

/** The annotation's text; an edit that makes nonsense of it makes the service nobody's. */
function readState(text: string | undefined): KeptState | undefined {
  try {
    const { model, revisions, open, rollout } = JSON.parse(text ?? '')
    if (typeof model !== 'string' || !isObject(revisions)) return undefined
    const known = Object.entries(revisions).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    )
    const kept = rolloutIn(rollout)
    return {
      model,
      revisions: Object.fromEntries(known),
      open: open === true,
      ...(kept && { rollout: kept }),
    }
  } catch {
    return undefined
  }
}
