import { PressroomError } from '../../../core/errors.ts'
import type { NewSchedule } from './client.ts'
import { openVertex, type VertexConnection } from './connect.ts'
import { toVertexCron } from './cron.ts'
import { jobBody, type VertexSubmission } from './job.ts'
import { DIGEST_LABEL } from './labels.ts'
import { consoleUrl } from './place.ts'
import type { ScheduleRecord } from './records.ts'

export interface VertexScheduleRequest extends Omit<VertexSubmission, 'jobId'> {
  readonly connection: VertexConnection
  /** Five fields, `@daily` and its like, or either after `TZ=ZONE `. UTC without a zone. */
  readonly cron: string
  /** Runs at a time, from 1. Default 1. */
  readonly maxConcurrency?: number
  /** Whether a start beyond that number waits; otherwise it is left out. Default false. */
  readonly allowQueueing?: boolean
  /** The first and the last moment of a start: ISO 8601 with a time zone. */
  readonly startsAt?: string
  readonly endsAt?: string
}

export interface VertexSchedule {
  readonly id: string
  readonly name: string
  readonly cron: string
  readonly url: string
  readonly outcome: 'created' | 'replaced' | 'resumed' | 'unchanged'
}

/**
 * Makes a pipeline run on a schedule. A schedule of the display name is the schedule: one that says the same is left as it
 * is, and resumed when it is paused; another one is replaced, so that calling this again never leaves two.
 * @throws PressroomError `invalid-setting`, `invalid-parameter`, `invalid-pipeline`, and what the client throws
 */
export async function scheduleOnVertex(request: VertexScheduleRequest): Promise<VertexSchedule> {
  const { connection, spec } = request
  const name = request.name ?? spec.pipelineInfo.name
  const wanted = newSchedule(request, name)
  await using client = await openVertex(connection)
  const older: ScheduleRecord[] = []
  for await (const found of client.schedules(name)) older.push(found)
  const same = older.find(found => saysTheSame(found, wanted))
  const ids = older.map(({ id }) => id)
  const { id } = same ?? (await client.createSchedule(wanted, ids))
  if (same?.state === 'PAUSED') await client.resumeSchedule(id)
  // The new one first: a fault in between leaves a schedule too many, which the next call removes, never none.
  for (const old of ids.filter(each => each !== id)) await client.deleteSchedule(old)
  const url = consoleUrl(client.place, 'schedules', id)
  return { id, name, cron: wanted.cron, url, outcome: outcomeOf(older, same) }
}

function newSchedule(request: VertexScheduleRequest, displayName: string): NewSchedule {
  const { maxConcurrency = 1, allowQueueing = false, connection } = request
  if (!Number.isInteger(maxConcurrency) || maxConcurrency < 1) {
    throw new PressroomError(
      'invalid-setting',
      `runs at a time must be a whole number from 1 up, not ${maxConcurrency}`,
    )
  }
  const cron = toVertexCron(request.cron)
  const startsAt = timeOf('start', request.startsAt)
  const endsAt = timeOf('end', request.endsAt)
  if (endsAt !== undefined && endsAt.getTime() <= Math.max(Date.now(), startsAt?.getTime() ?? 0)) {
    throw new PressroomError('invalid-setting', `the schedule would end before it begins`, {
      where: `it begins ${startsAt?.toISOString() ?? 'now'} and ends ${endsAt.toISOString()}`,
    })
  }
  const { jobId: _, ...submission } = request as VertexScheduleRequest & { readonly jobId?: string }
  return {
    displayName,
    cron,
    maxConcurrency,
    allowQueueing,
    startsAt,
    endsAt,
    job: jobBody(submission, connection.location),
  }
}

function timeOf(what: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const time = new Date(text)
  if (/^\d{4}-\d\d-\d\dT.+(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(time.getTime())) return time
  throw new PressroomError('invalid-setting', `"${text}" is not a time to ${what} at`, {
    fix: 'give date, time and zone: 2027-01-31T02:00:00Z',
  })
}

function saysTheSame(found: ScheduleRecord, wanted: NewSchedule): boolean {
  return (
    found.state !== 'COMPLETED' &&
    found.cron === wanted.cron &&
    found.maxConcurrency === wanted.maxConcurrency &&
    found.allowQueueing === wanted.allowQueueing &&
    // Without a start of its own the server sets the time of creation.
    (wanted.startsAt === undefined || found.startsAt === wanted.startsAt.toISOString()) &&
    found.endsAt === wanted.endsAt?.toISOString() &&
    found.labels[DIGEST_LABEL] === wanted.job.labels[DIGEST_LABEL]
  )
}

function outcomeOf(
  older: readonly ScheduleRecord[],
  same: ScheduleRecord | undefined,
): VertexSchedule['outcome'] {
  if (older.length === 0) return 'created'
  if (same === undefined || older.length > 1) return 'replaced'
  return same.state === 'PAUSED' ? 'resumed' : 'unchanged'
}
