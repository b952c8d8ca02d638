import { join, resolve } from 'node:path'
import { PressroomError } from '../../../core/errors.ts'
import { type FolderStore, openStore } from '../../../core/storage/store.ts'

/** How many entries were copied, how many were there already, and how many could not be read. */
export interface Shared {
  readonly copied: number
  readonly present: number
  readonly damaged: number
}

export interface ShareOptions {
  readonly signal?: AbortSignal
  /** Called after each entry. */
  readonly progress?: (done: number, of: number) => void
}

/**
 * Copies what another place's cache has and the one in `home` lacks. Entries are checked when they are used, so a damaged
 * one costs a run of its task and no more; one that cannot be read is left out.
 * @throws PressroomError `usage`, `not-readable`, `not-writable`, and what a bucket refuses
 */
export async function pullCache(home: string, uri: string, options: ShareOptions = {}): Promise<Shared> {
  const from = await openStore(uri)
  return copyEntries(from, await cacheOf(home), options, name =>
    from.fetch(name, join(resolve(home), 'cache', name), options.signal),
  )
}

/** Copies what the cache in `home` has and another place lacks. Errors are those of {@link pullCache}. */
export async function pushCache(home: string, uri: string, options: ShareOptions = {}): Promise<Shared> {
  const to = await openStore(uri)
  return copyEntries(await cacheOf(home), to, options, name =>
    to.keep(join(resolve(home), 'cache', name), name, options.signal),
  )
}

function cacheOf(home: string): Promise<FolderStore> {
  return openStore(join(resolve(home), 'cache'))
}

async function copyEntries(
  from: FolderStore,
  to: FolderStore,
  { signal, progress }: ShareOptions,
  copy: (name: string) => Promise<void>,
): Promise<Shared> {
  const shared = { copied: 0, present: 0, damaged: 0 }
  // Whatever else lies there is not ours to copy.
  const names = (await from.names(signal)).filter(name => /^[0-9a-f]{64}$/.test(name))
  const known = new Set(await to.names(signal))
  for (const [i, name] of names.entries()) {
    signal?.throwIfAborted()
    if (known.has(name)) shared.present++
    else {
      try {
        await copy(name)
        shared.copied++
      } catch (error) {
        if (!(error instanceof PressroomError) || error.code !== 'not-readable') throw error
        shared.damaged++
      }
    }
    progress?.(i + 1, names.length)
  }
  return shared
}
