import { fork } from 'node:child_process'
import { once } from 'node:events'
import { packageModule } from '../cli/package-file.ts'

/** What to send where. Every answer must be a 2xx. */
export interface LoadPlan {
  /** With the path. All requests are POSTs. */
  readonly url: string
  readonly requests: readonly {
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }[]
  readonly connections: number
  /**
   * Either the requests over and over for so long, the next on a connection as soon as the last was answered; or each once, at a
   * steady pace that does not wait for answers.
   */
  readonly pace: { readonly seconds: number } | { readonly perSecond: number }
}

/** What was measured: answers a second, and milliseconds from sending a request to the end of its answer. */
export interface LoadResult {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

/** What the sending process says of a plan. */
export type LoadAnswer = LoadResult | { readonly error: string }

/** The process that sends, apart from what measures and from what answers. Disposing it ends it. */
export interface Load extends Disposable {
  /** One plan at a time. @throws Error when an answer was not a 2xx or did not come */
  send(plan: LoadPlan): Promise<LoadResult>
}

/** Starts the sending process. */
export function startLoad(): Load {
  const child = fork(packageModule('bench/load-process'))
  const gone = once(child, 'exit').then((): never => {
    throw new Error('the process that sends has ended')
  })
  // Nobody waits for it between two plans.
  gone.catch(() => {})
  return {
    async send(plan) {
      child.send(plan)
      const [answer] = await Promise.race([once(child, 'message') as Promise<[LoadAnswer]>, gone])
      if ('error' in answer) throw new Error(`load on ${plan.url}: ${answer.error}`)
      return answer
    },
    [Symbol.dispose]: () => void child.kill(),
  }
}
