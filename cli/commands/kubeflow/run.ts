import { startsStage } from '../../../components/image.ts'
import { PressroomError } from '../../../core/errors.ts'
import {
  KubeflowClient,
  logsOfRun,
  scheduleOnKubeflow,
  specOfRun,
  uploadPipeline,
  waitForRun,
} from '../../../pipelines/runners/kubeflow/index.ts'
import type { PipelineSpec } from '../../../pipelines/specification.ts'
import type { CommandContext } from '../../command.ts'
import { table } from '../../table.ts'
import { follow } from '../follow.ts'
import type { ACTIONS } from './command.ts'
import { type Reach, reachKubeflow, readSubmission } from './connect.ts'

type Action = (typeof ACTIONS)[number]

/** `pressroom kubeflow ACTION`. */
export async function kubeflowCommand(context: CommandContext): Promise<void> {
  const action = context.settings.action as Action
  const reach = await reachKubeflow(context)
  const client = new KubeflowClient({ ...reach.connection, signal: context.signal }, reach.namespace)
  return ACTS[action](context, client, reach)
}

type Act = (context: CommandContext, client: KubeflowClient, reach: Reach) => Promise<void>

const ACTS: Readonly<Record<Action, Act>> = {
  async upload(context, client) {
    const upload = await uploadPipeline(client, await readSubmission(context, wanted(context, 'a pipeline')))
    const { version, versionId, uploaded } = upload
    tell(context, upload, `${uploaded ? 'uploaded' : 'there already:'} ${version}  ${versionId}`)
  },

  async runs(context, client) {
    const most = context.settings.most as number
    const rows: (readonly string[])[] = []
    for await (const {
      run_id: id,
      display_name: name = '',
      state = '-',
      created_at: created = '',
    } of client.runs()) {
      rows.push([id, name, state, created])
      if (rows.length === most) break
    }
    const runs = rows.map(([id, name, state, createdAt]) => ({ id, name, state, createdAt }))
    tell(context, { runs }, rows.length === 0 ? 'no runs' : table(['run', 'name', 'state', 'created'], rows))
  },

  async wait(context, client, reach) {
    const id = wanted(context, 'the id of a run')
    const spec = await specOfRun(client, await client.run(id))
    await follow(context, watching => waitForRun({ ...reach, ...watching }, id, spec))
  },

  async logs(context, client, { cluster }) {
    const runId = wanted(context, 'the id of a run')
    const logs = await logsOfRun({ client, runId, cluster }, context.settings.task as string | undefined)
    const texts = logs.map(
      ({ task, log }) => `${task}\n${(log ?? 'its log is not to be had').replace(/^/gm, '  ').trimEnd()}`,
    )
    tell(context, { logs }, texts.length === 0 ? 'no task has started a pod' : texts.join('\n\n'))
  },

  async terminate(context, client) {
    const id = wanted(context, 'the id of a run')
    await client.terminate(id)
    tell(context, { id, state: 'CANCELING' }, `run ${id} is being terminated; its exit tasks do not run`)
  },

  async retry(context, client, reach) {
    const id = wanted(context, 'the id of a run')
    await client.retry(id)
    if (context.settings.wait === false) return tell(context, { id, state: 'RUNNING' }, `run ${id} goes on`)
    await ACTS.wait(context, client, reach)
  },

  async schedule(context, _, { connection, namespace }) {
    const { cron, concurrency, retries, retryDelay } = context.settings
    if (cron === undefined)
      throw new PressroomError('usage', 'schedule needs --cron', { fix: 'for example --cron "0 2 * * *"' })
    const submission = await readSubmission(context, wanted(context, 'a pipeline'))
    if (Number(retries) > 0 && runsForeign(submission.spec)) {
      context.log.warn(
        '--retries covers pods that are lost; a container that ends with an error is tried again only by stages of ours',
      )
    }
    const schedule = await scheduleOnKubeflow({
      ...submission,
      connection,
      ...(namespace !== undefined && { namespace }),
      cron: cron as string,
      maxConcurrency: concurrency as number,
      ...(Number(retries) > 0 && { retries: { count: Number(retries), delaySeconds: Number(retryDelay) } }),
    })
    tell(
      context,
      schedule,
      `${schedule.outcome}: ${schedule.name} at ${schedule.cron} (seconds first)  ${schedule.id}`,
    )
  },

  async unschedule(context, client) {
    const name = wanted(context, "a schedule's name")
    const experiment = await client.experiment(context.settings.experiment as string)
    const found = (await client.recurringRuns(experiment)).filter(each => each.display_name === name)
    for (const { recurring_run_id: id } of found) await client.deleteRecurringRun(id)
    tell(
      context,
      { deleted: found.length },
      found.length === 0 ? `no schedule "${name}"` : `${name} is scheduled no more`,
    )
  },
}

/** Whether it starts containers that are no stages of ours. */
function runsForeign({ deploymentSpec }: PipelineSpec): boolean {
  return Object.values(deploymentSpec?.executors ?? {}).some(
    ({ container }) => container !== undefined && !startsStage(container),
  )
}

function wanted({ settings }: CommandContext, what: string): string {
  if (settings.of !== undefined) return String(settings.of)
  throw new PressroomError('usage', `kubeflow ${settings.action} needs ${what}`, {
    fix: 'see pressroom kubeflow --help',
  })
}

function tell({ json, print }: CommandContext, data: object, text: string): void {
  print(json ? JSON.stringify(data) : text)
}
