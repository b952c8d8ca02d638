import { join, resolve } from 'node:path'
import { type FolderStore, openStore } from '../../../core/storage/store.ts'

/** How many entries were copied, and how many were there already. */
export interface Shared {
  readonly copied: number
  readonly present: number
}

/**
 * Copies what another place's cache has and the one in `home` lacks. Entries are checked when they are used, so a damaged
 * one costs a run of its task and no more.
 * @throws PressroomError `usage`, `not-readable`, `not-writable`
 */
export async function pullCache(home: string, uri: string): Promise<Shared> {
  return copyEntries(openStore(uri), cacheOf(home), (store, name) =>
    store.fetch(name, join(resolve(home), 'cache', name)),
  )
}

/** Copies what the cache in `home` has and another place lacks. Errors are those of {@link pullCache}. */
export async function pushCache(home: string, uri: string): Promise<Shared> {
  return copyEntries(cacheOf(home), openStore(uri), (_, name, to) =>
    to.keep(join(resolve(home), 'cache', name), name),
  )
}

function cacheOf(home: string): FolderStore {
  return openStore(join(resolve(home), 'cache'))
}

async function copyEntries(
  from: FolderStore,
  to: FolderStore,
  copy: (from: FolderStore, name: string, to: FolderStore) => Promise<void>,
): Promise<Shared> {
  let [copied, present] = [0, 0]
  // Whatever else lies there is not ours to copy.
  for (const name of (await from.names()).filter(name => /^[0-9a-f]{64}$/.test(name))) {
    if (await to.has(name)) present++
    else {
      await copy(from, name, to)
      copied++
    }
  }
  return { copied, present }
}
