import type { ParameterKind } from '../../components/definition/index.ts'
import { isValueName } from '../language/component.ts'
import type { Channel, ConditionGroup, ExitGroup, Graph, LoopGroup, TaskNode } from '../language/graph.ts'
import { Reference } from '../language/references.ts'
import { nodeOf } from '../language/task-handle.ts'
import { isUntyped, isWholeLiteral } from './channels.ts'
import { resolveCondition } from './conditions.ts'
import type { Faults } from './faults.ts'
import { resolveLoop } from './loops.ts'
import { groupsOf, type Member, type MemberNames } from './names.ts'
import type { Predicate } from './predicate.ts'
import { Reach } from './reach.ts'
import { TaskResolver } from './resolve-tasks.ts'
import type { Wiring } from './wiring.ts'

/** Checks what a pipeline's author wired, and brings it into one shape. */
export class Resolver {
  readonly #graph: Graph
  readonly #names: ReadonlyMap<Member, MemberNames>
  readonly #faults: Faults
  readonly #reach: Reach
  readonly #wanted = new Map<Channel, Set<ParameterKind>>()
  readonly #exits = new Map<TaskNode, ExitGroup>()
  readonly #predicates = new Map<unknown, Predicate | undefined>()

  constructor(graph: Graph, names: ReadonlyMap<Member, MemberNames>, faults: Faults) {
    this.#graph = graph
    this.#names = names
    this.#faults = faults
    this.#reach = new Reach(graph, names, faults)
  }

  resolve(): Wiring {
    const { root, tasks } = this.#graph
    const conditions = new Map<ConditionGroup, Predicate>()
    const lists = new Map<LoopGroup, Channel>()
    for (const group of groupsOf(root)) {
      if (group.kind === 'condition') {
        const predicate = this.#condition(group)
        if (predicate !== undefined) conditions.set(group, predicate)
      } else if (group.kind === 'for-loop') {
        const where = `each() of ${this.#name(group)}`
        const list = resolveLoop(group, where, this.#faults)
        if (list !== undefined && this.#reach.value(list, group.parent, where)) lists.set(group, list)
      } else if (group.kind === 'exit-handler') {
        this.#exits.set(group.exit, group)
        if (group.parent !== root) {
          const what = 'stands inside another group'
          this.#faults.add(
            `onExit() of ${this.#name(group)}`,
            what,
            'move it to the outermost level, or into a pipeline',
          )
        }
      }
    }
    const resolver = new TaskResolver({
      names: this.#names,
      faults: this.#faults,
      reach: this.#reach,
      exits: this.#exits,
      want: (channel, kind) => this.#want(channel, kind),
    })
    return {
      sources: new Map(tasks.map(task => [task, resolver.sources(task)])),
      used: new Map(tasks.map(task => [task, resolver.used(task)])),
      after: new Map(tasks.map(task => [task, resolver.after(task)])),
      conditions,
      lists,
      outputs: this.#outputs(),
      kinds: this.#kinds(),
    }
  }

  #condition(group: ConditionGroup): Predicate | undefined {
    const where = `when() of ${this.#name(group)}`
    // A chain's conditions are asked outside of it.
    const place = group.parent.kind === 'condition-branches' ? group.parent.parent : group.parent
    const resolve = (condition: unknown) => {
      if (this.#predicates.has(condition)) return this.#predicates.get(condition)
      const predicate = resolveCondition(condition, where, this.#faults, {
        reachable: channel => this.#reach.value(channel, place, where),
        want: (channel, kind) => {
          if (isUntyped(channel)) this.#want(channel, kind)
        },
      })
      // An else asks what earlier branches asked; a fault in it is reported once.
      if (group.parent.kind === 'condition-branches') this.#predicates.set(condition, predicate)
      return predicate
    }
    const own = group.condition === undefined && group.earlier.length > 0 ? [] : [resolve(group.condition)]
    const all = [
      ...group.earlier.map(condition => {
        const of = resolve(condition)
        return of && ({ kind: 'not', of } as const)
      }),
      ...own,
    ]
    const sound = all.filter(part => part !== undefined)
    if (sound.length < all.length) return undefined
    return sound.length === 1 ? sound[0] : { kind: 'and', of: sound }
  }

  #outputs(): ReadonlyMap<string, Channel> {
    const outputs = new Map<string, Channel>()
    const { returned, root } = this.#graph
    if (returned === undefined) return outputs
    if (
      typeof returned !== 'object' ||
      returned === null ||
      nodeOf(returned) ||
      returned instanceof Reference
    ) {
      this.#faults.add('return', 'is no object of outputs', 'return { name: task.output }')
      return outputs
    }
    for (const [name, value] of Object.entries(returned)) {
      const where = `return ${name}`
      if (!isValueName(name)) {
        this.#faults.add(where, 'is no name for an output', 'use letters, digits and _, a letter first')
      }
      if (!(value instanceof Reference) || value.channel.from === 'field') {
        this.#faults.add(where, 'is not the output of a task', 'return only outputs of tasks')
      } else if (value.channel.from === 'input') {
        this.#faults.add(where, "is the pipeline's own input", 'return only outputs of tasks')
      } else if (this.#reach.value(value.channel, root, where)) {
        outputs.set(name, value.channel)
      }
    }
    return outputs
  }

  #want(channel: Channel, kind: ParameterKind): void {
    if (!isUntyped(channel) && !isWholeLiteral(channel)) return
    const kinds = this.#wanted.get(channel)
    if (kinds === undefined) this.#wanted.set(channel, new Set([kind]))
    else kinds.add(kind)
  }

  /** Where they do not agree it is text, as in the Python SDK. */
  #kinds(): ReadonlyMap<Channel, ParameterKind> {
    return new Map(
      [...this.#wanted].flatMap(([channel, kinds]) => {
        return kinds.size === 1 ? [[channel, [...kinds][0]!] as const] : []
      }),
    )
  }

  #name(member: Member): string {
    return this.#names.get(member)!.task
  }
}
