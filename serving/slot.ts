import type { Model } from '../core/model/index.ts'

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

  /** Disposes the model after the last request; nobody may find the slot any more. */
  async retire(): Promise<void> {
    if (this.#users > 0) await new Promise<void>(idle => (this.#idle = idle))
    await this.served.model[Symbol.asyncDispose]()
  }
}
