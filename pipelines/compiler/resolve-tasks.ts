import type { AnyArtifact, AnyParameter, Json, ParameterKind } from '../../components/definition/index.ts'
import { exitGroupOf } from '../language/exit.ts'
import type { Channel, ExitGroup, TaskNode } from '../language/graph.ts'
import { Reference, TextValue } from '../language/references.ts'
import { nodeOf } from '../language/task-handle.ts'
import type { Faults } from './faults.ts'
import type { Member, MemberNames } from './names.ts'
import type { Reach } from './reach.ts'
import { channelFault, channelsIn, literalFault, type Template } from './values.ts'
import { type Source, textSettings } from './wiring.ts'

/** What tasks are checked against. */
export interface Surroundings {
  readonly names: ReadonlyMap<Member, MemberNames>
  readonly faults: Faults
  readonly reach: Reach
  /** The groups after which exit tasks run. */
  readonly exits: ReadonlyMap<TaskNode, ExitGroup>
  /** Notes the kind that a value is taken for. */
  want(channel: Channel, kind: ParameterKind): void
}

/** Checks what tasks take, use and wait for. */
export class TaskResolver {
  readonly #names: ReadonlyMap<Member, MemberNames>
  readonly #faults: Faults
  readonly #reach: Reach
  readonly #exits: ReadonlyMap<TaskNode, ExitGroup>
  readonly #want: Surroundings['want']

  constructor({ names, faults, reach, exits, want }: Surroundings) {
    this.#names = names
    this.#faults = faults
    this.#reach = reach
    this.#exits = exits
    this.#want = want
  }

  /** What its inputs are fed from. */
  sources(task: TaskNode): ReadonlyMap<string, Source> {
    const name = this.#name(task)
    this.#checkNames(task, name)
    const sources = new Map<string, Source>()
    for (const [key, input] of Object.entries(task.component.inputs)) {
      const where = `${name}.${key}`
      if (Object.hasOwn(task.args, key)) {
        const source = this.#source(input, task.args[key], task, where)
        if (source !== undefined) sources.set(key, source)
      } else if (input.role === 'parameter' && input.special === 'final-status') {
        const exit = this.#exits.get(task)
        if (exit !== undefined) sources.set(key, { statusOf: exit })
        else if (task.settings.ignoreUpstreamFailure) sources.set(key, { statusOf: 'upstream' })
        else
          this.#faults.add(
            where,
            'has no final status to take',
            'run it with onExit() or ignoreUpstreamFailure()',
          )
      } else if (input.presence === 'required') {
        this.#faults.add(where, 'is not given', 'pass a value or the output of another task')
      }
    }
    for (const [key, value] of textSettings(task)) {
      const channels = channelsIn(value)
      if (channels.length > 0) sources.set(key, { template: asTemplate(value), channels })
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
    task: TaskNode,
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
      if (fault === undefined) {
        if (input.role === 'parameter') this.#want(channel, input.kind)
        this.#checkStrays(task, input, channel, where)
        return this.#usable(channel, task, where) ? { channel } : undefined
      }
      this.#faults.add(where, fault, 'pass a value of its kind')
      return undefined
    }
    if (input.role === 'artifact') {
      this.#faults.add(where, 'takes an artifact, not a literal', 'pass the output of another task')
      return undefined
    }
    const fault = literalFault(input, value, task.component.stage === true)
    if (fault !== undefined) {
      this.#faults.add(where, fault, input.help || 'correct the value')
      return undefined
    }
    const channels = channelsIn(value)
    const usable = channels.filter(channel => {
      if (channel.definition.role === 'parameter') return this.#usable(channel, task, where)
      this.#faults.add(where, `holds "${channel.name}", an artifact`, 'put only parameters into a constant')
      return false
    })
    return usable.length === channels.length ? { template: value as Template, channels } : undefined
  }

  /** A task that runs although what it waits for failed must do without the output. */
  #checkStrays(
    { settings }: TaskNode,
    input: AnyParameter | AnyArtifact,
    channel: Channel,
    where: string,
  ): void {
    if (!settings.ignoreUpstreamFailure || input.role === 'artifact' || input.presence !== 'required') return
    if (channel.from === 'input' || channel.from === 'item') return
    const what = 'takes the output of a task that may have failed, and has no default'
    this.#faults.add(where, what, 'give the input a default, or wait with after()')
  }

  #usable(channel: Channel, task: TaskNode, where: string): boolean {
    if (this.#exits.has(task) && channel.from !== 'input') {
      const what = `uses "${channel.name}", which may not be there on exit`
      this.#faults.add(where, what, "pass the pipeline's own inputs, or constants")
      return false
    }
    return this.#reach.value(channel, task.group, where)
  }

  /** What it uses beside its inputs. */
  used(task: TaskNode): readonly Channel[] {
    const where = this.#name(task)
    const channels = [
      ...textSettings(task).flatMap(([, value]) => channelsIn(value)),
      ...channelsIn(task.settings.kubernetes),
    ]
    return [...new Set(channels)].filter(channel => this.#usable(channel, task, `settings of ${where}`))
  }

  /** What it waits for. */
  after(task: TaskNode): readonly (TaskNode | ExitGroup)[] {
    const where = `${this.#name(task)}.after()`
    if (this.#exits.has(task) && task.settings.after.length > 0) {
      this.#faults.add(where, 'is set on an exit task', 'drop it; an exit task waits for all of its group')
      return []
    }
    return task.settings.after.flatMap((value): (TaskNode | ExitGroup)[] => {
      const other = nodeOf(value)
      if (other !== undefined) return this.#reach.wait(other, task.group, where) ? [other] : []
      const group = exitGroupOf(value)
      if (group !== undefined && this.#reach.group(group, task.group)) return [group]
      this.#faults.add(where, 'was given something that is no task', 'pass what a call of a stage returned')
      return []
    })
  }

  #name(member: Member): string {
    return this.#names.get(member)!.task
  }
}

function asTemplate(value: unknown): Template {
  return (value instanceof Reference ? new TextValue(['', ''], [value]) : value) as Json | TextValue
}
