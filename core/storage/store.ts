import { existsSync } from 'node:fs'
import { cp, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PressroomError, systemCode } from '../errors.ts'
import { writeFolderAtomic } from './atomic.ts'
import { readFailure } from './failures.ts'
import { pathOfFileUrl } from './file-url.ts'
import { objectFolders } from './object-folders.ts'
import { openBucket, parseAddress } from './objects.ts'

/** A place that keeps folders by name, for several machines to share. A folder is there whole or not at all, also after an abort. */
export interface FolderStore {
  /** In no order; none when the place is not there yet. */
  names(signal?: AbortSignal): Promise<readonly string[]>
  has(name: string, signal?: AbortSignal): Promise<boolean>
  /**
   * Copies a folder from the place to `into`, in place of what is there.
   * @throws PressroomError `not-readable`, `not-writable`
   */
  fetch(name: string, into: string, signal?: AbortSignal): Promise<void>
  /**
   * Copies a folder to the place, in place of what has the name there.
   * @throws PressroomError `not-readable`, `not-writable`
   */
  keep(from: string, name: string, signal?: AbortSignal): Promise<void>
}

/**
 * The store at a URI: a path, a file: URL, or a place in a bucket, `gs://bucket/prefix` or `s3://bucket/prefix`.
 * @throws PressroomError `usage` for anything else; `package-missing` when a vendor's client is not installed
 */
export async function openStore(uri: string): Promise<FolderStore> {
  const address = parseAddress(uri)
  if (address !== undefined) return objectFolders(await openBucket(address), address.key)
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase()
  if (scheme === undefined) return folderStore(resolve(uri))
  if (scheme === 'file') return folderStore(pathOfFileUrl(uri))
  throw new PressroomError('usage', `${uri}: ${scheme}: is no place that can be shared`, {
    fix: 'name a folder, gs://bucket/prefix or s3://bucket/prefix',
  })
}

function folderStore(root: string): FolderStore {
  const copy = async (from: string, to: string, signal?: AbortSignal) => {
    // Between files; one of them is copied by the operating system, in one go.
    const goesOn = () => {
      signal?.throwIfAborted()
      return true
    }
    await writeFolderAtomic(to, async tmp => {
      await cp(from, tmp, { recursive: true, filter: goesOn }).catch(error => {
        throw readFailure(error, from)
      })
    })
  }
  return {
    async names() {
      const entries = await readdir(root, { withFileTypes: true }).catch(error => {
        if (systemCode(error) === 'ENOENT') return []
        throw readFailure(error, root)
      })
      return entries.filter(entry => entry.isDirectory()).map(({ name }) => name)
    },
    has: async name => existsSync(join(root, name)),
    fetch: (name, into, signal) => copy(join(root, name), into, signal),
    keep: (from, name, signal) => copy(from, join(root, name), signal),
  }
}
