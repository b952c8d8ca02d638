import { isDeepStrictEqual } from 'node:util'
import {
  type AnyArtifact,
  type AnyParameter,
  ARTIFACT_SCHEMAS,
  type ArtifactType,
} from '../../../components/definition/index.ts'
import type { Component, ComponentBody, PipelineInputs } from '../../language/graph.ts'
import { KINDS } from '../../parameter-types.ts'
import type {
  ComponentSpec,
  ExecutorSpec,
  InputArtifactSpec,
  InputParameterSpec,
  ParameterType,
} from '../../specification.ts'
import type { LoadedFile } from './index.ts'

const SPECIAL: Partial<Record<ParameterType, 'final-status' | 'task-config'>> = {
  TASK_FINAL_STATUS: 'final-status',
  TASK_CONFIG: 'task-config',
}

const ARTIFACT_TYPES = new Map<string, ArtifactType>(
  Object.entries(ARTIFACT_SCHEMAS).map(([type, title]) => [title, type as ArtifactType]),
)

/** What a file offers to whoever calls it: its root's inputs and outputs. */
export interface Interface {
  readonly inputs: PipelineInputs
  readonly outputs: Readonly<Record<string, AnyParameter | AnyArtifact>>
}

/** The interface of a loaded file. A description is a definition's help, empty when there is none. */
export function interfaceOf({ spec }: LoadedFile): Interface {
  const { inputDefinitions: inputs, outputDefinitions: outputs } = spec.root
  return {
    inputs: definitionsOf(inputs?.parameters, inputs?.artifacts),
    outputs: definitionsOf(outputs?.parameters, outputs?.artifacts),
  }
}

/**
 * A loaded file as a component. A pipeline is folded whole into the one that calls it. A component's file is a pipeline
 * of one task that only passes on: its container becomes the task itself, as the Python SDK does.
 */
export function componentOfFile(file: LoadedFile): Component {
  const described = interfaceOf(file)
  const { spec, platform } = file
  const single = singleContainer(file)
  // The SDK keeps no descriptions of a component that becomes a task; a pipeline's file is folded in as it is.
  const inputs = single ? withoutHelp(described.inputs) : described.inputs
  const outputs = single ? withoutHelp(described.outputs) : described.outputs
  const body: ComponentBody = single
    ? { kind: 'container', container: single.container }
    : { kind: 'compiled', spec, platform }
  return {
    name: spec.pipelineInfo.name,
    inputs,
    secrets: new Map(),
    outputs,
    body,
    resources: single?.resources ?? {},
    cacheable: single?.cached ?? true,
  }
}

function withoutHelp<T extends AnyParameter | AnyArtifact>(
  definitions: Readonly<Record<string, T>>,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(definitions).map(([name, each]) => [name, { ...each, help: '' }]))
}

function definitionsOf(
  parameters: Readonly<Record<string, InputParameterSpec>> = {},
  artifacts: Readonly<Record<string, InputArtifactSpec>> = {},
): PipelineInputs {
  return Object.fromEntries([
    ...Object.entries(parameters).map(([name, spec]) => [name, parameterOf(spec)] as const),
    ...Object.entries(artifacts).map(([name, spec]) => [name, artifactOf(spec)] as const),
  ])
}

function parameterOf(spec: InputParameterSpec): AnyParameter {
  const { parameterType, defaultValue, isOptional, description = '', literals } = spec
  const special = SPECIAL[parameterType]
  const choices = literals?.every(value => typeof value === 'string') ? (literals as string[]) : undefined
  const presence = defaultValue !== undefined ? 'defaulted' : isOptional ? 'optional' : 'required'
  return {
    role: 'parameter',
    // What only an orchestrator fills in is a struct to whoever looks at it.
    kind: KINDS[parameterType] ?? 'struct',
    presence,
    help: description,
    ...(defaultValue !== undefined && { default: defaultValue }),
    ...(choices && { choices, enforced: true as const }),
    ...(special && { special }),
  }
}

function artifactOf({
  artifactType,
  isArtifactList,
  isOptional,
  description = '',
}: InputArtifactSpec): AnyArtifact {
  const { schemaTitle, schemaVersion = '0.0.1' } = artifactType
  return {
    role: 'artifact',
    type: ARTIFACT_TYPES.get(schemaTitle) ?? (schemaTitle as ArtifactType),
    presence: isOptional ? 'optional' : 'required',
    help: description,
    ...(isArtifactList && { list: true as const }),
    ...(schemaVersion !== '0.0.1' && { schemaVersion }),
  }
}

