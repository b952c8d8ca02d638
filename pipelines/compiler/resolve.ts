import type { AnyArtifact, AnyParameter, Json } from '../../components/definition/index.ts'
import { isValueName } from '../language/component.ts'
import type { Channel, ConditionGroup, Graph, Group, TaskNode } from '../language/graph.ts'
import { nodeOf } from '../language/recording.ts'
import { Reference } from '../language/references.ts'
import { resolveCondition } from './conditions.ts'
import type { Faults } from './faults.ts'
import { groupsOf, type Member, type MemberNames } from './names.ts'
import type { Predicate } from './predicate.ts'
import { channelFault, literalFault } from './values.ts'

/** What an input is fed from. */
export type Source = { readonly channel: Channel } | { readonly constant: Json }

/** A graph whose every value was checked; what had a fault is left out of it. */
export interface Wiring {
  readonly sources: ReadonlyMap<TaskNode, ReadonlyMap<string, Source>>
  readonly after: ReadonlyMap<TaskNode, readonly TaskNode[]>
  readonly conditions: ReadonlyMap<ConditionGroup, Predicate>
  readonly outputs: ReadonlyMap<string, Channel>
}

/** Checks what a pipeline's author wired, and brings it into one shape. */
export class Resolver {
  readonly #graph: Graph
  readonly #tasks: ReadonlySet<TaskNode>
  readonly #names: ReadonlyMap<Member, MemberNames>
  readonly #faults: Faults

  constructor(graph: Graph, names: ReadonlyMap<Member, MemberNames>, faults: Faults) {
    this.#graph = graph
    this.#tasks = new Set(graph.tasks)
    this.#names = names
    this.#faults = faults
  }

  resolve(): Wiring {
    const { root, tasks } = this.#graph
    const conditions = groupsOf(root).flatMap(group => {
      if (group.kind === 'pipeline') return []
      const where = `when() of ${this.#name(group)}`
      const predicate = resolveCondition(group.condition, where, this.#faults, channel => {
        return this.#reachable(channel, group.parent, where)
      })
      return predicate === undefined ? [] : [[group, predicate] as const]
    })
    return {
      sources: new Map(tasks.map(task => [task, this.#sources(task)])),
      after: new Map(tasks.map(task => [task, this.#after(task)])),
      conditions: new Map(conditions),
      outputs: this.#outputs(),
    }
  }

  #sources(task: TaskNode): ReadonlyMap<string, Source> {
    this.#checkNames(task, this.#name(task))
    const sources = new Map<string, Source>()
    for (const [name, input] of Object.entries(task.component.inputs)) {
      const where = `${this.#name(task)}.${name}`
      if (!Object.hasOwn(task.args, name)) {
        if (input.presence === 'required') {
          this.#faults.add(where, 'is not given', 'pass a value or the output of another task')
        }
        continue
      }
      const source = this.#source(input, task.args[name], task.group, where)
      if (source !== undefined) sources.set(name, source)
    }
    return sources
  }

  #checkNames({ component, args }: TaskNode, task: string): void {
    for (const name of Object.keys(args)) {
      const where = `${task}.${name}`
      const secret = component.secrets.get(name)
      if (secret !== undefined) {
        this.#faults.add(where, 'is a secret', `leave it out; the task reads it from ${secret}`)
      } else if (!Object.hasOwn(component.inputs, name)) {
        const known = Object.keys(component.inputs).join(', ') || 'nothing'
        this.#faults.add(where, 'is no input', `"${component.name}" takes ${known}`)
      }
    }
  }

  #source(
    input: AnyParameter | AnyArtifact,
    value: unknown,
    group: Group,
    where: string,
  ): Source | undefined {
    if (value === undefined) {
      const fix = 'check that the output it comes from exists'
      const required = input.presence === 'required'
      this.#faults.add(where, 'is undefined', required ? fix : `leave it out, or ${fix}`)
      return undefined
    }
    if (value instanceof Reference) {
      const { channel } = value
      const fault = channelFault(input, channel)
      if (fault === undefined) return this.#reachable(channel, group, where) ? { channel } : undefined
      this.#faults.add(where, fault, 'pass a value of its kind')
      return undefined
    }
    if (input.role === 'artifact') {
      this.#faults.add(where, 'takes an artifact, not a literal', 'pass the output of another task')
      return undefined
    }
    const fault = literalFault(input, value)
    if (fault === undefined) return { constant: value as Json }
    this.#faults.add(where, fault, input.help || 'correct the value')
    return undefined
  }

  #after(task: TaskNode): readonly TaskNode[] {
    const where = `${this.#name(task)}.after()`
    return task.settings.after.flatMap(value => {
      const other = nodeOf(value)
      if (other === undefined) {
        this.#faults.add(where, 'was given something that is no task', 'pass what a call of a stage returned')
        return []
      }
      return this.#within(other, task.group, where) ? [other] : []
    })
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
      if (!(value instanceof Reference)) {
        this.#faults.add(where, 'is not the output of a task', 'return only outputs of tasks')
      } else if (value.channel.from === 'input') {
        this.#faults.add(where, "is the pipeline's own input", 'return only outputs of tasks')
      } else if (this.#reachable(value.channel, root, where)) {
        outputs.set(name, value.channel)
      }
    }
    return outputs
  }

  #reachable(channel: Channel, from: Group, where: string): boolean {
    if (channel.from === 'task') return this.#within(channel.task, from, where)
    if (channel.inputs === this.#graph.inputs) return true
    this.#faults.add(where, `uses "${channel.name}" of another pipeline`, 'make it an input of this pipeline')
    return false
  }

  /** Whether a task stands in the group or in one around it: only then is it sure to have run. */
  #within(task: TaskNode, from: Group, where: string): boolean {
    if (!this.#tasks.has(task)) {
      this.#faults.add(where, `uses "${task.component.name}" of another pipeline`, 'call it in this pipeline')
      return false
    }
    let group: Group = from
    while (group !== task.group) {
      if (group.kind === 'pipeline') {
        const what = `uses ${this.#name(task)}, which may never have run`
        this.#faults.add(where, what, 'move it into the when() that holds that task')
        return false
      }
      group = group.parent
    }
    return true
  }

  #name(member: Member): string {
    return this.#names.get(member)!.task
  }
}
