import { openAsBlob } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { backOff } from '../../back-off.ts'
import { PressroomError } from '../../errors.ts'
import { isUntrusted, reasonOf, retryAfterOf, wasUnsent } from '../../http-faults.ts'
import { LostAnswer, type Way } from '../../once.ts'
import { PASSING_STATUSES } from '../../passing-faults.ts'
import type { Incoming } from '../../storage/copy-body.ts'
import { type Answer, faultOf, refusal } from './answer.ts'
import { authHeaders } from './auth.ts'
import type { MlflowConnection } from './connection.ts'
import { WaitTeller } from './wait-teller.ts'

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** From the endpoint on: `/api/2.0/mlflow/runs/get`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** Sent as JSON. */
  readonly json?: object
  /** Sent as bytes: a file's path. */
  readonly file?: string
  /** `repeat`: asking twice does no harm. `once`: a request that may have reached the server is not sent again. */
  readonly safety: 'repeat' | 'once'
}

/** Bytes a second that even a slow line gives; a body's time is counted by it. */
const SLOWEST = 2 ** 18

/** A page of what we ask for has a tenth of it. */
const LARGEST_ANSWER = 64 * 2 ** 20

/**
 * HTTP to an MLflow server: whole answers, passing faults tried again with exponential pauses and jitter. No request
 * follows a redirect, since it would take its credentials along.
 */
export class Transport implements Way {
  readonly endpoint: string
  readonly pause: ReturnType<typeof backOff>
  readonly signal: AbortSignal
  readonly tell: (line: string) => void
  readonly #headers: () => Promise<Record<string, string>>
  readonly #attempts: number
  readonly #seconds: number
  readonly #waits: WaitTeller

  /** @param onWait told, in a line, of a server that does not answer while a request waits for it */
  constructor(connection: MlflowConnection, signal: AbortSignal, onWait: (line: string) => void = () => {}) {
    this.endpoint = connection.endpoint
    this.signal = signal
    this.tell = onWait
    this.pause = backOff(connection.pauseSeconds ?? 1, signal)
    this.#headers = authHeaders(connection)
    this.#attempts = connection.attempts ?? 6
    this.#seconds = connection.timeoutSeconds ?? 60
    this.#waits = new WaitTeller({
      endpoint: this.endpoint,
      attempts: this.#attempts,
      afterSeconds: connection.tellAfterSeconds,
      tell: onWait,
    })
  }

  /**
   * @throws PressroomError `server-unreachable`, `not-signed-in` without credentials; LostAnswer for a request that is sent
   * `once`; the signal's reason
   */
  async request(wanted: ApiRequest): Promise<Answer> {
    const seconds = this.#secondsFor(wanted.file === undefined ? 0 : (await stat(wanted.file)).size)
    using waiting = this.#waits.begin(wanted.file === undefined ? 'no answer yet' : undefined)
    for (let attempt = 0; ; attempt++) {
      const last = attempt + 1 >= this.#attempts
      try {
        const response = await this.#send(wanted, AbortSignal.timeout(seconds * 1000))
        const answer = await wholeOf(response, wanted, this.endpoint)
        // What MLflow itself says with 500 is about what was sent: it would say it again.
        const definite = answer.status < 500 || faultOf(answer) !== undefined
        const busy = answer.status === 429
        if (wanted.safety === 'once' && !definite) {
          throw new LostAnswer(`status ${answer.status}`, { cause: refusal(answer) })
        }
        const passing = !definite && PASSING_STATUSES.has(answer.status)
        if (last || !(busy || passing)) return answer
        waiting.failed(`status ${answer.status}`)
        await this.pause(attempt, retryAfterOf(response.headers))
      } catch (error) {
        this.signal.throwIfAborted()
        if (error instanceof PressroomError || error instanceof LostAnswer) throw error
        if (wanted.safety === 'once' && !wasUnsent(error)) {
          throw new LostAnswer('no answer', { cause: error })
        }
        if (last || isUntrusted(error)) throw this.#unreachable(wanted, error, seconds)
        waiting.failed(reasonOf(error, seconds))
        await this.pause(attempt)
      }
    }
  }

  /**
   * Begins a download. More than `bytes` bytes break it off, whatever the server announced.
   * @throws PressroomError as {@link request} and `refusal` have it
   */
  async open(path: string, bytes: number): Promise<Incoming> {
    const wanted: ApiRequest = { method: 'GET', path, safety: 'repeat' }
    const seconds = this.#secondsFor(bytes)
    const response = await this.#send(wanted, AbortSignal.timeout(seconds * 1000)).catch(error => {
      this.signal.throwIfAborted()
      throw error instanceof PressroomError ? error : this.#unreachable(wanted, error, seconds)
    })
    if (!response.ok || response.body === null) {
      throw refusal(await wholeOf(response, wanted, this.endpoint))
    }
    const body = Readable.fromWeb(response.body as ReadableStream)
    let count = 0
    return {
      body,
      bytes,
      onChunk(chunk) {
        count += chunk.length
        if (count > bytes) body.destroy(longer(path, bytes))
      },
    }
  }

  #secondsFor(bytes: number): number {
    return Math.ceil(this.#seconds + bytes / SLOWEST)
  }

  async #send(wanted: ApiRequest, timeout: AbortSignal): Promise<Response> {
    const { method, path, query = {}, json, file } = wanted
    const url = new URL(this.endpoint + path)
    for (const [key, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(key, String(value))
    }
    const type = file === undefined ? 'application/json' : 'application/octet-stream'
    const body = json === undefined ? undefined : JSON.stringify(json)
    return fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        ...((json ?? file) !== undefined && { 'content-type': type }),
        ...(await this.#headers()),
      },
      // Read from the disk as it is sent, and with its length, which some gateways insist on.
      body: file === undefined ? (body ?? null) : await openAsBlob(file),
      signal: AbortSignal.any([this.signal, timeout]),
    })
  }

  #unreachable({ method, path }: ApiRequest, error: unknown, seconds: number): PressroomError {
    const { host } = new URL(this.endpoint)
    const untrusted = isUntrusted(error)
    return new PressroomError(
      'server-unreachable',
      untrusted ? `the certificate of ${host} is not trusted` : `${this.endpoint} does not answer`,
      {
        where: `${method} ${path}: ${reasonOf(error, seconds)}`,
        fix: untrusted
          ? 'name the file of the authority that signed it in NODE_EXTRA_CA_CERTS, or check the address'
          : 'check the address of the MLflow server and the network',
        cause: error,
      },
    )
  }
}

async function wholeOf(response: Response, { method, path }: ApiRequest, endpoint: string): Promise<Answer> {
  return {
    request: `${method} ${path.replace('/api/2.0/mlflow/', '')}`,
    endpoint,
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    text: await textOf(response, path),
  }
}

/** @throws PressroomError `server-answer` as soon as there is more than an answer has, unpacked. */
async function textOf({ body }: Response, path: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > LARGEST_ANSWER) {
      throw new PressroomError('server-answer', `the answer to ${path} has no end`, {
        where: `more than ${LARGEST_ANSWER / 2 ** 20} MiB came`,
        fix: 'check the address; it must be an MLflow tracking server',
      })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function longer(path: string, bytes: number): PressroomError {
  return new PressroomError('server-answer', `more came than the ${bytes} bytes of ${path}`, {
    fix: 'somebody writes there; try again when nobody does',
  })
}
