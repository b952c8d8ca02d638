import type { Graph, Group, InnerGroup, TaskNode } from '../language/graph.ts'
import type { Faults } from './faults.ts'

/** What stands in a DAG: a task, or a group seen from outside. */
export type Member = TaskNode | InnerGroup

export interface MemberNames {
  /** Unique among tasks, and among the members of its DAG. */
  readonly task: string
  readonly component: string
  /** A group has none. */
  readonly executor: string | undefined
}

/** Whether a member is a group. */
export function isGroup(member: Member): member is InnerGroup {
  return 'kind' in member
}

/** The group whose DAG a member stands in. */
export function groupOf(member: Member): Group {
  return isGroup(member) ? member.parent : member.group
}

/** The members of a group's DAG in the order in which the Python SDK builds them: groups first. */
export function membersOf(group: Group): readonly Member[] {
  return [...group.groups, ...group.tasks]
}

/** A group and all groups inside it, parents first. */
export function groupsOf(group: Group): readonly Group[] {
  return [group, ...group.groups.flatMap(groupsOf)]
}

/** A name in the letters Kubernetes takes, empty when nothing is left (`maybe_rename_for_k8s` of kfp/dsl/utils.py). */
function sanitise(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^-0-9a-z]+/g, '-')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '')
}

/**
 * Gives out names as the Python SDK does, so that files compiled by either agree: tasks in the order of their calls,
 * components and executors in the order in which they are built, a repeated name with `-2`, `-3`, …, groups numbered by
 * one counter. Where the SDK lets a task and a group of one DAG share a name, the task goes on counting.
 */
export function nameMembers(graph: Graph, faults: Faults): ReadonlyMap<Member, MemberNames> {
  const groups = groupsOf(graph.root)
  const taskNames = new Map<Member, string>()
  const siblings = new Map<Group, Set<string>>(groups.map(group => [group, new Set()]))
  for (const [index, group] of groups.entries()) {
    if (group.kind === 'pipeline') continue
    const name = `${group.kind}-${index}`
    taskNames.set(group, name)
    siblings.get(group.parent)!.add(name)
  }
  const tasks = new UniqueNames()
  for (const task of graph.tasks) {
    const stem = sanitise(task.component.name)
    if (stem === '') {
      faults.add(
        JSON.stringify(task.component.name),
        'is no name for a task',
        'use letters, digits and dashes',
      )
    }
    taskNames.set(task, tasks.next(stem, siblings.get(task.group)!))
  }
  const components = new UniqueNames()
  const executors = new UniqueNames()
  const names = new Map<Member, MemberNames>()
  for (const member of groups.flatMap(membersOf)) {
    const task = taskNames.get(member)!
    names.set(member, {
      task,
      component: components.next(`comp-${task}`),
      executor: isGroup(member) ? undefined : executors.next(`exec-${task}`),
    })
  }
  return names
}

/** Hands out each name once. */
class UniqueNames {
  readonly #taken = new Set<string>()
  /** The last number given to a stem, so that ten thousand tasks of one name do not count from 2 each. */
  readonly #last = new Map<string, number>()

  next(stem: string, alsoTaken: ReadonlySet<string> = new Set()): string {
    let number = this.#last.get(stem) ?? 1
    let name = number === 1 ? stem : `${stem}-${number}`
    while (this.#taken.has(name) || alsoTaken.has(name)) name = `${stem}-${++number}`
    this.#taken.add(name)
    this.#last.set(stem, number)
    return name
  }
}
