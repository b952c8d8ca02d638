import { randomBytes } from 'node:crypto'
import type { Json } from '../../../components/definition/index.ts'
import { type ProtoStruct, type ProtoValue, toStruct, toValue } from '../../../core/google/struct.ts'
import { digestBytes } from '../../../core/storage/digest.ts'
import { requireTarget } from '../../compiler/index.ts'
import type { PipelineSpec, PlatformSpec } from '../../specification.ts'
import { bindParameters } from '../local/parameters.ts'
import { withCaching } from './caching.ts'
import { checkSettings } from './job-settings.ts'
import { DIGEST_LABEL } from './labels.ts'

/** A compiled pipeline, and what a job of it is created with. */
export interface VertexSubmission {
  readonly spec: PipelineSpec
  /** The second document of a compiled file: Vertex AI reads one only, so that this is refused. */
  readonly platform?: PlatformSpec
  /** Values by pipeline input; the server fills in the defaults of what is left out. */
  readonly parameters?: Readonly<Record<string, Json>>
  /** Where artifacts are kept, `gs://…`. Default: the specification's. Vertex AI has none of its own. */
  readonly pipelineRoot?: string
  /** What people read, 1 to 128 characters. Default: the pipeline's name. */
  readonly name?: string
  /** Without it, new in each call. With it, submitting again finds the job that is there. */
  readonly jobId?: string
  readonly labels?: Readonly<Record<string, string>>
  /** The account that tasks run as. Default: the Compute Engine default account of the project. */
  readonly serviceAccount?: string
  /** A network that is peered with Vertex AI: `projects/NUMBER/global/networks/NAME`. */
  readonly network?: string
  /** A customer-managed key: `projects/…/locations/…/keyRings/…/cryptoKeys/…`, in the job's region. */
  readonly encryptionKey?: string
  /** Caching on or off for every task. Default: as the pipeline says. */
  readonly caching?: boolean
  /** `slow`: what does not need a failed task goes on. `fast`: nothing new starts. Default `slow`. */
  readonly failurePolicy?: 'slow' | 'fast'
}

/** What of `PipelineJob` (pipeline_job.proto) a client may set, and is set here. */
export interface JobBody {
  readonly displayName: string
  readonly pipelineSpec: ProtoStruct
  readonly labels: Readonly<Record<string, string>>
  readonly runtimeConfig: {
    readonly gcsOutputDirectory: string
    readonly parameterValues: Readonly<Record<string, ProtoValue>>
    readonly failurePolicy: string
  }
  readonly serviceAccount?: string
  readonly network?: string
  readonly encryptionSpec?: { readonly kmsKeyName: string }
}

/**
 * The job as Vertex AI takes it, everything checked that can be before anything is sent.
 * @param location the region it is to run in
 * @throws PressroomError `invalid-pipeline` for what Vertex AI cannot run; `invalid-parameter` and `invalid-setting`, each
 *   with everything that is wrong
 */
export function jobBody(submission: VertexSubmission, location: string): JobBody {
  const { spec, platform, parameters = {}, caching, failurePolicy = 'slow', encryptionKey } = submission
  const { name = spec.pipelineInfo.name, pipelineRoot = spec.defaultPipelineRoot ?? '', network } = submission
  requireTarget({ spec, ...(platform && { platform }) }, 'vertex')
  bindParameters(spec, parameters)
  checkSettings(submission, location)
  const values = sorted(parameters).map(([key, value]) => [key, toValue(value)])
  const body = {
    displayName: name,
    pipelineSpec: toStruct(caching === undefined ? spec : withCaching(spec, caching)),
    labels: Object.fromEntries(sorted(submission.labels ?? {})),
    runtimeConfig: {
      gcsOutputDirectory: pipelineRoot,
      parameterValues: Object.fromEntries(values),
      failurePolicy: `PIPELINE_FAILURE_POLICY_FAIL_${failurePolicy.toUpperCase()}`,
    },
    ...(submission.serviceAccount !== undefined && { serviceAccount: submission.serviceAccount }),
    ...(network !== undefined && { network }),
    ...(encryptionKey !== undefined && { encryptionSpec: { kmsKeyName: encryptionKey } }),
  }
  // A label's value has room for 63 characters; 40 digits are as many as git takes.
  const digest = digestBytes(JSON.stringify(body)).slice('sha256:'.length).slice(0, 40)
  return { ...body, labels: { ...body.labels, [DIGEST_LABEL]: digest } }
}

/** Entries by key, so that the same job has the same digest in whatever order it was asked for. */
function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
}

/**
 * The id of a new job: the one that was given, else one that only this call knows. It is chosen before the call, so that
 * a job whose creation was not answered can be found again.
 */
export function jobIdOf({ jobId, name, spec }: VertexSubmission): string {
  if (jobId !== undefined) return jobId
  const words = (name ?? spec.pipelineInfo.name).toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const start = words.replace(/^[^a-z]+|-+$/g, '').slice(0, 100) || 'pipeline'
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  return `${start}-${time}-${randomBytes(4).toString('hex')}`
}
