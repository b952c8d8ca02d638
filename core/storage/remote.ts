import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PressroomError } from '../errors.ts'
import { writeFileInPieces, writeFolderAtomic } from './atomic.ts'
import { digestBytes } from './digest.ts'
import { eachOf, isPlainPath } from './object-folders.ts'
import { type ObjectInfo, type ObjectStore, openBucket, parseAddress } from './objects.ts'
import { withScratch } from './scratch.ts'

/** A file, or a folder of them, in a bucket, as it is now. */
export interface Remote {
  /** Changes whenever any byte of it does: `sha256:…` over the stores' own versions. */
  readonly version: string
  /** One object, or all objects below the address as a folder. */
  readonly kind: 'file' | 'folder'
  readonly bytes: number
  /**
   * Copies it below `folder`, under its own name, unless this version is there already.
   * @returns the path of the file or folder
   */
  fetch(folder: string, signal?: AbortSignal): Promise<string>
}

/** Whether an address is one that {@link openRemote} knows: `gs://` or `s3://`. */
export function isRemote(uri: string): boolean {
  return /^(gs|s3):\/\//.test(uri)
}

/**
 * Finds what a `gs://` or `s3://` address stands for: the object of that name, else the objects below it.
 * @throws PressroomError `file-not-found` when there is nothing; `usage`, `package-missing`, `not-signed-in`, `server-refused`,
 * `server-unreachable`
 */
export async function openRemote(uri: string, signal?: AbortSignal): Promise<Remote> {
  const address = parseAddress(uri)
  if (address === undefined) throw new PressroomError('usage', `${uri} is neither gs:// nor s3://`)
  const store = await openBucket(address)
  const key = address.key.replace(/\/+$/, '')
  const single = key === '' || address.key.endsWith('/') ? undefined : await store.head(key, signal)
  if (single !== undefined) return remoteFile(store, single)
  const found: ObjectInfo[] = []
  const prefix = key === '' ? '' : `${key}/`
  // A name that ends in a slash is how consoles show an empty folder.
  for await (const each of store.list(prefix, signal)) if (!each.key.endsWith('/')) found.push(each)
  if (found.length === 0) {
    throw new PressroomError('file-not-found', `there is nothing at ${uri}`, { fix: 'check the address' })
  }
  return remoteFolder(store, prefix, found)
}

function remoteFile(store: ObjectStore, { key, bytes, version }: ObjectInfo): Remote {
  const of = digestBytes(`${store.uri}/${key}\0${version}`)
  return {
    version: of,
    kind: 'file',
    bytes,
    fetch: async (folder, signal) => {
      const name = basename(key)
      const path = join(placeOf(folder, of), isPlainPath(name) ? name : 'file')
      if (existsSync(path)) return path
      await writeFileInPieces(path, tmp => store.read(key, tmp, signal))
      return path
    },
  }
}

function remoteFolder(store: ObjectStore, prefix: string, found: readonly ObjectInfo[]): Remote {
  const files = found.map(each => ({ ...each, path: each.key.slice(prefix.length) }))
  // An object may be called like the folder of others, or like another but for case; files may not.
  const folders = new Set(files.flatMap(({ path }) => foldersOf(path.toLowerCase())))
  const taken = new Set<string>()
  const astray = files.find(({ path }) => {
    const folded = path.toLowerCase()
    if (!isPlainPath(path) || folders.has(folded) || taken.has(folded)) return true
    taken.add(folded)
    return false
  })
  if (astray !== undefined) {
    throw new PressroomError(
      'not-readable',
      `${store.uri}/${astray.key} has a name that no file beside the others can have`,
      {
        fix: 'rename the object',
      },
    )
  }
  const sorted = files.map(({ path, version }) => `${path}\0${version}\n`).sort()
  const of = digestBytes(`${store.uri}/${prefix}\0${sorted.join('')}`)
  return {
    version: of,
    kind: 'folder',
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    fetch: async (folder, signal) => {
      const path = join(placeOf(folder, of), basename(prefix) || 'bucket')
      if (existsSync(path)) return path
      await writeFolderAtomic(path, async tmp => {
        await eachOf(files, async file => {
          await mkdir(dirname(join(tmp, file.path)), { recursive: true })
          await store.read(file.key, join(tmp, file.path), signal)
        })
      })
      return path
    },
  }
}

/** `a/b/c` lies in `a` and `a/b`. */
function foldersOf(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'))
}

function placeOf(folder: string, version: string): string {
  return join(folder, version.replace('sha256:', '').slice(0, 32))
}

/**
 * Lets `use` read a file: the one at a path, or a copy of the one in a bucket, which is gone afterwards. What goes wrong with the copy
 * is said of the address.
 * @throws PressroomError those of {@link openRemote}; `not-a-file` when it is a folder of a bucket; whatever `use` throws
 */
export async function withLocalFile<T>(
  source: string,
  signal: AbortSignal | undefined,
  use: (path: string) => Promise<T>,
): Promise<T> {
  if (!isRemote(source)) return use(source)
  const remote = await openRemote(source, signal)
  if (remote.kind === 'folder') {
    throw new PressroomError('not-a-file', `${source} is a folder`, { fix: 'name an object in it' })
  }
  return withScratch(async scratch => {
    const path = await remote.fetch(scratch, signal)
    return use(path).catch(error => {
      throw error instanceof PressroomError ? renamed(error, path, source) : error
    })
  })
}

function renamed(
  { code, what, where, fix, cause }: PressroomError,
  from: string,
  to: string,
): PressroomError {
  const [said, at, remedy] = [what, where, fix].map(part => part?.replaceAll(from, to))
  return new PressroomError(code, said!, { where: at, fix: remedy, cause })
}
