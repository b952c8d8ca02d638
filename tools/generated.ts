import { globSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, matchesGlob, relative, sep } from 'node:path'
import { GENERATORS } from './generators/index.ts'
import type { Generator } from './generators/types.ts'

/** What differs between the generated files on disk and what their sources make now. */
interface Difference {
  readonly path: string
  readonly kind: 'changed' | 'missing' | 'left over'
}

/**
 * Makes every generated file in memory and compares both ways: changed, missing, and files that nothing makes any more.
 * @throws Error when a generator makes a file that it does not own: nobody would remove it later
 */
export async function compareGenerated(
  root: string,
  generators: readonly Generator[] = GENERATORS,
): Promise<{ files: Map<string, string | Uint8Array>; differences: Difference[] }> {
  const files = new Map<string, string | Uint8Array>()
  const differences: Difference[] = []
  for (const { name, owns, generate } of generators) {
    const made = await generate(root)
    for (const [path, content] of made) {
      if (!owns.some(glob => matchesGlob(path, glob))) throw new Error(`${name} does not own ${path}`)
      files.set(path, content)
      const present = await readFile(join(root, path)).catch(() => undefined)
      if (present === undefined) differences.push({ path, kind: 'missing' })
      else if (!present.equals(Buffer.from(content))) differences.push({ path, kind: 'changed' })
    }
    for (const entry of globSync([...owns], { cwd: root, withFileTypes: true })) {
      const path = relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/')
      if (entry.isFile() && !made.has(path)) differences.push({ path, kind: 'left over' })
    }
  }
  return { files, differences }
}

/** Brings the generated files up to date and returns what was different. */
export async function writeGenerated(
  root: string,
  generators: readonly Generator[] = GENERATORS,
): Promise<readonly Difference[]> {
  const { files, differences } = await compareGenerated(root, generators)
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
