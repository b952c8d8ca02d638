import type { CommandContext } from '../../command.ts'
import { follow } from '../follow.ts'
import { reachKubeflow, readSubmission } from './connect.ts'

/** `pressroom run PIPELINE --on kubeflow`. */
export async function runPipelineOnKubeflow(context: CommandContext, pipeline: string): Promise<void> {
  const reach = await reachKubeflow(context)
  const submission = await readSubmission(context, pipeline)
  const { runOnKubeflow } = await import('../../../pipelines/runners/kubeflow/index.ts')
  const wait = context.settings.wait !== false
  await follow(context, watching => runOnKubeflow({ ...submission, ...reach, ...watching, wait }))
}
