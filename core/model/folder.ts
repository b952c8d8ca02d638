import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PressroomError } from '../errors.ts'
import { digestBytes, digestStream } from '../storage/digest.ts'
import { readFailure } from '../storage/failures.ts'
import { damaged, foreign, INFO_FILE, parseInfo } from './info.ts'
import type { ModelInfo } from './types.ts'

/** The manifest holds a dozen texts and some numbers. */
const MAX_INFO_BYTES = 4 * 2 ** 20

/** Files up to this size are read at once, which is quicker: a model of a few kB is asked for its digest again and again. */
const LARGE_BYTES = 2 ** 20

/** A folder whose every byte is the one that was sealed. */
export interface ModelFolder {
  readonly info: ModelInfo
  /** Of the whole folder: pressroom.json's own digest, since that file names the digest of every other. */
  readonly digest: string
  /** Those that were asked for. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

/**
 * Reads a sealed folder and checks all of it: nothing but plain files, none more and none fewer than the manifest lists,
 * each with the size and the digest it had. The folder itself may be reached through a link, its files may not.
 * @param wanted whether a file's content is; of a large model the exports for others are as large as itself, and are only read past
 * @throws PressroomError `file-not-found`, `not-readable`, `model-foreign`, `model-damaged`.
 */
export async function readModelFolder(
  folder: string,
  wanted: (name: string, info: ModelInfo) => boolean = () => false,
): Promise<ModelFolder> {
  const names = await listFiles(folder)
  if (!names.includes(INFO_FILE)) {
    const found = names.slice(0, 10).join(', ') || 'nothing'
    throw foreign(folder, `it has no ${INFO_FILE}; it has: ${found}`)
  }
  const manifest = await withPlainFile(
    folder,
    INFO_FILE,
    size => {
      if (size > MAX_INFO_BYTES) return `${INFO_FILE} has ${size} bytes; ${MAX_INFO_BYTES} is the most`
      return undefined
    },
    file => file.readFile(),
  )
  const info = parseInfo(manifest, folder)
  const extra = names.find(name => name !== INFO_FILE && !Object.hasOwn(info.files, name))
  if (extra !== undefined) throw damaged(folder, `${extra} is no part of the model; remove it`)

  const files = new Map<string, Uint8Array>()
  for (const [name, { bytes, digest }] of Object.entries(info.files)) {
    if (!names.includes(name)) throw damaged(folder, `${name} is missing`)
    const faultOf = (size: number) =>
      size === bytes ? undefined : `${name} has ${size} bytes; it was sealed with ${bytes}`
    const kept = wanted(name, info)
    const found = await withPlainFile(folder, name, faultOf, async file => {
      if (bytes > LARGE_BYTES && !kept) return await digestStream(file.createReadStream())
      const content = await file.readFile()
      if (kept) files.set(name, content)
      return digestBytes(content)
    })
    if (found !== digest) throw damaged(folder, `${name} was changed after it was sealed`)
  }
  return { info, digest: digestBytes(manifest), files }
}

/**
 * What identifies a model: `sha256:<hex>`, equal for folders with equal bytes. The folder is checked as
 * {@link readModelFolder} does, with its errors.
 */
export async function digestModel(folder: string): Promise<string> {
  return (await readModelFolder(folder)).digest
}

async function listFiles(folder: string): Promise<string[]> {
  let found: Stats
  try {
    found = await stat(folder)
  } catch (error) {
    throw readFailure(error, folder)
  }
  if (!found.isDirectory()) throw foreign(folder, 'it is a file, not a folder')
  const entries = await readdir(folder, { withFileTypes: true }).catch(error => {
    throw readFailure(error, folder)
  })
  const names = entries.map(entry => entry.name).sort()
  const odd = entries.find(entry => !entry.isFile())
  if (odd !== undefined && names.includes(INFO_FILE)) {
    throw damaged(folder, `${odd.name} is not a plain file; links and folders inside a model are refused`)
  }
  return names
}

/** Opens a file whose size `faultOf` finds no fault with; it looks before a byte is read. */
async function withPlainFile<T>(
  folder: string,
  name: string,
  faultOf: (size: number) => string | undefined,
  use: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const path = join(folder, name)
  try {
    // Windows has no O_NOFOLLOW; there the directory entry's type, seen before, has to do.
    await using file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
    const fault = faultOf((await file.stat()).size)
    if (fault !== undefined) throw damaged(folder, fault)
    return await use(file)
  } catch (error) {
    if (error instanceof PressroomError) throw error
    throw readFailure(error, path)
  }
}
