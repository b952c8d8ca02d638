import type { AnyStage } from '../../../components/definition/index.ts'
import { stageOfContainer } from '../../../components/image.ts'
import type { ArtifactTypeSchema, ExecutorSpec, PipelineSpec } from '../../specification.ts'
import type { CacheEntry } from './cache.ts'
import { ContainerWork } from './container-work.ts'
import type { TaskCall } from './dag.ts'
import type { Engine } from './engine.ts'
import { ImporterWork } from './importer-work.ts'
import type { WorkerPool } from './pool.ts'
import { StageWork } from './stage-work.ts'
import type { TaskLog } from './task-log.ts'

/** What a task does, whoever does it. */
export interface Work {
  /** Who does it: the stage, or the image. */
  readonly by: string
  /** The artifacts that it makes. */
  readonly artifacts: Readonly<Record<string, ArtifactTypeSchema>>
  /** The URI of one of them. */
  locate(artifact: string): string
  /** What its result is kept by, 64 hex digits; undefined when it must not be. */
  key(): Promise<string | undefined>
  /**
   * Does it once; the folder of outputs is there and empty.
   * @param stop ends it; what then comes of it is of no interest
   */
  run(stop: AbortSignal): Promise<CacheEntry>
}

/** What all kinds of work need of the run. */
export interface WorkSetup {
  readonly spec: PipelineSpec
  readonly stages: ReadonlyMap<string, AnyStage>
  readonly pool: WorkerPool
  /** None when no task needs one. */
  readonly engine: Engine | undefined
  /** The run's id and folder. */
  readonly record: { readonly id: string; readonly folder: string }
  /** From `codeFingerprint`. */
  readonly code: string
  readonly env: NodeJS.ProcessEnv
  /** The folder of runs and cache. */
  readonly home: string
}

/** The work that a task's executor names; `planRun` has made sure that it can be done here. */
export function workOf(setup: WorkSetup, call: TaskCall, folder: string, log: TaskLog): Work {
  const executors = setup.spec.deploymentSpec?.executors ?? {}
  const { importer, container } = executors[call.component.executorLabel ?? ''] as ExecutorSpec
  if (importer !== undefined) return new ImporterWork(importer, call, setup.home)
  const stage = setup.stages.get(stageOfContainer(container ?? {}, setup.stages) ?? '')
  return stage === undefined
    ? new ContainerWork(container as ContainerOf, setup, call, folder, log)
    : new StageWork(stage, container as ContainerOf, setup, call, folder, log)
}

type ContainerOf = NonNullable<ExecutorSpec['container']>
