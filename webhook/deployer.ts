import { setTimeout as sleep } from 'node:timers/promises'
import { type ReconcileOptions, reconcile } from './reconcile.ts'

/** From the end of a pass to the next one: a stream of events must not become a stream of questions to the registry. */
const REST_MS = 50
/** Quick at first, since a service that died should be back at once; then no more than once a minute. */
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 60_000
/** Node's timers count to 2^31 ms; a rollout that waits longer is looked at once a day. */
const LONGEST_TIMER_MS = 86_400_000

/** Keeps a target as its registry wants it. Disposing it ends the pass that is under way after its present step. */
export interface Deployer extends AsyncDisposable {
  /** Something may have changed: reconcile soon. Returns at once; however many calls come during a pass, one more follows. */
  wake(): void
  /** Resolves when no pass is under way. After a failure, the next may be due later. */
  settled(): Promise<void>
}

/**
 * Reconciles, one pass at a time, whenever it is woken: wake it when it starts, for what happened while nobody listened, and at
 * each event. After a failure that may pass (not a rejected version), when a rollout has waited long enough, and when the target
 * loses what it had, it wakes itself.
 * Everything that happens goes to `report`.
 */
export function createDeployer(options: Omit<ReconcileOptions, 'signal'>): Deployer {
  const { target, report } = options
  const stop = new AbortController()
  const backoff = createBackoff()
  let wanted = false
  let rested = 0
  let passes: Promise<void> | undefined
  let retry: NodeJS.Timeout | undefined

  function wake(): void {
    if (stop.signal.aborted) return
    wanted = true
    passes ??= run()
  }

  async function run(): Promise<void> {
    while (wanted) {
      // Never at once, so that whoever woke us answers first: reading the registry may take the thread for a while.
      await sleep(Math.max(rested - performance.now(), 0), undefined, { signal: stop.signal }).catch(() => {})
      if (stop.signal.aborted) return
      clearTimeout(retry)
      wanted = false
      const { failures, wakeAt } = await reconcile({ ...options, signal: stop.signal })
      rested = performance.now() + REST_MS
      if (stop.signal.aborted) return
      if (failures.some(({ rejected }) => !rejected)) wakeIn(backoff())
      else if (wakeAt !== undefined) wakeIn(wakeAt - (options.now ?? Date.now)())
    }
    passes = undefined
  }

  function wakeIn(delay: number): void {
    clearTimeout(retry)
    retry = setTimeout(wake, Math.min(Math.max(delay, 0), LONGEST_TIMER_MS))
  }

  target.onLost?.(error => {
    if (stop.signal.aborted) return
    report?.({
      kind: 'failed',
      failure: { model: undefined, rejected: false, error },
      line: `${target.name}: ${error.message}`,
    })
    wakeIn(backoff())
  })

  return {
    wake,
    settled: () => passes ?? Promise.resolve(),
    async [Symbol.asyncDispose]() {
      stop.abort()
      clearTimeout(retry)
      await passes
    },
  }
}

/** Milliseconds to wait: doubled at each call, from the first again after a quiet time. */
function createBackoff(): () => number {
  let delay = 0
  let last = Number.NEGATIVE_INFINITY
  return () => {
    const now = performance.now()
    const quiet = now - last > 2 * LONGEST_RETRY_MS
    last = now
    delay = quiet ? FIRST_RETRY_MS : Math.min(2 * delay, LONGEST_RETRY_MS)
    return delay
  }
}
