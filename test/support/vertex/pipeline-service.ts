import { fromStruct, type ProtoStruct } from '../../../core/google/struct.ts'
import type { PipelineSpec } from '../../../pipelines/specification.ts'
import { checkJob, type SentJob } from './check-job.ts'
import { type Course, type Fate, planCourse } from './job-course.ts'
import { type ListRequest, listPage } from './lists.ts'
import type { Operations } from './operations.ts'
import { Refusal, Violations } from './refusal.ts'
import { checkPlace, found, type Home, now } from './resources.ts'

interface StoredJob {
  readonly sent: SentJob
  readonly name: string
  readonly createTime: object
  readonly course: Course
  tick: number
  cancelledAt?: number
  paused?: boolean
}

interface Named {
  readonly name: string
}

const FILTERS = ['pipeline_name', 'display_name', 'state', 'labels']

/** `PipelineService`: jobs that go on by a tick, or several, each time they are looked at. */
export class PipelineService {
  readonly jobs = new Map<string, StoredJob>()
  /** What becomes of each task; by its path. */
  fate: (task: string) => Fate = () => 'succeeds'
  /** Ticks by which a look moves a job on. */
  pace = 1
  readonly #home: Home
  readonly #operations: Operations

  constructor(home: Home, operations: Operations) {
    this.#home = home
    this.#operations = operations
  }

  readonly handlers = {
    CreatePipelineJob: (request: {
      readonly parent: string
      readonly pipelineJob: SentJob | null
      readonly pipelineJobId: string
    }) => {
      const { parent, pipelineJob: sent, pipelineJobId: id } = request
      checkPlace(this.#home, parent, 'aiplatform.pipelineJobs.create')
      const faults = new Violations()
      faults.check(
        /^[a-z][-a-z0-9]{0,127}$/.test(id),
        'pipeline_job_id',
        'It must match ^[a-z][-a-z0-9]{0,127}$.',
      )
      if (sent === null) faults.add('pipeline_job', 'Required field is not set.')
      else checkJob(this.#home, sent, faults)
      faults.throwIfAny()
      const name = `${parent}/pipelineJobs/${id}`
      if (this.jobs.has(name))
        throw new Refusal('ALREADY_EXISTS', `The PipelineJob "${name}" already exists.`)
      const job = this.#start(name, sent as SentJob)
      this.jobs.set(name, job)
      return this.#shown(job)
    },

    GetPipelineJob: ({ name }: Named) => {
      checkPlace(this.#home, name, 'aiplatform.pipelineJobs.get')
      const job = found(this.jobs, 'PipelineJob', name)
      if (!job.paused) job.tick += this.pace
      return this.#shown(job)
    },

    ListPipelineJobs: (
      request: ListRequest & {
        readonly parent: string
        readonly readMask: { readonly paths: string[] } | null
      },
    ) => {
      checkPlace(this.#home, request.parent, 'aiplatform.pipelineJobs.list')
      const shown = [...this.jobs.values()].map(job => ({ ...this.#shown(job), jobDetail: null }))
      const { items, nextPageToken } = listPage(shown, request, FILTERS)
      return { pipelineJobs: items.map(item => masked(item, request.readMask?.paths ?? [])), nextPageToken }
    },

    CancelPipelineJob: ({ name }: Named) => {
      checkPlace(this.#home, name, 'aiplatform.pipelineJobs.cancel')
      const job = found(this.jobs, 'PipelineJob', name)
      if (isOver(job)) {
        throw new Refusal('FAILED_PRECONDITION', `The PipelineJob "${name}" is in a terminal state.`)
      }
      job.cancelledAt ??= job.tick
      return {}
    },

    DeletePipelineJob: ({ name }: Named) => {
      checkPlace(this.#home, name, 'aiplatform.pipelineJobs.delete')
      if (!isOver(found(this.jobs, 'PipelineJob', name))) {
        throw new Refusal(
          'FAILED_PRECONDITION',
          `The PipelineJob "${name}" is running and cannot be deleted.`,
        )
      }
      this.jobs.delete(name)
      return this.#operations.start(name)
    },
  }

  #start(name: string, sent: SentJob): StoredJob {
    const spec = fromStruct(sent.pipelineSpec as ProtoStruct) as unknown as PipelineSpec
    const failFast = sent.runtimeConfig?.failurePolicy === 'PIPELINE_FAILURE_POLICY_FAIL_FAST'
    const course = planCourse(name.slice(name.lastIndexOf('/') + 1), spec, task => this.fate(task), failFast)
    return { sent, name, createTime: now(), course, tick: 0 }
  }

  #shown(job: StoredJob) {
    const { sent, name, createTime, course, tick, cancelledAt } = job
    const state = stateOf(job)
    const message =
      state === 'FAILED'
        ? `The DAG failed because some tasks failed. The failed tasks are: [${course.failed.join(', ')}].`
        : 'The pipeline job was cancelled.'
    return {
      ...sent,
      name,
      createTime,
      startTime: createTime,
      ...(isOver(job) && { endTime: now() }),
      state: `PIPELINE_STATE_${state}`,
      jobDetail: { taskDetails: course.details(tick, cancelledAt) },
      ...((state === 'FAILED' || state === 'CANCELLED') && {
        error: { code: state === 'FAILED' ? 9 : 1, message },
      }),
    }
  }
}

function stateOf({ tick, course, cancelledAt, paused }: StoredJob): string {
  if (paused) return 'PAUSED'
  if (cancelledAt !== undefined) return tick > cancelledAt ? 'CANCELLED' : 'CANCELLING'
  if (tick === 0) return 'PENDING'
  return tick < course.end ? 'RUNNING' : course.failed.length > 0 ? 'FAILED' : 'SUCCEEDED'
}

function isOver(job: StoredJob): boolean {
  return ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(stateOf(job))
}

/** Only the fields of a mask, whose paths are in snake_case. */
function masked(item: object, paths: readonly string[]): object {
  if (paths.length === 0) return item
  const keys = paths.map(path => path.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()))
  return Object.fromEntries(Object.entries(item).filter(([key]) => keys.includes(key)))
}
