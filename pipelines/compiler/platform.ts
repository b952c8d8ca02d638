import type { Json } from '../../components/definition/index.ts'
import type { TaskNode } from '../language/graph.ts'
import type { KubernetesSettings, Toleration } from '../language/kubernetes/settings.ts'
import type { AnyPipeline } from '../language/pipeline.ts'
import { Reference } from '../language/references.ts'
import { type Checked, parameterSource } from './sources.ts'

type JsonObject = { readonly [key: string]: Json }

/**
 * What Kubernetes is told of a task, as `kubernetes_executor_config.proto` of kubeflow/pipelines has it, or undefined when
 * nothing is. A name is written twice: newer back ends read the form that can be a reference, older ones the plain one.
 */
export function taskPlatform(task: TaskNode, checked: Checked): JsonObject | undefined {
  const writer = new Writer(task, checked)
  const parts = task.settings.kubernetes.map(settings => writer.executorConfig(settings))
  const config = parts.reduce(merged, {})
  return Object.keys(config).length === 0 ? undefined : config
}

/** What Kubernetes is told of the run, or undefined. */
export function pipelineConfig({ workspace, timeToLive, deadline }: AnyPipeline): JsonObject | undefined {
  const kept = typeof timeToLive === 'number' ? { any: timeToLive } : (timeToLive ?? {})
  const config = compact({
    workspace: workspace && { size: workspace.size, kubernetes: { pvcSpecPatch: workspace.claim ?? {} } },
    resourceTtlOnCompletion: kept.any || undefined,
    resourceTtlOnSuccess: kept.success || undefined,
    resourceTtlOnFailure: kept.failure || undefined,
    activeDeadlineSeconds: deadline || undefined,
  })
  return Object.keys(config).length === 0 ? undefined : config
}

class Writer {
  readonly #task: TaskNode
  readonly #checked: Checked

  constructor(task: TaskNode, checked: Checked) {
    this.#task = task
    this.#checked = checked
  }

