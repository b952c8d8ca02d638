import { setTimeout as sleep } from 'node:timers/promises'

/** The longest pause between two tries, in seconds. */
const LONGEST = 20

/**
 * Pauses between tries: exponential, half of each drawn at random, so that many clients do not come back at once.
 * @param firstSeconds the longest pause before the second try; it doubles for each next one, up to 20
 * @returns resolves after the pause before try `attempt + 1`, not before `least` seconds; `onPause` is told how long it is;
 *   rejects with the signal's reason
 */
export function backOff(
  firstSeconds: number,
  signal: AbortSignal,
): (attempt: number, least?: number, onPause?: (seconds: number) => void) => Promise<void> {
  return async (attempt, least = 0, onPause) => {
    const longest = Math.min(LONGEST, firstSeconds * 2 ** attempt)
    const seconds = Math.max(least, (longest * (1 + Math.random())) / 2)
    onPause?.(seconds)
    await sleep(1000 * seconds, undefined, { signal }).catch(() => {
      throw signal.reason
    })
  }
}
