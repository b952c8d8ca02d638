import { type ErrorCode, PressroomError } from '../errors.ts'
import {
  type FeaturesResult,
  type FitResult,
  fitChain,
  type Job,
  type JobControl,
  makeFeatures,
  type World,
} from './jobs.ts'

/** What came of a job, as a thread answers it. */
export type JobResult<J extends Job> = J extends { kind: 'features' } ? FeaturesResult : FitResult

export type Reply =
  | { readonly result: FeaturesResult | FitResult }
  | {
      readonly error: {
        readonly code: ErrorCode
        readonly what: string
        readonly where?: string | undefined
        readonly fix?: string | undefined
      }
    }

export function runJob<J extends Job>(world: World, job: J, control: JobControl): Promise<JobResult<J>> {
  const made = job.kind === 'features' ? makeFeatures(world, job, control) : fitChain(world, job, control)
  return made as Promise<JobResult<J>>
}

/** An error as plain data, which a thread can send. */
export function replyOf({ code, what, where, fix }: PressroomError): Reply {
  return { error: { code, what, where, fix } }
}

/** @throws PressroomError that the thread sent */
export function resultOf(reply: Reply): FeaturesResult | FitResult {
  if ('result' in reply) return reply.result
  const { code, what, where, fix } = reply.error
  throw new PressroomError(code, what, { where, fix })
}
