import type { Channel, ConditionGroup, Graph, Group, PipelineInputs } from '../language/graph.ts'
import type { TaskInputArtifact, TaskInputParameter, TaskInputsSpec } from '../specification.ts'
import type { Borders } from './borders.ts'
import { byRole } from './interfaces.ts'
import { groupOf, type Member, type MemberNames } from './names.ts'
import type { Source, Wiring } from './resolve.ts'

/** A graph with all that was found out about it; nothing in it is at fault. */
export interface Checked {
  readonly graph: Graph
  readonly names: ReadonlyMap<Member, MemberNames>
  readonly wiring: Wiring
  readonly borders: Borders
}

/** The inputs of a member's task: where each value is found in the DAG that the member stands in. */
export function inputsOf(
  member: Member,
  sources: ReadonlyMap<string, Source>,
  definitions: PipelineInputs,
  checked: Checked,
): { inputs?: TaskInputsSpec } {
  const dag = groupOf(member)
  const inputs: TaskInputsSpec | undefined = byRole(
    [...sources.keys()].map(name => [name, definitions[name]!] as const),
    (_, name): TaskInputParameter => {
      const source = sources.get(name)!
      if ('constant' in source) return { runtimeValue: { constant: source.constant } }
      const place = placeOf(source.channel, dag, checked)
      return typeof place === 'string'
        ? { componentInputParameter: place }
        : { taskOutputParameter: { producerTask: place.task, outputParameterKey: place.output } }
    },
    (_, name): TaskInputArtifact => {
      const { channel } = sources.get(name) as { channel: Channel }
      const place = placeOf(channel, dag, checked)
      return typeof place === 'string'
        ? { componentInputArtifact: place }
        : { taskOutputArtifact: { producerTask: place.task, outputArtifactKey: place.output } }
    },
  )
  return inputs === undefined ? {} : { inputs }
}

/** Where the members of a DAG find a value: at a member beside them, or under the name of an input of the DAG. */
function placeOf(
  channel: Channel,
  dag: Group,
  checked: Checked,
): string | { readonly task: string; readonly output: string } {
  if (channel.from === 'task' && channel.task.group === dag) {
    return { task: checked.names.get(channel.task)!.task, output: channel.name }
  }
  return dag.kind === 'pipeline' ? channel.name : channelName(channel, checked)
}

/** The values that come into a group, by the names they have inside. */
export function crossing(group: ConditionGroup, checked: Checked): readonly (readonly [string, Channel])[] {
  return [...checked.borders.inputs.get(group)!].map(channel => [channelName(channel, checked), channel])
}

/** A value's name inside groups (`additional_input_name_for_pipeline_channel` of kfp/compiler/compiler_utils.py). */
export function channelName(channel: Channel, { names }: Checked): string {
  const stem = channel.from === 'task' ? `${names.get(channel.task)!.task}-` : ''
  return `pipelinechannel--${stem}${channel.name}`
}
