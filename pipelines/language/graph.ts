import type {
  AnyArtifact,
  AnyParameter,
  OutputDefinitions,
  Resources,
} from '../../components/definition/index.ts'
import type { ImporterSpec, PipelineSpec, PlatformSpec } from '../specification.ts'
import type { KubernetesSettings } from './kubernetes/settings.ts'
import type { AnyPipeline } from './pipeline.ts'

/**
 * What a pipeline's body leaves behind: tasks and groups of tasks, with what the author wrote still unchecked. The
 * compiler names them, checks them and turns them into a specification.
 */
export interface Graph {
  readonly root: RootGroup
  /** Every task in the order of its call, which is the order names are given out in. */
  readonly tasks: readonly TaskNode[]
  readonly inputs: PipelineInputs
  /** What the body returned. */
  readonly returned: unknown
}

export type PipelineInputs = Readonly<Record<string, AnyParameter | AnyArtifact>>

/** What a task runs: a stage of ours, somebody's container, an importer or a whole pipeline, seen alike. */
export interface Component {
  readonly name: string
  /** Secrets aside: they never pass through a pipeline. */
  readonly inputs: PipelineInputs
  /** Inputs that the environment of the task brings, by name, with their variables. */
  readonly secrets: ReadonlyMap<string, string>
  readonly outputs: OutputDefinitions
  readonly body: ComponentBody
  readonly resources: Resources
  /** False for what changes something outside its outputs: an earlier result proves nothing then. */
  readonly cacheable: boolean
  /** Whether it is a stage of ours, which takes no empty text. */
  readonly stage?: true
}

export type ComponentBody =
  | { readonly kind: 'container'; readonly container: Container }
  | { readonly kind: 'importer'; readonly importer: ImporterSpec }
  /** A pipeline of this program, recorded when it was called. */
  | { readonly kind: 'pipeline'; readonly pipeline: AnyPipeline; readonly graph: Graph }
  /** A pipeline that was compiled elsewhere; its root is what the task runs. */
  | { readonly kind: 'compiled'; readonly spec: PipelineSpec; readonly platform: PlatformSpec | undefined }

export interface Container {
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Fields of the task's configuration that it hands on to what it starts itself. */
  readonly passthroughs?: readonly TaskConfigPassthrough[]
}

/** A field of the task's configuration: `RESOURCES`, `ENV`, `KUBERNETES_VOLUMES`, …; also applied to the task itself. */
interface TaskConfigPassthrough {
  readonly field: string
  readonly applyToTask?: boolean
}

/** A call of a component. */
export interface TaskNode {
  readonly component: Component
  readonly group: Group
  /** By input: a reference or a literal, not yet checked. */
  readonly args: Readonly<Record<string, unknown>>
  readonly settings: Settings
}

/** What the author set on a task; the last call wins, except that `after`, `env` and `kubernetes` add up. */
export interface Settings {
  cpu?: unknown
  memory?: unknown
  cpuRequest?: unknown
  memoryRequest?: unknown
  accelerator?: { readonly type?: unknown; readonly count?: unknown }
  image?: unknown
  retry?: Retry
  cache?: boolean
  cacheKey?: string
  displayName?: string
  ignoreUpstreamFailure?: true
  readonly env: Record<string, unknown>
  readonly after: unknown[]
  readonly kubernetes: KubernetesSettings[]
}

/** Durations are whole seconds. */
export interface Retry {
  readonly times: number
  readonly backoff: number
  readonly factor: number
  readonly longest: number
}

export interface RootGroup extends Members {
  readonly kind: 'pipeline'
}

/** What every group but the root has. */
interface Inner extends Members {
  readonly parent: Group
  /** Its number, unique in the pipeline; the `if` of a chain gives its own to the chain and takes a new one. */
  id: number
  /** The name people read, in place of kind and number. */
  readonly displayName: string | undefined
}

/** Tasks that run only when the condition holds and, in a chain, none of the earlier ones does. */
export interface ConditionGroup extends Inner {
  readonly kind: 'condition'
  parent: Group
  /** Undefined in an else. */
  readonly condition: unknown
  /** The conditions of the branches before it. */
  readonly earlier: readonly unknown[]
}

/** An if with its else-ifs and its else. */
export interface BranchesGroup extends Inner {
  readonly kind: 'condition-branches'
}

/** Tasks that run once for each item. */
export interface LoopGroup extends Inner {
  readonly kind: 'for-loop'
  /** A reference to a list, or a literal one. */
  readonly items: unknown
  /** Iterations at one time; undefined or 0 for as many as there are. */
  readonly parallelism: number | undefined
  readonly item: ItemChannel
}

/** Tasks after which, whatever came of them, another one runs. */
export interface ExitGroup extends Inner {
  readonly kind: 'exit-handler'
  readonly exit: TaskNode
}

/** A group seen from outside: a member of another group's DAG. */
export type InnerGroup = ConditionGroup | BranchesGroup | LoopGroup | ExitGroup

export type Group = RootGroup | InnerGroup

interface Members {
  readonly groups: InnerGroup[]
  readonly tasks: TaskNode[]
}

/** A value that exists only while the pipeline runs. */
export type Channel =
  | InputChannel
  | TaskChannel
  | ItemChannel
  | FieldChannel
  | CollectedChannel
  | OneOfChannel

interface Named {
  readonly name: string
  readonly definition: AnyParameter | AnyArtifact
}

interface InputChannel extends Named {
  readonly from: 'input'
  /** The inputs it is one of: a reference that strayed in from another pipeline is known by them. */
  readonly inputs: PipelineInputs
}

interface TaskChannel extends Named {
  readonly from: 'task'
  readonly task: TaskNode
}

/** The item of one iteration. */
export interface ItemChannel extends Named {
  readonly from: 'item'
  loop: LoopGroup
  /** The number in its name, of an item of a literal list. */
  readonly id: number | undefined
  /** Nothing says what kind of value it is; whoever takes it does. */
  readonly untyped: boolean
}

/** A part of a struct or of a list. */
export interface FieldChannel extends Named {
  readonly from: 'field'
  readonly of: Exclude<Channel, FieldChannel>
  readonly path: readonly (string | number)[]
  readonly untyped: boolean
}

/** The values of all runs of a group, as a list: of a loop's iterations, or of a branch that need not run. */
interface CollectedChannel extends Named {
  readonly from: 'collected'
  readonly loop: LoopGroup | ConditionGroup
  readonly of: Channel
}

/** The value of the branch that ran. */
export interface OneOfChannel extends Named {
  readonly from: 'one-of'
  readonly branches: BranchesGroup
  /** In the order of the branches. */
  readonly of: readonly { readonly branch: ConditionGroup; readonly value: unknown }[]
  /** Its number among those of its branches, from 1. */
  readonly index: number
}

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

/** A condition as its author wrote it; operands are references, conditions or literals, not yet checked. */
export type Expression =
  | {
      readonly kind: 'comparison'
      readonly operator: Comparison
      readonly left: Channel
      readonly right: unknown
    }
  | { readonly kind: 'not'; readonly of: unknown }
  | { readonly kind: 'and' | 'or'; readonly of: readonly unknown[] }