  executorConfig(settings: KubernetesSettings): JsonObject {
    const { sharedMemory, securityContext, timeout } = settings
    return compact({
      secretAsVolume: settings.secretsAsFiles?.map(({ secret, path, optional = false }) => ({
        ...this.#name('secretName', secret),
        mountPath: path,
        optional,
      })),
      secretAsEnv: settings.secretsAsEnv?.map(({ secret, keys, optional = false }) => ({
        ...this.#name('secretName', secret),
        keyToEnv: Object.entries(keys).map(([secretKey, envVar]) => ({ secretKey, envVar })),
        optional,
      })),
      configMapAsVolume: settings.configMapsAsFiles?.map(({ configMap, path, optional = false }) => ({
        ...this.#name('configMapName', configMap),
        mountPath: path,
        optional,
      })),
      configMapAsEnv: settings.configMapsAsEnv?.map(({ configMap, keys, optional = false }) => ({
        ...this.#name('configMapName', configMap),
        keyToEnv: Object.entries(keys).map(([configMapKey, envVar]) => ({ configMapKey, envVar })),
        optional,
      })),
      pvcMount: settings.volumes?.map(({ claim, path, subPath }) => {
        const source = this.#value(claim)
        const { runtimeValue, ...reference } = source as { runtimeValue?: JsonObject }
        return compact({
          ...(runtimeValue === undefined ? reference : { constant: claim as string }),
          pvcNameParameter: source,
          mountPath: path,
          subPath: subPath || undefined,
        })
      }),
      genericEphemeralVolume: settings.ephemeralVolumes?.map(volume =>
        compact({
          volumeName: volume.name,
          mountPath: volume.path,
          accessModes: volume.accessModes,
          size: volume.size,
          defaultStorageClass: volume.storageClass === undefined || undefined,
          storageClassName: volume.storageClass || undefined,
          metadata: filled({ labels: filled(volume.labels), annotations: filled(volume.annotations) }),
        }),
      ),
      emptyDirMounts: settings.emptyDirectories?.map(({ name, path, medium, size }) =>
        compact({ volumeName: name, mountPath: path, medium, sizeLimit: size }),
      ),
      enabledSharedMemory:
        sharedMemory && compact({ volumeName: sharedMemory.volume, size: sharedMemory.size }),
      nodeSelector: settings.nodeSelector && this.#nodeSelector(settings.nodeSelector),
      tolerations: settings.tolerations?.map(toleration => {
        if (isReference(toleration)) return { tolerationJson: this.#value(toleration) }
        const { seconds, ...rest } = toleration as Toleration
        return compact({ ...rest, tolerationSeconds: int64(seconds) })
      }),
      nodeAffinity: settings.nodeAffinity?.map(affinity => {
        const json = 'json' in affinity ? affinity.json : isReference(affinity) ? affinity : undefined
        if (json !== undefined) return { nodeAffinityJson: this.#value(json) }
        const { labels, fields, weight } = affinity as Exclude<
          typeof affinity,
          { at: unknown } | { json: unknown }
        >
        return compact({ matchExpressions: requirements(labels), matchFields: requirements(fields), weight })
      }),
      podAffinity: settings.podAffinity?.map(affinity =>
        compact({
          topologyKey: affinity.topologyKey,
          matchPodLabels: filled(affinity.labels),
          matchPodExpressions: requirements(affinity.expressions),
          namespaces: filled(affinity.namespaces),
          matchNamespaceLabels: filled(affinity.namespaceLabels),
          matchNamespaceExpressions: requirements(affinity.namespaceExpressions),
          weight: affinity.weight,
          anti: affinity.anti,
        }),
      ),
      podMetadata: filled({ labels: filled(settings.labels), annotations: filled(settings.annotations) }),
      imagePullSecret: settings.imagePullSecrets?.map(secret => this.#name('secretName', secret)),
      imagePullPolicy: settings.imagePullPolicy,
      activeDeadlineSeconds: timeout === 0 ? undefined : int64(timeout),
      securityContext:
        securityContext &&
        compact({
          runAsUser: int64(securityContext.user),
          runAsGroup: int64(securityContext.group),
          runAsNonRoot: securityContext.nonRoot,
        }),
      fieldPathAsEnv: filled(settings.fieldsAsEnv)
        ? Object.entries(settings.fieldsAsEnv ?? {}).map(([name, fieldPath]) => ({ name, fieldPath }))
        : undefined,
      initContainers: settings.initContainers?.map(container =>
        compact({
          name: container.name,
          image: container.image,
          command: filled(container.command),
          args: filled(container.args),
          env: filled(Object.entries(container.env ?? {}).map(([name, value]) => ({ name, value }))),
          volumeMounts: filled(
            Object.entries(container.mounts ?? {}).map(([volumeName, mountPath]) => ({
              volumeName,
              mountPath,
            })),
          ),
          restartPolicy: container.sidecar && 'Always',
          resources: filled({ limits: filled(container.limits), requests: filled(container.requests) }),
        }),
      ),
      podResourceClaims: settings.resourceClaims?.map(claim =>
        isReference(claim)
          ? { resourceClaimJson: this.#value(claim) }
          : { resourceClaimTemplateName: claim as string },
      ),
    })
  }

  #nodeSelector(selector: NonNullable<KubernetesSettings['nodeSelector']>): JsonObject {
    if (isReference(selector)) return { nodeSelectorJson: this.#value(selector) }
    return { labels: selector as JsonObject }
  }

  #name(field: string, value: unknown): JsonObject {
    return {
      [`${field}Parameter`]: this.#value(value),
      ...(typeof value === 'string' && value !== '' && { [field]: value }),
    }
  }

  #value(value: unknown): JsonObject {
    if (!(value instanceof Reference)) return { runtimeValue: { constant: value as Json } }
    return parameterSource(value.channel, this.#task.group, this.#checked) as unknown as JsonObject
  }
}

function requirements(
  list: readonly { key: string; operator: string; values?: readonly string[] }[] | undefined,
) {
  return filled(list?.map(({ key, operator, values }) => compact({ key, operator, values: filled(values) })))
}

function isReference(value: unknown): boolean {
  return value instanceof Reference
}

/** 64-bit integers are text in the JSON of protocol buffers. */
function int64(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value)
}

/** Undefined for what holds nothing: empty lists and maps are not written. */
function filled<T extends object>(value: T | undefined): T | undefined {
  if (value === undefined) return undefined
  const parts = Object.values(value)
  return parts.length === 0 || parts.every(part => part === undefined) ? undefined : compact(value)
}

function compact<T extends object>(value: T): T & JsonObject {
  if (Array.isArray(value)) return value as never
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T & JsonObject
}

/** Lists of several calls add up, maps too; of anything else the last one holds. */
function merged(first: JsonObject, second: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...first }
  for (const [key, value] of Object.entries(second)) {
    const earlier = result[key]
    if (Array.isArray(earlier) && Array.isArray(value)) result[key] = [...earlier, ...value]
    else if (isObject(earlier) && isObject(value)) result[key] = merged(earlier, value)
    else result[key] = value
  }
  return result
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
