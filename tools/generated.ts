import { globSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GENERATORS } from './generators/index.ts'

/** What differs between the generated files on disk and what their sources make now. */
export interface Difference {
  readonly path: string
  readonly kind: 'changed' | 'missing' | 'left over'
}

/** Makes every generated file in memory and compares both ways: changed, missing, and files that nothing makes any more. */
export async function compareGenerated(
  root: string,
): Promise<{ files: Map<string, string | Uint8Array>; differences: Difference[] }> {
  const files = new Map<string, string | Uint8Array>()
  const differences: Difference[] = []
  for (const generator of GENERATORS) {
    const made = await generator.generate(root)
    for (const [path, content] of made) {
      files.set(path, content)
      const present = await readFile(join(root, path)).catch(() => undefined)
      if (present === undefined) differences.push({ path, kind: 'missing' })
      else if (!present.equals(Buffer.from(content))) differences.push({ path, kind: 'changed' })
    }
    const owned = globSync([...generator.owns], { cwd: root, withFileTypes: true })
    for (const entry of owned.filter(entry => entry.isFile())) {
      const path = join(entry.parentPath, entry.name).slice(root.length + 1)
      if (!made.has(path)) differences.push({ path, kind: 'left over' })
    }
  }
  return { files, differences }
}

/** Brings the generated files up to date and returns what was different. */
export async function writeGenerated(root: string): Promise<readonly Difference[]> {
  const { files, differences } = await compareGenerated(root)
  for (const { path, kind } of differences) {
    const full = join(root, path)
    if (kind === 'left over') {
      await rm(full)
      continue
    }
    await mkdir(dirname(full), { recursive: true })
    await writeFile(full, files.get(path) ?? '')
  }
  return differences
}
