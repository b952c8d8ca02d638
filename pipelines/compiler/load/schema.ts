import {
  among,
  constant,
  flag,
  json,
  listOf,
  mapOf,
  message,
  name,
  numeric,
  oneOf,
  presentText,
  type Rule,
  text,
  wide,
} from './rules.ts'

/**
 * The messages of `api/v2alpha1/pipeline_spec.proto` in kubeflow/pipelines 2.17.0. The API server takes no field beside
 * these, so that what stands here under another name would be lost or refuse the whole pipeline.
 */
const PARAMETER_TYPE = among(
  'NUMBER_DOUBLE',
  'NUMBER_INTEGER',
  'STRING',
  'BOOLEAN',
  'LIST',
  'STRUCT',
  'TASK_FINAL_STATUS',
  'TASK_CONFIG',
)

// A schema by uri or by its own text, and parameters by `type`, are of files before schema version 2.1.0.
const ARTIFACT_TYPE = message({ schemaTitle: text, schemaVersion: text }, ['schemaTitle'])

const INPUTS = message({
  parameters: mapOf(
    message(
      {
        parameterType: PARAMETER_TYPE,
        defaultValue: constant,
        isOptional: flag,
        description: text,
        literals: listOf(json),
      },
      ['parameterType'],
    ),
  ),
  artifacts: mapOf(
    message({ artifactType: ARTIFACT_TYPE, isArtifactList: flag, isOptional: flag, description: text }, [
      'artifactType',
    ]),
  ),
})

const OUTPUTS = message({
  parameters: mapOf(message({ parameterType: PARAMETER_TYPE, description: text }, ['parameterType'])),
  artifacts: mapOf(
    message(
      {
        artifactType: ARTIFACT_TYPE,
        isArtifactList: flag,
        description: text,
        metadata: json,
        properties: json,
        customProperties: json,
      },
      ['artifactType'],
    ),
  ),
})

const PARAMETER_SOURCE = oneOf(
  {
    componentInputParameter: presentText,
    taskOutputParameter: message({ producerTask: text, outputParameterKey: text }, [
      'producerTask',
      'outputParameterKey',
    ]),
    runtimeValue: oneOf({ constant, runtimeParameter: presentText, constantValue: json }),
    taskFinalStatus: message({ producerTask: text }, ['producerTask']),
  },
  { parameterExpressionSelector: text },
)

const ARTIFACT_SOURCE = oneOf({
  componentInputArtifact: presentText,
  taskOutputArtifact: message({ producerTask: text, outputArtifactKey: text }, [
    'producerTask',
    'outputArtifactKey',
  ]),
})

/** As the proto's JSON writes them: seconds with the unit. */
const DURATION: Rule = (value, path, reading) => {
  if (typeof value === 'string' && /^\d+(\.\d+)?s$/.test(value)) return value
  return reading.fault(path, 'is no duration such as 60s')
}

const TASK = message(
  {
    taskInfo: message({ name: text }),
    componentRef: message({ name: text }, ['name']),
    inputs: message({ parameters: mapOf(PARAMETER_SOURCE), artifacts: mapOf(ARTIFACT_SOURCE) }),
    dependentTasks: listOf(text),
    cachingOptions: message({ enableCache: flag, cacheKey: text }),
    triggerPolicy: message({
      condition: text,
      strategy: among(
        'TRIGGER_STRATEGY_UNSPECIFIED',
        'ALL_UPSTREAM_TASKS_SUCCEEDED',
        'ALL_UPSTREAM_TASKS_COMPLETED',
      ),
    }),
    retryPolicy: message({
      maxRetryCount: numeric,
      backoffDuration: DURATION,
      backoffFactor: numeric,
      backoffMaxDuration: DURATION,
    }),
    parameterIterator: message(
      { itemInput: text, items: oneOf({ raw: presentText, inputParameter: presentText }) },
      ['itemInput', 'items'],
    ),
    artifactIterator: message(
      { itemInput: text, items: message({ inputArtifact: text }, ['inputArtifact']) },
      ['itemInput', 'items'],
    ),
    iteratorPolicy: message({ parallelismLimit: numeric }),
  },
  ['componentRef'],
)

