import { dirname, relative, resolve, sep } from 'node:path'
import { PressroomError } from '../../../core/errors.ts'
import { writeFileAtomic } from '../../../core/storage/atomic.ts'
import { faceModule } from '../../../pipelines/compiler/load/face.ts'
import type { CommandContext } from '../../command.ts'
import { findPipeline, readCompiled } from '../../load-pipeline.ts'

/** Writes the typed face of one compiled file. */
export async function writeTypes(context: CommandContext): Promise<void> {
  const { file, out } = context.settings as { file: string; out?: string }
  const source = await findPipeline(file)
  if (source.kind !== 'compiled') {
    throw new PressroomError('usage', `${file} is not compiled YAML or JSON`, {
      fix: 'a pipeline in TypeScript has its types already: import it',
    })
  }
  const loaded = await readCompiled(source.path, file)
  // A URL relative to the module: forward slashes on every system, and no character that ends the path.
  const path = relative(out === undefined ? '.' : dirname(resolve(out)), source.path)
  const specifier = path.split(sep).map(encodeURIComponent).join('/')
  const text = faceModule(loaded, specifier.startsWith('..') ? specifier : `./${specifier}`)
  if (out === undefined) return context.print(text.trimEnd())
  await writeFileAtomic(out, text)
  context.print(context.json ? JSON.stringify({ file: out }) : `wrote ${out}`)
}
