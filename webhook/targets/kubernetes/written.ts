import { PressroomError } from '../../../core/errors.ts'
import type { KubernetesApi } from './api.ts'
import { LABEL, nameOfVersion } from './names.ts'
import type { VersionOnCluster } from './objects.ts'
import type { DeploymentRecord } from './readiness.ts'

/** A version as it was applied. */
export interface Written extends VersionOnCluster {
  /** How many pods it is to have: one number twice, unless an autoscaler chooses. */
  readonly pods: Bounds
  /** Whether there is an autoscaler, which then has these bounds. */
  readonly scaled: boolean
}

interface Bounds {
  readonly min: number
  readonly max: number
}

/**
 * Deployers are one field manager, so that the API server lets each of them overwrite what another applied: who waits for its own
 * would wait in vain.
 * @throws PressroomError `deployment-conflict` when a version is not as it was applied: somebody has written it since
 */
export async function requireUnchanged(
  api: KubernetesApi,
  { model, version, pods, pooled, scaled }: Written,
  { spec: { replicas = 1, template } }: DeploymentRecord,
): Promise<void> {
  const now = scaled ? await autoscaled(api, nameOfVersion(model, version)) : { min: replicas, max: replicas }
  const samePool = (template.metadata?.labels?.[LABEL.pool] !== 'out') === pooled
  if (now?.min === pods.min && now.max === pods.max && samePool) return
  throw new PressroomError(
    'deployment-conflict',
    `the pods of ${model} ${version} were changed while they were waited for`,
    {
      where: `by another deployer or by hand: ${inWords(pods)} wanted, now ${now === undefined ? 'without an autoscaler' : inWords(now)}`,
      fix: 'look again',
    },
  )
}

async function autoscaled(api: KubernetesApi, name: string): Promise<Bounds | undefined> {
  const found = await api.get('HorizontalPodAutoscaler', name)
  return found && { min: found.spec.minReplicas ?? 1, max: found.spec.maxReplicas }
}

function inWords({ min, max }: Bounds): string {
  return min === max ? `${min}` : `${min} to ${max}`
}
