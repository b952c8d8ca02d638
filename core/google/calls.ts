import { backOff } from '../back-off.ts'
import { PressroomError } from '../errors.ts'
import { LostAnswer, type Way } from '../once.ts'
import {
  type CallPlace,
  CODE,
  type GrpcError,
  isGrpcError,
  refusal,
  retryDelayOf,
  statusOf,
} from './status.ts'

/** What a method of an official client gives: a promise of a list whose first item is the answer. */
export type Pending<T> = Promise<readonly [T, ...unknown[]]> & { cancel?(): void }

/** What every call is given. */
export interface CallOptions {
  /** Milliseconds. */
  readonly timeout: number
}

export interface CallSettings {
  /** Seconds that one call may take. Default 60, as the official clients have it. */
  readonly timeoutSeconds?: number
  /** Tries of a call that may be repeated. Default 6: over some 25 s at the default pause. */
  readonly attempts?: number
  /** Seconds before the second try, doubled for each next one, up to 20. Default 1. */
  readonly pauseSeconds?: number
  /** Told before each pause: what went wrong, and that it is tried again. */
  readonly onRetry?: (text: string) => void
  /** Ends the call. */
  readonly signal?: AbortSignal
}

/** Codes of faults that pass. Google's clients repeat only the first two of them, and none for the methods used here. */
const PASSING: ReadonlySet<number> = new Set([
  CODE.unavailable,
  CODE.deadlineExceeded,
  CODE.resourceExhausted,
  CODE.aborted,
  CODE.cancelled,
  CODE.internal,
  CODE.unknown,
])

/** Of those, the ones by which the server says that it did nothing. */
const NOTHING_DONE: ReadonlySet<number> = new Set([CODE.resourceExhausted, CODE.aborted])

/** Failures before the first byte was sent, in the words of @grpc/grpc-js. */
const UNSENT = /^(No connection established|Name resolution failed)/

/** A host that does not exist is the usual reason; a resolver that is down for a moment gets two more tries. */
const UNRESOLVED = /^Name resolution failed/
const UNRESOLVED_ATTEMPTS = 3

/** Calls one Google API, with repeats, deadlines and errors of ours. */
export class GoogleCalls implements Way {
  readonly place: CallPlace
  readonly pause: ReturnType<typeof backOff>
  readonly tell: (text: string) => void
  readonly #timeout: number
  readonly #attempts: number
  readonly #signal: AbortSignal

  constructor(place: CallPlace, settings: CallSettings = {}) {
    const { timeoutSeconds = 60, attempts = 6, pauseSeconds = 1, onRetry = () => {}, signal } = settings
    this.place = place
    this.#timeout = timeoutSeconds * 1000
    this.#attempts = attempts
    this.tell = onRetry
    this.#signal = signal ?? new AbortController().signal
    this.pause = backOff(pauseSeconds, this.#signal)
  }

  get endpoint(): string {
    return this.place.endpoint
  }

  /**
   * The answer of a call that may be repeated.
   * @param request the method, for messages
   * @throws PressroomError as {@link refusal} has it; the signal's reason
   */
  repeat<T>(request: string, send: (options: CallOptions) => Pending<T>): Promise<T> {
    return this.#call(request, send, error => PASSING.has(error.code))
  }

  /**
   * The answer of a call that is not sent again once it may have reached the server.
   * @throws LostAnswer when nobody knows whether it was carried out; PressroomError as {@link repeat}
   */
  once<T>(request: string, send: (options: CallOptions) => Pending<T>): Promise<T> {
    return this.#call(request, send, error => {
      if (!PASSING.has(error.code)) return false
      if (NOTHING_DONE.has(error.code) || UNSENT.test(error.details ?? '')) return true
      throw new LostAnswer(error.message, { cause: refusal(error, request, this.place) })
    })
  }

  /**
   * The answer of a call that an etag guards. It is repeated as others are, but not when the server finds the etag old,
   * which every further try would meet.
   * @throws PressroomError as {@link repeat}
   */
  guarded<T>(request: string, send: (options: CallOptions) => Pending<T>): Promise<T> {
    return this.#call(request, send, error => error.code !== CODE.aborted && PASSING.has(error.code))
  }

  async #call<T>(
    request: string,
    send: (options: CallOptions) => Pending<T>,
    mayRepeat: (error: GrpcError) => boolean,
  ): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      this.#signal.throwIfAborted()
      const pending = send({ timeout: this.#timeout })
      const cancel = () => pending.cancel?.()
      this.#signal.addEventListener('abort', cancel, { once: true })
      try {
        const [answer] = await pending
        return answer
      } catch (error) {
        this.#signal.throwIfAborted()
        if (!isGrpcError(error)) throw asRefusal(error)
        const most = UNRESOLVED.test(error.details ?? '') ? UNRESOLVED_ATTEMPTS : this.#attempts
        if (!mayRepeat(error) || attempt + 1 >= most) throw refusal(error, request, this.place)
        await this.pause(attempt, retryDelayOf(error), seconds => {
          const what = `${this.place.endpoint}: ${statusOf(error.code)}`
          this.tell(`${what}; trying again in ${seconds.toFixed(1)} s`)
        })
      } finally {
        this.#signal.removeEventListener('abort', cancel)
      }
    }
  }
}

/** What the library throws before it sends anything: credentials that it can no longer use, or a fault of ours. */
function asRefusal(error: unknown): unknown {
  const message = error instanceof Error ? error.message : ''
  if (!/invalid_grant|credential/i.test(message)) return error
  return new PressroomError('not-signed-in', 'Google refuses the credentials', {
    where: message.split('\n', 1).join(),
    fix: 'gcloud auth application-default login; in CI, check GOOGLE_APPLICATION_CREDENTIALS',
    cause: error,
  })
}
