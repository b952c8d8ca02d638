import type {
  AnyArtifact,
  AnyParameter,
  ArtifactListReference,
  ArtifactReference,
  ArtifactType,
  Json,
  KindOf,
  ListReference,
  NumberReference,
  ParameterKind,
  ParameterReference,
  UntypedReference,
} from '../../components/definition/index.ts'
import { type Branches, type BranchOutputs, type GroupOptions, onlyBranch } from './conditions.ts'
import type { Channel, ConditionGroup, ItemChannel, LoopGroup } from './graph.ts'
import { current, fill, referencesIn } from './recording.ts'
import { Reference } from './references.ts'

/** What a loop can go over. */
export type Items =
  | readonly Json[]
  | ListReference<ParameterKind | undefined>
  | UntypedReference
  | ArtifactListReference

/** How a loop runs. */
export interface LoopOptions extends GroupOptions {
  /** Iterations at one time; as many as there are by default. */
  readonly parallelism?: number
  /** Kind of the items, where the list does not say it. A literal `1.0` is a whole number without `of: 'number'`. */
  readonly of?: ParameterKind
}

type KindOfLiteral<T> = T extends string
  ? ParameterReference<'string'>
  : T extends number
    ? NumberReference
    : T extends boolean
      ? ParameterReference<'boolean'>
      : T extends readonly (infer I extends Json)[]
        ? ListReference<undefined> & { readonly literal?: I }
        : ParameterReference<'struct'> & { readonly [K in keyof T]: KindOfLiteral<T[K]> }

/** The item of one iteration; the fields of a literal struct are its properties. */
export type Item<L> =
  L extends ArtifactListReference<infer A extends ArtifactType>
    ? ArtifactReference<A>
    : L extends ListReference<infer K>
      ? K extends ParameterKind
        ? K extends 'list'
          ? ListReference
          : ParameterReference<K>
        : UntypedReference
      : L extends readonly (infer T)[]
        ? KindOfLiteral<Widened<T>>
        : UntypedReference

/** Structs of several shapes in one literal list offer the fields of all. */
type Widened<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean : T

/** What the iterations hand out, as lists. */
export type Collected<R extends BranchOutputs> =
  R extends Readonly<Record<string, unknown>>
    ? {
        readonly [K in keyof R]: R[K] extends ArtifactReference<infer A extends ArtifactType>
          ? ArtifactListReference<A>
          : R[K] extends ArtifactListReference
            ? R[K]
            : ListReference<KindOf<R[K]>>
      }
    : undefined

/**
 * Runs the tasks that `body` calls once for each item, side by side. Returns what the iterations hand out, a list for each
 * name. Over two loops, one in the other, it is one flat list.
 * @param items a literal list, or a reference to one
 */
export function each<const L extends Items, R extends BranchOutputs>(
  items: L,
  body: (item: Item<L>) => R,
  options: LoopOptions = {},
): Collected<R> {
  const state = current('each() was called')
  const list = items instanceof Reference ? items.channel : undefined
  const id = list === undefined ? ++state.lastId : undefined
  const { definition, untyped } = itemOf(list, items, options.of)
  const group: LoopGroup = {
    kind: 'for-loop',
    parent: state.group,
    id: ++state.lastId,
    items,
    parallelism: options.parallelism,
    displayName: options.named,
    item: {
      from: 'item',
      // `_make_name` and `from_pipeline_channel` of kfp/dsl/for_loop.py
      name: id === undefined ? `${list!.name}-loop-item` : `loop-item-param-${id}`,
      id,
      definition,
      untyped,
    } as ItemChannel,
    groups: [],
    tasks: [],
  }
  group.item.loop = group
  state.group.groups.push(group)
  const item = new Reference(group.item)
  if (list === undefined) addFields(item, items)
  const returned = fill(state, group, () => body(item as unknown as Item<L>))
  return gathered(returned, group) as Collected<R>
}

/**
 * Lets out what a when() without an else hands out, as lists: in a loop, which returns them in its turn, a value for each
 * iteration in which the condition held. Back ends give the value itself for a branch that stands in no loop.
 * @throws PressroomError `invalid-pipeline` for a chain of several branches
 */
export function collect<R extends BranchOutputs>(branch: Branches<R>): Collected<R> {
  const { branch: group, returned } = onlyBranch(branch)
  return gathered(returned, group) as Collected<R>
}

function gathered(returned: unknown, group: LoopGroup | ConditionGroup): object | undefined {
  const outputs = referencesIn(returned).map(([name, { channel }]) => [name, collected(channel, group)])
  return outputs.length === 0 ? undefined : Object.fromEntries(outputs)
}

function itemOf(list: Channel | undefined, items: unknown, of: ParameterKind | undefined) {
  const definition = list?.definition
  if (definition?.role === 'artifact') {
    const { list: _, ...single } = definition
    return { definition: { ...single, presence: 'required', help: '' } as AnyArtifact, untyped: false }
  }
  const kind = of ?? (list === undefined ? kindOfLiterals(items) : definition?.of)
  return { definition: parameter(kind ?? 'string'), untyped: kind === undefined }
}

/** The kind that the SDK gives a literal list: that of its first item (`_get_first_element_type` of kfp/dsl/for_loop.py). */
function kindOfLiterals(items: unknown): ParameterKind | undefined {
  if (!Array.isArray(items)) return undefined
  const whole = items.every(item => typeof item !== 'number' || Number.isInteger(item))
  return kindOfLiteral(items[0], whole)
}

function kindOfLiteral(value: unknown, whole = Number.isInteger(value)): ParameterKind | undefined {
  if (typeof value === 'number') return whole ? 'integer' : 'number'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'boolean'
  if (Array.isArray(value)) return 'list'
  return typeof value === 'object' && value !== null ? 'struct' : undefined
}

/** The fields of literal structs as properties, each of the kind that it has in all of them. */
function addFields(item: Reference, items: unknown): void {
  const structs = Array.isArray(items) ? items.filter(value => kindOfLiteral(value) === 'struct') : []
  for (const name of new Set(structs.flatMap(struct => Object.keys(struct as object)))) {
    const values = structs.flatMap(struct => (Object.hasOwn(struct, name) ? [struct[name]] : []))
    const kind = kindOfLiterals(values)
    if (name in item) continue
    const field = item.at(name, kind)
    addFields(field, values)
    Object.defineProperty(item, name, { value: field, enumerable: true })
  }
}

function collected(channel: Channel, loop: LoopGroup | ConditionGroup): Reference {
  const { definition } = channel
  const list: AnyParameter | AnyArtifact =
    definition.role === 'artifact'
      ? { ...definition, list: true, presence: 'required', help: '' }
      : { ...parameter('list'), ...(channel.from !== 'collected' && { of: definition.kind }) }
  return new Reference({ from: 'collected', loop, of: channel, name: channel.name, definition: list })
}

function parameter(kind: ParameterKind): AnyParameter {
  return { role: 'parameter', kind, presence: 'required', help: '' }
}
