import type { Rollout } from '../../plan/state.ts'
import { ANNOTATION, FIELD_MANAGER, LABEL, labelOfVersion, nameOfModel, nameOfVersion } from './names.ts'
import type { KubernetesSettings } from './settings.ts'

/** An object as it is applied: plain JSON, since the typed client drops fields it does not know before the server sees them. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly resourceVersion?: string
  }
  readonly spec: Readonly<Record<string, unknown>>
}

/** A version as its Deployment has it. */
export interface VersionOnCluster {
  readonly model: string
  readonly version: string
  /** Where its files are: `gs://…`, `s3://…`, a folder on the volume, or in the image. */
  readonly uri: string
  readonly digest: string
  /** Whether a Service of several versions may reach its pods. */
  readonly pooled: boolean
}

/** How many pods a version has: so many, or as many as an autoscaler finds. */
export type Replicas = number | { readonly min: number; readonly max: number }

/** What a model's Service keeps: the traffic as it was asked for, and the rollout. */
export interface TrafficState {
  readonly traffic: Readonly<Record<string, number>>
  readonly shadow?: Readonly<Record<string, number>>
  readonly rollout?: Rollout
}

/** How many pods a version has while nothing counts them: a number, or bounds where an autoscaler is wanted. */
export function autoscales({ minReplicas: min, maxReplicas: max }: KubernetesSettings): Replicas {
  return max > min ? { min, max } : min
}

const MODEL_FOLDER = '/model'

/** The serving image names a model by letters, digits, `_` and `-` only; its metrics carry this name. */
export function servedName(model: string): string {
  return /^[A-Za-z0-9_-]+$/.test(model) ? model : nameOfModel(model)
}

/** A version's Deployment. It has no number of replicas where an autoscaler sets it: each apply would set it back. */
export function deploymentOf(
  settings: KubernetesSettings,
  version: VersionOnCluster,
  replicas: Replicas,
): KubernetesObject {
  const name = nameOfVersion(version.model, version.version)
  const selector = versionLabels(version)
  const pool = version.pooled ? 'in' : 'out'
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: ownLabels(version), annotations: versionAnnotations(version) },
    spec: {
      ...(typeof replicas === 'number' && { replicas }),
      selector: { matchLabels: selector },
      // A version that serves stays whole while its pods are replaced.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      progressDeadlineSeconds: settings.readySeconds,
      template: {
        metadata: { labels: { ...selector, [LABEL.manager]: FIELD_MANAGER, [LABEL.pool]: pool } },
        spec: podOf(settings, version),
      },
    },
  }
}

function podOf(settings: KubernetesSettings, version: VersionOnCluster): Record<string, unknown> {
  const { image, port, env = {}, requests, limits, nodeSelector } = settings
  const files = filesOf(settings, version.uri)
  const health = { httpGet: { path: '/health', port: 'http' } }
  const variables = {
    PORT: String(port),
    PRESSROOM_MODEL: `${servedName(version.model)}@${version.version.replace(/[^\w.-]/g, '-')}=${files.folder}`,
    ...env,
  }
  return {
    ...(settings.serviceAccount && { serviceAccountName: settings.serviceAccount }),
    ...(settings.imagePullSecret && { imagePullSecrets: [{ name: settings.imagePullSecret }] }),
    ...(nodeSelector && { nodeSelector }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      fsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    ...(files.fetch && { initContainers: [files.fetch] }),
    volumes: [{ name: 'tmp', emptyDir: {} }, ...files.volumes],
    containers: [
      {
        name: 'serving',
        image,
        ports: [{ name: 'http', containerPort: port }],
        env: Object.entries(variables).map(([name, value]) => ({ name, value })),
        ...(settings.envFromSecret && { envFrom: [{ secretRef: { name: settings.envFromSecret } }] }),
        resources: { requests, ...(limits && { limits }) },
        // A model may take long to load; once it is, ten seconds of silence take a pod out.
        startupProbe: { ...health, periodSeconds: 1, failureThreshold: settings.readySeconds },
        readinessProbe: { ...health, periodSeconds: 5, failureThreshold: 2 },
        livenessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
        // Requests still come for a moment after a pod was taken from its Service: routes are removed everywhere later.
        lifecycle: { preStop: { sleep: { seconds: 5 } } },
        securityContext: SECURE,
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...files.mounts],
      },
    ],
  }
}

