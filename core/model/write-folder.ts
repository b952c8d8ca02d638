import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFolderAtomic } from '../storage/atomic.ts'
import { digestBytes } from '../storage/digest.ts'
import { formatInfo, INFO_FILE } from './info.ts'
import type { ModelInfo } from './types.ts'

export interface Sealed<I extends ModelInfo> {
  readonly info: I
  /** The digest of the folder, as digestModel gives it. */
  readonly digest: string
}

/**
 * Writes a model folder, whole or not at all: the manifest, and the files that it then lists.
 * @throws PressroomError `not-writable`
 */
export async function writeModelFolder<I extends ModelInfo>(
  folder: string,
  known: Omit<I, 'files'>,
  contents: Readonly<Record<string, string | Uint8Array>>,
): Promise<Sealed<I>> {
  const files = Object.entries(contents).map(([name, content]) => {
    return [name, { bytes: Buffer.byteLength(content), digest: digestBytes(content) }]
  })
  const info = { ...known, files: Object.fromEntries(files) } as I
  const manifest = formatInfo(info)
  await writeFolderAtomic(folder, async tmp => {
    for (const [name, content] of Object.entries({ ...contents, [INFO_FILE]: manifest })) {
      await writeFile(join(tmp, name), content)
    }
  })
  return { info, digest: digestBytes(manifest) }
}
