import { setTimeout as sleep } from 'node:timers/promises'
import { createWork, startPass } from './pass.ts'
import type { ReconcileOptions } from './reconcile.ts'

/** From the end of a pass to the next one: a stream of events must not become a stream of questions to the registry. */
const REST_MS = 50
/** Quick at first, since a service that died should be back at once; then no more than once a minute. */
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 60_000
/** Node's timers count to 2^31 ms; a rollout that waits longer is looked at once a day. */
const LONGEST_TIMER_MS = 86_400_000

/** Keeps a target as its registry wants it. Disposing it ends the steps that are under way, and takes no more. */
export interface Deployer extends AsyncDisposable {
  /** Something may have changed: reconcile soon. Returns at once; however many calls come during a look, one more follows. */
  wake(): void
  /** Resolves when no pass is under way. After a failure, the next may be due later. */
  settled(): Promise<void>
}

/**
 * Reconciles whenever it is woken: wake it when it starts, for what happened while nobody listened, and at each event. It looks once at a
 * time; while steps of a model are under way, the next look is at the others, and that model's comes when they are taken. After a
 * failure that may pass (not a rejected version), when a rollout has waited long enough, and when the target loses what it had, it
 * wakes itself.
 * Everything that happens goes to `report`.
 */
export function createDeployer(options: Omit<ReconcileOptions, 'signal'>): Deployer {
  const { target, report, now = Date.now } = options
  const stop = new AbortController()
  const own = { ...options, signal: stop.signal }
  const work = createWork(own)
  const backoff = createBackoff()
  // One model that fails for good must not keep what died, with all the others in it, from being back at once.
  const backoffOfLost = createBackoff()
  const passes = new Set<Promise<unknown>>()
  let wanted = false
  let rested = 0
  let looking: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let dueAt = Number.POSITIVE_INFINITY
  let retries = false

  function wake(): void {
    if (stop.signal.aborted) return
    wanted = true
    looking ??= run()
  }

  async function run(): Promise<void> {
    while (wanted) {
      // Never at once, so that whoever woke us answers first: reading the registry may take the thread for a while.
      await sleep(Math.max(rested - performance.now(), 0), undefined, { signal: stop.signal }).catch(() => {})
      if (stop.signal.aborted) return
      clearTimeout(timer)
      dueAt = Number.POSITIVE_INFINITY
      retries = false
      wanted = false
      const hooks = { due: (at: number) => wakeIn(at - now()), failed: retry, missed: wake }
      const { looked, ended } = startPass(own, work, hooks)
      passes.add(ended)
      void ended.then(() => passes.delete(ended))
      await looked
      rested = performance.now() + REST_MS
    }
    looking = undefined
  }

  /** What a version was rejected for, another look would find again. */
  function retry({ rejected }: { readonly rejected: boolean }): void {
    if (rejected || retries) return
    retries = true
    wakeIn(backoff())
  }

  function wakeIn(delay: number): void {
    const at = performance.now() + delay
    if (at >= dueAt || stop.signal.aborted) return
    clearTimeout(timer)
    dueAt = at
    timer = setTimeout(wake, Math.min(Math.max(delay, 0), LONGEST_TIMER_MS))
  }

  async function settled(): Promise<void> {
    while (looking !== undefined || passes.size > 0) await Promise.all([looking, ...passes])
  }

  target.onLost?.(error => {
    if (stop.signal.aborted) return
    const failure = { model: undefined, rejected: false, error }
    report?.({ kind: 'failed', failure, line: `${target.name}: ${error.message}` })
    wakeIn(backoffOfLost())
  })

  return {
    wake,
    settled,
    async [Symbol.asyncDispose]() {
      stop.abort()
      clearTimeout(timer)
      await Promise.all([looking, ...passes])
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