/**
 * The container of a component's file, or undefined for a pipeline. The SDK goes by names alone (`from_ir_dicts` of
 * kfp/dsl/structures.py) and so mistakes a pipeline for the task in it that has its name; here nothing else may be in it.
 */
function singleContainer({ spec, platform }: LoadedFile) {
  const { root, components = {}, deploymentSpec, pipelineInfo } = spec
  const [[, task] = [], ...others] = Object.entries(root.dag?.tasks ?? {})
  if (task === undefined || others.length > 0 || platform !== undefined) return undefined
  const { taskInfo, componentRef, cachingOptions = {}, inputs = {}, ...rest } = task
  const component = components[componentRef.name]
  const label = component?.executorLabel
  if (component === undefined || label === undefined || Object.keys(rest).length > 0) return undefined
  const { executorLabel: _label, ...own } = component
  const { dag: _dag, ...outer } = root
  const passesOn =
    componentRef.name === `comp-${pipelineInfo.name}` &&
    label === `exec-${pipelineInfo.name}` &&
    isDeepStrictEqual(kindsOf(own), kindsOf(outer)) &&
    isDeepStrictEqual([inputs.parameters ?? {}, inputs.artifacts ?? {}], inputsPassedOn(own)) &&
    isDeepStrictEqual(root.dag?.outputs ?? {}, outputsPassedOn(own, taskInfo.name))
  if (!passesOn || cachingOptions.cacheKey !== undefined) return undefined
  const container = plainContainer(deploymentSpec?.executors[label])
  return container && { ...container, cached: cachingOptions.enableCache === true }
}

function inputsPassedOn({ inputDefinitions }: ComponentSpec) {
  const { parameters = {}, artifacts = {} } = inputDefinitions ?? {}
  return [
    Object.fromEntries(Object.keys(parameters).map(name => [name, { componentInputParameter: name }])),
    Object.fromEntries(Object.keys(artifacts).map(name => [name, { componentInputArtifact: name }])),
  ]
}

function outputsPassedOn({ outputDefinitions }: ComponentSpec, producerSubtask: string) {
  const { parameters, artifacts } = outputDefinitions ?? {}
  const parameterOutputs = Object.keys(parameters ?? {}).map(key => {
    return [key, { valueFromParameter: { producerSubtask, outputParameterKey: key } }]
  })
  const artifactOutputs = Object.keys(artifacts ?? {}).map(key => {
    return [key, { artifactSelectors: [{ producerSubtask, outputArtifactKey: key }] }]
  })
  return {
    ...(parameters && { parameters: Object.fromEntries(parameterOutputs) }),
    ...(artifacts && { artifacts: Object.fromEntries(artifactOutputs) }),
  }
}

/**
 * A component without what its callers need not agree on. Its root may have defaults that the component has not: they
 * count, since the file is called by its root.
 */
function kindsOf({ inputDefinitions = {}, outputDefinitions = {}, ...rest }: ComponentSpec): object {
  const bare = (definitions: Readonly<Record<string, object>> = {}) => {
    const entries = Object.entries<Partial<InputParameterSpec>>(definitions).map(([name, definition]) => {
      const {
        defaultValue: _default,
        isOptional: _optional,
        description: _help,
        literals: _literals,
        ...kind
      } = definition
      return [name, kind]
    })
    return Object.fromEntries(entries)
  }
  return {
    inputs: [bare(inputDefinitions.parameters), bare(inputDefinitions.artifacts)],
    outputs: [bare(outputDefinitions.parameters), bare(outputDefinitions.artifacts)],
    rest,
  }
}

/** The parts of an executor that a task can be given one by one; undefined when it has others. */
function plainContainer(executor: ExecutorSpec | undefined) {
  if (executor?.container === undefined) return undefined
  const { image, command, args, env, resources = {}, ...rest } = executor.container
  const { cpuLimit, memoryLimit, resourceCpuLimit, resourceMemoryLimit, ...others } = resources
  if (Object.keys({ ...rest, ...others }).length > 0) return undefined
  const written = (plain: unknown, quantity: unknown) => (plain === undefined) === (quantity === undefined)
  if (!written(cpuLimit, resourceCpuLimit) || !written(memoryLimit, resourceMemoryLimit)) return undefined
  return {
    container: {
      image,
      ...(command && { command }),
      ...(args && { args }),
      ...(env && { env: Object.fromEntries(env.map(({ name, value = '' }) => [name, value])) }),
    },
    resources: {
      ...(resourceCpuLimit !== undefined && { cpu: resourceCpuLimit }),
      ...(resourceMemoryLimit !== undefined && { memory: resourceMemoryLimit }),
    },
  }
}
