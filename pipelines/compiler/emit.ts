import type { AnyArtifact, AnyParameter, Json } from '../../components/definition/index.ts'
import type { Component, Container, InnerGroup, TaskNode } from '../language/graph.ts'
import type { AnyPipeline } from '../language/pipeline.ts'
import type {
  ComponentSpec,
  ContainerSpec,
  ExecutorSpec,
  PipelineSpec,
  PlatformSpec,
} from '../specification.ts'
import type { Surfaced } from './borders.ts'
import { definitionOf, producerOf } from './channels.ts'
import { dagOutputs, dagTasks } from './dag.ts'
import { artifactShape, byRole, inputsSpec, outputsSpec, parameterType } from './interfaces.ts'
import { type Merged, mergeInner } from './merge.ts'
import { allMembersOf, isGroup } from './names.ts'
import { pipelineConfig, taskPlatform } from './platform.ts'
import { remembered } from './remembered.ts'
import { containerSettings, containerSpec } from './resources.ts'
import { type Checked, crossing } from './sources.ts'

// Without a version: a release would otherwise make every committed file stale, and no back end reads it.
const SDK_VERSION = 'pressroom-ml'

/** A compiled pipeline: the first document of its file, and the second where it needs one. */
export interface Documents {
  readonly spec: PipelineSpec
  readonly platform?: PlatformSpec
}

/**
 * The documents of a checked graph.
 * @param inner those of the pipelines that it calls
 * @param parameters defaults in place of the pipeline's own
 */
export function emit(
  pipeline: AnyPipeline,
  checked: Checked,
  inner: ReadonlyMap<TaskNode, Documents>,
  parameters?: Readonly<Record<string, Json>>,
): Documents {
  const { graph, names } = checked
  const { name, displayName, description, inputs } = pipeline
  const components: [string, ComponentSpec][] = []
  const executors: [string, ExecutorSpec][] = []
  const platforms: [string, Readonly<Record<string, Json>>][] = []
  // One object for all the tasks of a component: made once, and written once.
  const interfaceFor = remembered(componentInterface)
  const containerFor = remembered((container: Container) => containerSpec(container))
  for (const member of allMembersOf(graph.root)) {
    const label = names.members.get(member)!
    if (isGroup(member)) {
      components.push([label.component, groupComponent(member, checked)])
      continue
    }
    const documents = inner.get(member)
    if (documents === undefined) {
      components.push([label.component, taskComponent(member, checked, interfaceFor)])
      executors.push([label.executor!, executorSpec(member, checked, containerFor)])
      const platform = taskPlatform(member, checked)
      if (platform !== undefined) platforms.push([label.executor!, platform])
      continue
    }
    const merged: Merged = mergeInner(documents, names.renamed.get(member)!)
    components.push(...merged.components, [label.component, merged.root])
    executors.push(...merged.executors)
    platforms.push(...merged.platforms)
  }
  const rootInputs = inputsSpec(inputs, parameters)
  const config = pipelineConfig(pipeline)
  // A pipeline called as a task brings its second document along, be it empty without its own configuration.
  const told = [...inner.values()].some(({ platform }) => platform !== undefined)
  return {
    spec: {
      pipelineInfo: {
        name,
        ...(displayName && { displayName }),
        ...(description && { description }),
      },
      schemaVersion: '2.1.0',
      sdkVersion: SDK_VERSION,
      ...(pipeline.root !== undefined && { defaultPipelineRoot: pipeline.root }),
      components: Object.fromEntries(components),
      deploymentSpec: { executors: Object.fromEntries(executors) },
      root: {
        ...(rootInputs && { inputDefinitions: rootInputs }),
        ...rootDag(checked, pipeline.outputs),
      },
    },
    ...((platforms.length > 0 || config !== undefined || told) && {
      platform: {
        platforms: {
          kubernetes: {
            ...(platforms.length > 0 && { deploymentSpec: { executors: Object.fromEntries(platforms) } }),
            ...(config && { pipelineConfig: config }),
          },
        },
      },
    }),
  }
}

/** @param help what the pipeline's outputs are; what a task says of its own output is not said of the pipeline's */
function rootDag(checked: Checked, help: Readonly<Record<string, string>> = {}): ComponentSpec {
  const outputs = [...checked.wiring.outputs].map(([name, channel]): [string, Surfaced] => {
    const selectors = [{ producer: producerOf(channel)!, key: checked.channels.key(channel) }]
    return [name, { definition: channel.definition, selectors, oneOf: false }]
  })
  const definitions = outputsSpec(
    Object.fromEntries(
      outputs.map(([name, { definition }]) => {
        const { choices: _choices, ...plain } = { choices: undefined, ...definition }
        return [name, help[name] === undefined ? { ...plain, help: '' } : { ...definition, help: help[name] }]
      }),
    ),
  )
  const tasks = dagTasks(checked.graph.root, checked)
  return {
    ...(definitions && { outputDefinitions: definitions }),
    dag: { tasks, ...dagOutputs(outputs, checked) },
  }
}

function taskComponent(
  task: TaskNode,
  { names }: Checked,
  interfaceFor: typeof componentInterface,
): ComponentSpec {
  const { component } = task
  const { body } = component
  const passthroughs = body.kind === 'container' ? body.container.passthroughs : undefined
  return {
    executorLabel: names.members.get(task)!.executor!,
    ...interfaceFor(component),
    ...(passthroughs !== undefined && { taskConfigPassthroughs: passthroughs }),
  }
}

function componentInterface({ inputs, outputs }: Component): Partial<ComponentSpec> {
  const inputDefinitions = inputsSpec(inputs)
  const outputDefinitions = outputsSpec(outputs)
  return { ...(inputDefinitions && { inputDefinitions }), ...(outputDefinitions && { outputDefinitions }) }
}

function executorSpec(
  task: TaskNode,
  { channels }: Checked,
  containerFor: (container: Container) => ContainerSpec,
): ExecutorSpec {
  const { body, resources } = task.component
  if (body.kind === 'importer') return { importer: body.importer }
  if (body.kind !== 'container') throw new TypeError(`${body.kind} has no executor`)
  const own = { ...resources, ...containerSettings(task.settings) }
  const container =
    Object.keys(own).length === 0
      ? containerFor(body.container)
      : containerSpec(body.container, own, channel => channels.inside(channel))
  return { container }
}

function groupComponent(group: InnerGroup, checked: Checked): ComponentSpec {
  const inputs: (readonly [string, AnyParameter | AnyArtifact])[] = crossing(group, checked).map(
    ([name, definition]) => [name, definition],
  )
  if (group.kind === 'for-loop') {
    inputs.push([checked.channels.inside(group.item), definitionOf(group.item, checked.wiring.kinds)])
  }
  const outputs = [...checked.borders.outputs.get(group)!]
  const inputDefinitions = interfaceOf(inputs)
  const outputDefinitions = interfaceOf(outputs.map(([name, { definition }]) => [name, definition]))
  const tasks = dagTasks(group, checked)
  return {
    ...(inputDefinitions && { inputDefinitions }),
    ...(outputDefinitions && { outputDefinitions }),
    dag: { ...(Object.keys(tasks).length > 0 && { tasks }), ...dagOutputs(outputs, checked) },
  }
}

/** Types alone: what a group passes on is described where it comes from. */
function interfaceOf(definitions: readonly (readonly [string, AnyParameter | AnyArtifact])[]) {
  return byRole(
    definitions,
    definition => ({ parameterType: parameterType(definition) }),
    definition => artifactShape(definition),
  )
}