const SECURE = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
}

interface Files {
  readonly folder: string
  readonly volumes: readonly object[]
  readonly mounts: readonly object[]
  readonly fetch?: object
}

/** The serving image reads folders: a bucket's is copied by the cloud's own tool before it starts. */
function filesOf(settings: KubernetesSettings, uri: string): Files {
  const { volume, fetchImages, requests } = settings
  const scheme = /^(gs|s3):\/\//.exec(uri)?.[1] as 'gs' | 's3' | undefined
  if (scheme !== undefined) {
    const copy =
      scheme === 'gs'
        ? ['gcloud', 'storage', 'rsync', '--recursive', uri, MODEL_FOLDER]
        : ['aws', 's3', 'sync', '--only-show-errors', uri, MODEL_FOLDER]
    return {
      folder: MODEL_FOLDER,
      volumes: [{ name: 'model', emptyDir: {} }],
      mounts: [{ name: 'model', mountPath: MODEL_FOLDER, readOnly: true }],
      fetch: {
        name: 'fetch',
        image: fetchImages[scheme],
        command: copy,
        env: [{ name: 'HOME', value: '/tmp' }],
        ...(settings.envFromSecret && { envFrom: [{ secretRef: { name: settings.envFromSecret } }] }),
        resources: { requests },
        securityContext: SECURE,
        volumeMounts: [
          { name: 'model', mountPath: MODEL_FOLDER },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    }
  }
  const path = uri.replace(/^file:\/\//, '')
  if (volume === undefined) return { folder: path, volumes: [], mounts: [] }
  return {
    folder: path,
    volumes: [{ name: 'model', persistentVolumeClaim: { claimName: volume.claim, readOnly: true } }],
    mounts: [{ name: 'model', mountPath: volume.registryPath, readOnly: true }],
  }
}

/** An autoscaler for each version, whose bounds are one number while pods are counted for a split. */
export function autoscalerOf(
  { cpuPercent }: KubernetesSettings,
  version: VersionOnCluster,
  replicas: { readonly min: number; readonly max: number },
): KubernetesObject {
  const name = nameOfVersion(version.model, version.version)
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, labels: ownLabels(version) },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: replicas.min,
      maxReplicas: replicas.max,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpuPercent } },
        },
      ],
    },
  }
}

/** Nodes are drained one pod of a version at a time; a least number of pods would block a version of one for ever. */
export function budgetOf(version: VersionOnCluster): KubernetesObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: nameOfVersion(version.model, version.version), labels: ownLabels(version) },
    spec: { maxUnavailable: 1, selector: { matchLabels: versionLabels(version) } },
  }
}

/** A version's own Service: what asks it, and what an HTTPRoute weighs. */
export function versionServiceOf(
  { port: targetPort }: KubernetesSettings,
  version: VersionOnCluster,
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: nameOfVersion(version.model, version.version),
      labels: ownLabels(version),
      annotations: versionAnnotations(version),
    },
    spec: { selector: versionLabels(version), ports: [{ name: 'http', port: 80, targetPort }] },
  }
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

function versionLabels({ model, version }: VersionOnCluster): Record<string, string> {
  return { [LABEL.model]: nameOfModel(model), [LABEL.version]: labelOfVersion(version) }
}

function ownLabels(version: VersionOnCluster): Record<string, string> {
  return { [LABEL.manager]: FIELD_MANAGER, ...versionLabels(version) }
}

function versionAnnotations({ model, version, uri, digest }: VersionOnCluster): Record<string, string> {
  return {
    [ANNOTATION.model]: model,
    [ANNOTATION.version]: version,
    [ANNOTATION.source]: uri,
    [ANNOTATION.digest]: digest,
  }
}
