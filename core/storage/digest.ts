import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { PressroomError } from '../errors.ts'
import { readFailure } from './failures.ts'

/** SHA-256 of the bytes, or of the string's UTF-8, as `sha256:<64 hex digits>`. */
export function digestBytes(data: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`
}

/**
 * SHA-256 of a file's bytes, read in pieces, as `sha256:<64 hex digits>`.
 * @throws PressroomError `file-not-found`, `not-a-file`, `not-readable`.
 */
export function digestFile(path: string): Promise<string> {
  return digestStream(createReadStream(path)).catch(error => {
    throw readFailure(error, path)
  })
}

/** SHA-256 of all that a stream has, as `sha256:<64 hex digits>`. */
export async function digestStream(stream: Readable): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(stream, hash)
  return `sha256:${hash.digest('hex')}`
}

/**
 * SHA-256 over a folder's files: for each, in the order of the code units of its path relative to the folder (`/` between parts),
 * the path, a zero byte, the file's digest and a line feed. Times, modes and empty folders do not count.
 * @throws PressroomError `not-a-file` on a link or anything else that is neither file nor folder; `file-not-found`, `not-readable`.
 */
export async function digestFolder(path: string): Promise<string> {
  const hash = createHash('sha256')
  for (const file of (await filesOf(path, '')).sort()) {
    hash.update(`${file}\0${await digestFile(join(path, file))}\n`)
  }
  return `sha256:${hash.digest('hex')}`
}

async function filesOf(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(error => {
    throw readFailure(error, join(root, folder))
  })
  const files: string[] = []
  for (const entry of entries) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) files.push(...(await filesOf(root, path)))
    else if (entry.isFile()) files.push(path)
    else {
      throw new PressroomError('not-a-file', `${join(root, path)} is neither a file nor a folder`, {
        fix: 'replace links and devices by the files they stand for',
      })
    }
  }
  return files
}
