import { lstat, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { PressroomError, systemCode } from '../errors.ts'
import { writeFailure } from './failures.ts'

/*
 * Everything is written under a temporary name in the same folder, then renamed: whoever reads sees the old content, or the
 * new, or nothing, also when this process is killed midway. Nothing is flushed to the disk first, so a power cut
 * can lose the newest write; what must survive that belongs in SQLite.
 */

// A process number says nothing about another machine or container on a shared volume, so the name carries the host too.
const HOST = fnv1a(hostname())
const TEMPORARY = /^\.pressroom-([0-9a-f]{8})-(\d+)-[0-9a-f]{12}\.tmp$/
/** Leftovers whose writer cannot be asked (another host, a reused process number) go after a day: no write takes that long. */
const ABANDONED_MS = 24 * 60 * 60 * 1000
const swept = new Set<string>()

/**
 * Writes a file so that no reader ever sees half of it; missing parent folders are made. Pieces are written one by one
 * as they are made, so that a large file need not be in memory whole.
 * @throws PressroomError `not-writable` with the path and a remedy.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array | Iterable<string>,
): Promise<void> {
  await withTemporary(path, async tmp => {
    await writeFile(tmp, data)
    await rename(tmp, path)
  })
}

/**
 * Lets `fill` write a file under a temporary name, then gives it its own: for files that are made in pieces.
 * @throws PressroomError `not-writable` with the path and a remedy; whatever else `fill` throws comes through unchanged.
 */
export async function writeFileInPieces(path: string, fill: (tmp: string) => Promise<void>): Promise<void> {
  await withTemporary(path, async tmp => {
    await fill(tmp)
    await rename(tmp, path)
  })
}

/**
 * Lets `fill` write into a new temporary folder, then gives it its name; missing parent folders are made. An existing folder
 * of that name is replaced, only after `fill` succeeded. Between the two renames of a replacement the name is missing
 * for an instant; it never names a mixture.
 * @param keeps says, given the new folder, that an existing one is as good, so that it stays, and whoever reads it is not disturbed
 * @returns what `fill` returned.
 * @throws PressroomError `not-writable` with the path and a remedy; whatever else `fill` throws comes through unchanged.
 */
export async function writeFolderAtomic<T>(
  path: string,
  fill: (tmp: string) => Promise<T>,
  keeps: (tmp: string) => Promise<boolean> = async () => false,
): Promise<T> {
  return withTemporary(path, async tmp => {
    await mkdir(tmp)
    const result = await fill(tmp)
    await moveInto(tmp, path, keeps)
    return result
  })
}

async function withTemporary<T>(path: string, write: (tmp: string) => Promise<T>): Promise<T> {
  const folder = dirname(resolve(path))
  const tmp = temporaryName(folder)
  await mkdir(folder, { recursive: true }).catch(error => {
    throw writeFailure(error, path)
  })
  await sweep(folder)
  try {
    return await write(tmp)
  } catch (error) {
    await rm(tmp, { recursive: true, force: true }).catch(() => {})
    throw isElsewhere(error, path, tmp) ? error : writeFailure(error, path)
  }
}

function temporaryName(folder: string): string {
  const random = Math.floor(Math.random() * 2 ** 48)
  return join(folder, `.pressroom-${HOST}-${process.pid}-${random.toString(16).padStart(12, '0')}.tmp`)
}

/** The 32-bit FNV-1a hash, in hexadecimal: loading node:crypto would take longer than most commands write for. */
function fnv1a(text: string): string {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

/** Whether an error names another place: something that `fill` wanted to read, say. A full disk names none. */
function isElsewhere(error: unknown, path: string, tmp: string): boolean {
  if (!(error instanceof Error && 'path' in error)) return false
  return error.path !== path && !`${error.path}`.startsWith(tmp)
}

async function moveInto(tmp: string, path: string, keeps: (tmp: string) => Promise<boolean>): Promise<void> {
  const existing = await lstat(path).catch(() => undefined)
  if (existing !== undefined && !existing.isDirectory()) {
    const what = `cannot write the folder ${path}: something else has that name`
    throw new PressroomError('not-writable', what, { fix: 'move it or name another place' })
  }
  // rename(2) refuses a folder that is not empty, so that one steps aside first. Another writer can take its place
  // between the two renames: then the last one wins, as with files. Each failed attempt is another writer's success.
  for (let attempt = 1; ; attempt++) {
    try {
      return await rename(tmp, path)
    } catch (error) {
      const occupied = ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(systemCode(error) ?? '')
      if (!occupied || attempt === 100) throw error
      if (await keeps(tmp)) return await rm(tmp, { recursive: true, force: true })
      await discard(path)
    }
  }
}

async function discard(path: string): Promise<void> {
  const aside = temporaryName(dirname(resolve(path)))
  try {
    await rename(path, aside)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return
    throw error
  }
  await rm(aside, { recursive: true, force: true })
}

/** Removes what killed writers left in the folder: once a process, since a folder may hold many entries. What it cannot remove is no reason to refuse the write. */
async function sweep(folder: string): Promise<void> {
  if (swept.has(folder)) return
  swept.add(folder)
  for (const name of await readdir(folder).catch(() => [])) {
    const [, host, pid] = TEMPORARY.exec(name) ?? []
    if (host === undefined) continue
    const path = join(folder, name)
    const dead = host === HOST && !isRunning(Number(pid))
    if (dead || (await isAbandoned(path))) await rm(path, { recursive: true, force: true }).catch(() => {})
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCode(error) !== 'ESRCH'
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > ABANDONED_MS
}
