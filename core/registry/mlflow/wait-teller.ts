/** Nobody wonders about a shorter wait. */
const TOLD_AFTER_SECONDS = 2

export interface WaitTellerOptions {
  /** The server's address, which holds no user or password. */
  readonly endpoint: string
  /** Tries that each request has. */
  readonly attempts: number
  /** Default 2. */
  readonly afterSeconds?: number | undefined
  readonly tell: (line: string) => void
}

/** One request's wait. Disposing it ends it, answered or given up. */
interface Waiting extends Disposable {
  /** A try failed, and another one follows after a pause. */
  failed(why: string): void
}

/**
 * Says of a server that it does not answer: once a request has waited for two seconds, and from then on at each try of it that
 * fails. Of requests that wait side by side only the one that has tried most speaks.
 */
export class WaitTeller {
  readonly #options: WaitTellerOptions
  #waiting = 0
  /** The latest try that was told of since somebody waits without a break. */
  #told = 0

  constructor(options: WaitTellerOptions) {
    this.#options = options
  }

  /** @param why what is said of the first try while it lasts; without it, as for an upload, that takes its time in silence */
  begin(why: string | undefined): Waiting {
    let failures = 0
    let late = false
    this.#waiting++
    const speak = () => {
      if (late && why !== undefined) this.#tell(why, Math.max(failures, 1))
    }
    const timer = setTimeout(
      () => {
        late = true
        speak()
      },
      1000 * (this.#options.afterSeconds ?? TOLD_AFTER_SECONDS),
    )
    return {
      failed(reason) {
        failures++
        why = reason
        speak()
      },
      [Symbol.dispose]: () => {
        clearTimeout(timer)
        if (--this.#waiting === 0) this.#told = 0
      },
    }
  }

  #tell(why: string, attempt: number): void {
    if (attempt <= this.#told) return
    const { endpoint, attempts, tell } = this.#options
    const first = this.#told === 0
    this.#told = attempt
    const line = `still waiting for ${endpoint}: ${why} (try ${attempt} of ${attempts})`
    tell(
      first ? `${line}; the address is that of a setting, PRESSROOM_REGISTRY or MLFLOW_TRACKING_URI` : line,
    )
  }
}
