import type { Channel, Graph, Group, TaskNode } from '../language/graph.ts'
import type { Faults } from './faults.ts'
import { groupOf, groupsOf, isGroup, type Member, type MemberNames, membersOf } from './names.ts'
import { channelsOf } from './predicate.ts'
import type { Wiring } from './resolve.ts'

/** What the groups of a graph make of its wiring: a DAG sees only its own inputs and its own members. */
export interface Borders {
  /** The values that come into each group from outside. */
  readonly inputs: ReadonlyMap<Group, ReadonlySet<Channel>>
  /** The members of its own DAG that each member waits for. */
  readonly dependencies: ReadonlyMap<Member, ReadonlySet<Member>>
}

/**
 * Draws the borders. As in the Python SDK, what a condition looks at also goes into every group inside its group, on
 * the way to every task, used there or not (`get_inputs_for_all_groups` of kfp/compiler/compiler_utils.py).
 */
export function drawBorders(graph: Graph, wiring: Wiring): Borders {
  const groups = groupsOf(graph.root)
  const inputs = new Map<Group, Set<Channel>>(groups.map(group => [group, new Set()]))
  const members = groups.flatMap(membersOf)
  const dependencies = new Map<Member, Set<Member>>(members.map(member => [member, new Set()]))

  /** Walks from a consumer out to where the value is at home, and lets it into every group on the way. */
  const bring = (channel: Channel, consumer: Member) => {
    const home = channel.from === 'task' ? channel.task.group : graph.root
    let member = consumer
    if (isGroup(member)) inputs.get(member)!.add(channel)
    for (let group = groupOf(member); group !== home && group.kind !== 'pipeline'; group = group.parent) {
      inputs.get(group)!.add(channel)
      member = group
    }
    if (channel.from === 'task') dependencies.get(member)!.add(channel.task)
  }
  const waitFor = (task: TaskNode, consumer: Member) => {
    let member = consumer
    while (groupOf(member) !== task.group) member = groupOf(member) as Member
    dependencies.get(member)!.add(task)
  }

  const guards = new Map<Group, readonly Channel[]>([[graph.root, []]])
  for (const group of groups) {
    if (group.kind === 'pipeline') continue
    const predicate = wiring.conditions.get(group)
    const own = predicate === undefined ? [] : channelsOf(predicate)
    guards.set(group, [...guards.get(group.parent)!, ...own])
    for (const channel of own) bring(channel, group)
  }
  for (const task of graph.tasks) {
    for (const channel of guards.get(task.group)!) bring(channel, task)
    for (const source of wiring.sources.get(task)!.values()) {
      if ('channel' in source) bring(source.channel, task)
    }
    for (const other of wiring.after.get(task)!) waitFor(other, task)
  }
  return { inputs, dependencies }
}

/** Reports the members that wait for themselves, by way of others. */
export function findCycles(
  dependencies: Borders['dependencies'],
  names: ReadonlyMap<Member, MemberNames>,
  faults: Faults,
): void {
  const done = new Set<Member>()
  for (const start of dependencies.keys()) {
    // An explicit stack: a chain of ten thousand tasks is deeper than JavaScript's own.
    const path: { member: Member; rest: Member[] }[] = []
    const onPath = new Set<Member>()
    const enter = (member: Member) => {
      path.push({ member, rest: [...dependencies.get(member)!] })
      onPath.add(member)
    }
    if (!done.has(start)) enter(start)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.pop()
      if (next === undefined) {
        path.pop()
        onPath.delete(top.member)
        done.add(top.member)
      } else if (onPath.has(next)) {
        const members = path.map(step => step.member)
        const way = members.slice(members.indexOf(next) + 1).map(member => names.get(member)!.task)
        const what = way.length === 0 ? 'waits for itself' : `waits for itself by way of ${way.join(', ')}`
        faults.add(`${names.get(next)!.task}.after()`, what, 'drop one after()')
      } else if (!done.has(next)) {
        enter(next)
      }
    }
  }
}
