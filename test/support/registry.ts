import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Registry } from '../../core/registry/index.ts'
import { digestFolder } from '../../core/storage/digest.ts'

/** A folder with two files, the same for the same content; the registry asks for no more. */
export async function writeFolder(folder: string, content: string): Promise<string> {
  await mkdir(join(folder, 'inner'), { recursive: true })
  await writeFile(join(folder, 'model.txt'), content)
  await writeFile(join(folder, 'inner', 'more.txt'), `more of ${content}`)
  return folder
}

/** Registers a folder of that content, made below `scratch`. */
export async function registerContent(registry: Registry, scratch: string, name: string, content: string) {
  const folder = await writeFolder(join(scratch, content), content)
  return registry.registerVersion({ name, folder, digest: await digestFolder(folder) })
}
