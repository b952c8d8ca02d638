import { findStage } from '../components/stages.ts'

/*
 * What the scripts in dist start. They share one bundle of this module; each way loads only what it needs.
 */

/** The root action. The bundle keeps the worker's script beside itself. */
export async function runPipeline(): Promise<void> {
  const { runPipelineAction } = await import('./pipeline/main.ts')
  await runPipelineAction(new URL('./worker.js', import.meta.url))
}

/** The action of one of the shipped stages. */
export async function runStage(name: string): Promise<void> {
  const { runStageAction } = await import('./runtime/stage.ts')
  await runStageAction(findStage(name)!)
}

/** A worker process of the local runner. */
export async function startWorker(): Promise<void> {
  await import('../pipelines/runners/local/worker.ts')
}

/** A thread of a search, started beside the bundle by core/choose/pool.ts. */
export async function startSearchThread(): Promise<void> {
  await import('../core/choose/search-thread.ts')
}
