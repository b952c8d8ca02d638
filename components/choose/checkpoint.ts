import type { FitsKeeper, FitsPlace, KeptFits } from '../../core/choose/index.ts'
import {
  aBoolean,
  aCount,
  aNumber,
  aShare,
  aString,
  type Decoded,
  listOf,
  objectOf,
  oneOf,
} from '../../core/decode.ts'
import { aKey, type CheckpointKey, checkpointWriter, type KeptFormat, readKept } from '../checkpoint-file.ts'
import type { Log } from '../definition/index.ts'

/** Short beside a fit worth keeping, long beside a write of all that is kept: ten thousand candidates are some 15 MB. */
const KEEP_MS = 1000

const aScore = objectOf({
  accuracy: aShare,
  macroF1: aShare,
  milliseconds: aNumber,
  columns: aCount,
  bytes: aCount,
  rows: aCount,
  converged: aBoolean,
})
const someFits = objectOf({
  share: aShare,
  fold: aCount,
  candidates: listOf(aString),
  scores: listOf(aScore),
  featureMilliseconds: aNumber,
})
const aCheckpoint = objectOf({ formatVersion: oneOf(1), key: aKey, fits: listOf(someFits) })

const searchFormat: KeptFormat<Decoded<typeof aCheckpoint>> = {
  of: 'a search',
  parse(bytes) {
    const found = aCheckpoint(JSON.parse(bytes.toString()), 'it')
    const whole = found.fits.every(({ candidates, scores }) => candidates.length === scores.length)
    return whole ? found : undefined
  },
  fits: ({ fits }) => fits.reduce((sum, { scores }) => sum + scores.length, 0),
}

/** The scores of a search in a file. Disposing of it writes what is not written yet. */
export interface SearchCheckpoint extends FitsKeeper, AsyncDisposable {
  /** Removes the file: the search is over. */
  remove(): Promise<void>
}

/**
 * Opens the file, which need not be there: JSON.
 * @param key of the rows, and of all settings that scores hang on
 * @param keepMs least time between two writes; a finished fit waits no longer than that for its own
 * @throws PressroomError `invalid-setting` for a file with another key, one that cannot be read, or one that is no checkpoint: it may
 * be something dear
 */
export async function openSearchCheckpoint(
  path: string,
  key: CheckpointKey,
  log: Log,
  keepMs: number = KEEP_MS,
): Promise<SearchCheckpoint> {
  const found = await readKept(path, key, log, searchFormat)
  const kept = new Map<string, KeptFits>(found?.fits.map(fits => [nameOf(fits), fits]))
  const writer = checkpointWriter(path, log)
  let waiting: NodeJS.Timeout | undefined
  let due = 0
  const write = () => {
    waiting = undefined
    due = performance.now() + keepMs
    void writer.write(checkpointText(key, [...kept.values()]))
  }
  return {
    find: place => kept.get(nameOf(place)),
    keep(fits) {
      kept.set(nameOf(fits), fits)
      waiting ??= setTimeout(write, Math.max(0, due - performance.now()))
    },
    async remove() {
      clearTimeout(waiting)
      waiting = undefined
      await writer.remove()
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(waiting)
      if (waiting !== undefined) write()
      await writer.settle()
    },
  }
}

function nameOf({ share, fold, candidates }: FitsPlace): string {
  return JSON.stringify([share, fold, ...candidates])
}

function checkpointText(key: CheckpointKey, kept: readonly KeptFits[]): string {
  const fits = kept.map(fits => JSON.stringify(fits)).join(',\n')
  return `{"formatVersion":1,"key":${JSON.stringify(key)},"fits":[\n${fits}\n]}\n`
}
