import { PressroomError } from '../../../core/errors.ts'
import type { CallOptions, GoogleCalls, Pending } from '../../../core/google/calls.ts'
import type { GoogleClients } from '../../../core/google/clients.ts'
import { type Listing, pagesOf } from '../../../core/google/pages.ts'
import { type Place, parentOf } from '../../../core/google/place.ts'
import { CODE, codeOf } from '../../../core/google/status.ts'
import { doOnce } from '../../../core/once.ts'
import type { JobBody } from './job.ts'
import { DIGEST_LABEL } from './labels.ts'
import { nameOf } from './place.ts'
import { type Job, readJob, readSchedule, type ScheduleRecord } from './records.ts'
import type { Operation, PipelineService, ScheduleService } from './services.ts'

/** A schedule that is to be created. */
export interface NewSchedule {
  readonly displayName: string
  readonly cron: string
  readonly maxConcurrency: number
  readonly allowQueueing: boolean
  readonly startsAt?: Date | undefined
  readonly endsAt?: Date | undefined
  readonly job: JobBody
}

/** Fields that a list shows; a job's specification alone may be a megabyte. */
const LISTED = ['name', 'display_name', 'state', 'create_time', 'end_time', 'labels']

/**
 * Pipeline jobs and schedules of one project and region, through the official client. Every method throws
 * PressroomErrors: `server-unreachable`, `not-signed-in`, `server-refused` with the server's message, `server-answer`.
 */
export class VertexClient implements AsyncDisposable {
  readonly place: Place
  readonly #clients: GoogleClients
  readonly #calls: GoogleCalls

  constructor(place: Place, clients: GoogleClients, calls: GoogleCalls) {
    this.place = place
    this.#clients = clients
    this.#calls = calls
  }

