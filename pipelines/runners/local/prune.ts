import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PressroomError } from '../../../core/errors.ts'
import { writeFailure } from '../../../core/storage/failures.ts'
import { lockFolder } from '../../../core/storage/lock.ts'
import { listRuns, type RunFile } from './runs.ts'

/** What is too old or too much. Nothing is removed that either of them spares. */
export interface PruneOptions {
  /** Only what is older than this many seconds: by the end of runs, by the last use of results. Default 0. */
  readonly olderThanSeconds?: number
  /** Say what would be removed, and remove nothing. */
  readonly dryRun?: boolean
}

export interface Pruned {
  /** Ids of runs, keys of results. */
  readonly removed: readonly string[]
  readonly bytes: number
  /** How many are left. */
  readonly kept: number
}

/**
 * Removes the folders of runs, but never one that goes on.
 * @param options `keep`: how many of the newest stay, whatever their age. Default 0.
 * @throws PressroomError `not-writable`
 */
export async function pruneRuns(
  home: string,
  options: PruneOptions & { readonly keep?: number },
): Promise<Pruned> {
  const { keep = 0, olderThanSeconds = 0 } = options
  const before = Date.now() - olderThanSeconds * 1000
  const runs = await listRuns(home)
  const busy = runs.some(({ state }) => state === 'running') && (await isBusy(home))
  const goesOn = ({ state }: RunFile) => busy && state === 'running'
  const old = runs
    .slice(keep)
    .filter(run => !goesOn(run) && Date.parse(run.endedAt ?? run.startedAt) <= before)
  const ids = old.map(({ id }) => id)
  return remove(home, 'runs', ids, runs.length, options)
}

/**
 * Removes results from the cache, the least used first.
 * @param options `mostBytes`: how much may stay, of what is old enough to go. Default 0.
 * @throws PressroomError `folder-locked` while a run uses the cache; `not-writable`
 */
export async function pruneCache(
  home: string,
  options: PruneOptions & { readonly mostBytes?: number },
): Promise<Pruned> {
  const { mostBytes = 0, olderThanSeconds = 0, dryRun = false } = options
  const folder = join(resolve(home), 'cache')
  const names = (await readdir(folder).catch(() => [])).filter(name => /^[0-9a-f]{64}$/.test(name))
  if (names.length === 0) return { removed: [], bytes: 0, kept: 0 }
  await using _lock = dryRun ? undefined : await lockFolder(resolve(home), 'run')
  const entries = await Promise.all(
    names.map(async name => {
      const { mtimeMs } = await stat(join(folder, name))
      return { name, used: mtimeMs, bytes: await sizeOf(join(folder, name)) }
    }),
  )
  let total = 0
  const tooMuch = entries
    .sort((a, b) => b.used - a.used)
    .filter(({ bytes }) => {
      total += bytes
      return total > mostBytes
    })
  const before = Date.now() - olderThanSeconds * 1000
  const old = tooMuch.filter(({ used }) => used <= before).map(({ name }) => name)
  // Awaited here: the lock is given back when this function returns.
  return await remove(home, 'cache', old, entries.length, options)
}

/** Whether a run goes on in a home folder. One that is not said to have ended and does not go on was killed. */
export async function isBusy(home: string): Promise<boolean> {
  try {
    await using _lock = await lockFolder(resolve(home), 'run')
    return false
  } catch (error) {
    if (error instanceof PressroomError && error.code === 'folder-locked') return true
    throw error
  }
}

async function remove(
  home: string,
  kind: 'runs' | 'cache',
  names: readonly string[],
  all: number,
  { dryRun = false }: PruneOptions,
): Promise<Pruned> {
  const folder = join(resolve(home), kind)
  // Elsewhere first, by a rename: whoever looks meanwhile sees a whole one or none, and what a kill leaves goes next time.
  const doomed = join(resolve(home), 'pruned')
  let bytes = 0
  for (const name of names) bytes += await sizeOf(join(folder, name))
  try {
    if (!dryRun && names.length > 0) {
      await rm(doomed, { recursive: true, force: true })
      await mkdir(doomed)
      for (const name of names) await rename(join(folder, name), join(doomed, name))
      await rm(doomed, { recursive: true, force: true })
    }
  } catch (error) {
    throw writeFailure(error, folder)
  }
  return { removed: names, bytes, kept: all - names.length }
}

async function sizeOf(path: string): Promise<number> {
  const names = await readdir(path, { recursive: true, withFileTypes: true })
  const files = names.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const sizes = await Promise.all(files.map(async file => (await stat(file)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
