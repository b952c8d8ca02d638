import type { VertexSettings } from './settings.ts'

/**
 * `ModelContainerSpec` (model.proto). Routes and the port are said outright: Vertex AI's defaults hold the ids of endpoint and
 * model, and a container must then read them from AIP_HEALTH_ROUTE and AIP_PREDICT_ROUTE.
 */
export function containerSpec(settings: VertexSettings, model: string, version: string): object {
  const { image, command, args, env = {}, port, healthRoute, predictRoute } = settings
  const variables = { PRESSROOM_MODEL_NAME: model, PRESSROOM_MODEL_VERSION: version, ...env }
  return {
    imageUri: image,
    ...(command && { command }),
    ...(args && { args }),
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
    ports: [{ containerPort: port }],
    healthRoute,
    predictRoute,
    ...(settings.deployTimeoutMinutes !== undefined && {
      deploymentTimeout: { seconds: settings.deployTimeoutMinutes * 60 },
    }),
    startupProbe: {
      httpGet: { path: healthRoute, port },
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: Math.max(1, Math.ceil(settings.startupSeconds / 10)),
    },
    healthProbe: {
      httpGet: { path: healthRoute, port },
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
  }
}

/** Autoscaling's metrics (machine_resources.proto, AutoscalingMetricSpec). */
const METRICS = {
  cpu: 'aiplatform.googleapis.com/prediction/online/cpu/utilization',
  accelerator: 'aiplatform.googleapis.com/prediction/online/accelerator/duty_cycle',
} as const

/** What a deployed model runs on: the resources of `DeployedModel`, and the account. */
export function resources(
  settings: VertexSettings,
  replicas: { readonly min: number; readonly max: number } = {
    min: settings.minReplicas,
    max: settings.maxReplicas,
  },
): object {
  const { machineType, accelerator, autoscaling = {}, serviceAccount } = settings
  const specs = Object.entries(METRICS).flatMap(([key, metricName]) => {
    const target = autoscaling[key as keyof typeof METRICS]
    return target === undefined ? [] : [{ metricName, target }]
  })
  return {
    dedicatedResources: {
      machineSpec: {
        machineType,
        ...(accelerator && { acceleratorType: accelerator.type, acceleratorCount: accelerator.count }),
      },
      minReplicaCount: replicas.min,
      maxReplicaCount: replicas.max,
      autoscalingMetricSpecs: specs,
    },
    ...(serviceAccount !== undefined && { serviceAccount }),
  }
}
