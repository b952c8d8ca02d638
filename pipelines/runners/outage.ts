import { setTimeout as sleep } from 'node:timers/promises'
import { PressroomError } from '../../core/errors.ts'

export interface Patience {
  /** Seconds for which the server may be away. Default 600. */
  readonly outageSeconds?: number | undefined
  /** Seconds before it is asked again. */
  readonly pollSeconds: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Reads from a server that may be away for a while: one that is replaced is for a minute or more, and what it runs goes on
 * meanwhile.
 * @throws PressroomError what `read` throws; its `server-unreachable` only once the outage has lasted; the signal's reason
 */
export async function throughOutage<T>(
  read: () => Promise<T>,
  { outageSeconds = 600, pollSeconds, signal }: Patience,
): Promise<T> {
  const start = performance.now()
  for (;;) {
    try {
      return await read()
    } catch (error) {
      const away = error instanceof PressroomError && error.code === 'server-unreachable'
      if (!away || performance.now() - start > outageSeconds * 1000) throw error
      await sleep(pollSeconds * 1000, undefined, signal && { signal }).catch(() => signal?.throwIfAborted())
    }
  }
}
