import { readFile, rm, stat } from 'node:fs/promises'
import { counted } from '../core/counted.ts'
import { digestRows, type Row } from '../core/data/index.ts'
import { aString, type Decoded, objectOf } from '../core/decode.ts'
import { PressroomError } from '../core/errors.ts'
import { writeFileAtomic } from '../core/storage/atomic.ts'
import { digestBytes } from '../core/storage/digest.ts'
import { VERSION } from '../core/version.ts'
import type { Log } from './definition/index.ts'

/** What a checkpoint is of. It says nothing to other rows, to the same in another order, to other settings or another release. */
export type CheckpointKey = Decoded<typeof aKey>

export const aKey = objectOf({ release: aString, rows: aString, settings: aString })

/** @param settings as plain data: all that shapes the work beside the rows */
export function checkpointKey(rows: readonly Row[], settings: unknown): CheckpointKey {
  return { release: VERSION, rows: digestRows(rows), settings: digestBytes(JSON.stringify(settings)) }
}

/** How what a checkpoint holds is read. */
export interface KeptFormat<T> {
  /** As an error calls what it is of. */
  readonly of: string
  /** @returns undefined for what is no such checkpoint; it may throw as well */
  parse(bytes: Buffer): T | undefined
  fits(kept: T): number
}

/**
 * What a checkpoint holds, and tells the log how much; undefined where there is none.
 * @throws PressroomError `invalid-setting` for a file with another key, one that cannot be read, or one that is no checkpoint: hours of
 * work may lie in it, so it is not written over
 */
export async function readKept<T extends { readonly key: CheckpointKey }>(
  path: string,
  key: CheckpointKey,
  log: Log,
  { of, parse, fits }: KeptFormat<T>,
): Promise<T | undefined> {
  const bytes = await readFile(path).catch(cause => {
    if (cause.code === 'ENOENT') return undefined
    throw unusable(path, 'it cannot be read', cause)
  })
  if (bytes === undefined) return undefined
  let kept: T | undefined
  let cause: unknown
  try {
    kept = parse(bytes)
  } catch (error) {
    cause = error
  }
  if (kept === undefined) throw unusable(path, `it is no checkpoint of ${of}`, cause)
  requireSameKey(path, kept.key, key)
  log.info(`going on from ${path}, behind ${counted(fits(kept), 'fit')} done before`)
  return kept
}

function requireSameKey(path: string, found: CheckpointKey, key: CheckpointKey): void {
  const others = [
    ...(found.rows === key.rows ? [] : ['other rows']),
    ...(found.settings === key.settings ? [] : ['other settings']),
    ...(found.release === key.release ? [] : [`another release (${found.release})`]),
  ]
  if (others.length > 0) throw unusable(path, `it is of ${others.join(', ')}`)
}

function unusable(path: string, where: string, cause?: unknown): PressroomError {
  return new PressroomError('invalid-setting', `checkpoint: ${path} cannot be gone on from`, {
    where,
    fix: 'give another path, or remove the file',
    cause,
  })
}

/** Writes contents of a checkpoint, one after the other. */
export interface CheckpointWriter {
  /** Writes when what is being written has been. That it fails is told once, and ends no fit. */
  write(content: string | Uint8Array): Promise<void>
  /** Ends when nothing is being written any more. */
  settle(): Promise<void>
  /** Removes the file: the work is over. */
  remove(): Promise<void>
}

export function checkpointWriter(path: string, log: Log): CheckpointWriter {
  let writing = Promise.resolve()
  let failed = false
  return {
    write(content) {
      writing = writing
        .then(() => writeFileAtomic(path, content))
        .catch(error => {
          if (!failed) log.warn(`no checkpoint could be written: ${(error as Error).message}`)
          failed = true
        })
      return writing
    },
    settle: () => writing,
    async remove() {
      await writing
      await rm(path, { force: true })
    },
  }
}

/**
 * Does work that may keep a checkpoint.
 * @throws what the work throws; PressroomError `cancelled` with where the checkpoint lies, when the work is stopped and there is one
 */
export async function sayingWhereKept<T>(
  path: string | undefined,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (path === undefined || !signal.aborted || !(await exists(path))) throw error
    throw new PressroomError('cancelled', 'stopped', {
      fix: `${path} keeps what was done; the same command goes on from it`,
      cause: error,
    })
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
