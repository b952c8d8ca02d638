import type { Deployer } from './deployer.ts'
import { type ReconcileOptions, reconcile } from './reconcile.ts'

/**
 * A deployer that works only while somebody waits for it: each wake is one pass, at once, and whoever wakes it again meanwhile waits
 * for the same one. It never wakes itself: where the processor is lent for the time of a request, a timer would fire at any time
 * or never.
 */
export function deployerOnRequest(options: Omit<ReconcileOptions, 'signal'>): Deployer {
  const stop = new AbortController()
  let pass: Promise<void> | undefined

  async function run(): Promise<void> {
    await reconcile({ ...options, signal: stop.signal })
    pass = undefined
  }

  return {
    wake() {
      if (!stop.signal.aborted) pass ??= run()
    },
    settled: () => pass ?? Promise.resolve(),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await pass
    },
  }
}
