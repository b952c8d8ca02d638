import type { KubeflowRunResult, WaitRequest } from '../../../pipelines/runners/kubeflow/index.ts'
import type { CommandContext } from '../../command.ts'
import { showProgress } from '../../progress.ts'
import { type Reach, reachKubeflow, readSubmission } from './connect.ts'

/** What every wait has from the command line: the way, its events shown as they come, and when it ends. */
function waiting(context: CommandContext, reach: Reach): Disposable & { readonly request: WaitRequest } {
  const { terminateOnCancel, logs } = context.settings
  const progress = showProgress(process.stdout, { logs: logs === true })
  const request: WaitRequest = {
    ...reach,
    signal: context.signal,
    terminateOnCancel: terminateOnCancel === true,
    logs: logs === true,
    onWarning: text => context.log.warn(text),
    onEvent: event => (context.json ? context.print(JSON.stringify(event)) : progress.onEvent(event)),
  }
  return { request, [Symbol.dispose]: () => progress[Symbol.dispose]() }
}

/** Waits for a run as `act` does, and tells how it ended. */
export async function follow(
  context: CommandContext,
  reach: Reach,
  act: (request: WaitRequest) => Promise<KubeflowRunResult>,
): Promise<void> {
  let result: KubeflowRunResult
  {
    using wait = waiting(context, reach)
    try {
      result = await act(wait.request)
    } catch (error) {
      // The entry shows only that the user stopped; what became of the run is said here.
      if (context.signal.aborted && error instanceof Error) context.log.warn(error.message)
      throw error
    }
  }
  if (result.error !== undefined) throw result.error
  const { id, url, state } = result
  context.print(context.json ? JSON.stringify({ type: 'result', id, url, state }) : `  ${url}`)
}

/** `pressroom run PIPELINE --on kubeflow`. */
export async function runPipelineOnKubeflow(context: CommandContext, pipeline: string): Promise<void> {
  const reach = await reachKubeflow(context)
  const submission = await readSubmission(context, pipeline)
  const { runOnKubeflow } = await import('../../../pipelines/runners/kubeflow/index.ts')
  const wait = context.settings.wait !== false
  await follow(context, reach, request => runOnKubeflow({ ...submission, ...request, wait }))
}
