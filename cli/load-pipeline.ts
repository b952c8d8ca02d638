import { readFile, stat } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { PressroomError } from '../core/errors.ts'
import type { LoadedFile } from '../pipelines/compiler/load/index.ts'
import type { AnyPipeline } from '../pipelines/index.ts'
import type { PipelineSpec } from '../pipelines/specification.ts'
import { compileDefinition } from './definition/compile.ts'
import { withoutPipeline } from './definition/failures.ts'

/** The pipelines that ship, by name. */
const SHIPPED: Readonly<Record<string, () => Promise<{ readonly default: AnyPipeline }>>> = {
  news: () => import('../pipelines/news.ts'),
  predict: () => import('../pipelines/predict.ts'),
  search: () => import('../pipelines/search.ts'),
}

/** What a user's word for a pipeline stands for; paths are absolute. */
export type Source =
  | { readonly kind: 'shipped'; readonly load: () => Promise<AnyPipeline> }
  | { readonly kind: 'module' | 'compiled' | 'folder'; readonly path: string }

/**
 * Finds out what a pipeline's name stands for: a file or a folder, else a shipped pipeline.
 * @throws PressroomError `file-not-found`
 */
export async function findPipeline(name: string): Promise<Source> {
  const shipped = Object.hasOwn(SHIPPED, name) ? SHIPPED[name] : undefined
  if (shipped !== undefined) return { kind: 'shipped', load: async () => (await shipped()).default }
  const path = resolve(name)
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return { kind: 'folder', path }
  if (found?.isFile()) {
    return { kind: ['.yaml', '.yml', '.json'].includes(extname(path)) ? 'compiled' : 'module', path }
  }
  const { suggest } = await import('../core/nearest.ts')
  throw new PressroomError('file-not-found', `no pipeline "${name}"`, {
    where: `neither a file nor one that ships: ${Object.keys(SHIPPED).join(', ')}${suggest(name, Object.keys(SHIPPED))}`,
  })
}

/**
 * The specification of a pipeline: a shipped one by name, a module that exports one by default, or compiled YAML.
 * @throws PressroomError `file-not-found`, `not-a-file`, `invalid-pipeline`
 */
export async function loadSpec(name: string): Promise<PipelineSpec> {
  const source = await findPipeline(name)
  switch (source.kind) {
    case 'shipped': {
      const { compile } = await import('../pipelines/compiler/index.ts')
      return compile(await source.load())
    }
    case 'folder':
      throw new PressroomError('not-a-file', `${name} is not a file`, { fix: 'name a pipeline file in it' })
    case 'compiled':
      return (await readCompiled(source.path, name)).spec
    case 'module': {
      const result = await compileDefinition({ file: source.path, format: 'json' })
      if (result === 'no pipeline') throw withoutPipeline(source.path)
      return JSON.parse(result.text)
    }
  }
}

/**
 * Reads a compiled file.
 * @param name how messages name it
 * @throws PressroomError `invalid-pipeline`
 */
export async function readCompiled(path: string, name: string): Promise<LoadedFile> {
  const { parseCompiled } = await import('../pipelines/compiler/load/index.ts')
  return parseCompiled(await readFile(path, 'utf8'), name)
}
