import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import { PressroomError } from '../../../core/errors.ts'
import { writeFailure } from '../../../core/storage/failures.ts'
import { lockFolder } from '../../../core/storage/lock.ts'
import { listRuns, type RunFile } from './runs.ts'

/** What a home keeps only so that it need not be made or fetched again: folders by what their names are. */
const SPARABLE = [
  ['cache', /^[0-9a-f]{64}$/],
  // Copies of what lies in buckets.
  ['imports', /^[0-9a-f]{32}$/],
] as const

/** What is too old or too much. Nothing is removed that either of them spares. */
export interface PruneOptions {
  /** Only what is older than this many seconds: by the end of runs, by the last use of results. Default 0. */
  readonly olderThanSeconds?: number
  /** Say what would be removed, and remove nothing. */
  readonly dryRun?: boolean
}

export interface Pruned {
  /** Ids of runs; keys of results, and of imports as `imports/KEY`. */
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
  const bytes = await remove(
    home,
    ids.map(id => join('runs', id)),
    options,
  )
  return { removed: ids, bytes, kept: runs.length - ids.length }
}

/**
 * Removes results from the cache, and copies of what was imported from buckets, the least used first. A run that needs them
 * makes and fetches them again.
 * @param options `mostBytes`: how much may stay, of what is old enough to go. Default 0.
 * @throws PressroomError `folder-locked` while a run uses them; `not-writable`
 */
export async function pruneCache(
  home: string,
  options: PruneOptions & { readonly mostBytes?: number },
): Promise<Pruned> {
  const { mostBytes = 0, olderThanSeconds = 0, dryRun = false } = options
  const paths = await sparable(home)
  if (paths.length === 0) return { removed: [], bytes: 0, kept: 0 }
  await using _lock = dryRun ? undefined : await lockFolder(resolve(home), 'run')
  const entries = await Promise.all(
    paths.map(async path => {
      const full = join(resolve(home), path)
      const { mtimeMs } = await stat(full)
      return { path, used: mtimeMs, bytes: await sizeOf(full) }
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
  const old = tooMuch.filter(({ used }) => used <= before).map(({ path }) => path)
  // Awaited here: the lock is given back when this function returns.
  const bytes = await remove(home, old, options)
  const removed = old.map(path => path.replaceAll(sep, '/').replace(/^cache\//, ''))
  return { removed, bytes, kept: entries.length - old.length }
}

async function sparable(home: string): Promise<string[]> {
  const paths = SPARABLE.map(async ([kind, pattern]) => {
    const names = await readdir(join(resolve(home), kind)).catch(() => [])
    return names.filter(name => pattern.test(name)).map(name => join(kind, name))
  })
  return (await Promise.all(paths)).flat()
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

/**
 * Removes folders of a home.
 * @param paths from the home on; the last parts of all differ
 * @returns their bytes
 */
async function remove(
  home: string,
  paths: readonly string[],
  { dryRun = false }: PruneOptions,
): Promise<number> {
  // Elsewhere first, by a rename: whoever looks meanwhile sees a whole one or none, and what a kill leaves goes next time.
  const doomed = join(resolve(home), 'pruned')
  let bytes = 0
  for (const path of paths) bytes += await sizeOf(join(resolve(home), path))
  try {
    if (!dryRun && paths.length > 0) {
      await rm(doomed, { recursive: true, force: true })
      await mkdir(doomed)
      for (const path of paths) await rename(join(resolve(home), path), join(doomed, basename(path)))
      await rm(doomed, { recursive: true, force: true })
    }
  } catch (error) {
    throw writeFailure(error, home)
  }
  return bytes
}

async function sizeOf(path: string): Promise<number> {
  const names = await readdir(path, { recursive: true, withFileTypes: true })
  const files = names.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const sizes = await Promise.all(files.map(async file => (await stat(file)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
