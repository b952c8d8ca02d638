import type { Decoder } from '../../decode.ts'
import { PressroomError } from '../../errors.ts'
import { isObject } from '../../object.ts'
import { parsedJson } from '../../parsed-json.ts'
import { shorten } from '../../report/shorten.ts'

/** A whole answer, whatever its status. */
export interface Answer {
  /** What was asked, for messages: `GET model-versions/get`. */
  readonly request: string
  readonly endpoint: string
  readonly status: number
  readonly contentType: string
  readonly text: string
}

/** MLflow's own words for why it refuses. */
export interface MlflowFault {
  readonly code: string
  readonly message: string
}

export function isOk({ status }: Answer): boolean {
  return status >= 200 && status < 300
}

/** What MLflow itself says; undefined for pages and texts, which frameworks and gateways send. */
export function faultOf({ contentType, text }: Answer): MlflowFault | undefined {
  if (!contentType.startsWith('application/json')) return undefined
  const body = parsedJson(text)?.value
  if (!isObject(body)) return undefined
  const { error_code: code, message } = body
  return typeof code === 'string' ? { code, message: typeof message === 'string' ? message : '' } : undefined
}

/** Whether MLflow says that something is not there. */
export function isAbsent(answer: Answer): boolean {
  return answer.status === 404 && faultOf(answer)?.code === 'RESOURCE_DOES_NOT_EXIST'
}

/**
 * The JSON of a good answer, read by a decoder.
 * @throws PressroomError `server-refused`, `not-signed-in`; `server-answer` for what MLflow does not send
 */
export function readJson<T>(answer: Answer, decoder: Decoder<T>): T {
  if (!isOk(answer)) throw refusal(answer)
  const json = answer.contentType.startsWith('application/json')
  const body = json ? parsedJson(answer.text) : undefined
  if (body === undefined) throw strange(answer, json ? 'its JSON is cut short or broken' : undefined)
  try {
    return decoder(body.value, 'it')
  } catch (cause) {
    throw strange(answer, cause instanceof Error ? cause.message : undefined)
  }
}

/** What a refusal says, as an error. */
export function refusal(answer: Answer): PressroomError {
  const { status, endpoint, request, text, contentType } = answer
  const where = `${endpoint} answered ${status} to ${request}`
  // Refused before anybody is asked to sign in, with a text: seen on 3.17.2.
  if (status === 403 && /Host header/i.test(text)) {
    return new PressroomError(
      'server-refused',
      `MLflow does not answer to the name ${new URL(endpoint).host}`,
      {
        where,
        fix: 'start it with --allowed-hosts and that name, or use localhost or an IP address of a private network',
      },
    )
  }
  if (status === 401 || status === 403) {
    return new PressroomError(
      'not-signed-in',
      status === 401 ? 'MLflow does not know who asks' : 'MLflow does not allow this',
      {
        where,
        fix: 'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, or behind Google’s sign-in PRESSROOM_MLFLOW_AUDIENCE',
      },
    )
  }
  if (status >= 300 && status < 400) {
    return new PressroomError('not-signed-in', `${endpoint} leads elsewhere`, {
      where,
      fix: 'sign in (docs/mlflow.md), or give the address that it leads to',
    })
  }
  const fault = faultOf(answer)
  if (fault !== undefined) return refusedBy(fault, where)
  const detail = contentType.startsWith('application/json') ? detailOf(text) : undefined
  return detail === undefined ? strange(answer) : new PressroomError('server-refused', detail, { where })
}

/** Databases' faults come through with statements and values, which are nobody's business and no help. */
function refusedBy({ code, message }: MlflowFault, where: string): PressroomError {
  const said = shorten(message.split(/\n|\[SQL:|Error: \(/, 1).join() || code, 300)
  return new PressroomError('server-refused', `MLflow: ${said}`, { where: `${where}, ${code}` })
}

/** `{"detail": …}`, as the artifact proxy has it. */
function detailOf(text: string): string | undefined {
  const body = parsedJson(text)?.value
  return isObject(body) && typeof body.detail === 'string'
    ? `MLflow: ${shorten(body.detail, 300)}`
    : undefined
}

function strange(answer: Answer, why?: string): PressroomError {
  const { endpoint, status, contentType, request, text } = answer
  const html = contentType.startsWith('text/html') || /^\s*<(!doctype|html)/i.test(text)
  const start = html || why !== undefined || text === '' ? '' : `: ${shorten(text, 80)}`
  const login = html && isOk(answer)
  return new PressroomError(
    login ? 'not-signed-in' : 'server-answer',
    html
      ? 'a web page came where MLflow was asked'
      : `the answer is not one of MLflow${why === undefined ? '' : `: ${why}`}`,
    {
      where: `${endpoint} answered ${status} ${contentType || 'without a content type'} to ${request}${start}`,
      fix: login
        ? 'the address may be a login page: sign in (docs/mlflow.md)'
        : 'check the address, and in the server’s log what went wrong; it must be an MLflow tracking server',
    },
  )
}
