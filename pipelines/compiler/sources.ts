import type { AnyArtifact, AnyParameter } from '../../components/definition/index.ts'
import type { Channel, Graph, Group, TaskNode } from '../language/graph.ts'
import type { TaskInputArtifact, TaskInputParameter, TaskInputsSpec } from '../specification.ts'
import type { Borders } from './borders.ts'
import { baseOf, type ChannelNames, definitionOf, homeOf, producerOf, selectorOf } from './channels.ts'
import type { Member, Names } from './names.ts'
import { expand } from './values.ts'
import type { Wiring } from './wiring.ts'

/** A graph with all that was found out about it; nothing in it is at fault. */
export interface Checked {
  readonly graph: Graph
  readonly names: Names
  readonly channels: ChannelNames
  readonly wiring: Wiring
  readonly borders: Borders
}

/** The inputs of a task: where each value is found in the DAG that it stands in. */
export function taskInputs(task: TaskNode, checked: Checked): { inputs?: TaskInputsSpec } {
  const { channels, wiring, borders, names } = checked
  const parameters: [string, TaskInputParameter][] = []
  const artifacts: [string, TaskInputArtifact][] = []
  const put = (name: string, channel: Channel) => {
    if (channel.definition.role === 'artifact')
      artifacts.push([name, artifactSource(channel, task.group, checked)])
    else parameters.push([name, parameterSource(channel, task.group, checked)])
  }
  for (const [name, source] of wiring.sources.get(task)!) {
    if ('channel' in source) put(name, source.channel)
    else if ('template' in source) {
      const constant = expand(source.template, channel => channels.inside(channel))
      parameters.push([name, { runtimeValue: { constant } }])
      for (const channel of source.channels) put(channels.inside(channel), channel)
    } else {
      const [upstream] = borders.dependencies.get(task)!
      const producer: Member = source.statusOf === 'upstream' ? upstream! : source.statusOf
      const producerTask = names.members.get(producer)!.task
      parameters.push([name, { taskFinalStatus: { producerTask } }])
    }
  }
  return inputsSpecOf(parameters, artifacts)
}

/** The inputs of a group's task: the values that come into it, under the names they have inside. */
export function groupInputs(group: Group & { parent: Group }, checked: Checked): { inputs?: TaskInputsSpec } {
  const parameters: [string, TaskInputParameter][] = []
  const artifacts: [string, TaskInputArtifact][] = []
  for (const [name, definition, channel] of crossing(group, checked)) {
    if (definition.role === 'artifact') artifacts.push([name, artifactSource(channel, group.parent, checked)])
    else parameters.push([name, parameterSource(channel, group.parent, checked)])
  }
  return inputsSpecOf(parameters, artifacts)
}

function inputsSpecOf(
  parameters: readonly [string, TaskInputParameter][],
  artifacts: readonly [string, TaskInputArtifact][],
): { inputs?: TaskInputsSpec } {
  if (parameters.length + artifacts.length === 0) return {}
  return {
    inputs: {
      ...(parameters.length > 0 && { parameters: Object.fromEntries(parameters) }),
      ...(artifacts.length > 0 && { artifacts: Object.fromEntries(artifacts) }),
    },
  }
}

/** Where the members of a DAG find a parameter. */
export function parameterSource(channel: Channel, dag: Group, checked: Checked): TaskInputParameter {
  const place = placeOf(channel, dag, checked)
  const source: TaskInputParameter =
    typeof place === 'string'
      ? { componentInputParameter: place }
      : { taskOutputParameter: { producerTask: place.task, outputParameterKey: place.output } }
  return channel.from === 'field' ? { ...source, parameterExpressionSelector: selectorOf(channel) } : source
}

function artifactSource(channel: Channel, dag: Group, checked: Checked): TaskInputArtifact {
  const place = placeOf(channel, dag, checked)
  return typeof place === 'string'
    ? { componentInputArtifact: place }
    : { taskOutputArtifact: { producerTask: place.task, outputArtifactKey: place.output } }
}

/** A value's place in a DAG: at a member of it, or under the name of an input of the DAG. */
function placeOf(
  channel: Channel,
  dag: Group,
  { names, channels, graph }: Checked,
): string | { readonly task: string; readonly output: string } {
  const base = baseOf(channel)
  const producer = producerOf(base)
  if (producer !== undefined && homeOf(base, graph.root) === dag) {
    return { task: names.members.get(producer)!.task, output: channels.key(base) }
  }
  return dag.kind === 'pipeline' ? base.name : channels.inside(base)
}

/** The values that come into a group, by the names they have inside. */
export function crossing(
  group: Group,
  { borders, channels, wiring }: Checked,
): readonly (readonly [string, AnyParameter | AnyArtifact, Channel])[] {
  return [...borders.inputs.get(group)!].map(channel => {
    return [channels.inside(channel), definitionOf(channel, wiring.kinds), channel] as const
  })
}
