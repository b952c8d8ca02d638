import { idOf } from '../../../core/google/place.ts'
import { fromStruct, type ProtoStruct } from '../../../core/google/struct.ts'

/**
 * What the official client gives, as far as it is read here (google/cloud/aiplatform/v1, pipeline_job.proto and
 * schedule.proto): whole numbers of 64 bits and enumerations as text, absent messages null, absent texts empty.
 */
export interface JobMessage {
  readonly name: string
  readonly displayName?: string
  readonly state?: string
  readonly createTime?: Timestamp | null
  readonly startTime?: Timestamp | null
  readonly endTime?: Timestamp | null
  readonly labels?: Readonly<Record<string, string>>
  readonly error?: Status | null
  readonly pipelineSpec?: ProtoStruct | null
  readonly jobDetail?: { readonly taskDetails?: readonly TaskMessage[] } | null
}

interface TaskMessage {
  readonly taskId?: string
  readonly parentTaskId?: string
  readonly taskName?: string
  readonly state?: string
  readonly createTime?: Timestamp | null
  readonly startTime?: Timestamp | null
  readonly endTime?: Timestamp | null
  readonly error?: Status | null
  readonly pipelineTaskStatus?: readonly { readonly error?: Status | null }[]
  readonly executorDetail?: {
    readonly containerDetail?: { readonly mainJob?: string } | null
    readonly customJobDetail?: { readonly job?: string } | null
  } | null
}

export interface ScheduleMessage {
  readonly name: string
  readonly displayName?: string
  readonly state?: string
  readonly cron?: string
  readonly nextRunTime?: Timestamp | null
  readonly startTime?: Timestamp | null
  readonly endTime?: Timestamp | null
  readonly maxConcurrentRunCount?: string
  readonly allowQueueing?: boolean
  readonly createPipelineJobRequest?: { readonly pipelineJob?: JobMessage | null } | null
}

interface Timestamp {
  readonly seconds?: string | number | null
  readonly nanos?: number | null
}

interface Status {
  readonly code?: number
  readonly message?: string
}

/** A pipeline job. */
export interface Job {
  readonly id: string
  readonly displayName: string
  /** Without its prefix: `RUNNING`. Not a closed list: a state that a newer server has must not break the wait. */
  readonly state: string
  /** ISO 8601, as all times here. */
  readonly createdAt: string | undefined
  readonly endedAt: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly error: string | undefined
  readonly tasks: readonly TaskDetail[]
  /** The compiled pipeline, as JSON; undefined where a list leaves it out. */
  readonly spec: () => unknown
}

/** One entry of a job's list of tasks. */
export interface TaskDetail {
  readonly id: string
  readonly parent: string | undefined
  readonly name: string
  readonly state: string
  readonly startedAt: string | undefined
  readonly endedAt: string | undefined
  readonly error: string | undefined
  /** The id of the custom job that its container ran in. */
  readonly customJob: string | undefined
}

/** A schedule of pipeline jobs. */
export interface ScheduleRecord {
  readonly id: string
  readonly displayName: string
  /** `ACTIVE`, `PAUSED`, `COMPLETED`. */
  readonly state: string
  readonly cron: string
  readonly nextRunAt: string | undefined
  readonly startsAt: string | undefined
  readonly endsAt: string | undefined
  readonly maxConcurrency: number
  readonly allowQueueing: boolean
  /** Labels of the jobs it creates. */
  readonly labels: Readonly<Record<string, string>>
}

export function readJob(message: JobMessage): Job {
  const { pipelineSpec } = message
  return {
    id: idOf(message.name),
    displayName: message.displayName ?? '',
    state: (message.state ?? '').replace('PIPELINE_STATE_', ''),
    createdAt: timeOf(message.createTime),
    endedAt: timeOf(message.endTime),
    labels: message.labels ?? {},
    error: messageOf(message.error),
    tasks: (message.jobDetail?.taskDetails ?? []).map(readTask),
    spec: () => (pipelineSpec == null ? undefined : fromStruct(pipelineSpec)),
  }
}

function readTask(message: TaskMessage): TaskDetail {
  const { executorDetail, parentTaskId = '', pipelineTaskStatus = [] } = message
  const job = executorDetail?.containerDetail?.mainJob || executorDetail?.customJobDetail?.job
  const last = pipelineTaskStatus.findLast(status => messageOf(status.error) !== undefined)
  return {
    id: message.taskId ?? '',
    parent: parentTaskId === '' || parentTaskId === '0' ? undefined : parentTaskId,
    name: message.taskName ?? '',
    state: message.state ?? '',
    startedAt: timeOf(message.startTime) ?? timeOf(message.createTime),
    endedAt: timeOf(message.endTime),
    error: messageOf(message.error) ?? messageOf(last?.error),
    customJob: job ? idOf(job) : undefined,
  }
}

export function readSchedule(message: ScheduleMessage): ScheduleRecord {
  return {
    id: idOf(message.name),
    displayName: message.displayName ?? '',
    state: message.state ?? '',
    cron: message.cron ?? '',
    nextRunAt: timeOf(message.nextRunTime),
    startsAt: timeOf(message.startTime),
    endsAt: timeOf(message.endTime),
    maxConcurrency: Number(message.maxConcurrentRunCount ?? 0),
    allowQueueing: message.allowQueueing === true,
    labels: message.createPipelineJobRequest?.pipelineJob?.labels ?? {},
  }
}

function timeOf(timestamp: Timestamp | null | undefined): string | undefined {
  if (timestamp == null) return undefined
  const time = new Date(Number(timestamp.seconds ?? 0) * 1000 + Number(timestamp.nanos ?? 0) / 1e6)
  // 64 bits hold more seconds than any calendar has.
  return Number.isNaN(time.valueOf()) ? undefined : time.toISOString()
}

function messageOf(status: Status | null | undefined): string | undefined {
  return status?.message || undefined
}
