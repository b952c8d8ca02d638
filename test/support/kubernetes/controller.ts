import type { Json } from './fields.ts'
import type { Store, Stored } from './store.ts'

/** How the pods of a Deployment fare: its status and its pods, from its spec. Undefined: they become ready. */
export interface Fate {
  /** The status of the Deployment, beside observedGeneration. */
  readonly status?: Json
  readonly pods?: readonly Json[]
  readonly events?: readonly Json[]
}

/**
 * Does at once what Kubernetes' controllers do over seconds: autoscalers bound replicas, Deployments become ready, those that
 * are deleted go when their pods are gone.
 */
export function settle(store: Store, fateOf: (deployment: Stored) => Fate | undefined): void {
  for (const [key, stored] of [...store.objects]) {
    if (stored.kind !== 'Deployment') continue
    const { metadata, spec } = stored.object
    if (metadata.deletionTimestamp !== undefined) {
      store.objects.delete(key)
      continue
    }
    const scaler = store.find('horizontalpodautoscalers', String(metadata.name))?.object.spec
    if (scaler !== undefined) {
      const { minReplicas, maxReplicas } = scaler as { minReplicas: number; maxReplicas: number }
      const bounded = Math.max(minReplicas, Math.min(maxReplicas, Number(spec.replicas)))
      if (bounded !== spec.replicas) {
        spec.replicas = bounded
        store.touch(stored, true)
      }
    }
    const fate = fateOf(stored)
    stored.object.status = statusOf(stored, fate)
  }
}

function statusOf({ object }: Stored, fate: Fate | undefined): Json {
  const observedGeneration = object.metadata.generation
  if (fate?.status !== undefined) return { ...fate.status, observedGeneration }
  const { replicas } = object.spec
  return {
    observedGeneration,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    terminatingReplicas: 0,
  }
}
