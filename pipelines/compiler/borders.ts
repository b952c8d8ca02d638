import type { AnyArtifact, AnyParameter } from '../../components/definition/index.ts'
import type { Channel, ExitGroup, Graph, Group, InnerGroup, TaskNode } from '../language/graph.ts'
import { Reference } from '../language/references.ts'
import { baseOf, type ChannelNames, homeOf, producerOf } from './channels.ts'
import { groupOf, groupsOf, type Member, membersOf } from './names.ts'
import { channelsOf } from './predicate.ts'
import { contains } from './reach.ts'
import type { Wiring } from './wiring.ts'

/** What the groups of a graph make of its wiring: a DAG sees only its own inputs and its own members. */
export interface Borders {
  /** The values that come into each group from outside; a part of a value where the group itself asks for it. */
  readonly inputs: ReadonlyMap<Group, ReadonlySet<Channel>>
  /** What each group hands out, by name. */
  readonly outputs: ReadonlyMap<Group, ReadonlyMap<string, Surfaced>>
  /** The members of its own DAG that each member waits for. */
  readonly dependencies: ReadonlyMap<Member, ReadonlySet<Member>>
}

/** An output of a group, and the outputs of its members that it is, or that it is one of. */
export interface Surfaced {
  readonly definition: AnyParameter | AnyArtifact
  readonly selectors: readonly { readonly producer: Member; readonly key: string }[]
  readonly oneOf: boolean
}

/**
 * Draws the borders. As in the Python SDK, what a condition looks at also goes into every group inside its group, on
 * the way to every task, used there or not (`get_inputs_for_all_groups` of kfp/compiler/compiler_utils.py); only a part
 * of a value does not, unless it is one of the item of a list that the run brings.
 */
export function drawBorders(graph: Graph, wiring: Wiring, names: ChannelNames): Borders {
  const drawing = new Drawing(graph, wiring, names)
  const guards = new Map<Group, readonly Channel[]>([[graph.root, []]])
  for (const group of groupsOf(graph.root)) {
    if (group.kind === 'pipeline') continue
    const predicate = group.kind === 'condition' ? wiring.conditions.get(group) : undefined
    const list = group.kind === 'for-loop' ? wiring.lists.get(group) : undefined
    const own = predicate === undefined ? [] : channelsOf(predicate)
    guards.set(group, [...guards.get(group.parent)!, ...own.filter(goesOn)])
    for (const channel of list === undefined ? own : [list]) drawing.open(group, channel)
  }
  for (const task of graph.tasks) {
    for (const channel of guards.get(task.group)!) drawing.bring(channel, task)
    for (const source of wiring.sources.get(task)!.values()) {
      if ('channel' in source) drawing.bring(source.channel, task)
      else if ('template' in source) for (const channel of source.channels) drawing.bring(channel, task)
    }
    for (const channel of wiring.used.get(task)!) drawing.bring(channel, task)
    for (const other of wiring.after.get(task)!) drawing.wait(other, task)
  }
  for (const group of graph.root.groups) if (group.kind === 'exit-handler') drawing.runLast(group)
  for (const channel of wiring.outputs.values()) drawing.surface(channel)
  renameItems(drawing.inputs, names)
  return drawing
}

function goesOn(channel: Channel): boolean {
  return channel.from !== 'field' || (channel.of.from === 'item' && channel.of.id === undefined)
}

class Drawing implements Borders {
  readonly inputs: ReadonlyMap<Group, Set<Channel>>
  readonly outputs: ReadonlyMap<Group, Map<string, Surfaced>>
  readonly dependencies: Map<Member, Set<Member>>
  readonly #graph: Graph
  readonly #wiring: Wiring
  readonly #names: ChannelNames
  readonly #surfaced = new Set<Channel>()

  constructor(graph: Graph, wiring: Wiring, names: ChannelNames) {
    const groups = groupsOf(graph.root)
    this.inputs = new Map(groups.map(group => [group, new Set()]))
    this.outputs = new Map(groups.map(group => [group, new Map()]))
    this.dependencies = new Map(groups.flatMap(membersOf).map(member => [member, new Set()]))
    this.#graph = graph
    this.#wiring = wiring
    this.#names = names
  }

