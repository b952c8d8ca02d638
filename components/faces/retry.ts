import { setTimeout as sleep } from 'node:timers/promises'
import { counted } from '../../core/counted.ts'
import { isPassingFault } from '../../core/passing-faults.ts'
import type { Log, StageRetry } from '../definition/index.ts'

/** For stages that say nothing else: over some 7 to 14 s. */
export const DEFAULT_RETRY: Required<StageRetry> = { times: 3, pauseSeconds: 2 }

export interface RetryOptions extends Required<StageRetry> {
  readonly log: Log
  readonly signal: AbortSignal
}

/** Where doubling ends. Half of each pause is drawn at random, so that many tasks do not come back at once. */
const LONGEST_PAUSE_SECONDS = 60

/**
 * Does some work, and does it again when a fault that is likely to pass broke it; what it is told in the log. Anything else
 * is thrown at once: bad input stays bad.
 * @param work is called with whether it is a further try
 * @throws whatever the last try threw; the signal's reason when it aborts in a pause
 */
export async function retryPassing<T>(
  work: (again: boolean) => Promise<T>,
  { times, pauseSeconds, log, signal }: RetryOptions,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await work(failures > 0)
    } catch (error) {
      if (failures >= times || signal.aborted || !isPassingFault(error)) throw error
      const longest = Math.min(LONGEST_PAUSE_SECONDS, pauseSeconds * 2 ** failures)
      const seconds = (longest * (1 + Math.random())) / 2
      const left = counted(times - failures, 'further try', 'further tries')
      log.warn(
        `${(error as Error).message.split('\n', 1)}; this may pass: ${left}, the next in ${seconds.toFixed(1)} s`,
      )
      await sleep(seconds * 1000, undefined, { signal: AbortSignal.any([signal]) }).catch(() => {
        throw signal.reason
      })
    }
  }
}
