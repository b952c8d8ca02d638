import type { Json } from '../../../components/definition/index.ts'
import type { ExecutorInput, RuntimeArtifact } from '../../../components/faces/executor.ts'
import type { PressroomError } from '../../../core/errors.ts'
import type { ArtifactTypeSchema, PipelineSpec } from '../../specification.ts'
import type { ErrorRecord } from './error-record.ts'

/** A compiled pipeline, and how to run it on this machine. */
export interface RunRequest {
  readonly spec: PipelineSpec
  /** Values by pipeline input; what is left out takes its default. */
  readonly parameters?: Readonly<Record<string, Json>>
  /** The folder of runs and cache, made when missing. Default `.pressroom`. */
  readonly home?: string
  /** URLs of modules whose exports are further stages, beside those that ship. */
  readonly stageModules?: readonly string[]
  /** The worker's script, for a bundle that keeps it elsewhere than beside the runner. */
  readonly worker?: URL
  /** The id of a run in `home` that did not succeed: it goes on, in its folder, with what it had finished. */
  readonly resume?: string
  /** Whether earlier results are taken and new ones kept. Default true. */
  readonly cache?: boolean
  /** Tasks at a time. Default: the cores of this machine. */
  readonly concurrency?: number
  /** Seconds that one attempt of a task may take. Default: no limit. */
  readonly taskTimeoutSeconds?: number
  /** The whole environment of the stages; default that of this process. */
  readonly env?: NodeJS.ProcessEnv
  /** Stops the run: stages are asked to stop, and killed two seconds later. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: RunEvent) => void
}

export type FinalState = 'succeeded' | 'cached' | 'skipped' | 'failed' | 'cancelled'

/** One task of a run, as `run.json` and the result tell it. */
export interface TaskRecord {
  /** Where it stands: its name, after those of the groups around it and a `/` each. Its folder has the same path. */
  readonly task: string
  /** The name people read. */
  readonly name: string
  /** The stage, except for a group that failed by itself. */
  readonly stage?: string
  readonly state: 'pending' | 'running' | FinalState
  /** ISO 8601. */
  readonly startedAt?: string
  readonly endedAt?: string
  readonly seconds?: number
  /** The outcome in a few words; why, for a task that did not run. */
  readonly summary?: string
  readonly cacheKey?: string
  /** Over executor and inputs, artifacts by their content: what a continued run tells unchanged tasks by. */
  readonly inputsDigest?: string
  readonly outputs?: Values
  readonly error?: ErrorRecord
}

export type RunState = 'running' | 'succeeded' | 'failed' | 'cancelled'

/** What happens in a run, as it happens. Paths are those of {@link TaskRecord}. */
export type RunEvent =
  | {
      readonly type: 'run-started'
      readonly run: string
      readonly folder: string
      readonly pipeline: string
      /** Default `local`. */
      readonly place?: string
      readonly tasks: readonly Pick<TaskRecord, 'task' | 'name'>[]
      /** What people read for groups, by path: `if coin == 'heads'`. */
      readonly groups: Readonly<Record<string, string>>
    }
  | {
      /** A loop began. Its tasks so far, known by `<loop>/<task>`, are gone; in their place are those of its iterations. */
      readonly type: 'loop-started'
      readonly task: string
      readonly items: readonly string[]
      readonly tasks: readonly Pick<TaskRecord, 'task' | 'name'>[]
    }
  | {
      /** A group failed and begins again: its tasks are as at first, loops not begun. */
      readonly type: 'group-retried'
      readonly task: string
      readonly delay: number
      readonly tasks: readonly Pick<TaskRecord, 'task' | 'name'>[]
    }
  | { readonly type: 'task-started'; readonly task: string }
  | {
      readonly type: 'task-log'
      readonly task: string
      readonly level: LogLevel
      readonly line: string
    }
  | {
      readonly type: 'task-finished'
      readonly task: string
      readonly state: FinalState
      readonly summary: string
      /** From its start to its end; 0 for a task that did not run. */
      readonly seconds: number
      readonly error?: Omit<ErrorRecord, 'stack'>
    }
  | {
      readonly type: 'run-finished'
      readonly run: string
      readonly state: Exclude<RunState, 'running'>
      readonly seconds: number
    }

export type LogLevel = 'info' | 'warn'

export interface RunResult {
  readonly id: string
  /** Absolute. */
  readonly folder: string
  readonly state: Exclude<RunState, 'running'>
  /** The pipeline's own outputs; what a skipped or failed task would have given is not among them. */
  readonly outputs: Values
  readonly tasks: readonly TaskRecord[]
  /** Why the run did not succeed: its first failure, or `cancelled`. */
  readonly error?: PressroomError
}

/** Parameters and artifacts by name. An artifact is a list, as in the executor input; outside loops it has one item. */
export interface Values {
  readonly parameters: Readonly<Record<string, Json>>
  readonly artifacts: Readonly<Record<string, readonly StoredArtifact[]>>
}

/** An artifact that a task of this run made. */
export interface StoredArtifact extends RuntimeArtifact {
  readonly name: string
  readonly type: ArtifactTypeSchema
  readonly uri: string
  readonly metadata: Readonly<Record<string, Json>>
  /** Of its content; null when the stage wrote only metadata. */
  readonly digest: string | null
}

/** How a task or group ended, for those that depend on it. */
export interface Outcome {
  readonly state: FinalState
  /**
   * Whether a failure is behind it: its own, or one that kept it from running. A DAG fails by its last tasks only, as
   * Argo has it, so a failure is forgiven when a task that runs in any case follows.
   */
  readonly failing: boolean
  readonly outputs: Values
  /** Why it is failing, when an error says so. */
  readonly error?: PressroomError
  /** Nothing of it has begun. */
  readonly untouched?: true
}

/** One attempt of a stage, as a worker takes it. */
export interface Job {
  readonly stage: string
  readonly input: ExecutorInput
  /** Laid over the worker's environment. */
  readonly env: Readonly<Record<string, string>>
}

export const NO_VALUES: Values = { parameters: {}, artifacts: {} }
