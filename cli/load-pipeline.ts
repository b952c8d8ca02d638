import { readFile, stat } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { PressroomError } from '../core/errors.ts'
import { suggest } from '../core/nearest.ts'
import { type AnyPipeline, isPipeline } from '../pipelines/index.ts'
import type { PipelineSpec } from '../pipelines/specification.ts'

/** The pipelines that ship, by name. */
const SHIPPED: Readonly<Record<string, () => Promise<{ readonly default: AnyPipeline }>>> = {
  news: () => import('../pipelines/news.ts'),
}

/**
 * The specification of a pipeline: a shipped one by name, a module that exports one by default, or compiled YAML.
 * @throws PressroomError `file-not-found`, `not-a-file`, `invalid-pipeline`
 */
export async function loadSpec(name: string): Promise<PipelineSpec> {
  const { compile } = await import('../pipelines/compiler/index.ts')
  const shipped = SHIPPED[name]
  if (shipped !== undefined) return compile((await shipped()).default)
  const file = await fileOf(name)
  if (['.yaml', '.yml', '.json'].includes(extname(file))) return readSpec(file)
  return compile(await importPipeline(file))
}

async function fileOf(name: string): Promise<string> {
  const file = resolve(name)
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile()) return file
  if (found !== undefined)
    throw new PressroomError('not-a-file', `${name} is not a file`, { fix: 'name a pipeline file in it' })
  throw new PressroomError('file-not-found', `no pipeline "${name}"`, {
    where: `neither a file nor one that ships: ${Object.keys(SHIPPED).join(', ')}${suggest(name, Object.keys(SHIPPED))}`,
  })
}

async function importPipeline(file: string): Promise<AnyPipeline> {
  const module: { default?: unknown } = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    if (cause instanceof PressroomError) throw cause
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    throw new PressroomError('invalid-pipeline', `${file} cannot be loaded`, { where: reason, cause })
  })
  if (isPipeline(module.default)) return module.default
  throw new PressroomError('invalid-pipeline', `${file} has no pipeline as its default export`, {
    fix: 'write: export default pipeline({ name: … }, inputs => { … })',
  })
}

async function readSpec(file: string): Promise<PipelineSpec> {
  const { load } = await import('js-yaml')
  try {
    const spec: unknown = load(await readFile(file, 'utf8'))
    if (typeof spec === 'object' && spec !== null && 'root' in spec && 'components' in spec)
      return spec as PipelineSpec
  } catch (cause) {
    const where = cause instanceof Error ? cause.message.split('\n')[0] : undefined
    throw new PressroomError('invalid-pipeline', `${file} is not YAML`, { where, cause })
  }
  throw new PressroomError('invalid-pipeline', `${file} is not a compiled pipeline`, {
    where: 'it lacks root or components',
  })
}
