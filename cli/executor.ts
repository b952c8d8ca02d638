import type { AnyStage } from '../components/definition/index.ts'
import { execute, parseExecutorInput } from '../components/faces/executor.ts'
import { asStageError } from '../components/faces/stage-error.ts'
import { stderrLog } from './output.ts'

/** Runs a stage the way Kubeflow's launcher calls it; the task's log is standard error. */
export async function runExecutor(stage: AnyStage, input: string, signal: AbortSignal): Promise<void> {
  const { summary } = await execute(stage, parseExecutorInput(input), {
    log: stderrLog,
    signal,
    env: process.env,
  }).catch((error: unknown) => {
    throw asStageError(stage.name, error)
  })
  stderrLog.info(`${stage.name}: ${summary}`)
}
