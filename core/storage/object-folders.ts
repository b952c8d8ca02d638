import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { aCount, aString, aStringLike, listOf, objectOf } from '../decode.ts'
import { PressroomError } from '../errors.ts'
import { writeFolderAtomic } from './atomic.ts'
import { digestFile } from './digest.ts'
import type { ObjectStore } from './objects.ts'
import { withScratch } from './scratch.ts'
import type { FolderStore } from './store.ts'

/*
 * Folders in a bucket. Content lies under its digest, so that what two folders share is kept once and two writers of one name
 * cannot mix; a folder is its manifest, which is written last. Whoever is stopped midway leaves contents that no manifest
 * names, and that the next writer finds there already.
 *
 *   <prefix>/contents/<64 hex digits>
 *   <prefix>/folders/<name>.json   {"formatVersion":1,"files":[{"path","bytes","digest"}]}
 */

const AT_ONCE = 8

const aManifest = objectOf({
  formatVersion: aCount,
  files: listOf(
    objectOf({ path: aString, bytes: aCount, digest: aStringLike(/^sha256:[0-9a-f]{64}$/, 'a digest') }),
  ),
})

/** Folders by name under a prefix of a bucket. */
export function objectFolders(store: ObjectStore, prefix: string): FolderStore {
  const under = prefix === '' ? '' : `${prefix.replace(/\/+$/, '')}/`
  const manifestKey = (name: string) => `${under}folders/${name}.json`
  const contentKey = (digest: string) => `${under}contents/${digest.replace('sha256:', '')}`
  return {
    async names(signal) {
      const names: string[] = []
      for await (const { key } of store.list(`${under}folders/`, signal)) {
        const name = key.slice(`${under}folders/`.length)
        if (name.endsWith('.json') && !name.includes('/')) names.push(name.slice(0, -'.json'.length))
      }
      return names
    },
    has: async (name, signal) => (await store.head(manifestKey(name), signal)) !== undefined,
    async fetch(name, into, signal) {
      await writeFolderAtomic(into, async tmp => {
        const files = await withScratch(async scratch => {
          await store.read(manifestKey(name), join(scratch, 'manifest'), signal)
          return parseManifest(
            await readFile(join(scratch, 'manifest'), 'utf8'),
            `${store.uri}/${manifestKey(name)}`,
          )
        })
        const damaged = (key: string, what: string) => {
          return new PressroomError('not-readable', `${store.uri}/${key} ${what}`, {
            fix: `delete ${store.uri}/${manifestKey(name)}, which names it, and push again`,
          })
        }
        await eachOf(files, async ({ path, bytes, digest }) => {
          const [file, key] = [join(tmp, path), contentKey(digest)]
          await mkdir(dirname(file), { recursive: true })
          await store.read(key, file, signal).catch(error => {
            const gone = error instanceof PressroomError && error.code === 'file-not-found'
            throw gone ? damaged(key, 'is gone') : error
          })
          const isSame = (await stat(file)).size === bytes && (await digestFile(file)) === digest
          if (!isSame) throw damaged(key, 'is not what was stored')
        })
      })
    },
    async keep(from, name, signal) {
      const paths = await filesOf(from, '')
      const files = await eachOf(paths, async path => {
        const file = join(from, path)
        const digest = await digestFile(file)
        const { size: bytes } = await stat(file)
        const known = await store.head(contentKey(digest), signal)
        if (known?.bytes !== bytes) await store.write(contentKey(digest), file, signal)
        return { path, bytes, digest }
      })
      await withScratch(async scratch => {
        const manifest = join(scratch, 'manifest')
        await writeFile(manifest, `${JSON.stringify({ formatVersion: 1, files })}\n`)
        await store.write(manifestKey(name), manifest, signal)
      })
    },
  }
}

function parseManifest(text: string, where: string) {
  try {
    const { formatVersion, files } = aManifest(JSON.parse(text), 'the manifest')
    if (formatVersion !== 1) throw new Error(`formatVersion is ${formatVersion}; this release reads 1`)
    const astray = files.find(({ path }) => !isPlainPath(path))
    if (astray !== undefined) throw new Error(`it names the file ${JSON.stringify(astray.path)}`)
    return files
  } catch (error) {
    throw new PressroomError('not-readable', `${where} does not describe a folder`, {
      where: (error as Error).message,
      fix: 'delete it, or name another place',
      cause: error,
    })
  }
}

/** Whether a path in a store stays below the folder that it is copied to, on any operating system. */
export function isPlainPath(path: string): boolean {
  if (path.includes('\\') || path.includes(':') || /\p{Cc}/u.test(path)) return false
  return path.split('/').every(part => part !== '' && part !== '.' && part !== '..')
}

async function filesOf(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true })
  const found = await Promise.all(
    entries.map(entry => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      return entry.isDirectory() ? filesOf(root, path) : [path]
    }),
  )
  return found.flat().sort()
}

/** Runs `work` for every item, a few at a time, and gives the results in order; the first failure ends it, once those that go on are through. */
export async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length)
  const failures: unknown[] = []
  let next = 0
  const worker = async () => {
    while (failures.length === 0 && next < items.length) {
      const index = next++
      try {
        results[index] = await work(items[index]!)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  // Whoever cleans up after a failure must not be overtaken by one that still writes.
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
  return results
}
