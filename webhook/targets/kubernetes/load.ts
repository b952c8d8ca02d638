import { PressroomError } from '../../../core/errors.ts'
import type { ObservedModel, TargetStep } from '../../plan/state.ts'
import type { VersionSource } from '../target.ts'
import { type Cluster, findModel } from './cluster.ts'
import { LABEL, nameOfVersion } from './names.ts'
import {
  autoscalerOf,
  autoscales,
  budgetOf,
  deploymentOf,
  type Replicas,
  type VersionOnCluster,
  versionServiceOf,
} from './objects.ts'
import { versionOf } from './read.ts'
import { untilReady } from './readiness.ts'
import { modelServiceOf } from './traffic-objects.ts'
import { removeVersion } from './unload.ts'
import type { Written } from './written.ts'

/**
 * Applies all that a version needs and waits until its pods are ready. A version that fails is taken away again, so that it
 * costs nothing; one that has traffic stays.
 */
export async function loadVersion(
  cluster: Cluster,
  { model, version }: Extract<TargetStep, { do: 'load' }>,
  source: VersionSource | undefined,
  observed: ObservedModel,
): Promise<void> {
  if (source === undefined) {
    throw new PressroomError('deployment-failed', `nobody says where ${model} ${version} is`)
  }
  const { api, settings, pollSeconds } = cluster
  const { service, deployments } = await findModel(cluster, model)
  const there = deployments.get(version)
  const pool = LABEL.pool in (service?.spec.selector ?? {})
  const known = there && versionOf(there)
  const wanted: VersionOnCluster = {
    model,
    version,
    uri: source.uri,
    digest: source.digest,
    // While a Service selects the pool, whatever is in it gets requests.
    pooled: pool ? (known?.pooled ?? false) : true,
  }
  const counted = pool && wanted.pooled ? there?.spec.replicas : undefined
  const written = await applyVersion(cluster, wanted, counted ?? autoscales(settings))
  await api.apply(versionServiceOf(settings, wanted))
  await api.apply(budgetOf(wanted))
  try {
    await untilReady(api, written, { readySeconds: settings.readySeconds, pollSeconds })
  } catch (error) {
    const failed = error instanceof PressroomError && error.code === 'deployment-failed'
    if (failed && !(observed.traffic[version]! > 0)) await removeVersion(cluster, model, version)
    throw error
  }
  if (service === undefined) await api.create(modelServiceOf(settings, model, { traffic: {} }))
}

/** A version's Deployment and its autoscaler, where it has one: the bounds are then one number for a counted version. */
export async function applyVersion(
  { api, settings }: Cluster,
  version: VersionOnCluster,
  replicas: Replicas,
): Promise<Written> {
  const scaled = typeof autoscales(settings) !== 'number'
  const pods = typeof replicas === 'number' ? { min: replicas, max: replicas } : replicas
  await api.apply(deploymentOf(settings, version, scaled ? pods : pods.min))
  if (scaled) await api.apply(autoscalerOf(settings, version, pods))
  else await api.remove('HorizontalPodAutoscaler', nameOfVersion(version.model, version.version))
  return { ...version, pods, scaled }
}
