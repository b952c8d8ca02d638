import { isDeepStrictEqual } from 'node:util'
import { PressroomError } from '../../../core/errors.ts'
import type { ObservedModel, TargetStep } from '../../plan/state.ts'
import { type Cluster, findModel } from './cluster.ts'
import { applyVersion } from './load.ts'
import { autoscales, type Replicas } from './objects.ts'
import { type ModelOnCluster, readModel, type ServiceRecord, versionOf } from './read.ts'
import { untilReady } from './readiness.ts'
import { replicasFor } from './replicas.ts'
import { modelServiceOf, routeOf, type TrafficState } from './traffic-objects.ts'
import type { Written } from './written.ts'

/**
 * Moves a model's traffic. Its Service is changed in one write under its resourceVersion, and that is when requests move;
 * pods that a split needs are made ready before, those that it does not need any more go after.
 */
export async function shiftTraffic(
  cluster: Cluster,
  { model, split, rollout }: Extract<TargetStep, { do: 'shift' }>,
  observed: ObservedModel,
): Promise<void> {
  const { settings } = cluster
  const found = await findModel(cluster, model)
  const now = readModel(settings, model, found)
  const traffic = Object.fromEntries(Object.entries(split).filter(([, share]) => share > 0))
  requireSplit(model, split, found)
  if (isDeepStrictEqual(now.traffic, traffic) && isDeepStrictEqual(now.rollout, rollout)) return
  requireSame(model, observed, now)
  const serving = Object.keys(traffic)
  const counted = serving.length > 1 && settings.gateway === undefined
  const replicas = counted ? replicasFor(traffic, settings.minReplicas, settings.splitReplicas) : {}
  if (counted) cluster.onNote?.(noteOf(model, replicas))
  const wanted = (version: string): Replicas => replicas[version] ?? autoscales(settings)

  const ready = (written: Written, enough: (count: number) => boolean) =>
    untilReady(cluster.api, written, { ...settings, pollSeconds: cluster.pollSeconds, enough })
  // Pods change their labels by being replaced, which is why only what has no traffic leaves the pool.
  for (const [version, deployment] of found.deployments) {
    const known = versionOf(deployment)!
    const { replicas: has = 1 } = deployment.spec
    const inside = serving.includes(version)
    const pooled = counted ? inside : known.pooled
    const wants = inside ? least(wanted(version)) : has
    const idle = counted && !((now.traffic[version] ?? 0) > 0)
    if (pooled === known.pooled && !(has < wants) && !(idle && has !== wants)) continue
    const written = await applyVersion(
      cluster,
      { ...known, pooled },
      inside && (idle || has < wants) ? wanted(version) : has,
    )
    await ready(written, count => (counted && idle ? count === wants : count >= wants))
  }
  const shadow = Object.entries(now.shadow ?? {}).filter(([version]) => !serving.includes(version))
  await writeState(cluster, model, found.service!, {
    traffic,
    ...(shadow.length > 0 && { shadow: Object.fromEntries(shadow) }),
    ...(rollout && { rollout }),
  })
  for (const [version, deployment] of found.deployments) {
    const known = versionOf(deployment)!
    const { replicas: has = 1 } = deployment.spec
    const wants = least(wanted(version))
    const inside = serving.includes(version)
    if (has <= wants && (counted || typeof wanted(version) === 'number')) continue
    const pooled = counted ? inside : known.pooled
    const written = await applyVersion(cluster, { ...known, pooled }, wanted(version))
    if (counted && inside) await ready(written, count => count === wants)
  }
}

/** Has a version get copies of requests by the route's mirror, or none any more. */
export async function shadowVersion(
  cluster: Cluster,
  { model, version, share }: Extract<TargetStep, { do: 'shadow' }>,
  observed: ObservedModel,
): Promise<void> {
  if (cluster.settings.gateway?.mirror !== true) {
    throw new PressroomError('deployment-failed', 'without a Gateway, Kubernetes copies no requests', {
      fix: 'set gateway, and its mirror to true, where the Gateway can mirror by percent',
    })
  }
  const found = await findModel(cluster, model)
  if (share > 0) requireSplit(model, { [version]: 100 }, found)
  const now = readModel(cluster.settings, model, found)
  const { [version]: had = 0, ...others } = now.shadow ?? {}
  if (had === share) return
  requireSame(model, observed, now)
  const shadow = { ...others, ...(share > 0 && { [version]: share }) }
  await writeState(cluster, model, found.service!, {
    traffic: now.traffic,
    ...(Object.keys(shadow).length > 0 && { shadow }),
    ...(now.rollout && { rollout: now.rollout }),
  })
}

/** The Service is written first: a route that is not yet like it is seen by the next look. */
async function writeState(
  { api, settings }: Cluster,
  model: string,
  { metadata }: ServiceRecord,
  state: TrafficState,
): Promise<void> {
  await api.apply(modelServiceOf(settings, model, state, metadata.resourceVersion))
  if (settings.gateway !== undefined) await api.apply(routeOf(settings.gateway, model, state))
}

function requireSplit(model: string, split: Readonly<Record<string, number>>, found: ModelOnCluster): void {
  const sum = Object.values(split).reduce((all, share) => all + share, 0)
  if (Math.abs(sum - 100) > 1e-6 || !Object.values(split).every(share => share >= 0)) {
    throw new PressroomError('deployment-failed', `traffic of ${model} cannot be split like this`, {
      where: Object.entries(split)
        .map(([version, share]) => `${version}: ${share} %`)
        .join(', '),
      fix: 'shares are percents, 100 in all',
    })
  }
  const absent = Object.keys(split).find(version => split[version]! > 0 && !found.deployments.has(version))
  if (absent !== undefined || found.service === undefined) {
    const version = absent ?? Object.keys(split).join(', ')
    throw new PressroomError('deployment-failed', `${model} ${version} is not loaded, and can get no traffic`)
  }
}

/** Before its first shift a model has no mark, and no traffic that another deployer could have moved. */
function requireSame(model: string, planned: ObservedModel, now: ObservedModel): void {
  const same =
    planned.revision === undefined ? Object.keys(now.traffic).length === 0 : planned.revision === now.revision
  if (same) return
  throw new PressroomError('deployment-conflict', `the traffic of ${model} was changed in the meantime`, {
    where: 'by another deployer or by hand; this step was not taken',
    fix: 'look again',
  })
}

function least(replicas: Replicas): number {
  return typeof replicas === 'number' ? replicas : replicas.min
}

function noteOf(model: string, replicas: Readonly<Record<string, number>>): string {
  const sum = Object.values(replicas).reduce((all, count) => all + count, 0)
  const parts = Object.entries(replicas).map(
    ([version, count]) =>
      `${version} gets ${((100 * count) / sum).toFixed(1)} % (${count} ${count === 1 ? 'pod' : 'pods'})`,
  )
  return `${model}: ${parts.join(', ')}`
}
