import { checkJob, type SentJob } from './check-job.ts'
import { type ListRequest, listPage } from './lists.ts'
import type { Operations } from './operations.ts'
import { Refusal, Violations } from './refusal.ts'
import { checkPlace, found, type Home, now } from './resources.ts'

interface SentSchedule {
  readonly displayName: string
  readonly cron: string
  readonly startTime: Timestamp | null
  readonly endTime: Timestamp | null
  readonly maxConcurrentRunCount: string
  readonly allowQueueing: boolean
  readonly createPipelineJobRequest: {
    readonly parent: string
    readonly pipelineJob: SentJob | null
    readonly pipelineJobId: string
  } | null
}

interface Timestamp {
  readonly seconds: string | number
}

interface StoredSchedule extends SentSchedule {
  readonly name: string
  readonly createTime: object
  readonly nextRunTime: object
  state: 'ACTIVE' | 'PAUSED' | 'COMPLETED'
}

interface Named {
  readonly name: string
}

const CRON = /^(?:(?:CRON_)?TZ=[A-Za-z_]+(?:\/[A-Za-z_+-]+)*\d* )?\S+ \S+ \S+ \S+ \S+$/
const FILTERS = ['display_name', 'state']

/** `ScheduleService`: schedules are kept; none ever starts a job. */
export class ScheduleService {
  readonly schedules = new Map<string, StoredSchedule>()
  readonly #home: Home
  readonly #operations: Operations
  #next = 4000

  constructor(home: Home, operations: Operations) {
    this.#home = home
    this.#operations = operations
  }

  readonly handlers = {
    CreateSchedule: (request: { readonly parent: string; readonly schedule: SentSchedule | null }) => {
      const { parent, schedule: sent } = request
      checkPlace(this.#home, parent, 'aiplatform.schedules.create')
      const faults = new Violations()
      if (sent === null) faults.add('schedule', 'Required field is not set.')
      else this.#check(sent, parent, faults)
      faults.throwIfAny()
      const name = `${parent}/schedules/${this.#next++}`
      const { startTime, ...rest } = sent as SentSchedule
      const createTime = now()
      const schedule: StoredSchedule = {
        ...rest,
        startTime: startTime ?? createTime,
        name,
        createTime,
        nextRunTime: createTime,
        state: 'ACTIVE',
      }
      this.schedules.set(name, schedule)
      return schedule
    },

    ListSchedules: (request: ListRequest & { readonly parent: string }) => {
      checkPlace(this.#home, request.parent, 'aiplatform.schedules.list')
      const { items: schedules, nextPageToken } = listPage([...this.schedules.values()], request, FILTERS)
      return { schedules, nextPageToken }
    },

    PauseSchedule: ({ name }: Named) => this.#turn(name, 'ACTIVE', 'PAUSED'),

    ResumeSchedule: ({ name }: Named) => this.#turn(name, 'PAUSED', 'ACTIVE'),

    DeleteSchedule: ({ name }: Named) => {
      checkPlace(this.#home, name, 'aiplatform.schedules.delete')
      found(this.schedules, 'Schedule', name)
      this.schedules.delete(name)
      return this.#operations.start(name)
    },
  }

  #turn(name: string, from: StoredSchedule['state'], to: StoredSchedule['state']): object {
    checkPlace(this.#home, name, 'aiplatform.schedules.update')
    const schedule = found(this.schedules, 'Schedule', name)
    if (schedule.state !== from)
      throw new Refusal('FAILED_PRECONDITION', `The Schedule "${name}" is ${schedule.state}, not ${from}.`)
    schedule.state = to
    return {}
  }

  #check(sent: SentSchedule, parent: string, faults: Violations): void {
    const { createPipelineJobRequest: request, displayName, startTime, endTime } = sent
    const length = [...displayName].length
    faults.check(length > 0 && length <= 128, 'schedule.display_name', 'It must have 1 to 128 characters.')
    faults.check(CRON.test(sent.cron), 'schedule.cron', `Invalid cron: "${sent.cron}".`)
    const most = Number(sent.maxConcurrentRunCount)
    faults.check(most >= 1, 'schedule.max_concurrent_run_count', 'It must be at least 1.')
    if (endTime !== null) {
      const start = Number(startTime?.seconds ?? now().seconds)
      faults.check(Number(endTime.seconds) > start, 'schedule.end_time', 'It must be after start_time.')
    }
    if (request?.pipelineJob == null) {
      faults.add('schedule.request', 'Required field is not set.')
      return
    }
    faults.check(
      request.parent === parent,
      'create_pipeline_job_request.parent',
      'It must be that of the schedule.',
    )
    faults.check(
      request.pipelineJobId === '',
      'create_pipeline_job_request.pipeline_job_id',
      'It is not supported.',
    )
    checkJob(this.#home, request.pipelineJob, faults)
  }
}
