import { writeFileAtomic } from '../../../core/storage/atomic.ts'
import { toYaml } from '../../../pipelines/compiler/index.ts'
import type { CommandContext } from '../../command.ts'
import { loadSpec } from '../../load-pipeline.ts'

/** Compiles one pipeline to YAML, to a file or to standard output. */
export async function compilePipeline(context: CommandContext): Promise<void> {
  const { pipeline, out } = context.settings as { pipeline: string; out?: string }
  const spec = await loadSpec(pipeline)
  if (out === undefined) {
    context.print((context.json ? JSON.stringify(spec) : toYaml(spec)).trimEnd())
    return
  }
  await writeFileAtomic(out, toYaml(spec))
  context.print(context.json ? JSON.stringify({ file: out }) : `wrote ${out}`)
}
