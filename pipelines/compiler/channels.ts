import type { AnyArtifact, AnyParameter, ParameterKind } from '../../components/definition/index.ts'
import type { Channel, FieldChannel, Group, RootGroup } from '../language/graph.ts'
import type { Member, MemberNames } from './names.ts'

/** The group in whose DAG a value is found without further ado. */
export function homeOf(channel: Channel, root: RootGroup): Group {
  switch (channel.from) {
    case 'input':
      return root
    case 'task':
      return channel.task.group
    case 'item':
      return channel.loop
    case 'field':
      return homeOf(channel.of, root)
    case 'collected':
      return channel.loop.parent
    case 'one-of':
      return channel.branches.parent
  }
}

/** The member that puts a value out, or undefined for what comes in from outside its DAG. */
export function producerOf(channel: Channel): Member | undefined {
  switch (channel.from) {
    case 'task':
      return channel.task
    case 'collected':
      return channel.loop
    case 'one-of':
      return channel.branches
    case 'field':
      return producerOf(channel.of)
    default:
      return undefined
  }
}

/** The values that a field is a part of, or the value itself. */
export function baseOf(channel: Channel): Exclude<Channel, FieldChannel> {
  return channel.from === 'field' ? channel.of : channel
}

/** Whether nothing says what kind a value is of. */
export function isUntyped(channel: Channel): boolean {
  return (channel.from === 'item' || channel.from === 'field') && channel.untyped
}

/** Whether a value is a whole number of a literal list, which whoever takes it may take for any number. */
export function isWholeLiteral(channel: Channel): boolean {
  const { definition } = channel
  const base = baseOf(channel)
  const whole = definition.role === 'parameter' && definition.kind === 'integer'
  return whole && base.from === 'item' && base.id !== undefined
}

/** How a part of a value is selected (`LoopArgumentVariable` in kfp/compiler/pipeline_spec_builder.py). */
export function selectorOf(field: FieldChannel): string {
  return `parseJson(string_value)${field.path.map(key => `[${JSON.stringify(key)}]`).join('')}`
}

/** The names of the values of a graph. */
export class ChannelNames {
  readonly #members: ReadonlyMap<Member, MemberNames>
  /** Names of items that would hide the item of a loop around theirs. */
  readonly #items = new Map<Channel, string>()

  constructor(members: ReadonlyMap<Member, MemberNames>) {
    this.#members = members
  }

  rename(item: Channel, name: string): void {
    this.#items.set(item, name)
  }

  /** The name of a value inside groups (`additional_input_name_for_pipeline_channel` of kfp/compiler/compiler_utils.py). */
  inside(channel: Channel): string {
    return `pipelinechannel--${this.#full(channel)}`
  }

  /** The output of its producer that a value is. */
  key(channel: Channel): string {
    switch (channel.from) {
      case 'task':
        return channel.name
      case 'collected':
        return channel.of.from === 'task' ? this.inside(channel.of) : this.key(channel.of)
      case 'one-of':
        return channel.name
      default:
        return this.inside(channel)
    }
  }

  /** The output by which a group hands a value on. */
  surfaced(channel: Channel): string {
    return channel.from === 'task' ? this.inside(channel) : this.key(channel)
  }

  #full(channel: Channel): string {
    switch (channel.from) {
      case 'input':
        return channel.name
      case 'item': {
        const renamed = this.#items.get(channel)
        if (renamed !== undefined) return renamed
        const list = listOf(channel)
        return list === undefined ? channel.name : `${this.#full(list)}-loop-item`
      }
      case 'field':
        return [this.#full(channel.of), ...channel.path.map(key => `subvar-${plain(key)}`)].join('-')
      default:
        return `${this.#members.get(producerOf(channel)!)!.task}-${this.key(channel)}`
    }
  }
}

/** A key in letters that stand in CEL, in placeholders and in YAML alike as they are. */
function plain(key: string | number): string {
  return String(key).replace(/[^\w-]/gu, letter => `-x${letter.codePointAt(0)!.toString(16)}`)
}

/** The list that an item is of, or undefined for a literal one. */
export function listOf(item: Channel & { from: 'item' }): Channel | undefined {
  const { items } = item.loop
  return typeof items === 'object' && items !== null && 'channel' in items
    ? (items.channel as Channel)
    : undefined
}

/** The definition of a value, of the kind that was found for it where it has none of its own. */
export function definitionOf(
  channel: Channel,
  kinds: ReadonlyMap<Channel, ParameterKind>,
): AnyParameter | AnyArtifact {
  const kind = kinds.get(channel)
  return kind === undefined || channel.definition.role === 'artifact'
    ? channel.definition
    : { ...channel.definition, kind }
}