  /** Lets what a group itself asks for into it. */
  open(group: InnerGroup, channel: Channel): void {
    this.inputs.get(group)!.add(channel)
    this.bring(channel, group)
  }

  /** Walks from a consumer out to where the value is at home, and lets it into every group on the way. */
  bring(channel: Channel, consumer: Member): void {
    const base = baseOf(channel)
    const home = homeOf(base, this.#graph.root)
    let member = consumer
    for (let group = groupOf(member); group !== home && group.kind !== 'pipeline'; group = group.parent) {
      this.inputs.get(group)!.add(base)
      member = group
    }
    const producer = producerOf(base)
    if (producer !== undefined) this.dependencies.get(member)?.add(producer)
    this.surface(base)
    if (base.from !== 'item') return
    // As in the SDK: a loop over a part of a value takes in the whole value too, once its item is used.
    const list = this.#wiring.lists.get(base.loop)
    if (list?.from === 'field') this.inputs.get(base.loop)!.add(list.of)
  }

  /** Lets a member wait for another, in the innermost DAG that holds both. */
  wait(other: TaskNode | ExitGroup, consumer: Member): void {
    let awaited: Member = other
    while (!contains(groupOf(awaited), groupOf(consumer))) awaited = groupOf(awaited) as Member
    let member = consumer
    while (groupOf(member) !== groupOf(awaited)) member = groupOf(member) as Member
    this.dependencies.get(member)?.add(awaited)
  }

  /** Puts an exit task behind its group. */
  runLast(group: ExitGroup): void {
    this.dependencies.set(group.exit, new Set([group]))
  }

  /**
   * Hands a value that a loop or a chain of branches gives out on from group to group
   * (`get_outputs_for_all_groups` of kfp/compiler/compiler_utils.py).
   */
  surface(channel: Channel): void {
    if (this.#surfaced.has(channel)) return
    this.#surfaced.add(channel)
    if (channel.from === 'collected') {
      const key = this.#handOn(channel.of, homeOf(channel.of, this.#graph.root), channel.definition)
      let group = homeOf(channel.of, this.#graph.root)
      while (group !== channel.loop && group.kind !== 'pipeline') {
        const selectors = [{ producer: group, key }]
        group = group.parent
        this.outputs.get(group)!.set(key, { definition: channel.definition, selectors, oneOf: false })
      }
    } else if (channel.from === 'one-of') {
      const selectors = channel.of.flatMap(({ branch, value }) => {
        if (!(value instanceof Reference)) return []
        return [{ producer: branch, key: this.#handOn(value.channel, branch, value.channel.definition) }]
      })
      const { definition } = channel
      this.outputs.get(channel.branches)!.set(channel.name, { definition, selectors, oneOf: true })
    }
  }

  /** Makes a value an output of the group it is made in, and returns the output's name. */
  #handOn(channel: Channel, group: Group, definition: Surfaced['definition']): string {
    this.surface(channel)
    const name = this.#names.surfaced(channel)
    const selectors = [{ producer: producerOf(channel)!, key: this.#names.key(channel) }]
    this.outputs.get(group)!.set(name, { definition, selectors, oneOf: false })
    return name
  }
}

/** Where a loop in a loop goes over the same list and uses both items, the SDK's one name for both would mix them up. */
function renameItems(inputs: ReadonlyMap<Group, ReadonlySet<Channel>>, names: ChannelNames): void {
  for (const [group, channels] of inputs) {
    if (group.kind !== 'for-loop') continue
    const taken = new Set([...channels].map(channel => names.inside(channel)))
    const stem = names.inside(group.item)
    if (!taken.has(stem)) continue
    let number = 2
    while (taken.has(`${stem}-${number}`)) number++
    names.rename(group.item, `${stem}-${number}`.replace('pipelinechannel--', ''))
  }
}
