import { nameOfModel } from './names.ts'
import type { VersionOnCluster } from './objects.ts'
import type { KubernetesSettings } from './settings.ts'

const MODEL_FOLDER = '/model'

/** The serving image names a model by letters, digits, `_` and `-` only; its metrics carry this name. */
export function servedName(model: string): string {
  return /^[A-Za-z0-9_-]+$/.test(model) ? model : nameOfModel(model)
}

/**
 * The pod of a version: the serving image, and where its files come from.
 * @param selector the labels that only the version's pods have
 */
export function podOf(
  settings: KubernetesSettings,
  version: VersionOnCluster,
  selector: Readonly<Record<string, string>>,
): Record<string, unknown> {
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
    // One node's end should not be a version's.
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: selector },
      },
    ],
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
