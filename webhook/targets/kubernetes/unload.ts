import { PressroomError } from '../../../core/errors.ts'
import type { TargetStep } from '../../plan/state.ts'
import { type Cluster, findModel } from './cluster.ts'
import { nameOfVersion } from './names.ts'
import { readModel } from './read.ts'

/** Deletes a version's objects and waits until its pods are gone, their last requests answered. */
export async function unloadVersion(
  cluster: Cluster,
  { model, version }: Extract<TargetStep, { do: 'unload' }>,
): Promise<void> {
  const found = await findModel(cluster, model)
  const { traffic, shadow } = readModel(cluster.settings, model, found)
  const share = traffic[version] ?? 0
  if (share > 0 || (shadow?.[version] ?? 0) > 0) {
    throw new PressroomError(
      'deployment-conflict',
      share > 0
        ? `${model} ${version} has ${share} % of the traffic`
        : `${model} ${version} gets copies of requests`,
      { fix: 'give its traffic to another version first' },
    )
  }
  await removeVersion(cluster, model, version)
}

/** Whatever there is of a version, in the foreground: its Deployment is there until its last pod is not. */
export async function removeVersion(
  { api, pollSeconds }: Cluster,
  model: string,
  version: string,
): Promise<void> {
  const name = nameOfVersion(model, version)
  await api.remove('HorizontalPodAutoscaler', name)
  await api.remove('PodDisruptionBudget', name)
  await api.remove('Deployment', name)
  while ((await api.get('Deployment', name)) !== undefined) {
    await api.pause(pollSeconds)
  }
  await api.remove('Service', name)
}
