import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Any quoted relative path: imports of both kinds, and files that code reads beside itself. */
const RELATIVE = /['"`](\.{1,2}\/[^'"`\n]+)['"`]/g

/**
 * A digest over what stages compute with: their sources and all that these reach by relative paths, the versions of their
 * packages, Node's version. A bundle is its own source.
 * @param stageModules URLs of modules with further stages
 */
export async function codeFingerprint(stageModules: readonly string[]): Promise<string> {
  const here = fileURLToPath(import.meta.url)
  const root = resolve(dirname(here), '../../..')
  const shipped = resolve(root, `components/stages${extname(here)}`)
  const bundled = (await readText(shipped)) === undefined
  const packages = ['package.json', 'package-lock.json'].map(name => resolve(root, name))
  const entries = [
    ...(bundled ? [here] : [shipped, ...packages]),
    ...stageModules.flatMap(url => (url.startsWith('file:') ? [fileURLToPath(url)] : [])),
  ]
  const sources = await reach(entries)
  const hash = createHash('sha256').update(process.version)
  for (const path of [...sources.keys()].sort()) {
    hash.update(
      createHash('sha256')
        .update(sources.get(path) ?? '')
        .digest(),
    )
  }
  return `sha256:${hash.digest('hex')}`
}

/** The texts, by path, of those files that exist and of what they name, and so on. */
async function reach(entries: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const seen = new Set(entries)
  for (let next = [...seen]; next.length > 0; ) {
    const texts = await Promise.all(next.map(async path => [path, await readText(path)] as const))
    next = []
    for (const [path, text] of texts) {
      if (text === undefined) continue
      found.set(path, text)
      for (const [, relative = ''] of text.matchAll(RELATIVE)) {
        const named = resolve(dirname(path), relative)
        if (!seen.has(named)) next.push(named)
        seen.add(named)
      }
    }
  }
  return found
}

/** A file's text; undefined for what is no file. */
async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}
