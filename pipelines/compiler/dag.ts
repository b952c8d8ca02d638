import type { Json } from '../../components/definition/index.ts'
import type { Group, InnerGroup, LoopGroup, TaskNode } from '../language/graph.ts'
import { pythonJson } from '../language/python-json.ts'
import type { DagOutputArtifact, DagOutputParameter, DagOutputsSpec, TaskSpec } from '../specification.ts'
import type { Surfaced } from './borders.ts'
import { definitionOf, listOf } from './channels.ts'
import { byRole } from './interfaces.ts'
import { isGroup, type Member, membersOf } from './names.ts'
import { toCel } from './predicate.ts'
import { retryPolicy } from './resources.ts'
import { type Checked, groupInputs, taskInputs } from './sources.ts'

/** Where a DAG's outputs come from. */
export function dagOutputs(
  outputs: readonly (readonly [string, Surfaced])[],
  { names }: Checked,
): { outputs?: DagOutputsSpec } {
  const surfaced = new Map(outputs)
  const specs: DagOutputsSpec | undefined = byRole(
    outputs.map(([name, { definition }]) => [name, definition] as const),
    (_, name): DagOutputParameter => {
      const { selectors, oneOf } = surfaced.get(name)!
      const parameterSelectors = selectors.map(({ producer, key }) => ({
        producerSubtask: names.members.get(producer)!.task,
        outputParameterKey: key,
      }))
      return oneOf
        ? { valueFromOneof: { parameterSelectors } }
        : { valueFromParameter: parameterSelectors[0]! }
    },
    (_, name): DagOutputArtifact => ({
      artifactSelectors: surfaced.get(name)!.selectors.map(({ producer, key }) => ({
        producerSubtask: names.members.get(producer)!.task,
        outputArtifactKey: key,
      })),
    }),
  )
  return specs === undefined ? {} : { outputs: specs }
}

/** The tasks of a group's DAG: its members, and of the outermost one those that run on exit. */
export function dagTasks(group: Group, checked: Checked): Record<string, TaskSpec> {
  const exits =
    group.kind === 'pipeline'
      ? group.groups.flatMap(member => (member.kind === 'exit-handler' ? [member.exit] : []))
      : []
  const onExit = new Set<Member>(exits)
  const tasks = [...membersOf(group), ...exits].map((member): [string, TaskSpec] => {
    const spec = isGroup(member) ? groupTask(member, checked) : taskTask(member, checked, onExit.has(member))
    return [checked.names.members.get(member)!.task, spec]
  })
  return Object.fromEntries(tasks)
}

function taskTask(task: TaskNode, checked: Checked, isExit: boolean): TaskSpec {
  const {
    retry,
    displayName,
    cacheKey,
    ignoreUpstreamFailure,
    cache = task.component.cacheable,
  } = task.settings
  const { name, ...rest } = memberTask(task, checked)
  return {
    ...rest,
    taskInfo: { name: displayName ?? name },
    ...taskInputs(task, checked),
    cachingOptions: { ...(cache && { enableCache: true }), ...(cacheKey && { cacheKey }) },
    ...((isExit || ignoreUpstreamFailure) && { triggerPolicy: { strategy: 'ALL_UPSTREAM_TASKS_COMPLETED' } }),
    ...(retry !== undefined && { retryPolicy: retryPolicy(retry) }),
  }
}

function groupTask(group: InnerGroup, checked: Checked): TaskSpec {
  const { name, ...rest } = memberTask(group, checked)
  const { channels, wiring } = checked
  return {
    ...rest,
    taskInfo: { name: group.displayName ?? name },
    ...groupInputs(group, checked),
    ...(group.kind === 'condition' && {
      triggerPolicy: {
        condition: toCel(wiring.conditions.get(group)!, {
          nameOf: channel => channels.inside(channel),
          kindOf: channel => {
            const definition = definitionOf(channel, wiring.kinds)
            return definition.role === 'parameter' ? definition.kind : undefined
          },
        }),
      },
    }),
    ...(group.kind === 'for-loop' && iteration(group, checked)),
  }
}

/** How a loop's task goes over its items (`_update_task_spec_for_loop_group` of kfp/compiler/pipeline_spec_builder.py). */
function iteration(group: LoopGroup, { channels }: Checked): Partial<TaskSpec> {
  const { item, items, parallelism = 0 } = group
  const { definition } = item
  const itemInput = channels.inside(item)
  const list = listOf(item)
  const policy = { ...(parallelism > 0 && { iteratorPolicy: { parallelismLimit: parallelism } }) }
  if (definition.role === 'artifact') {
    return { ...policy, artifactIterator: { itemInput, items: { inputArtifact: channels.inside(list!) } } }
  }
  const doubles = definition.kind === 'number'
  return {
    ...policy,
    parameterIterator: {
      itemInput,
      items:
        list === undefined
          ? { raw: pythonJson(items as Json, { sorted: true, doubles }) }
          : { inputParameter: channels.inside(list) },
    },
  }
}

function memberTask(member: Member, { names, borders }: Checked) {
  const { task: name, component } = names.members.get(member)!
  const dependentTasks = [...borders.dependencies.get(member)!]
    .map(other => names.members.get(other)!.task)
    .sort()
  return {
    name,
    componentRef: { name: component },
    ...(dependentTasks.length > 0 && { dependentTasks }),
  }
}
