import { compileDocuments, type Documents, type Target, toYaml } from '../../pipelines/compiler/index.ts'
import type { AnyPipeline } from '../../pipelines/index.ts'
import type { Format, Job } from './messages.ts'

/** What the command line shows of a compiled pipeline. */
export interface Rendered {
  readonly text: string
  readonly warnings: readonly string[]
}

/**
 * Compiles a pipeline and writes it in a format.
 * @throws PressroomError `invalid-pipeline`; whatever the pipeline's body throws
 */
export async function render(
  pipeline: AnyPipeline,
  { format, target }: Pick<Job, 'format' | 'target'>,
): Promise<Rendered> {
  const { documents, warnings } = compiled(pipeline, target)
  return { text: await write(documents, format), warnings }
}

/**
 * Compiles a pipeline; its warnings as lines.
 * @throws PressroomError `invalid-pipeline`; whatever the pipeline's body throws
 */
export function compiled(pipeline: AnyPipeline, target: Target | undefined) {
  const { warnings, ...documents } = compileDocuments(pipeline, target === undefined ? {} : { target })
  const lines = warnings.map(
    ({ where, what, fix, targets }) => `${where} ${what} (${targets.join(', ')}); ${fix}`,
  )
  return { documents, warnings: lines }
}

/** A compiled pipeline in a format; the JSON is the specification alone. */
export async function write(documents: Documents, format: Format): Promise<string> {
  if (format === 'json') return `${JSON.stringify(documents.spec)}\n`
  if (format === 'svg') return (await import('../../pipelines/diagram/svg.ts')).toSvg(documents.spec)
  if (format === 'mermaid')
    return (await import('../../pipelines/diagram/mermaid.ts')).toMermaid(documents.spec)
  return toYaml(documents)
}
