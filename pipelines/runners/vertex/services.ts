import type { Listing, Method } from '../../../core/google/pages.ts'
import type { JobMessage, ScheduleMessage } from './records.ts'

/** A long-running operation of google-gax. */
export interface Operation {
  promise(): Promise<unknown>
}

/** What is used of `v1.PipelineServiceClient`. */
export interface PipelineService {
  readonly createPipelineJob: Method<JobMessage>
  readonly getPipelineJob: Method<JobMessage>
  readonly listPipelineJobs: Listing<JobMessage>
  readonly cancelPipelineJob: Method<unknown>
  readonly deletePipelineJob: Method<Operation>
}

/** What is used of `v1.ScheduleServiceClient`. */
export interface ScheduleService {
  readonly createSchedule: Method<ScheduleMessage>
  readonly listSchedules: Listing<ScheduleMessage>
  readonly pauseSchedule: Method<unknown>
  readonly resumeSchedule: Method<unknown>
  readonly deleteSchedule: Method<Operation>
}
