import { Refusal } from './refusal.ts'

/** What an operation comes to. */
export interface Outcome {
  /** Looks at it until it is done. Default: those of {@link Operations.looks}. */
  readonly looks?: number
  /** Takes effect when it is done; a Refusal is its error. */
  readonly effect?: () => void
  /** Told the message of the error, when it ends with one. */
  readonly failed?: (message: string) => void
  /** `CreateEndpoint`: by which a test says how it ends. */
  readonly method?: string
}

interface Running {
  readonly name: string
  readonly of: string
  readonly method: string
  readonly effect: () => void
  readonly failed: (message: string) => void
  left: number
  error: { readonly code: number; readonly message: string } | undefined
  done: boolean
}

/** Long-running operations (google.longrunning.Operations). They go on when they are looked at, so that no test waits. */
export class Operations {
  /** Looks until an operation is done. */
  looks = 1
  /** How operations end, where it is not as they should: with an error, or `nothing`: done without any effect. */
  ending: (method: string) => Refusal | 'nothing' | undefined = () => undefined
  readonly #all = new Map<string, Running>()
  #next = 1

  /** Starts one on a resource. */
  start(of: string, { looks = this.looks, effect = () => {}, failed = () => {}, method = '' }: Outcome = {}) {
    const name = `${of}/operations/${this.#next++}`
    this.#all.set(name, { name, of, method, effect, failed, left: looks, error: undefined, done: false })
    return { name, done: false }
  }

  /** Looks at all that is being done to a resource, as time would. */
  advance(of: string): void {
    for (const each of this.#all.values()) {
      if (each.of === of && !each.done && each.left-- <= 0) this.#finish(each)
    }
  }

  /** Resources with operations of a method under way. */
  underWay(method: string): string[] {
    return [...this.#all.values()].filter(each => !each.done && each.method === method).map(({ of }) => of)
  }

  readonly handlers = {
    GetOperation: ({ name }: { readonly name: string }) => {
      const operation = this.#all.get(name)
      if (operation === undefined) throw new Refusal('NOT_FOUND', `Operation ${name} is not found.`)
      if (!operation.done && operation.left-- <= 0) this.#finish(operation)
      return shown(operation)
    },

    ListOperations: ({ name, filter }: { readonly name: string; readonly filter: string }) => {
      const found = [...this.#all.values()].filter(
        each => each.of === name && (filter !== 'done=false' || !each.done),
      )
      return { operations: found.map(shown).reverse(), nextPageToken: '' }
    },
  }

  #finish(operation: Running): void {
    operation.done = true
    const ending = this.ending(operation.method)
    try {
      if (ending instanceof Refusal) throw ending
      if (ending === undefined) operation.effect()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      operation.error = { code: error.code, message: error.message }
      operation.failed(error.message)
    }
  }
}

function shown({ name, done, error }: Running): object {
  if (!done) return { name, done }
  if (error !== undefined) return { name, done, error }
  const value = new Uint8Array()
  return { name, done, response: { type_url: 'type.googleapis.com/google.protobuf.Empty', value } }
}
