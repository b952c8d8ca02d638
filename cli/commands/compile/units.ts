import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join, relative, resolve } from 'node:path'
import { PressroomError } from '../../../core/errors.ts'
import type { Format } from '../../definition/messages.ts'
import { findPipeline, type Source } from '../../load-pipeline.ts'

/** One file to make. */
export interface Unit {
  /** How messages name it. */
  readonly name: string
  readonly source: Exclude<Source, { kind: 'folder' }>
  /** Undefined for standard output. */
  readonly out: string | undefined
  /** Of a folder, modules without a pipeline are passed over. */
  readonly optional: boolean
}

const EXTENSIONS: Readonly<Record<Format, string>> = {
  yaml: '.yaml',
  json: '.json',
  svg: '.svg',
  mermaid: '.mmd',
}

const MODULE = /(?<!\.d|\.test|\.spec)\.[mc]?[jt]s$/

/**
 * What a command line asks for.
 * @param written whether a file is needed where none is named
 * @throws PressroomError `usage` for files that would be written twice, and for a shipped pipeline without a file
 */
export async function unitsOf(
  pipeline: string,
  { out, format, written }: { out: string | undefined; format: Format; written: boolean },
): Promise<readonly Unit[]> {
  const source = await findPipeline(pipeline)
  if (source.kind === 'shipped') {
    if (written && out === undefined) {
      throw new PressroomError('usage', `${pipeline} ships with Pressroom; there is no file beside it`, {
        fix: 'name the file with --out',
      })
    }
    return [{ name: pipeline, source, out, optional: false }]
  }
  if (source.kind !== 'folder') {
    const beside = written ? replaceExtension(source.path, EXTENSIONS[format]) : undefined
    return [{ name: pipeline, source, out: out ?? beside, optional: false }]
  }
  const folder = source.path
  const files = await definitionsIn(folder)
  const units = files.map((path): Unit => {
    const inside = relative(folder, path)
    return {
      name: join(pipeline, inside),
      source: { kind: 'module', path },
      out: replaceExtension(resolve(out ?? folder, inside), EXTENSIONS[format]),
      optional: true,
    }
  })
  const seen = new Map<string | undefined, string>()
  for (const { name, out: path } of units) {
    const other = seen.get(path)
    if (other !== undefined) {
      throw new PressroomError('usage', `${other} and ${name} would both be written to ${path}`, {
        fix: 'rename one',
      })
    }
    seen.set(path, name)
  }
  return units
}

/** The modules below a folder that export something by default: only these are run to see whether it is a pipeline. */
async function definitionsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const paths = entries
    .filter(entry => entry.isFile() && MODULE.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => !/(^|[\\/])(node_modules|\.[^\\/]*)[\\/]/.test(relative(folder, path)))
    .sort()
  const texts = await Promise.all(paths.map(path => readFile(path, 'utf8')))
  return paths.filter((_, i) => /\bexport\s+default\b|\bas\s+default\b/.test(texts[i]!))
}

function replaceExtension(path: string, extension: string): string {
  return join(path, '..', `${basename(path, extname(path))}${extension}`)
}
