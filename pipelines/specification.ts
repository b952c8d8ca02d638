import type { Json } from '../components/definition/parameters.ts'

/**
 * The Kubeflow Pipelines specification (IR), as the camelCase JSON of `api/v2alpha1/pipeline_spec.proto` in
 * kubeflow/pipelines 2.17.0. Field names and which of them may be missing are the proto's; fields that no SDK writes any
 * more (`type`, `constantValue`, `schemaUri`, `instanceSchema`, `properties`, `resolver`, `customJob`, `lifecycle`) are
 * left out.
 */
export interface PipelineSpec {
  readonly pipelineInfo: PipelineInfo
  readonly schemaVersion: '2.1.0'
  readonly sdkVersion?: string
  readonly defaultPipelineRoot?: string
  /** By name; none when the pipeline has no task. */
  readonly components?: Readonly<Record<string, ComponentSpec>>
  readonly deploymentSpec?: DeploymentSpec
  readonly root: ComponentSpec
}

interface PipelineInfo {
  readonly name: string
  readonly displayName?: string
  readonly description?: string
}

/** Either an executor or a DAG of tasks. */
export interface ComponentSpec {
  readonly inputDefinitions?: InputsSpec
  readonly outputDefinitions?: OutputsSpec
  readonly executorLabel?: string
  readonly dag?: DagSpec
  readonly taskConfigPassthroughs?: readonly { readonly field: string; readonly applyToTask?: boolean }[]
}

export type ParameterType =
  | 'NUMBER_DOUBLE'
  | 'NUMBER_INTEGER'
  | 'STRING'
  | 'BOOLEAN'
  | 'LIST'
  | 'STRUCT'
  | 'TASK_FINAL_STATUS'
  | 'TASK_CONFIG'

export interface InputsSpec {
  readonly parameters?: Readonly<Record<string, InputParameterSpec>>
  readonly artifacts?: Readonly<Record<string, InputArtifactSpec>>
}

export interface InputParameterSpec {
  readonly parameterType: ParameterType
  readonly defaultValue?: Json
  readonly isOptional?: boolean
  readonly description?: string
  readonly literals?: readonly Json[]
}

export interface InputArtifactSpec {
  readonly artifactType: ArtifactTypeSchema
  readonly isArtifactList?: boolean
  readonly isOptional?: boolean
  readonly description?: string
}

export interface OutputsSpec {
  readonly parameters?: Readonly<Record<string, OutputParameterSpec>>
  readonly artifacts?: Readonly<Record<string, OutputArtifactSpec>>
}

interface OutputParameterSpec {
  readonly parameterType: ParameterType
  readonly description?: string
}

interface OutputArtifactSpec {
  readonly artifactType: ArtifactTypeSchema
  readonly isArtifactList?: boolean
  readonly metadata?: Readonly<Record<string, Json>>
  readonly description?: string
}

export interface ArtifactTypeSchema {
  /** `system.Dataset` and its like. */
  readonly schemaTitle: string
  readonly schemaVersion: string
}

export interface DagSpec {
  /** By name, unique in the DAG; none in an empty group. `taskInfo.name` is what people read. */
  readonly tasks?: Readonly<Record<string, TaskSpec>>
  readonly outputs?: DagOutputsSpec
}

export interface DagOutputsSpec {
  readonly parameters?: Readonly<Record<string, DagOutputParameter>>
  readonly artifacts?: Readonly<Record<string, DagOutputArtifact>>
}

export interface DagOutputParameter {
  readonly valueFromParameter?: ParameterSelector
  readonly valueFromOneof?: { readonly parameterSelectors: readonly ParameterSelector[] }
}

export interface DagOutputArtifact {
  readonly artifactSelectors: readonly ArtifactSelector[]
}

export interface ParameterSelector {
  readonly producerSubtask: string
  readonly outputParameterKey: string
}

export interface ArtifactSelector {
  readonly producerSubtask: string
  /** The SDK leaves it out where a pipeline returns what its loop collected: the loop's only one. */
  readonly outputArtifactKey?: string
}

