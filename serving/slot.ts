import { PressroomError } from '../core/errors.ts'
import type { Model } from '../core/model/index.ts'
import { Tally } from './tally.ts'

/** One loaded version while it answers. */
export interface Served {
  readonly name: string
  readonly version: string
  readonly folder: string
  readonly model: Model
}

/** A loaded model with a count of the requests that hold it. */
export class Slot {
  readonly served: Served
  /** What it answered to clients, and to copies of their requests. */
  readonly tally = new Tally()
  #users = 0
  #idle: (() => void) | undefined

  constructor(served: Served) {
    this.served = served
  }

  get folder(): string {
    return this.served.folder
  }

  async use<T>(work: (served: Served) => Promise<T>): Promise<T> {
    this.#users += 1
    try {
      return await work(this.served)
    } finally {
      this.#users -= 1
      if (this.#users === 0) this.#idle?.()
    }
  }

  /** As {@link Slot.use}, and counted in the tally. */
  async answer<T>(work: (served: Served) => Promise<T>): Promise<T> {
    const begun = performance.now()
    let failed = true
    try {
      const result = await this.use(work)
      failed = false
      return result
    } catch (error) {
      // What the client did wrong is no fault of the version.
      failed = !(error instanceof PressroomError && error.code === 'invalid-request')
      throw error
    } finally {
      this.tally.add(performance.now() - begun, failed)
    }
  }

  /** Disposes the model after the last request; nobody may find the slot any more. */
  async retire(): Promise<void> {
    if (this.#users > 0) await new Promise<void>(idle => (this.#idle = idle))
    await this.served.model[Symbol.asyncDispose]()
  }
}
