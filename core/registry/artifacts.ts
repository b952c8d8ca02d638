import { copyFile, cp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PressroomError } from '../errors.ts'
import { writeFileInPieces, writeFolderAtomic } from '../storage/atomic.ts'
import { digestFolder } from '../storage/digest.ts'
import { readFailure } from '../storage/failures.ts'

/**
 * The files of the embedded registry: `artifacts/<model>/<64 hex digits>`, each folder named by its digest.
 * Content comes first, the row that refers to it second, so a crash between them leaves a folder that nobody
 * refers to, never a version without files.
 */
export function artifactFolder(root: string, name: string, digest: string): string {
  return join(root, 'artifacts', name, digest.slice('sha256:'.length))
}

/**
 * Copies a model folder to its place, unless a sound copy is there already; a damaged one is replaced.
 * @throws PressroomError `model-damaged` when the copy does not have the digest; what reading and writing files can throw.
 */
export async function storeArtifact(
  root: string,
  name: string,
  digest: string,
  source: string,
): Promise<void> {
  const target = artifactFolder(root, name, digest)
  if (await isSound(target, digest)) return
  await readdir(source).catch(error => {
    throw readFailure(error, source)
  })
  await writeFolderAtomic(target, async tmp => {
    await cp(source, tmp, { recursive: true })
    const copied = await digestFolder(tmp)
    if (copied === digest) return
    throw new PressroomError('model-damaged', `${source} is not the folder that was to be registered`, {
      where: `its files digest to ${copied}, not to ${digest}`,
      fix: 'let nothing write there meanwhile, and register it again',
    })
  })
}

/** Copies files to those of a run: `runs/<id>/<path>`, each whole or not at all. */
export async function storeRunFiles(
  root: string,
  runId: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await requireFiles(Object.values(files))
  for (const [path, from] of Object.entries(files)) {
    await writeFileInPieces(join(root, 'runs', runId, ...path.split('/')), tmp => copyFile(from, tmp))
  }
}

/**
 * Before the first of them is stored.
 * @throws PressroomError `file-not-found`, `not-a-file`, `not-readable`
 */
export async function requireFiles(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const found = await stat(path).catch(error => {
      throw readFailure(error, path)
    })
    if (found.isFile()) continue
    throw new PressroomError('not-a-file', `${path} is not a file`, { fix: 'name a file' })
  }
}

/** Removes stored folders that no version refers to: what a crash left behind. */
export async function removeOrphans(root: string, name: string, digests: ReadonlySet<string>): Promise<void> {
  const folder = join(root, 'artifacts', name)
  for (const entry of await readdir(folder)) {
    if (!/^[0-9a-f]{64}$/.test(entry) || digests.has(`sha256:${entry}`)) continue
    await rm(join(folder, entry), { recursive: true, force: true })
  }
}

/** Whether the folder is there with the digest. Whatever is wrong with it, copying anew is the answer. */
export async function isSound(folder: string, digest: string): Promise<boolean> {
  return (await digestFolder(folder).catch(() => undefined)) === digest
}
