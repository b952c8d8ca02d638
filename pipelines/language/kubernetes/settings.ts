import type {
  AnyTask,
  Json,
  ParameterReference,
  TextSetting,
  UntypedReference,
} from '../../../components/definition/index.ts'
import { PressroomError } from '../../../core/errors.ts'
import { nodeOf } from '../task-handle.ts'

type StructSetting = { readonly [key: string]: Json } | ParameterReference<'struct'> | UntypedReference
type ListSetting = ParameterReference<'list'> | ParameterReference<'struct'> | UntypedReference

/** A part of a pod's specification, as Kubernetes writes it. */
interface AsJson {
  readonly json: { readonly [key: string]: Json }
}

/** Keys of a secret or config map, with the variables that hold their values. */
type KeysToEnv = Readonly<Record<string, string>>

export interface Toleration {
  /** Empty, with `Exists`, for every taint. */
  readonly key?: string
  readonly operator?: 'Equal' | 'Exists'
  readonly value?: string
  /** Every effect when missing. */
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute'
  /** How long a `NoExecute` taint is borne; for ever when missing. */
  readonly seconds?: number
}

/** What a label, or a field of a node, must be. */
interface Requirement {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt'
  readonly values?: readonly string[]
}

interface NodeAffinity {
  readonly labels?: readonly Requirement[]
  readonly fields?: readonly Requirement[]
  /** From 1 to 100: preferred, not required. */
  readonly weight?: number
}

interface PodAffinity {
  /** The domain that pods share, as the label of its nodes: `kubernetes.io/hostname`. */
  readonly topologyKey: string
  readonly labels?: Readonly<Record<string, string>>
  readonly expressions?: readonly Requirement[]
  readonly namespaces?: readonly string[]
  readonly namespaceLabels?: Readonly<Record<string, string>>
  readonly namespaceExpressions?: readonly Requirement[]
  /** Away from such pods, not near them. */
  readonly anti?: true
  /** From 1 to 100: preferred, not required. */
  readonly weight?: number
}

/** Runs to its end before the task's own container starts. */
interface InitContainer {
  readonly name: string
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Volumes of the task by name, with the paths to mount them at. */
  readonly mounts?: Readonly<Record<string, string>>
  /** Keeps it running beside the task's own container. */
  readonly sidecar?: true
  /** Kubernetes quantities by resource: `{ cpu: '500m' }`. */
  readonly limits?: Readonly<Record<string, string>>
  readonly requests?: Readonly<Record<string, string>>
}

/** What only Kubernetes understands of a task. Every list adds to those of earlier calls. */
export interface KubernetesSettings {
  readonly secretsAsFiles?: readonly { secret: TextSetting; path: string; optional?: boolean }[]
  readonly secretsAsEnv?: readonly { secret: TextSetting; keys: KeysToEnv; optional?: boolean }[]
  readonly configMapsAsFiles?: readonly { configMap: TextSetting; path: string; optional?: boolean }[]
  readonly configMapsAsEnv?: readonly { configMap: TextSetting; keys: KeysToEnv; optional?: boolean }[]
  /** Volume claims, mounted at `path`, from `subPath` of the volume. */
  readonly volumes?: readonly { claim: TextSetting; path: string; subPath?: string }[]
  /** Volumes that are made for the task and go with it. */
  readonly ephemeralVolumes?: readonly {
    name: string
    path: string
    accessModes: readonly string[]
    size: string
    /** The cluster's own when missing. */
    storageClass?: string
    labels?: Readonly<Record<string, string>>
    annotations?: Readonly<Record<string, string>>
  }[]
  readonly emptyDirectories?: readonly {
    name: string
    path: string
    medium?: 'Memory' | 'HugePages'
    size?: string
  }[]
  /** Memory shared between processes, mounted at /dev/shm. */
  readonly sharedMemory?: { readonly volume?: string; readonly size?: string }
  /** Labels of the node. A reference to a struct stands for all of them. */
  readonly nodeSelector?: Readonly<Record<string, string>> | StructSetting
  /** A reference holds one toleration, or a list of them, as Kubernetes writes them. */
  readonly tolerations?: readonly (Toleration | ListSetting)[]
  /** `json`, or a reference, holds a whole `nodeAffinity`, as Kubernetes writes it. */
  readonly nodeAffinity?: readonly (NodeAffinity | AsJson | ParameterReference<'struct'> | UntypedReference)[]
  readonly podAffinity?: readonly PodAffinity[]
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly imagePullSecrets?: readonly TextSetting[]
  readonly imagePullPolicy?: 'Always' | 'Never' | 'IfNotPresent'
  /** Seconds the task may run; 0 for no limit. */
  readonly timeout?: number
  readonly securityContext?: { readonly user?: number; readonly group?: number; readonly nonRoot?: boolean }
  /** Variables, with the fields of the pod that they hold: `{ NODE: 'spec.nodeName' }`. */
  readonly fieldsAsEnv?: Readonly<Record<string, string>>
  readonly initContainers?: readonly InitContainer[]
  /** Names of resource claim templates, for devices; a reference holds claims as JSON. */
  readonly resourceClaims?: readonly TextSetting[]
}

/**
 * Says what only Kubernetes understands of a task; it goes into the second document of the compiled file.
 * @throws PressroomError `invalid-pipeline` for what is no task
 */
export function kubernetes<T extends AnyTask>(task: T, settings: KubernetesSettings): T {
  const node = nodeOf(task)
  if (node === undefined) {
    throw new PressroomError('invalid-pipeline', 'kubernetes() was given something that is no task', {
      fix: 'pass what a call of a stage or container returned',
    })
  }
  node.settings.kubernetes.push(settings)
  return task
}
