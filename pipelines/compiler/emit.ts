import type { Json } from '../../components/definition/index.ts'
import type { ConditionGroup, Group, TaskChannel, TaskNode } from '../language/graph.ts'
import type { AnyPipeline } from '../language/pipeline.ts'
import type { ComponentSpec, DagOutputsSpec, ExecutorSpec, PipelineSpec, TaskSpec } from '../specification.ts'
import { artifactType, byRole, inputsSpec, outputsSpec, parameterType } from './interfaces.ts'
import { groupsOf, isGroup, type Member, membersOf } from './names.ts'
import { toCel } from './predicate.ts'
import { containerSpec, retryPolicy } from './resources.ts'
import { type Checked, channelName, crossing, inputsOf } from './sources.ts'

// Without a version: a release would otherwise make every committed file stale, and no back end reads it.
const SDK_VERSION = 'pressroom-ml'

/**
 * The specification of a checked graph.
 * @param parameters defaults in place of the pipeline's own
 */
export function emit(
  pipeline: AnyPipeline,
  checked: Checked,
  parameters?: Readonly<Record<string, Json>>,
): PipelineSpec {
  const { graph, names } = checked
  const { name, displayName, description, inputs } = pipeline
  const members = groupsOf(graph.root).flatMap(membersOf)
  const components = members.map(member => [
    names.get(member)!.component,
    isGroup(member) ? groupComponent(member, checked) : taskComponent(member, checked),
  ])
  const executors = graph.tasks.map((task): [string, ExecutorSpec] => {
    const { container, resources } = task.component
    return [
      names.get(task)!.executor!,
      { container: containerSpec(container, { ...resources, ...task.settings }) },
    ]
  })
  const rootInputs = inputsSpec(inputs, parameters)
  return {
    pipelineInfo: {
      name,
      ...(displayName && { displayName }),
      ...(description && { description }),
    },
    schemaVersion: '2.1.0',
    sdkVersion: SDK_VERSION,
    components: Object.fromEntries(components),
    deploymentSpec: { executors: Object.fromEntries(executors) },
    root: {
      ...(rootInputs && { inputDefinitions: rootInputs }),
      ...rootOutputs(checked),
    },
  }
}

function rootOutputs(checked: Checked): ComponentSpec {
  const { outputs } = checked.wiring
  const definitions = [...outputs].map(([name, channel]) => [name, channel.definition] as const)
  const outputDefinitions = outputsSpec(Object.fromEntries(definitions))
  const producer = (name: string) => {
    const channel = outputs.get(name) as TaskChannel
    return { producerSubtask: checked.names.get(channel.task)!.task, key: channel.name }
  }
  const selectors: DagOutputsSpec | undefined = byRole(
    definitions,
    (_, name) => {
      const { producerSubtask, key } = producer(name)
      return { valueFromParameter: { producerSubtask, outputParameterKey: key } }
    },
    (_, name) => {
      const { producerSubtask, key } = producer(name)
      return { artifactSelectors: [{ producerSubtask, outputArtifactKey: key }] }
    },
  )
  const tasks = dagTasks(checked.graph.root, checked)
  return {
    ...(outputDefinitions && { outputDefinitions }),
    dag: { tasks, ...(selectors && { outputs: selectors }) },
  }
}

function taskComponent(task: TaskNode, { names }: Checked): ComponentSpec {
  const inputDefinitions = inputsSpec(task.component.inputs)
  const outputDefinitions = outputsSpec(task.component.outputs)
  return {
    executorLabel: names.get(task)!.executor!,
    ...(inputDefinitions && { inputDefinitions }),
    ...(outputDefinitions && { outputDefinitions }),
  }
}

function groupComponent(group: ConditionGroup, checked: Checked): ComponentSpec {
  const inputDefinitions = byRole(
    crossing(group, checked).map(([name, channel]) => [name, channel.definition] as const),
    definition => ({ parameterType: parameterType(definition) }),
    definition => ({ artifactType: artifactType(definition) }),
  )
  const tasks = dagTasks(group, checked)
  return {
    ...(inputDefinitions && { inputDefinitions }),
    dag: Object.keys(tasks).length > 0 ? { tasks } : {},
  }
}

function dagTasks(group: Group, checked: Checked): Record<string, TaskSpec> {
  const tasks = membersOf(group).map((member): [string, TaskSpec] => {
    const spec = isGroup(member) ? groupTask(member, checked) : taskTask(member, checked)
    return [checked.names.get(member)!.task, spec]
  })
  return Object.fromEntries(tasks)
}

function taskTask(task: TaskNode, checked: Checked): TaskSpec {
  const { retry, displayName, cache = task.component.cacheable } = task.settings
  const { name, ...rest } = memberTask(task, checked)
  return {
    ...rest,
    taskInfo: { name: displayName ?? name },
    ...inputsOf(task, checked.wiring.sources.get(task)!, task.component.inputs, checked),
    cachingOptions: cache ? { enableCache: true } : {},
    ...(retry !== undefined && { retryPolicy: retryPolicy(retry) }),
  }
}

function groupTask(group: ConditionGroup, checked: Checked): TaskSpec {
  const channels = crossing(group, checked)
  const sources = new Map(channels.map(([name, channel]) => [name, { channel }]))
  const definitions = Object.fromEntries(channels.map(([name, channel]) => [name, channel.definition]))
  const { name, ...rest } = memberTask(group, checked)
  const predicate = checked.wiring.conditions.get(group)!
  return {
    ...rest,
    taskInfo: { name },
    ...inputsOf(group, sources, definitions, checked),
    triggerPolicy: { condition: toCel(predicate, channel => channelName(channel, checked)) },
  }
}

function memberTask(member: Member, { names, borders }: Checked) {
  const { task: name, component } = names.get(member)!
  const dependentTasks = [...borders.dependencies.get(member)!].map(other => names.get(other)!.task).sort()
  return {
    name,
    componentRef: { name: component },
    ...(dependentTasks.length > 0 && { dependentTasks }),
  }
}
