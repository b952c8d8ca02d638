import type { KubernetesApi } from './api.ts'
import { ANNOTATION, LABEL, nameOfModel } from './names.ts'
import { type ModelOnCluster, type RouteRecord, type ServiceRecord, versionOf } from './read.ts'
import type { DeploymentRecord } from './readiness.ts'
import type { KubernetesSettings } from './settings.ts'

/** What steps are taken with. */
export interface Cluster {
  readonly api: KubernetesApi
  readonly settings: KubernetesSettings
  readonly pollSeconds: number
  readonly onNote?: ((text: string) => void) | undefined
}

interface Found {
  service: ServiceRecord | undefined
  route: RouteRecord | undefined
  readonly deployments: Map<string, DeploymentRecord>
}

/** Everything of ours in the namespace, in two lists, or three with a gateway; or what there is of one model. */
export async function findModels(
  api: KubernetesApi,
  { gateway }: KubernetesSettings,
  query: Readonly<Record<string, string>> = {},
): Promise<Map<string, ModelOnCluster>> {
  const [services, deployments, routes] = await Promise.all([
    api.list('Service', query),
    api.list('Deployment', query),
    gateway === undefined ? [] : api.list('HTTPRoute', query),
  ])
  const models = new Map<string, Found>()
  const at = (model: string): Found => {
    const known = models.get(model) ?? { service: undefined, route: undefined, deployments: new Map() }
    models.set(model, known)
    return known
  }
  for (const service of services) {
    const { annotations = {} } = service.metadata
    // A version's own Service has its version, a model's has none.
    const model = annotations[ANNOTATION.version] === undefined ? annotations[ANNOTATION.model] : undefined
    if (model !== undefined) at(model).service = service
  }
  for (const route of routes) {
    const model = route.metadata.annotations?.[ANNOTATION.model]
    if (model !== undefined) at(model).route = route
  }
  for (const deployment of deployments) {
    const version = versionOf(deployment)
    if (version !== undefined) at(version.model).deployments.set(version.version, deployment)
  }
  return models
}

/** What there is of one model. */
export async function findModel({ api, settings }: Cluster, model: string): Promise<ModelOnCluster> {
  const found = await findModels(api, settings, { labelSelector: `${LABEL.model}=${nameOfModel(model)}` })
  return found.get(model) ?? { service: undefined, route: undefined, deployments: new Map() }
}