  /**
   * Creates a job, once: the server refuses a second one of the same id, and its digest tells whether that is the one that
   * was to be created, by a try whose answer was lost or by an earlier process.
   * @returns whether it was there already
   * @throws PressroomError `server-refused` for an id that another job has
   */
  async createJob(job: JobBody, id: string): Promise<{ readonly job: Job; readonly found: boolean }> {
    try {
      const request = { parent: parentOf(this.place), pipelineJob: job, pipelineJobId: id }
      const message = await this.#calls.repeat('CreatePipelineJob', options =>
        this.#pipelines.createPipelineJob(request, options),
      )
      return { job: readJob(message), found: false }
    } catch (error) {
      if (codeOf(error) !== CODE.alreadyExists) throw error
      const there = await this.job(id)
      if (there.labels[DIGEST_LABEL] === job.labels[DIGEST_LABEL]) return { job: there, found: true }
      throw new PressroomError('server-refused', `there is another job "${id}" already`, {
        where: `it is ${there.displayName}, ${there.state}, created ${there.createdAt}`,
        fix: 'give another --job-id, or none',
        cause: error,
      })
    }
  }

  async job(id: string): Promise<Job> {
    const name = nameOf(this.place, 'pipelineJobs', id)
    return readJob(
      await this.#calls.repeat('GetPipelineJob', options =>
        this.#pipelines.getPipelineJob({ name }, options),
      ),
    )
  }

  /** Jobs, newest first, without their specifications and tasks. */
  async *jobs(filter = ''): AsyncGenerator<Job> {
    const request = { filter, orderBy: 'create_time desc', readMask: { paths: LISTED } }
    const list = this.#pipelines.listPipelineJobs.bind(this.#pipelines)
    for await (const message of this.#pages('ListPipelineJobs', request, list)) yield readJob(message)
  }

  /**
   * Asks the server to cancel a job; one that is being cancelled is left to it.
   * @throws PressroomError `server-refused` for a job that has ended
   */
  async cancel(id: string): Promise<void> {
    const name = nameOf(this.place, 'pipelineJobs', id)
    try {
      await this.#calls.repeat('CancelPipelineJob', options =>
        this.#pipelines.cancelPipelineJob({ name }, options),
      )
    } catch (error) {
      if (codeOf(error) !== CODE.failedPrecondition) throw error
      const { state } = await this.job(id)
      if (state === 'CANCELLING' || state === 'CANCELLED') return
      throw new PressroomError('server-refused', `job ${id} cannot be cancelled`, {
        where: `it is ${state}`,
        cause: error,
      })
    }
  }

  /** Deletes a job that has ended. Its artifacts stay in the bucket. */
  async deleteJob(id: string): Promise<void> {
    const name = nameOf(this.place, 'pipelineJobs', id)
    await this.#delete('DeletePipelineJob', options => this.#pipelines.deletePipelineJob({ name }, options))
  }

  /** Creates a schedule that is on at once; `known` are ids of older ones that may have its name. */
  createSchedule(schedule: NewSchedule, known: readonly string[]): Promise<ScheduleRecord> {
    const parent = parentOf(this.place)
    const { displayName, cron, allowQueueing, startsAt, endsAt, job, maxConcurrency } = schedule
    const message = {
      displayName,
      cron,
      maxConcurrentRunCount: maxConcurrency,
      allowQueueing,
      ...(startsAt && { startTime: toTimestamp(startsAt) }),
      ...(endsAt && { endTime: toTimestamp(endsAt) }),
      createPipelineJobRequest: { parent, pipelineJob: job },
    }
    return doOnce(
      this.#calls,
      async () =>
        readSchedule(
          await this.#calls.once('CreateSchedule', options =>
            this.#schedules.createSchedule({ parent, schedule: message }, options),
          ),
        ),
      async () => {
        for await (const found of this.schedules(displayName)) if (!known.includes(found.id)) return found
        return undefined
      },
    )
  }

  /** Schedules, newest first. */
  async *schedules(displayName?: string): AsyncGenerator<ScheduleRecord> {
    const filter = displayName === undefined ? '' : `display_name=${quoted(displayName)}`
    const request = { filter, orderBy: 'create_time desc' }
    const list = this.#schedules.listSchedules.bind(this.#schedules)
    for await (const message of this.#pages('ListSchedules', request, list)) {
      // Schedules of notebooks are in the same list.
      if (message.createPipelineJobRequest != null) yield readSchedule(message)
    }
  }

  /** Pauses a schedule; jobs that it started go on. */
  async pauseSchedule(id: string): Promise<void> {
    const name = nameOf(this.place, 'schedules', id)
    await this.#calls.repeat('PauseSchedule', options => this.#schedules.pauseSchedule({ name }, options))
  }

  /** Resumes a paused schedule; starts that were missed are not made up for. */
  async resumeSchedule(id: string): Promise<void> {
    const request = { name: nameOf(this.place, 'schedules', id), catchUp: false }
    await this.#calls.repeat('ResumeSchedule', options => this.#schedules.resumeSchedule(request, options))
  }

  /** Deletes a schedule; jobs that it started stay. */
  async deleteSchedule(id: string): Promise<void> {
    const name = nameOf(this.place, 'schedules', id)
    await this.#delete('DeleteSchedule', options => this.#schedules.deleteSchedule({ name }, options))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#clients[Symbol.asyncDispose]()
  }

  get #pipelines(): PipelineService {
    return this.#clients.of('PipelineService')
  }

  get #schedules(): ScheduleService {
    return this.#clients.of('ScheduleService')
  }

  /** A deletion whose answer was lost finds nothing the next time: then it was done. */
  async #delete(request: string, send: (options: CallOptions) => Pending<Operation>): Promise<void> {
    let tries = 0
    try {
      const operation = await this.#calls.repeat(request, options => {
        tries += 1
        return send(options)
      })
      await this.#calls.repeat('GetOperation', async () => [await operation.promise()] as const)
    } catch (error) {
      if (codeOf(error) !== CODE.notFound || tries < 2) throw error
    }
  }

  #pages<T>(method: string, request: object, list: Listing<T>): AsyncGenerator<T> {
    return pagesOf(this.#calls, method, { parent: parentOf(this.place), ...request }, list)
  }
}

function toTimestamp(date: Date): { readonly seconds: number; readonly nanos: number } {
  const seconds = Math.floor(date.getTime() / 1000)
  return { seconds, nanos: (date.getTime() - seconds * 1000) * 1e6 }
}

/** A text in a filter (google.aip.dev/160). */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
