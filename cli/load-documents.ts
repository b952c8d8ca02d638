import type { Log } from '../components/definition/index.ts'
import { PressroomError } from '../core/errors.ts'
import { type Documents, limitsOn, type Target } from '../pipelines/compiler/index.ts'
import { compileDefinition } from './definition/compile.ts'
import { withoutPipeline } from './definition/failures.ts'
import { render } from './definition/render.ts'
import { findPipeline, readCompiled } from './load-pipeline.ts'

/**
 * A pipeline with its platform document, compiled for a target: what was seen not to work there is refused.
 * @param name as users name it: shipped, a module, or compiled YAML, which is taken as it is, with warnings
 * @throws PressroomError `file-not-found`, `not-a-file`, `invalid-pipeline`
 */
export async function loadDocuments(name: string, target: Target, log: Log): Promise<Documents> {
  const source = await findPipeline(name)
  if (source.kind === 'folder') {
    throw new PressroomError('not-a-file', `${name} is not a file`, { fix: 'name a pipeline file in it' })
  }
  if (source.kind === 'compiled') {
    const documents = await readCompiled(source.path, name)
    for (const { where, what, fix } of limitsOn(documents, target)) {
      log.warn(`${where} ${what} (${target}); ${fix}`)
    }
    return documents
  }
  const job = { format: 'yaml', target } as const
  const rendered =
    source.kind === 'shipped'
      ? await render(await source.load(), job)
      : await compileDefinition({ file: source.path, ...job })
  if (rendered === 'no pipeline') throw withoutPipeline(name)
  for (const warning of rendered.warnings) log.warn(warning)
  const { parseCompiled } = await import('../pipelines/compiler/load/index.ts')
  return parseCompiled(rendered.text, name)
}
