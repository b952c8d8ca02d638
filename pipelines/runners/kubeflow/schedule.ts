import { isDeepStrictEqual } from 'node:util'
import { PressroomError } from '../../../core/errors.ts'
import type { PipelineSpec, TaskSpec } from '../../specification.ts'
import { KubeflowClient, type NewRecurringRun } from './client.ts'
import { toKubeflowCron } from './cron.ts'
import type { RecurringRun } from './records.ts'
import { prepareRun, type Submission } from './submit.ts'
import type { Connection } from './transport.ts'

export interface ScheduleRequest extends Submission {
  readonly connection: Connection
  readonly namespace?: string
  /** Five fields, or six with seconds first, or `@daily` and its like. */
  readonly cron: string
  /** Runs at a time; a start that would be one more waits. 1 to 10; default 1. */
  readonly maxConcurrency?: number
  /** Whether starts that were missed, while the scheduler was off, are made up for. Default false. */
  readonly catchUp?: boolean
  /** Further attempts of each task, and seconds before each. Default none. */
  readonly retries?: { readonly count: number; readonly delaySeconds: number }
}

export interface Schedule {
  readonly id: string
  readonly name: string
  readonly cron: string
  readonly outcome: 'created' | 'replaced' | 'unchanged'
}

/**
 * Makes a pipeline run on a schedule. A recurring run of the name is the schedule: one that says the same is left as it is,
 * another one is replaced, so that calling this again never leaves two.
 * @throws PressroomError `invalid-setting`, `invalid-parameter`, and what the client throws
 */
export async function scheduleOnKubeflow(request: ScheduleRequest): Promise<Schedule> {
  const { connection, namespace, maxConcurrency = 1, catchUp = false, retries } = request
  const cron = toKubeflowCron(request.cron)
  if (!Number.isInteger(maxConcurrency) || maxConcurrency < 1 || maxConcurrency > 10) {
    throw new PressroomError(
      'invalid-setting',
      `runs at a time must be a whole number from 1 to 10, not ${maxConcurrency}`,
    )
  }
  const spec = retries === undefined ? request.spec : withRetries(request.spec, retries)
  const client = new KubeflowClient(connection, namespace)
  const run = await prepareRun(client, { ...request, spec })
  const displayName = request.name ?? spec.pipelineInfo.name
  const wanted: NewRecurringRun = { ...run, displayName, cron, maxConcurrency, catchUp }
  const existing = await client.recurringRuns(run.experimentId)
  const older = existing.filter(({ display_name: name }) => name === displayName)
  const same = older.find(found => saysTheSame(found, wanted))
  const ids = older.map(({ recurring_run_id: id }) => id)
  const id = same?.recurring_run_id ?? (await client.createRecurringRun(wanted, ids)).recurring_run_id
  // The new one first: a fault in between leaves a schedule too many, which the next call removes, never none.
  for (const old of ids.filter(each => each !== id)) await client.deleteRecurringRun(old)
  const outcome =
    ids.length === 0 ? 'created' : same !== undefined && ids.length === 1 ? 'unchanged' : 'replaced'
  return { id, name: displayName, cron, outcome }
}

function saysTheSame(found: RecurringRun, wanted: NewRecurringRun): boolean {
  return (
    found.status === 'ENABLED' &&
    found.trigger?.cron_schedule?.cron === wanted.cron &&
    found.max_concurrency === String(wanted.maxConcurrency) &&
    // A false flag is left out of the answer.
    (found.no_catchup ?? false) === !wanted.catchUp &&
    found.pipeline_version_reference?.pipeline_version_id === wanted.versionId &&
    isDeepStrictEqual(found.runtime_config?.parameters ?? {}, wanted.parameters) &&
    (found.runtime_config?.pipeline_root || undefined) === wanted.pipelineRoot
  )
}

/**
 * The specification with a retry policy on every container task that has none of its own. On the real back end the policy
 * covers only what Kubernetes did to a pod (evicted, refused, node lost): a container that exits non-zero is not tried
 * again (KFP's workflow-controller default is `retryPolicy: OnError`).
 */
function withRetries(
  spec: PipelineSpec,
  retries: { readonly count: number; readonly delaySeconds: number },
): PipelineSpec {
  const { count, delaySeconds } = retries
  if (![count, delaySeconds].every(value => Number.isInteger(value) && value >= 0)) {
    throw new PressroomError('invalid-setting', 'retries and their delay must be whole numbers from 0 up')
  }
  const policy = {
    maxRetryCount: count,
    backoffDuration: `${delaySeconds}s`,
    // The back end takes whole factors only; 1 keeps the delay as it is.
    backoffFactor: 1,
    backoffMaxDuration: `${Math.max(delaySeconds, 3600)}s`,
  }
  const components = spec.components ?? {}
  const retried = (task: TaskSpec): TaskSpec => {
    const isContainer = components[task.componentRef.name]?.executorLabel !== undefined
    return isContainer && task.retryPolicy === undefined ? { ...task, retryPolicy: policy } : task
  }
  const inside = <C extends PipelineSpec['root']>(component: C): C => {
    if (component.dag?.tasks === undefined) return component
    const tasks = Object.entries(component.dag.tasks).map(([key, task]) => [key, retried(task)])
    return { ...component, dag: { ...component.dag, tasks: Object.fromEntries(tasks) } }
  }
  const entries = Object.entries(components).map(([key, component]) => [key, inside(component)])
  return { ...spec, root: inside(spec.root), components: Object.fromEntries(entries) }
}
