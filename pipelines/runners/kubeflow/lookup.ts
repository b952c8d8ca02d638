import { PressroomError } from '../../../core/errors.ts'
import { suggest } from '../../../core/nearest.ts'
import { isObject } from '../../../core/object.ts'
import type { PipelineSpec } from '../../specification.ts'
import { aServedSpec } from '../served-spec.ts'
import type { KubeflowClient } from './client.ts'
import { readTasks } from './nodes.ts'
import { PodLogs, type PodLogsOptions } from './pod-logs.ts'
import type { Run } from './records.ts'

/**
 * The compiled pipeline that a run was made from.
 * @throws PressroomError `server-answer` when the run names none, and what the client throws
 */
export async function specOfRun(client: KubeflowClient, run: Run): Promise<PipelineSpec> {
  const { pipeline_id: pipeline, pipeline_version_id: version } = run.pipeline_version_reference ?? {}
  const stored =
    pipeline !== undefined && version !== undefined
      ? (await client.version(pipeline, version)).pipeline_spec
      : run.pipeline_spec
  // With a platform document beside it, it lies one level deeper.
  const spec = isObject(stored) && isObject(stored.pipeline_spec) ? stored.pipeline_spec : stored
  try {
    return aServedSpec(spec, 'it')
  } catch (cause) {
    throw new PressroomError('server-answer', `run ${run.run_id} does not say which pipeline it is of`, {
      where: (cause as Error).message,
      fix: 'only runs of compiled pipelines, of Kubeflow Pipelines 2, can be read',
    })
  }
}

/** A task's log: that of its newest pod. */
export interface TaskLog {
  readonly task: string
  /** Undefined when the server has none. */
  readonly log: string | undefined
}

/**
 * The logs of a run's tasks, in the pipeline's order; of those that had a pod.
 * @param task one task only, by its path
 * @throws PressroomError `invalid-setting` for a task the run does not have, and what the client throws
 */
export async function logsOfRun(options: PodLogsOptions, task?: string): Promise<TaskLog[]> {
  const { client, runId: id } = options
  const run = await client.run(id)
  const views = readTasks(await specOfRun(client, run), run.run_details?.task_details ?? [])
  const started = views.filter(({ nodes }) => nodes.length > 0)
  const names = started.map(view => view.task)
  if (task !== undefined && !names.includes(task)) {
    throw new PressroomError('invalid-setting', `run ${id} has no pod of a task "${task}"`, {
      where:
        names.length === 0
          ? 'no task of it has started a pod'
          : `it has: ${names.join(', ')}${suggest(task, names)}`,
    })
  }
  const logs = new PodLogs(options)
  const wanted = started.filter(view => task === undefined || view.task === task)
  return Promise.all(
    wanted.map(async view => ({ task: view.task, log: await logs.read(view.nodes.at(-1) ?? '') })),
  )
}
