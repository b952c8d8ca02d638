import { readFile, rm } from 'node:fs/promises'
import { deserialize, serialize } from 'node:v8'
import { counted } from '../../core/counted.ts'
import { PressroomError } from '../../core/errors.ts'
import type { Checkpoint } from '../../core/learn/control.ts'
import type { LearnerFit } from '../../core/learn/index.ts'
import { writeFileAtomic } from '../../core/storage/atomic.ts'
import type { Log } from '../definition/index.ts'

/** So much work a crash may cost; writing a state that may have gigabytes more often would be felt. */
const KEEP_MS = 10_000

/** What the file holds, as Node serialises it: typed arrays, undefined and infinities as they are. */
interface Kept {
  /** Of the rows and of all settings: a state says nothing to others. */
  readonly key: string
  readonly done: readonly LearnerFit[]
  /** Of the part behind those; undefined before its first. */
  readonly state: unknown
}

/** A fit's checkpoint in a file. */
export interface CheckpointFile extends Checkpoint<LearnerFit> {
  /** Ends when nothing is being written any more. */
  settle(): Promise<void>
  /** Removes the file: the fit is over. */
  remove(): Promise<void>
}

/**
 * Opens the file, which need not be there.
 * @param key of the rows and settings; a file with another is not used, and written over
 * @param keepMs how long the fit goes on before its state is written again
 * @throws PressroomError `invalid-setting` for a file that cannot be read, or that is no checkpoint: it may be something dear
 */
export async function openCheckpoint(
  path: string,
  key: string,
  log: Log,
  keepMs: number = KEEP_MS,
): Promise<CheckpointFile> {
  const found = await readKept(path)
  const fits = found !== undefined && found.key === key
  if (fits) log.info(`going on from ${path}, behind ${counted(found.done.length, 'fit')} done before`)
  else if (found !== undefined) log.warn(`${path} is of other rows or settings; beginning anew`)
  const earlier: Kept = fits ? found : { key, done: [], state: undefined }

  const done: LearnerFit[] = []
  let kept = performance.now()
  let writing = Promise.resolve()
  let failed = false
  const write = (state: unknown) => {
    // Serialised at once: the fit changes the state when it goes on.
    const bytes = serialize({ key, done, state } satisfies Kept)
    kept = performance.now()
    writing = writing
      .then(() => writeFileAtomic(path, bytes))
      .catch(error => {
        if (!failed) log.warn(`no checkpoint could be written: ${(error as Error).message}`)
        failed = true
      })
  }
  const due = () => performance.now() - kept >= keepMs
  return {
    nextPart() {
      const place = done.length
      const before = earlier.done[place]
      if (before !== undefined) done.push(before)
      return {
        done: before,
        state: place === earlier.done.length ? earlier.state : undefined,
        due,
        keep: write,
        finish(fit) {
          done.push(fit)
          if (due()) write(undefined)
        },
      }
    },
    settle: () => writing,
    async remove() {
      await writing
      await rm(path, { force: true })
    },
  }
}

async function readKept(path: string): Promise<Kept | undefined> {
  const bytes = await readFile(path).catch(cause => {
    if (cause.code === 'ENOENT') return undefined
    throw invalid(path, 'it cannot be read', cause)
  })
  if (bytes === undefined) return undefined
  try {
    const { key, done, state } = deserialize(bytes) as Kept
    if (typeof key === 'string' && Array.isArray(done)) return { key, done, state }
  } catch (cause) {
    throw invalid(path, 'it is no checkpoint', cause)
  }
  throw invalid(path, 'it is no checkpoint')
}

function invalid(path: string, where: string, cause?: unknown): PressroomError {
  return new PressroomError('invalid-setting', `checkpoint: ${path} cannot be gone on from`, {
    where,
    fix: 'give another path, or remove the file',
    cause,
  })
}
