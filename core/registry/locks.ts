import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PressroomError } from '../errors.ts'
import { lockFolder } from '../storage/lock.ts'

const POLL_MS = 20

/** By lock, when the last of this process's waiters is done with it. */
const turns = new Map<string, Promise<unknown>>()

/**
 * {@link lockFolder}, but waits for its turn until the signal aborts. Within the process waiters queue, since
 * asking for a lock that is held stops the whole process for a moment, its holder included.
 * @throws PressroomError `folder-locked`, naming the holder, when the signal aborts first; `not-writable`.
 */
export async function waitForLock(
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const key = join(folder, name)
  const before = turns.get(key)
  const { promise: done, resolve: end } = Promise.withResolvers<void>()
  const turn = Promise.all([before, done])
  turns.set(key, turn)
  const release = () => {
    end()
    if (turns.get(key) === turn) turns.delete(key)
  }
  try {
    await unlessAborted(before, signal)
    const lock = await poll(folder, name, signal)
    return {
      async [Symbol.asyncDispose]() {
        await lock[Symbol.asyncDispose]()
        release()
      },
    }
  } catch (error) {
    release()
    throw error
  }
}

async function poll(folder: string, name: string, signal: AbortSignal): Promise<AsyncDisposable> {
  for (;;) {
    try {
      return await lockFolder(folder, name)
    } catch (error) {
      const busy = error instanceof PressroomError && error.code === 'folder-locked'
      if (!busy || signal.aborted) throw error
      await sleep(POLL_MS, undefined, { signal }).catch(() => {})
    }
  }
}

/** Resolves with the promise, or when the signal aborts if that comes first. */
async function unlessAborted(promise: Promise<unknown> | undefined, signal: AbortSignal): Promise<void> {
  if (promise === undefined || signal.aborted) return
  const settled = new AbortController()
  const aborted = once(signal, 'abort', { signal: settled.signal }).catch(() => {})
  await Promise.race([promise, aborted])
  settled.abort()
}
