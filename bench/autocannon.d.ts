/** The part of autocannon, which ships no types, that load-process.ts uses. */
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events'

  interface Options {
    readonly url: string
    readonly connections: number
    /** Seconds. */
    readonly duration: number
    readonly requests: readonly {
      readonly method: string
      readonly path: string
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
    }[]
  }

  interface Result {
    readonly errors: number
    readonly non2xx: number
    /** Seconds that it lasted. */
    readonly duration: number
  }

  type Run = Promise<Result> &
    EventEmitter<{ response: [client: unknown, status: number, bytes: number, milliseconds: number] }>

  export default function autocannon(options: Options): Run
}
