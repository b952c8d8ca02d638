import type { Decoder } from '../../../core/decode.ts'
import { PressroomError } from '../../../core/errors.ts'
import { parsedJson } from '../../../core/parsed-json.ts'
import { shorten } from '../../../core/report/shorten.ts'

/** A whole answer, whatever its status. */
export interface Answer {
  /** What was asked, for messages: `GET /apis/v2beta1/runs/7`. */
  readonly request: string
  readonly endpoint: string
  readonly status: number
  readonly contentType: string
  /** Where a redirect leads. */
  readonly location?: string | undefined
  readonly text: string
}

/** Whether the API server itself said this, not a gateway before it. */
export function isFromApi({ status, contentType, text }: Answer): boolean {
  return contentType.startsWith('application/json')
    ? parsedJson(text) !== undefined
    : status < 500 && apiMessage(text) !== undefined
}

/**
 * The JSON of a good answer, read by a decoder.
 * @throws PressroomError `server-refused`, `not-signed-in`; `server-answer` for what Kubeflow Pipelines does not send
 */
export function readJson<T>(answer: Answer, decoder: Decoder<T>): T {
  if (!isOk(answer)) throw refusal(answer)
  const body = answer.contentType.startsWith('application/json') ? parsedJson(answer.text) : undefined
  if (body === undefined) {
    throw strange(
      answer,
      answer.contentType.startsWith('application/json') ? 'its JSON is cut short or broken' : undefined,
    )
  }
  try {
    return decoder(body.value, 'it')
  } catch (cause) {
    throw strange(answer, cause instanceof Error ? cause.message : undefined)
  }
}

/**
 * A pod's log. A log that is not there is answered with 200 and an error as JSON, seen on 2.17.0.
 * @returns undefined when there is none
 * @throws PressroomError as {@link readJson}
 */
export function readLog(answer: Answer): string | undefined {
  if (!isOk(answer)) throw refusal(answer)
  if (answer.contentType.startsWith('text/html')) throw strange(answer)
  return answer.text.startsWith('{"error_message"') && apiMessage(answer.text) !== undefined
    ? undefined
    : answer.text
}

/** What a refusal says, as an error: 401, 403 and what leads to a login page `not-signed-in`, all else `server-refused`. */
export function refusal(answer: Answer): PressroomError {
  const { status, endpoint, request, location } = answer
  const where = `${endpoint} answered ${status} to ${request}`
  if (status === 401 || status === 403) {
    return new PressroomError(
      'not-signed-in',
      status === 401 ? 'Kubeflow does not know who asks' : 'Kubeflow does not allow this',
      {
        where: [where, apiMessage(answer.text)].filter(Boolean).join(': '),
        fix: 'give a token, cookie or user id that may use the namespace (docs/kubeflow-runner.md, "Signing in")',
      },
    )
  }
  if (status >= 300 && status < 400) {
    return new PressroomError(
      'not-signed-in',
      `${endpoint} leads elsewhere: ${location ?? 'it does not say where'}`,
      {
        where,
        fix: 'sign in first (docs/kubeflow-runner.md, "Signing in"), or give the address it leads to as the endpoint',
      },
    )
  }
  const message = apiMessage(answer.text)
  if (message === undefined) return strange(answer)
  return new PressroomError('server-refused', message, { where })
}

/** @returns whether the answer is a success; HTML that a login page sends with 200 is found out by its content type. */
export function isOk(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300
}

function strange(answer: Answer, why?: string): PressroomError {
  const html = answer.contentType.startsWith('text/html') || /^\s*<(!doctype|html)/i.test(answer.text)
  const what = html
    ? 'a web page came where Kubeflow Pipelines was asked'
    : `the answer is not one of Kubeflow Pipelines${why === undefined ? '' : `: ${why}`}`
  const start = html || why !== undefined || answer.text === '' ? '' : `: ${shorten(answer.text, 80)}`
  return new PressroomError(html && isOk(answer) ? 'not-signed-in' : 'server-answer', what, {
    where: `${answer.endpoint} answered ${answer.status} ${answer.contentType || 'without a content type'} to ${answer.request}${start}`,
    fix: html
      ? 'the endpoint may be a login page or a dashboard: sign in, and try the endpoint with /pipeline at its end'
      : 'check the endpoint; it must be the API server of Kubeflow Pipelines 2',
  })
}

/**
 * The message of an error in one of the server's forms: `{code, message}`, `{error_message, error_details}` (often sent as
 * text/plain) or plain text, without the Go stack that may follow on the next lines.
 */
function apiMessage(text: string): string | undefined {
  const body = parsedJson(text)?.value
  if (typeof body === 'object' && body !== null) {
    const { message, error_message: upload } = body as { message?: unknown; error_message?: unknown }
    const said = typeof message === 'string' ? message : upload
    return typeof said === 'string' ? firstLine(said) : undefined
  }
  const plain = /^(?:Invalid input error|[A-Z]\w*Error): .+/.exec(text)
  return plain === null ? undefined : firstLine(text)
}

/** Messages repeat themselves as they are wrapped; the last part says it, the first what was wanted. */
function firstLine(message: string): string {
  return shorten(message.split('\n', 1).join(), 500)
}
