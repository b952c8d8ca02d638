import type { Rollout } from '../../plan/state.ts'
import { ANNOTATION, FIELD_MANAGER, LABEL, labelOfVersion, nameOfModel, nameOfVersion } from './names.ts'
import type { KubernetesObject } from './objects.ts'
import type { KubernetesSettings } from './settings.ts'

/** What a model's Service keeps: the traffic as it was asked for, and the rollout. */
export interface TrafficState {
  readonly traffic: Readonly<Record<string, number>>
  readonly shadow?: Readonly<Record<string, number>>
  readonly rollout?: Rollout
}

/**
 * A model's Service, its stable name, and the one place where its traffic and rollout are kept. It selects the pods of one
 * version, or of all that are in the pool; where a gateway weighs, those of the version with the largest share.
 */
export function modelServiceOf(
  settings: KubernetesSettings,
  model: string,
  state: TrafficState,
  resourceVersion?: string,
): KubernetesObject {
  const { traffic, shadow, rollout } = state
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: nameOfModel(model),
      labels: { [LABEL.manager]: FIELD_MANAGER, [LABEL.model]: nameOfModel(model) },
      annotations: {
        [ANNOTATION.model]: model,
        [ANNOTATION.traffic]: JSON.stringify(traffic),
        ...(rollout && { [ANNOTATION.rollout]: JSON.stringify(rollout) }),
        ...(shadow && { [ANNOTATION.shadow]: JSON.stringify(shadow) }),
      },
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    spec: {
      type: settings.serviceType,
      selector: selectorFor(settings, model, traffic),
      ports: [{ name: 'http', port: 80, targetPort: settings.port }],
    },
  }
}

/** The labels of the pods that this traffic goes to; of none when nothing serves. */
export function selectorFor(
  { gateway }: KubernetesSettings,
  model: string,
  traffic: Readonly<Record<string, number>>,
): Record<string, string> {
  const name = { [LABEL.model]: nameOfModel(model) }
  const serving = Object.entries(traffic)
    .filter(([, share]) => share > 0)
    .sort(([, a], [, b]) => b - a)
  const [largest] = serving
  if (largest === undefined) return { ...name, [LABEL.version]: 'none' }
  if (serving.length > 1 && gateway === undefined) return { ...name, [LABEL.pool]: 'in' }
  return { ...name, [LABEL.version]: labelOfVersion(largest[0]) }
}

/** The route of a Gateway: a weight for each version, copies for one that is shadowed (gateway-api, HTTPRouteFilter). */
export function routeOf(
  gateway: NonNullable<KubernetesSettings['gateway']>,
  model: string,
  { traffic, shadow = {} }: TrafficState,
): KubernetesObject {
  const backend = (version: string) => ({ name: nameOfVersion(model, version), port: 80 })
  const mirrors = Object.entries(shadow).map(([version, percent]) => ({
    type: 'RequestMirror',
    requestMirror: { backendRef: backend(version), percent },
  }))
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: {
      name: nameOfModel(model),
      labels: { [LABEL.manager]: FIELD_MANAGER, [LABEL.model]: nameOfModel(model) },
      annotations: { [ANNOTATION.model]: model },
    },
    spec: {
      parentRefs: [{ name: gateway.name, ...(gateway.namespace && { namespace: gateway.namespace }) }],
      ...(gateway.hostnames && { hostnames: gateway.hostnames }),
      rules: [
        {
          ...(mirrors.length > 0 && { filters: mirrors }),
          backendRefs: Object.entries(traffic)
            .filter(([, share]) => share > 0)
            .map(([version, weight]) => ({ ...backend(version), weight: Math.round(100 * weight) })),
        },
      ],
    },
  }
}
