import { deserialize, serialize } from 'node:v8'
import type { Checkpoint } from '../../core/learn/control.ts'
import type { LearnerFit } from '../../core/learn/index.ts'
import { aKey, type CheckpointKey, checkpointWriter, type KeptFormat, readKept } from '../checkpoint-file.ts'
import type { Log } from '../definition/index.ts'

/** So much work a crash may cost; writing a state that may have gigabytes more often would be felt. */
const KEEP_MS = 10_000

/** What the file holds, as Node serialises it: typed arrays, undefined and infinities as they are. */
interface Kept {
  readonly key: CheckpointKey
  readonly done: readonly LearnerFit[]
  /** Of the part behind those; undefined before its first. */
  readonly state: unknown
}

const fitFormat: KeptFormat<Kept> = {
  of: 'train',
  parse(bytes) {
    const { key, done, state } = deserialize(bytes) as Kept
    return Array.isArray(done) ? { key: aKey(key, 'key'), done, state } : undefined
  },
  fits: ({ done }) => done.length,
}

/** A fit's checkpoint in a file. */
export interface FitCheckpoint extends Checkpoint<LearnerFit> {
  /** Writes the parts that are done and not written yet: the fit has ended early. */
  settle(): Promise<void>
  /** Removes the file: the fit is over. */
  remove(): Promise<void>
}

/**
 * Opens the file, which need not be there.
 * @param key of the rows and settings
 * @param keepMs how long the fit goes on before its state is written again
 * @throws PressroomError `invalid-setting` for a file with another key, one that cannot be read, or one that is no checkpoint: it may
 * be something dear
 */
export async function openFitCheckpoint(
  path: string,
  key: CheckpointKey,
  log: Log,
  keepMs: number = KEEP_MS,
): Promise<FitCheckpoint> {
  const found = await readKept(path, key, log, fitFormat)
  const earlier: Kept = found ?? { key, done: [], state: undefined }

  const writer = checkpointWriter(path, log)
  const done: LearnerFit[] = []
  let written = earlier.done.length
  let kept = performance.now()
  const keep = (state: unknown) => {
    written = done.length
    // None is due before this one is written, which may take long; states that wait for it would fill the memory.
    kept = Infinity
    // Serialised at once: the fit changes the state when it goes on.
    void writer.write(serialize({ key, done, state } satisfies Kept)).then(() => {
      kept = performance.now()
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
        keep,
        finish(fit) {
          done.push(fit)
          if (due()) keep(undefined)
        },
      }
    },
    async settle() {
      if (done.length > written) keep(undefined)
      await writer.settle()
    },
    remove: () => writer.remove(),
  }
}
