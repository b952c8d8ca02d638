import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { PressroomError } from '../../errors.ts'
import { writeFolderAtomic } from '../../storage/atomic.ts'
import { digestBytes, digestFolder } from '../../storage/digest.ts'
import { eachOf, isPlainPath } from '../../storage/object-folders.ts'
import { isSound } from '../artifacts.ts'
import type { ModelVersion } from '../types.ts'
import type { ArtifactFolder } from './artifacts.ts'

/** A model of ours has a dozen files at most; these bounds only keep a listing from filling the disk. */
const MOST_FILES = 1000
const MOST_BYTES = 8 * 2 ** 30

/** A file that is to be fetched. */
interface Listed {
  readonly path: string
  readonly bytes: number
}

/**
 * A local folder with a version's files. One with a digest is fetched once and checked whenever it is asked for; of one
 * without, nobody can say whether it is still the same, so it is fetched anew.
 * @param cache the folder that keeps them
 * @throws PressroomError `model-damaged` for files that are gone, unsafe, too many or not those registered; `not-writable`;
 * `server-unreachable`
 */
export async function fetchVersion(
  artifacts: ArtifactFolder,
  { name, version, digest }: ModelVersion,
  cache: string,
): Promise<string> {
  const key = digest ?? digestBytes(`${artifacts.uri}\0${name}\0${version}`)
  const kind = digest === undefined ? 'foreign' : 'versions'
  const folder = join(cache, kind, key.slice('sha256:'.length))
  if (digest !== undefined && existsSync(folder) && (await isSound(folder, digest))) return folder
  const files = await listSafely(artifacts, `${name} ${version}`)
  const fetchAll = async (tmp: string) => {
    await eachOf(files, async ({ path, bytes }) => {
      await mkdir(dirname(join(tmp, path)), { recursive: true })
      await artifacts.read(path, bytes, join(tmp, path))
    })
    if (digest === undefined || (await digestFolder(tmp)) === digest) return
    throw damaged(`the files of ${name} ${version} are not those registered`, artifacts.uri)
  }
  // Another process may have fetched the same, and be reading it.
  await writeFolderAtomic(folder, fetchAll, async tmp => isSound(folder, digest ?? (await digestFolder(tmp))))
  return folder
}

/** Where versions are kept: PRESSROOM_CACHE, else `pressroom` where this user's caches are (XDG base directories). */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  if (env.PRESSROOM_CACHE) return env.PRESSROOM_CACHE
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pressroom')
}

/** The files of a listing that can be written below a folder, each under a name of its own. */
async function listSafely(artifacts: ArtifactFolder, what: string): Promise<Listed[]> {
  const { uri } = artifacts
  const files: Listed[] = []
  const taken = new Set<string>()
  let bytes = 0
  for await (const file of artifacts.list()) {
    if (!isPlainPath(file.path)) {
      throw damaged(`${what} has a file with an unsafe name: ${JSON.stringify(file.path.slice(0, 100))}`, uri)
    }
    // File systems that do not tell case apart would write one over the other.
    const folded = file.path.toLowerCase()
    if (taken.has(folded)) throw damaged(`${what} has two files called ${file.path}`, uri)
    taken.add(folded)
    files.push(file)
    bytes += file.bytes
    if (files.length > MOST_FILES) throw damaged(`${what} has more than ${MOST_FILES} files`, uri)
    if (bytes > MOST_BYTES) throw damaged(`${what} has more than ${MOST_BYTES / 2 ** 30} GiB`, uri)
  }
  const astray = files.find(({ path }) => foldersOf(path.toLowerCase()).some(folder => taken.has(folder)))
  if (astray !== undefined) throw damaged(`${what} has ${astray.path} below a file`, uri)
  if (files.length === 0) throw damaged(`the files of ${what} are gone`, uri)
  return files
}

/** `a/b/c` lies in `a` and `a/b`. */
function foldersOf(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'))
}

function damaged(what: string, uri: string): PressroomError {
  return new PressroomError('model-damaged', what, {
    where: uri,
    fix: 'register the model folder again, or use another version',
  })
}
