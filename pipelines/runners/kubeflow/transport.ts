import { backOff } from '../../../core/back-off.ts'
import { PressroomError } from '../../../core/errors.ts'
import { isUntrusted, reasonOf, retryAfterOf, wasUnsent } from '../../../core/http-faults.ts'
import type { Send } from '../../../core/kubernetes/send.ts'
import { LostAnswer, type Way } from '../../../core/once.ts'
import { PASSING_STATUSES } from '../../../core/passing-faults.ts'
import { type Answer, isFromApi, refusal } from './answer.ts'
import { authHeaders, type KubeflowAuth } from './auth.ts'

export interface Connection {
  /** Where the API is, without `/apis/…`: `https://kubeflow.example/pipeline`. */
  readonly endpoint: string
  readonly auth?: KubeflowAuth
  readonly send?: Send
  /** Seconds that one request may take. Default 60, since an upload may be 32 MiB. */
  readonly timeoutSeconds?: number
  /** Tries of a request that may be repeated. Default 6: over some 25 s at the default pause. */
  readonly attempts?: number
  /** Seconds before the second try, doubled for each next one, up to 20. Default 1. */
  readonly pauseSeconds?: number
  readonly signal?: AbortSignal
  /** Told before each pause: what went wrong, and that it is tried again. */
  readonly onRetry?: ((text: string) => void) | undefined
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** From the endpoint on: `/apis/v2beta1/runs`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as the file of a form, in the field the server reads. */
  readonly file?: { readonly name: string; readonly content: string }
  /** `repeat`: asking twice does no harm. `once`: a request that may have reached the server is not sent again. */
  readonly safety: 'repeat' | 'once'
}

/** Sends requests and gives whole answers, whatever their status. */
export interface Transport extends Way {
  /**
   * @throws PressroomError `server-unreachable`, `cancelled`; LostAnswer for a request that is sent `once`
   */
  request(request: ApiRequest): Promise<Answer>
}

/**
 * A connection to the REST API that repeats what passing faults broke: dropped connections, 429 and 5xx, with exponential
 * pauses and jitter.
 * @throws PressroomError `invalid-setting` for an endpoint that is not an address
 */
export function openTransport(connection: Connection): Transport {
  const { auth = {}, send = defaultSend, timeoutSeconds = 60, attempts = 6, pauseSeconds = 1 } = connection
  const endpoint = endpointOf(connection.endpoint)
  const stop = connection.signal ?? new AbortController().signal

  const backingOff = backOff(pauseSeconds, stop)
  const pause = (attempt: number, least = 0, why?: string) =>
    backingOff(attempt, least, seconds => {
      if (why !== undefined) connection.onRetry?.(`${why}; trying again in ${seconds.toFixed(1)} s`)
    })

  async function once(request: ApiRequest): Promise<Answer & { readonly retryAfter: number }> {
    const url = urlOf(endpoint, request)
    const { body, type } = bodyOf(request)
    const headers = {
      accept: 'application/json',
      ...(type !== undefined && { 'content-type': type }),
      ...(await authHeaders(auth)),
    }
    const response = await send(url, {
      method: request.method,
      headers,
      ...(body !== undefined && { body }),
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutSeconds * 1000)]),
    })
    return {
      request: `${request.method} ${request.path}`,
      endpoint: endpoint.href,
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      location: response.headers.get('location') ?? undefined,
      text: await response.text(),
      retryAfter: retryAfterOf(response.headers),
    }
  }

  async function request(wanted: ApiRequest): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await once(wanted).catch((error: unknown) => {
        stop.throwIfAborted()
        if (error instanceof PressroomError) throw error
        return error
      })
      const last = attempt + 1 >= attempts
      if (isAnswer(outcome)) {
        const busy = outcome.status === 429
        // What the API server itself says with 500 to a POST is about what was sent: it would say it again.
        const said = outcome.status === 500 && wanted.method === 'POST' && isFromApi(outcome)
        const repeat = wanted.safety === 'repeat' && PASSING_STATUSES.has(outcome.status) && !said
        // Gateways speak JSON too: only 500 and 501 in the server's own form say that nothing was made.
        const definite = outcome.status < 500 || (outcome.status <= 501 && isFromApi(outcome))
        if (wanted.safety === 'once' && !definite) {
          throw new LostAnswer(`status ${outcome.status}`, { cause: refusal(outcome) })
        }
        if ((!repeat && !busy) || last) return outcome
        await pause(attempt, outcome.retryAfter, `${endpoint.host} answered ${outcome.status}`)
      } else {
        if (wanted.safety === 'once' && !wasUnsent(outcome))
          throw new LostAnswer('no answer', { cause: outcome })
        if (last || isUntrusted(outcome)) throw unreachable(endpoint, wanted, outcome, timeoutSeconds)
        await pause(attempt, 0, `${endpoint.host}: ${reasonOf(outcome, timeoutSeconds)}`)
      }
    }
  }
  return { request, endpoint: endpoint.href, pause, tell: connection.onRetry }
}

const defaultSend: Send = (url, init) => fetch(url, { ...init, redirect: 'manual' })

function isAnswer(outcome: unknown): outcome is Answer & { readonly retryAfter: number } {
  return typeof outcome === 'object' && outcome !== null && 'status' in outcome
}

function endpointOf(text: string): URL {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new PressroomError('invalid-setting', `the endpoint "${text}" is not an http or https address`, {
      fix: 'for example https://kubeflow.example/pipeline',
    })
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new PressroomError('invalid-setting', 'the endpoint holds more than an address', {
      fix: 'leave out user, password, ? and #; docs/kubeflow-runner.md says how to sign in',
    })
  }
  url.pathname = url.pathname.replace(/\/+$/, '')
  return url
}

function urlOf(endpoint: URL, { path, query = {} }: ApiRequest): URL {
  const url = new URL(endpoint)
  url.pathname = endpoint.pathname.replace(/\/$/, '') + path
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(key, String(value))
  }
  return url
}

/** The form is written by hand so that it goes through every Send, and with its length, as one piece. */
function bodyOf({ json, file }: ApiRequest): { readonly body?: string; readonly type?: string } {
  if (json !== undefined) return { body: JSON.stringify(json), type: 'application/json' }
  if (file === undefined) return {}
  const boundary = `pressroom-${crypto.randomUUID()}`
  const head = `content-disposition: form-data; name="uploadfile"; filename="${file.name}"\r\ncontent-type: application/octet-stream`
  return {
    body: `--${boundary}\r\n${head}\r\n\r\n${file.content}\r\n--${boundary}--\r\n`,
    type: `multipart/form-data; boundary=${boundary}`,
  }
}

function unreachable(endpoint: URL, { method, path }: ApiRequest, error: unknown, seconds: number) {
  const untrusted = isUntrusted(error)
  return new PressroomError(
    'server-unreachable',
    untrusted ? `the certificate of ${endpoint.host} is not trusted` : `${endpoint.href} does not answer`,
    {
      where: `${method} ${path}: ${reasonOf(error, seconds)}`,
      fix: untrusted
        ? 'name the file of the authority that signed it in NODE_EXTRA_CA_CERTS, or check the address'
        : 'check the address and the network; for a cluster without an ingress, give --kubeconfig and no endpoint',
      cause: error,
    },
  )
}
