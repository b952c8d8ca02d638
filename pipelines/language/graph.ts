import type {
  AnyArtifact,
  AnyParameter,
  OutputDefinitions,
  Resources,
} from '../../components/definition/index.ts'

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

/** What a task runs: a stage of ours or somebody's container, seen alike. */
export interface Component {
  readonly name: string
  /** Secrets aside: they never pass through a pipeline. */
  readonly inputs: PipelineInputs
  /** Inputs that the environment of the task brings, by name, with their variables. */
  readonly secrets: ReadonlyMap<string, string>
  readonly outputs: OutputDefinitions
  readonly container: Container
  readonly resources: Resources
  /** False for what changes something outside its outputs: an earlier result proves nothing then. */
  readonly cacheable: boolean
}

export interface Container {
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
}

/** A call of a component. */
export interface TaskNode {
  readonly component: Component
  readonly group: Group
  /** By input: a reference or a literal, not yet checked. */
  readonly args: Readonly<Record<string, unknown>>
  readonly settings: Settings
}

/** What the author set on a task; the last call wins, except that `after` adds up. */
export interface Settings {
  cpu?: string
  memory?: string
  retry?: { readonly times: number; readonly backoff: number }
  cache?: boolean
  displayName?: string
  readonly after: unknown[]
}

export interface RootGroup extends Members {
  readonly kind: 'pipeline'
}

/** Tasks that run only when the condition holds. */
export interface ConditionGroup extends Members {
  readonly kind: 'condition'
  readonly parent: Group
  readonly condition: unknown
}

/** A group seen from outside: a member of another group's DAG. */
export type InnerGroup = ConditionGroup

export type Group = RootGroup | InnerGroup

interface Members {
  readonly groups: InnerGroup[]
  readonly tasks: TaskNode[]
}

/** A value that exists only while the pipeline runs. */
export type Channel = InputChannel | TaskChannel

interface InputChannel {
  readonly from: 'input'
  readonly name: string
  readonly definition: AnyParameter | AnyArtifact
  /** The inputs it is one of: a reference that strayed in from another pipeline is known by them. */
  readonly inputs: PipelineInputs
}

export interface TaskChannel {
  readonly from: 'task'
  readonly task: TaskNode
  readonly name: string
  readonly definition: AnyParameter | AnyArtifact
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
