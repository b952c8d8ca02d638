import type { ParameterKind } from '../../components/definition/index.ts'
import type { Channel, ConditionGroup, ExitGroup, LoopGroup, TaskNode } from '../language/graph.ts'
import type { Predicate } from './predicate.ts'
import type { Template } from './values.ts'

/** What an input is fed from. */
export type Source =
  | { readonly channel: Channel }
  /** A constant, with references in it when there are channels. */
  | { readonly template: Template; readonly channels: readonly Channel[] }
  /** How the group before an exit task ended, or the one task that a task waits for. */
  | { readonly statusOf: ExitGroup | 'upstream' }

/** A graph whose every value was checked; what had a fault is left out of it. */
export interface Wiring {
  readonly sources: ReadonlyMap<TaskNode, ReadonlyMap<string, Source>>
  /** What a task uses beside its inputs: in its resources, its image or its platform's settings. */
  readonly used: ReadonlyMap<TaskNode, readonly Channel[]>
  readonly after: ReadonlyMap<TaskNode, readonly (TaskNode | ExitGroup)[]>
  readonly conditions: ReadonlyMap<ConditionGroup, Predicate>
  /** The lists of loops; literal ones are not among them. */
  readonly lists: ReadonlyMap<LoopGroup, Channel>
  readonly outputs: ReadonlyMap<string, Channel>
  /** Kinds of values that nobody said the kind of: what those who take them agree on. */
  readonly kinds: ReadonlyMap<Channel, ParameterKind>
}

/** The settings that may be references, by the names of the inputs that the SDK adds for them. */
export function textSettings({ settings }: TaskNode): readonly (readonly [string, unknown])[] {
  const { cpu, memory, cpuRequest, memoryRequest, accelerator, image } = settings
  return Object.entries({
    cpu_limit: cpu,
    memory_limit: memory,
    cpu_request: cpuRequest,
    memory_request: memoryRequest,
    accelerator_type: accelerator?.type,
    accelerator_count: accelerator?.count,
    base_image: image,
  })
}
