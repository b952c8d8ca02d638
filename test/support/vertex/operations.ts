import { Refusal } from './refusal.ts'

interface Operation {
  readonly name: string
  readonly done: boolean
  readonly response?: { readonly type_url: string; readonly value: Uint8Array }
}

/** Long-running operations (google.longrunning.Operations): each is done when it is asked for the second time. */
export class Operations {
  readonly #looks = new Map<string, number>()
  #next = 1

  /** Starts one that answers with nothing, as deletions do. */
  start(parent: string): Operation {
    const name = `${parent}/operations/${this.#next++}`
    this.#looks.set(name, 0)
    return { name, done: false }
  }

  readonly handlers = {
    GetOperation: ({ name }: { readonly name: string }): Operation => {
      const looks = this.#looks.get(name)
      if (looks === undefined) throw new Refusal('NOT_FOUND', `Operation ${name} is not found.`)
      this.#looks.set(name, looks + 1)
      if (looks === 0) return { name, done: false }
      const value = new Uint8Array()
      return { name, done: true, response: { type_url: 'type.googleapis.com/google.protobuf.Empty', value } }
    },
  }
}