/** What people read of a task is its key where the file has no `taskInfo`, which the proto lets it leave out. */
const TASKS: Rule = (value, path, reading) => {
  const tasks = mapOf(TASK)(value, path, reading) as Record<string, { taskInfo?: object }> | undefined
  const entries = Object.entries(tasks ?? {}).map(([name, task]) => {
    return [name, task && { ...task, taskInfo: { name, ...task.taskInfo } }]
  })
  return tasks && Object.fromEntries(entries)
}

const PARAMETER_SELECTOR = message({ producerSubtask: text, outputParameterKey: text }, [
  'producerSubtask',
  'outputParameterKey',
])

const DAG = message({
  tasks: TASKS,
  outputs: message({
    parameters: mapOf(
      oneOf({
        valueFromParameter: PARAMETER_SELECTOR,
        valueFromOneof: message({ parameterSelectors: listOf(PARAMETER_SELECTOR) }, ['parameterSelectors']),
      }),
    ),
    artifacts: mapOf(
      message({
        artifactSelectors: listOf(
          // The SDK leaves the key out where a pipeline returns what its loop collected.
          message({ producerSubtask: text, outputArtifactKey: text }, ['producerSubtask']),
        ),
      }),
    ),
  }),
})

const COMPONENT = oneOf(
  { dag: DAG, executorLabel: presentText },
  {
    inputDefinitions: INPUTS,
    outputDefinitions: OUTPUTS,
    taskConfigPassthroughs: listOf(message({ field: text, applyToTask: flag })),
  },
)

const CONTAINER = message(
  {
    image: text,
    command: listOf(text),
    args: listOf(text),
    env: listOf(message({ name: text, value: text }, ['name'])),
    lifecycle: json,
    resources: message({
      cpuLimit: numeric,
      memoryLimit: numeric,
      cpuRequest: numeric,
      memoryRequest: numeric,
      resourceCpuLimit: text,
      resourceMemoryLimit: text,
      resourceCpuRequest: text,
      resourceMemoryRequest: text,
      accelerator: message({ type: text, count: wide, resourceType: text, resourceCount: text }),
    }),
  },
  ['image'],
)

const IMPORTER = message(
  {
    artifactUri: oneOf({ constant: json, runtimeParameter: presentText, constantValue: json }),
    typeSchema: ARTIFACT_TYPE,
    metadata: json,
    properties: json,
    customProperties: json,
    reimport: flag,
    downloadToWorkspace: flag,
  },
  ['artifactUri', 'typeSchema'],
)

const EXECUTORS = mapOf(oneOf({ container: CONTAINER, importer: IMPORTER, resolver: json, customJob: json }))

export const SPECIFICATION: Rule = message(
  {
    pipelineInfo: message({ name, displayName: text, description: text }, ['name']),
    schemaVersion: text,
    sdkVersion: text,
    defaultPipelineRoot: text,
    components: mapOf(COMPONENT),
    deploymentSpec: message({ executors: EXECUTORS }),
    root: COMPONENT,
  },
  ['pipelineInfo', 'schemaVersion', 'root'],
)

const PIPELINE_CONFIG = message({
  resourceTtlOnCompletion: numeric,
  resourceTtlOnSuccess: numeric,
  resourceTtlOnFailure: numeric,
  activeDeadlineSeconds: numeric,
  workspace: message({ size: text, kubernetes: message({ pvcSpecPatch: json }) }),
})

/** The second document. What stands under an executor's label is the platform's own. */
export const PLATFORMS: Rule = message(
  {
    platforms: mapOf(
      message({
        platform: text,
        config: json,
        deploymentSpec: message({ executors: mapOf(json) }),
        pipelineConfig: PIPELINE_CONFIG,
      }),
    ),
  },
  ['platforms'],
)