export interface TaskSpec {
  readonly taskInfo: { readonly name: string }
  readonly componentRef: { readonly name: string }
  readonly inputs?: TaskInputsSpec
  /** Sorted; producers of the task's inputs are among them. */
  readonly dependentTasks?: readonly string[]
  /** `{}` is caching off; a group of tasks has none. */
  readonly cachingOptions?: { readonly enableCache?: boolean; readonly cacheKey?: string }
  readonly triggerPolicy?: TriggerPolicy
  readonly retryPolicy?: RetryPolicy
  readonly parameterIterator?: ParameterIterator
  readonly artifactIterator?: ArtifactIterator
  readonly iteratorPolicy?: { readonly parallelismLimit?: number }
}

interface TriggerPolicy {
  /** A CEL expression over `inputs.parameter_values`. */
  readonly condition?: string
  readonly strategy?: 'ALL_UPSTREAM_TASKS_SUCCEEDED' | 'ALL_UPSTREAM_TASKS_COMPLETED'
}

export interface RetryPolicy {
  /** Missing when it is 0. */
  readonly maxRetryCount?: number
  /** Durations are seconds with the unit: `60s`. */
  readonly backoffDuration?: string
  readonly backoffFactor?: number
  readonly backoffMaxDuration?: string
}

export interface ParameterIterator {
  readonly itemInput: string
  /** `raw` is a JSON list. */
  readonly items: { readonly raw: string } | { readonly inputParameter: string }
}

interface ArtifactIterator {
  readonly itemInput: string
  readonly items: { readonly inputArtifact: string }
}

export interface TaskInputsSpec {
  readonly parameters?: Readonly<Record<string, TaskInputParameter>>
  readonly artifacts?: Readonly<Record<string, TaskInputArtifact>>
}

export type TaskInputParameter = (
  | { readonly componentInputParameter: string }
  | { readonly taskOutputParameter: { readonly producerTask: string; readonly outputParameterKey: string } }
  | { readonly runtimeValue: { readonly constant: Json } }
  | { readonly taskFinalStatus: { readonly producerTask: string } }
) & {
  /** `parseJson(string_value)["key"]`: a part of the value. */
  readonly parameterExpressionSelector?: string
}

export type TaskInputArtifact =
  | { readonly componentInputArtifact: string }
  | { readonly taskOutputArtifact: { readonly producerTask: string; readonly outputArtifactKey: string } }

interface DeploymentSpec {
  readonly executors: Readonly<Record<string, ExecutorSpec>>
}

/** One of the two. */
export interface ExecutorSpec {
  readonly container?: ContainerSpec
  readonly importer?: ImporterSpec
}

export interface ContainerSpec {
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value: string }[]
  readonly resources?: ResourceSpec
}

/** The `resource*` forms are Kubernetes quantities; the plain ones, for older readers, cores and gigabytes. */
export interface ResourceSpec {
  readonly cpuLimit?: number
  readonly memoryLimit?: number
  readonly cpuRequest?: number
  readonly memoryRequest?: number
  readonly resourceCpuLimit?: string
  readonly resourceMemoryLimit?: string
  readonly resourceCpuRequest?: string
  readonly resourceMemoryRequest?: string
  readonly accelerator?: {
    readonly type?: string
    readonly count?: string
    readonly resourceType?: string
    readonly resourceCount?: string
  }
}

export interface ImporterSpec {
  readonly artifactUri: { readonly constant: string } | { readonly runtimeParameter: string }
  readonly typeSchema: ArtifactTypeSchema
  readonly metadata?: Readonly<Record<string, Json>>
  readonly reimport?: boolean
  readonly downloadToWorkspace?: boolean
}

/** The second document of a compiled file: what only one platform understands. */
export interface PlatformSpec {
  readonly platforms: Readonly<Record<string, SinglePlatformSpec>>
}

export interface SinglePlatformSpec {
  /** By executor label; what is in them is `kubernetes_executor_config.proto`'s. */
  readonly deploymentSpec?: {
    readonly executors: Readonly<Record<string, Readonly<Record<string, Json>>>>
  }
  readonly pipelineConfig?: Readonly<Record<string, Json>>
}
