import { ANNOTATION, FIELD_MANAGER, LABEL, labelOfVersion, nameOfModel, nameOfVersion } from './names.ts'
import { podOf } from './pod.ts'
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

/** How many pods a version has while nothing counts them: a number, or bounds where an autoscaler is wanted. */
export function autoscales({ minReplicas: min, maxReplicas: max }: KubernetesSettings): Replicas {
  return max > min ? { min, max } : min
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
        metadata: {
          annotations: scrapedAt(settings.port),
          labels: { ...selector, [LABEL.manager]: FIELD_MANAGER, [LABEL.pool]: pool },
        },
        spec: podOf(settings, version, selector),
      },
    },
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

/** What a Prometheus that looks for annotations reads; others find pods by their labels. */
function scrapedAt(port: number): Record<string, string> {
  return {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(port),
    'prometheus.io/path': '/metrics',
  }
}
