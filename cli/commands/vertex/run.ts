import { PressroomError } from '../../../core/errors.ts'
import { suggest } from '../../../core/nearest.ts'
import {
  consoleUrl,
  openVertex,
  scheduleOnVertex,
  tasksOfJob,
  type VertexClient,
  waitForJob,
} from '../../../pipelines/runners/vertex/index.ts'
import type { CommandContext } from '../../command.ts'
import { table } from '../../table.ts'
import { follow } from '../follow.ts'
import type { ACTIONS } from './command.ts'
import { readVertexSubmission, vertexConnection } from './submit.ts'

type Action = (typeof ACTIONS)[number]
type Act = (context: CommandContext) => Promise<void>

/** `pressroom vertex ACTION`. */
export async function vertexCommand(context: CommandContext): Promise<void> {
  return ACTS[context.settings.action as Action](context)
}

const ACTS: Readonly<Record<Action, Act>> = {
  jobs: withClient(async (context, client) => {
    const { most, filter = '' } = context.settings as { readonly most: number; readonly filter?: string }
    const jobs = await firstOf(client.jobs(filter), most)
    const shown = jobs.map(({ id, displayName: name, state, createdAt = '' }) => ({
      id,
      name,
      state,
      createdAt,
    }))
    tell(context, { jobs: shown }, listed('no jobs', ['job', 'name', 'state', 'created'], shown))
  }),

  show: withClient(async (context, client) => {
    const job = await client.job(wanted(context, 'the id of a job'))
    const tasks = tasksOfJob(job)
    const { id, displayName: name, state, createdAt, endedAt, labels, error } = job
    const url = consoleUrl(client.place, 'runs', id)
    const lines = tasks
      .filter(({ group }) => !group)
      .map(({ task, vertexState, error = '' }) => ({ task, state: vertexState || '-', error }))
    const text = [
      `${name}  ${state}`,
      listed('no task has begun', ['task', 'state', 'error'], lines),
      ...(error === undefined ? [] : [error]),
      url,
    ]
    tell(context, { id, name, state, createdAt, endedAt, labels, error, url, tasks }, text.join('\n'))
  }),

  async wait(context) {
    const id = wanted(context, 'the id of a job')
    const connection = vertexConnection(context)
    await follow(context, watching => waitForJob({ connection, ...watching }, id))
  },

  cancel: withClient(async (context, client) => {
    const id = wanted(context, 'the id of a job')
    await client.cancel(id)
    tell(context, { id, state: 'CANCELLING' }, `job ${id} is being cancelled`)
  }),

  delete: withClient(async (context, client) => {
    const id = wanted(context, 'the id of a job')
    await client.deleteJob(id)
    tell(context, { id, deleted: true }, `job ${id} is deleted; its artifacts stay in the bucket`)
  }),

  async schedule(context) {
    const { cron, concurrency, queue, start, end, jobId } = context.settings
    if (cron === undefined)
      throw new PressroomError('usage', 'schedule needs --cron', { fix: 'for example --cron "0 2 * * *"' })
    if (jobId !== undefined)
      throw new PressroomError('usage', '--job-id cannot go with schedule', {
        fix: 'leave it out: each start makes a job of its own',
      })
    const schedule = await scheduleOnVertex({
      ...(await readVertexSubmission(context, wanted(context, 'a pipeline'))),
      connection: { ...vertexConnection(context), signal: context.signal },
      cron: cron as string,
      maxConcurrency: concurrency as number,
      allowQueueing: queue as boolean,
      ...(start !== undefined && { startsAt: start as string }),
      ...(end !== undefined && { endsAt: end as string }),
    })
    const { outcome, name, id, url } = schedule
    tell(context, schedule, `${outcome}: ${name} at ${schedule.cron}  ${id}\n  ${url}`)
  },

  schedules: withClient(async (context, client) => {
    const found = await firstOf(client.schedules(), context.settings.most as number)
    const shown = found.map(({ id, displayName: name, cron, state, nextRunAt = '' }) => {
      return { id, name, cron, state, next: nextRunAt }
    })
    const text = listed('no schedules', ['schedule', 'name', 'cron', 'state', 'next'], shown)
    tell(context, { schedules: shown }, text)
  }),

  pause: withClient(async (context, client) => {
    const found = await schedulesNamed(context, client)
    for (const { id, state } of found) if (state === 'ACTIVE') await client.pauseSchedule(id)
    tell(context, { paused: found.length }, `${context.settings.of} is paused; jobs that it started go on`)
  }),

  resume: withClient(async (context, client) => {
    const found = await schedulesNamed(context, client)
    for (const { id, state } of found) if (state === 'PAUSED') await client.resumeSchedule(id)
    tell(context, { resumed: found.length }, `${context.settings.of} is on again`)
  }),

  unschedule: withClient(async (context, client) => {
    const found = await schedulesNamed(context, client)
    for (const { id } of found) await client.deleteSchedule(id)
    tell(context, { deleted: found.length }, `${context.settings.of} is scheduled no more`)
  }),
}

function withClient(act: (context: CommandContext, client: VertexClient) => Promise<void>): Act {
  return async context => {
    await using client = await openVertex({ ...vertexConnection(context), signal: context.signal })
    await act(context, client)
  }
}

/** The schedules of the name that was given, or the one of that id. */
async function schedulesNamed(context: CommandContext, client: VertexClient) {
  const name = wanted(context, "a schedule's name")
  const all = await firstOf(client.schedules(), Number.POSITIVE_INFINITY)
  const found = all.filter(({ displayName, id }) => displayName === name || id === name)
  if (found.length > 0) return found
  const names = all.map(({ displayName }) => displayName)
  throw new PressroomError('invalid-setting', `no schedule "${name}"`, {
    where:
      names.length === 0
        ? 'there are none in this project and region'
        : `there are: ${names.join(', ')}${suggest(name, names)}`,
  })
}

async function firstOf<T>(all: AsyncIterable<T>, most: number): Promise<T[]> {
  const first: T[] = []
  for await (const each of all) {
    first.push(each)
    if (first.length === most) break
  }
  return first
}

function wanted({ settings }: CommandContext, what: string): string {
  if (settings.of !== undefined) return String(settings.of)
  throw new PressroomError('usage', `vertex ${settings.action} needs ${what}`, {
    fix: 'see pressroom vertex --help',
  })
}

function listed(none: string, head: readonly string[], rows: readonly object[]): string {
  return rows.length === 0
    ? none
    : table(
        head,
        rows.map(row => Object.values(row).map(String)),
      )
}

function tell({ json, print }: CommandContext, data: object, text: string): void {
  print(json ? JSON.stringify(data) : text)
}
