import { constants, existsSync } from 'node:fs'
import { cp, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json } from '../../../components/definition/index.ts'
import { anObject, aString, type Decoder, objectWith, recordOf } from '../../../core/decode.ts'
import { writeFolderAtomic } from '../../../core/storage/atomic.ts'
import { digestBytes } from '../../../core/storage/digest.ts'
import { digestPath } from './cache-key.ts'

/** What a task made, beside the bytes of its artifacts. */
export interface CacheEntry {
  /** Who made it: the stage, or the image. */
  readonly by: string
  readonly summary: string
  readonly parameters: Readonly<Record<string, Json>>
  readonly artifacts: Readonly<Record<string, CachedArtifact>>
}

interface CachedArtifact {
  readonly metadata: Readonly<Record<string, Json>>
  /** Of the content; null when there is none. */
  readonly digest: string | null
}

/** The path of an artifact's file or folder. */
type PathOf = (artifact: string) => string

/**
 * Results of earlier tasks, a folder each: `entry.json`, and the artifacts by name. Entries appear whole or not at all
 * (a rename), so readers and writers need no lock; every byte is checked on the way out.
 */
export class TaskCache {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /**
   * Copies an entry's artifacts into a folder, which is made, and returns the entry; undefined when there is none.
   * @param pathOf where each artifact goes in that folder
   * @returns `damaged`, with the reason, for an entry that is not what was stored; nothing is left in the folder
   */
  async take(
    key: string,
    into: string,
    pathOf: PathOf,
  ): Promise<CacheEntry | { readonly damaged: string } | undefined> {
    const folder = join(this.#folder, key)
    if (!existsSync(folder)) return undefined
    try {
      const entry = unseal(await readFile(join(folder, 'entry.json'), 'utf8'))
      await mkdir(into, { recursive: true })
      for (const [name, { digest }] of Object.entries(entry.artifacts)) {
        if (digest === null) continue
        // The copy is what gets checked: nothing can change between the check and the use.
        await copy(join(folder, 'artifacts', name), pathOf(name))
        if ((await digestPath(pathOf(name))) !== digest) throw new Error(`${name} has other content`)
      }
      // Pruning goes by the last use.
      await utimes(folder, new Date(), new Date()).catch(() => {})
      return entry
    } catch (error) {
      await rm(into, { recursive: true, force: true })
      return { damaged: (error as Error).message }
    }
  }

  /**
   * Keeps a result, in place of whatever the key had.
   * @param pathOf where each artifact lies
   * @throws PressroomError `not-writable`
   */
  async store(key: string, entry: CacheEntry, pathOf: PathOf): Promise<void> {
    await writeFolderAtomic(join(this.#folder, key), async tmp => {
      await mkdir(join(tmp, 'artifacts'))
      for (const [name, { digest }] of Object.entries(entry.artifacts)) {
        if (digest !== null) await copy(pathOf(name), join(tmp, 'artifacts', name))
      }
      await writeFile(join(tmp, 'entry.json'), seal(entry))
    })
  }
}

/** Never a hard link, which a careless consumer could write through. File systems that can share blocks do. */
async function copy(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE })
}

const aSealed = objectWith({ digest: aString, entry: anObject })
const aJson: Decoder<Json> = value => value as Json
const anEntry: Decoder<CacheEntry> = objectWith({
  by: aString,
  summary: aString,
  parameters: recordOf(aJson),
  artifacts: recordOf(
    objectWith({
      metadata: recordOf(aJson),
      digest: (value, at) => (value === null ? null : aString(value, at)),
    }),
  ),
})

function seal(entry: CacheEntry): string {
  return `${JSON.stringify({ digest: digestBytes(JSON.stringify(entry)), entry }, null, 2)}\n`
}

/** @throws Error when the text is not what {@link seal} gave */
function unseal(text: string): CacheEntry {
  const { digest, entry: sealed } = aSealed(JSON.parse(text), 'entry.json')
  if (digestBytes(JSON.stringify(sealed)) !== digest) throw new Error('entry.json has other content')
  const entry = anEntry(sealed, 'entry')
  // Entries may come from a place that others write to: no name leads out of the folder.
  const astray = Object.keys(entry.artifacts).find(name => !/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name))
  if (astray !== undefined) throw new Error(`entry.json names the artifact ${JSON.stringify(astray)}`)
  return entry
}
