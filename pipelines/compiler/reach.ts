import type { Channel, Graph, Group, OneOfChannel, TaskNode } from '../language/graph.ts'
import { Reference } from '../language/references.ts'
import { baseOf, homeOf } from './channels.ts'
import type { Faults } from './faults.ts'
import { groupsOf, type Member, type MemberNames } from './names.ts'
import { describe } from './values.ts'

/** Tells which values and tasks a place in the graph can use, and reports those that it cannot. */
export class Reach {
  readonly #graph: Graph
  readonly #names: ReadonlyMap<Member, MemberNames>
  readonly #faults: Faults
  readonly #groups: ReadonlySet<Group>
  readonly #tasks: ReadonlySet<TaskNode>
  readonly #exits: ReadonlySet<TaskNode>
  readonly #sound = new Map<Channel, boolean>()

  constructor(graph: Graph, names: ReadonlyMap<Member, MemberNames>, faults: Faults) {
    this.#graph = graph
    this.#names = names
    this.#faults = faults
    this.#groups = new Set(groupsOf(graph.root))
    this.#tasks = new Set(graph.tasks)
    this.#exits = new Set(
      [...this.#groups].flatMap(group => (group.kind === 'exit-handler' ? [group.exit] : [])),
    )
  }

  /** Whether a value is there in a group. */
  value(channel: Channel, from: Group, where: string): boolean {
    const base = baseOf(channel)
    if (base.from === 'input') {
      if (base.inputs === this.#graph.inputs) return true
      const fix = 'make it an input of this pipeline'
      this.#faults.add(where, `uses "${base.name}" of another pipeline`, fix)
      return false
    }
    if (base.from === 'task') return this.task(base.task, from, where)
    const home = homeOf(base, this.#graph.root)
    if (!this.#groups.has(home)) {
      this.#faults.add(where, `uses "${base.name}" of another pipeline`, 'make it in this pipeline')
      return false
    }
    if (!contains(home, from)) {
      const [what, fix] = outside(outermost(home, from), `"${base.name}"`)
      this.#faults.add(where, what, fix)
      return false
    }
    return this.#isSound(base)
  }

  /** Whether a task is sure to have run, once, before a group. */
  task(task: TaskNode, from: Group, where: string): boolean {
    if (!this.#known(task, where)) return false
    if (contains(task.group, from)) return true
    const [what, fix] = outside(outermost(task.group, from), this.#names.get(task)!.task)
    this.#faults.add(where, what, fix)
    return false
  }

  /** Whether a group can wait for a task: all runs of it, when it stands in a loop. */
  wait(task: TaskNode, from: Group, where: string): boolean {
    if (!this.#known(task, where)) return false
    if (contains(task.group, from)) return true
    if (outermost(task.group, from).kind === 'for-loop') return true
    return this.task(task, from, where)
  }

  /** Whether a group belongs to this pipeline and stands where another can wait for it. */
  group(group: Group & { readonly parent: Group }, from: Group): boolean {
    return this.#groups.has(group) && contains(group.parent, from)
  }

  #known(task: TaskNode, where: string): boolean {
    if (!this.#tasks.has(task)) {
      this.#faults.add(where, `uses "${task.component.name}" of another pipeline`, 'call it in this pipeline')
      return false
    }
    if (!this.#exits.has(task)) return true
    const what = `uses ${this.#names.get(task)!.task}, which runs on exit, after all else`
    this.#faults.add(where, what, 'let nothing depend on an exit task')
    return false
  }

  /** Whether what a loop or a chain of branches hands out is made in it; asked once. */
  #isSound(channel: Channel): boolean {
    let sound = this.#sound.get(channel)
    if (sound === undefined) {
      this.#sound.set(channel, true)
      if (channel.from === 'collected') sound = this.#isMadeIn(channel.of, channel.loop)
      else if (channel.from === 'one-of') sound = this.#checkBranches(channel)
      else sound = true
      this.#sound.set(channel, sound)
    }
    return sound
  }

  #isMadeIn(channel: Channel, loop: Group): boolean {
    const home = homeOf(channel, this.#graph.root)
    if (
      channel.from !== 'item' &&
      channel.from !== 'field' &&
      channel.from !== 'input' &&
      contains(loop, home)
    ) {
      return this.#isSound(channel)
    }
    const what = `hands out "${channel.name}", which no task in it makes`
    const call = loop.kind === 'for-loop' ? 'each()' : 'when()'
    this.#faults.add(
      `${call} of ${this.#names.get(loop as Member)!.task}`,
      what,
      'return outputs of its tasks',
    )
    return false
  }

  #checkBranches({ branches, of, definition }: OneOfChannel): boolean {
    return of
      .map(({ branch, value }) => {
        const where = `when() of ${this.#names.get(branch)!.task}`
        if (!(value instanceof Reference)) {
          const what = `does not hand out what the first branch of ${this.#names.get(branches)!.task} does`
          this.#faults.add(where, what, 'return outputs of the same names from every branch')
          return false
        }
        const { channel } = value
        const given = channel.definition
        if (describe(given) !== describe(definition)) {
          const what = `hands out ${describe(given)} where the first branch hands out ${describe(definition)}`
          this.#faults.add(where, what, 'return outputs of the same kind from every branch')
          return false
        }
        const made = channel.from === 'task' || channel.from === 'collected' || channel.from === 'one-of'
        if (made && homeOf(channel, this.#graph.root) === branch) return this.#isSound(channel)
        const what = `hands out "${channel.name}", which no task directly in it makes`
        this.#faults.add(where, what, 'return outputs of its own tasks')
        return false
      })
      .every(Boolean)
  }
}

/** Whether a group is another or stands around it. */
export function contains(outer: Group, inner: Group): boolean {
  let group = inner
  while (group !== outer) {
    if (group.kind === 'pipeline') return false
    group = group.parent
  }
  return true
}

/** The outermost group around a place that is not also around another. */
function outermost(place: Group, other: Group): Group {
  let group = place
  while (group.kind !== 'pipeline' && !contains(group.parent, other)) group = group.parent
  return group
}

function outside(group: Group, name: string): readonly [what: string, fix: string] {
  switch (group.kind) {
    case 'for-loop':
      return [
        `uses ${name}, which is there once for each item of a loop`,
        'return it from the body of each()',
      ]
    case 'exit-handler':
      return [`uses ${name}, which may have failed`, 'move it into the onExit() that holds that task']
    default:
      return [`uses ${name}, which may never have run`, 'move it into the when() that holds that task']
  }
}
