import { parseAddress } from '../../../core/storage/objects.ts'
import type { CloudRunSettings } from './settings.ts'

const MOUNT = '/mnt/models'

/**
 * `RevisionTemplate` (revision_template.proto) of one version: its files are mounted, read-only, from their bucket, and the
 * container is told their path in PRESSROOM_MODEL.
 * @param revision the new revision's name
 * @param uri `gs://bucket/folder`
 */
export function templateOf(
  settings: CloudRunSettings,
  { model, version }: { readonly model: string; readonly version: string },
  revision: string,
  uri: string,
): object {
  const {
    image,
    port,
    healthRoute,
    predictRoute,
    cpu,
    memory,
    serviceAccount,
    labels = {},
    env = {},
  } = settings
  const { bucket, key } = parseAddress(uri)!
  const variables = {
    PRESSROOM_MODEL: `${named(model, 'model')}@${named(version, '1')}=${MOUNT}/${key}`,
    PRESSROOM_MODEL_NAME: model,
    PRESSROOM_MODEL_VERSION: version,
    AIP_HEALTH_ROUTE: healthRoute,
    AIP_PREDICT_ROUTE: predictRoute,
    ...env,
  }
  return {
    revision,
    labels,
    timeout: { seconds: settings.timeoutSeconds },
    maxInstanceRequestConcurrency: settings.concurrency,
    scaling: { minInstanceCount: settings.minInstances, maxInstanceCount: settings.maxInstances },
    // Mounting a bucket needs the second generation.
    executionEnvironment: 'EXECUTION_ENVIRONMENT_GEN2',
    ...(serviceAccount !== undefined && { serviceAccount }),
    volumes: [{ name: 'models', gcs: { bucket, readOnly: true } }],
    containers: [
      {
        image,
        ports: [{ containerPort: port }],
        env: Object.entries(variables).map(([name, value]) => ({ name, value })),
        resources: { limits: { cpu, memory }, cpuIdle: true, startupCpuBoost: true },
        volumeMounts: [{ name: 'models', mountPath: MOUNT }],
        startupProbe: {
          httpGet: { path: healthRoute, port },
          periodSeconds: 2,
          timeoutSeconds: 2,
          failureThreshold: Math.ceil(settings.startupSeconds / 2),
        },
      },
    ],
  }
}

/** A name as PRESSROOM_MODEL takes it (serving/settings.ts). */
function named(text: string, otherwise: string): string {
  return /^[A-Za-z0-9_-]+$/.test(text) ? text : otherwise
}
