import { PressroomError } from '../errors.ts'
import { shorten } from '../report/shorten.ts'

/** Codes of gRPC (google/rpc/code.proto). */
export const CODE = {
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const

/** An error of a Google client, with the details of google/rpc/error_details.proto that it could read. */
export interface GrpcError extends Error {
  readonly code: number
  /** The server's message. */
  readonly details?: string
  readonly statusDetails?: readonly {
    readonly fieldViolations?: readonly { readonly field?: string; readonly description?: string }[]
    readonly retryDelay?: { readonly seconds?: string | number | { toString(): string } }
  }[]
  /** Of ErrorInfo: `SERVICE_DISABLED`. */
  readonly reason?: string
}

/** Whether an error is one of gRPC's. */
export function isGrpcError(error: unknown): error is GrpcError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number'
}

/** gRPC's code of the answer behind an error of ours. */
export function codeOf(error: unknown): number | undefined {
  const cause = error instanceof PressroomError ? error.cause : undefined
  return isGrpcError(cause) ? cause.code : undefined
}

/** What a message about a call tells. */
export interface CallPlace {
  /** `Vertex AI`. */
  readonly service: string
  /** `europe-west4-aiplatform.googleapis.com:443`. */
  readonly endpoint: string
  readonly project: string
  /** What may be wrong when nothing answers. */
  readonly unreachable: string
  /** Roles that calls need. */
  readonly roles: string
  /** The API's name, to turn it on: `aiplatform.googleapis.com`. */
  readonly api: string
}

/**
 * An error of a call, as ours: what the server says, where, and what to do.
 * @param request the method: `CreatePipelineJob`
 */
export function refusal(error: GrpcError, request: string, place: CallPlace): PressroomError {
  const { service, endpoint, project } = place
  const said = messageOf(error)
  const silent = error.code === CODE.unavailable || error.code === CODE.deadlineExceeded
  const where = silent
    ? `${endpoint} was asked to ${request}`
    : `${endpoint} answered ${statusOf(error.code)} to ${request}`
  const make = (code: PressroomError['code'], what: string, fix?: string, more: readonly string[] = []) =>
    new PressroomError(code, what, { where: [...more, where].join('\n  '), fix, cause: error })
  switch (error.code) {
    case CODE.unauthenticated:
      return make(
        'not-signed-in',
        `Google Cloud does not know who asks: ${said}`,
        'gcloud auth application-default login; in CI, check GOOGLE_APPLICATION_CREDENTIALS',
      )
    case CODE.permissionDenied:
      return make('not-signed-in', `Google Cloud does not allow this: ${said}`, permissionFix(error, place))
    case CODE.notFound:
      return make('server-refused', said, 'check the name, the project and the region')
    case CODE.invalidArgument:
      return make('server-refused', said, undefined, violationsOf(error))
    case CODE.resourceExhausted:
      return make(
        'server-refused',
        `a quota of ${project} is used up: ${said}`,
        `try again later, or ask for more: https://console.cloud.google.com/iam-admin/quotas?project=${project}`,
      )
    case CODE.unimplemented:
      return make('server-answer', `${endpoint} is not ${service}: ${said}`, 'check the endpoint')
    case CODE.unavailable:
    case CODE.cancelled:
      return make('server-unreachable', `${service} does not answer: ${said}`, place.unreachable)
    case CODE.deadlineExceeded:
      return make('server-unreachable', `${service} does not answer in time`, place.unreachable)
    default:
      return make('server-refused', said)
  }
}

/** The seconds after which the server wants to be asked again; 0 when it does not say. */
export function retryDelayOf({ statusDetails = [] }: GrpcError): number {
  const [seconds = 0] = statusDetails.flatMap(({ retryDelay }) =>
    retryDelay == null ? [] : Number(retryDelay.seconds ?? 0),
  )
  return Math.min(60, seconds)
}

/** The server's own words, less what Google clients put before them. */
function messageOf({ details, message, code }: GrpcError): string {
  const text = details || message.replace(/^\d+ [A-Z_]+: /, '')
  return text === '' ? statusOf(code) : shorten(text, 500)
}

/** The name of a code: `DEADLINE_EXCEEDED`. */
export function statusOf(code: number): string {
  const [name = `code ${code}`] = Object.entries(CODE).find(([, value]) => value === code) ?? []
  return name.replace(/[A-Z]/g, '_$&').toUpperCase()
}

function violationsOf({ statusDetails = [] }: GrpcError): string[] {
  return statusDetails.flatMap(({ fieldViolations = [] }) =>
    fieldViolations.map(({ field = '', description = '' }) => shorten(`${field}: ${description}`, 300)),
  )
}

function permissionFix(error: GrpcError, { api, project, roles }: CallPlace): string {
  const text = error.details ?? error.message
  if (error.reason === 'SERVICE_DISABLED' || /has not been used in project|is disabled/.test(text)) {
    return `gcloud services enable ${api} --project ${project}`
  }
  if (/actAs/.test(text)) return 'it needs roles/iam.serviceAccountUser on that service account'
  return `check the project "${project}"; it needs ${roles}`
}
