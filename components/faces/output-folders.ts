import { mkdir, rmdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { writeFailure } from '../../core/storage/failures.ts'

/** Folders that outputs go into. Disposing of them removes those that were made and are still empty, unless they are to be kept. */
export interface OutputFolders extends AsyncDisposable {
  keep(): void
}

/**
 * Makes the folders of these paths, with their parents.
 * @throws PressroomError `not-writable` with the path, and what was made is removed
 */
export async function makeFolders(paths: readonly string[]): Promise<OutputFolders> {
  const made: string[] = []
  let kept = false
  const folders: OutputFolders = {
    keep: () => {
      kept = true
    },
    async [Symbol.asyncDispose]() {
      if (kept) return
      for (const folder of made.toReversed()) await rmdir(folder).catch(() => {})
    },
  }
  for (const path of paths) {
    const folder = dirname(resolve(path))
    try {
      made.push(...between(await mkdir(folder, { recursive: true }), folder))
    } catch (error) {
      await folders[Symbol.asyncDispose]()
      throw writeFailure(error, path)
    }
  }
  return folders
}

/** All folders from the first that was made, if any was, down to the last. */
function between(first: string | undefined, last: string): string[] {
  const folders: string[] = []
  if (first === undefined) return folders
  for (let folder = last; folder.length >= first.length; folder = dirname(folder)) folders.unshift(folder)
  return folders
}
