import type { TargetStep } from '../../plan/state.ts'
import { type Cluster, findModel } from './cluster.ts'
import { ANNOTATION, FIELD_MANAGER, LABEL, nameOfModel } from './names.ts'
import { removeVersion } from './unload.ts'

/**
 * Takes a model down. Its own Service goes last: by it the next deployer finds what one that was killed has left. Only what carries our
 * labels and the model's name goes; what others gave a name of ours stays.
 */
export async function retireModel(
  cluster: Cluster,
  { model }: Extract<TargetStep, { do: 'retire' }>,
): Promise<void> {
  const { api, settings, pollSeconds } = cluster
  const labelSelector = `${LABEL.manager}=${FIELD_MANAGER},${LABEL.model}=${nameOfModel(model)}`
  const own = async (kind: 'HTTPRoute' | 'Service') => {
    const found = await api.list(kind, { labelSelector })
    return found
      .map(({ metadata: { name, annotations = {} } }) => ({ name, annotations }))
      .filter(({ annotations }) => annotations[ANNOTATION.model] === model)
  }
  const routes = settings.gateway === undefined ? [] : await own('HTTPRoute')
  const services = await own('Service')
  const { deployments } = await findModel(cluster, model)
  for (const { name } of routes) await api.remove('HTTPRoute', name)
  // Whoever deletes a Deployment by hand leaves the rest of its version.
  const versions = services.flatMap(({ annotations }) => annotations[ANNOTATION.version] ?? [])
  for (const version of new Set([...deployments.keys(), ...versions])) {
    await removeVersion(cluster, model, version)
  }
  for (const { name, annotations } of services) {
    if (annotations[ANNOTATION.version] === undefined) await api.remove('Service', name)
  }
  // A load balancer is taken down first by whoever made it.
  while ((await own('Service')).length > 0) await api.pause(pollSeconds)
}
