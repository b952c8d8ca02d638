import type { Graph, Group, InnerGroup, TaskNode } from '../language/graph.ts'
import type { PipelineSpec } from '../specification.ts'
import type { Faults } from './faults.ts'

/** What stands in a DAG: a task, or a group seen from outside. */
export type Member = TaskNode | InnerGroup

export interface MemberNames {
  /** Unique among tasks, and among the members of its DAG. */
  readonly task: string
  readonly component: string
  /** Groups and pipelines have none. */
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

/** Every member of every DAG in the order in which the Python SDK builds them: exit tasks come last. */
export function allMembersOf(root: Group): readonly Member[] {
  const groups = groupsOf(root)
  const exits = groups.flatMap(group => (group.kind === 'exit-handler' ? [group.exit] : []))
  return [...groups.flatMap(membersOf), ...exits]
}

/** A name in the letters Kubernetes takes, empty when nothing is left (`maybe_rename_for_k8s` of kfp/dsl/utils.py). */
function sanitise(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^-0-9a-z]+/g, '-')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '')
}

/** The names of a graph. */
export interface Names {
  readonly members: ReadonlyMap<Member, MemberNames>
  /** New names for what comes in with a pipeline that is called as a task. */
  readonly renamed: ReadonlyMap<TaskNode, Renaming>
}

/** New names by old ones; what is not in it keeps its name. */
export interface Renaming {
  readonly components: ReadonlyMap<string, string>
  readonly executors: ReadonlyMap<string, string>
}

/**
 * Gives out names as the Python SDK does, so that files compiled by either agree: tasks in the order of their calls,
 * components and executors in the order in which they are built, a repeated name with `-2`, `-3`, …, groups by their
 * numbers. Where the SDK lets a task and a group of one DAG share a name, the task goes on counting.
 * @param inner the specifications of the pipelines that are called as tasks; their components come in before their own
 */
export function nameMembers(graph: Graph, inner: ReadonlyMap<TaskNode, PipelineSpec>, faults: Faults): Names {
  const taskNames = nameTasks(graph, faults)
  const components = new UniqueNames()
  const executors = new UniqueNames()
  const members = new Map<Member, MemberNames>()
  const renamed = new Map<TaskNode, Renaming>()
  for (const member of allMembersOf(graph.root)) {
    const task = taskNames.get(member)!
    const spec = isGroup(member) ? undefined : inner.get(member)
    if (spec !== undefined) {
      renamed.set(member as TaskNode, {
        executors: executors.admit(Object.keys(spec.deploymentSpec?.executors ?? {})),
        components: components.admit(Object.keys(spec.components ?? {})),
      })
    }
    members.set(member, {
      task,
      executor: isGroup(member) || spec !== undefined ? undefined : executors.next(`exec-${task}`),
      component: components.next(`comp-${task}`),
    })
  }
  return { members, renamed }
}

function nameTasks(graph: Graph, faults: Faults): ReadonlyMap<Member, string> {
  const names = new Map<Member, string>()
  const siblings = new Map<Group, Set<string>>([[graph.root, new Set()]])
  for (const group of groupsOf(graph.root)) {
    if (group.kind === 'pipeline') continue
    const name = `${group.kind}-${group.id}`
    names.set(group, name)
    siblings.set(group, new Set())
    siblings.get(group.parent)!.add(name)
  }
  const tasks = new UniqueNames()
  for (const task of graph.tasks) {
    const stem = sanitise(task.component.name)
    if (stem === '') {
      const fix = 'use letters, digits and dashes'
      faults.add(JSON.stringify(task.component.name), 'is no name for a task', fix)
    }
    names.set(task, tasks.next(stem, siblings.get(task.group)!))
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

  /**
   * Takes in names that are unique among themselves; those already taken get new ones. The Python SDK does so in an order
   * that changes from run to run, and may let two tasks share an executor; here what can stay stays.
   */
  admit(names: readonly string[]): ReadonlyMap<string, string> {
    const own = new Set(names)
    const clashing = names.filter(name => this.#taken.has(name))
    for (const name of names) this.#taken.add(name)
    return new Map(clashing.map(name => [name, this.next(name, own)]))
  }
}
