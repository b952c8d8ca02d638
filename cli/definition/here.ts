import { createRequire } from 'node:module'
import { messageOf, PressroomError } from '../../core/errors.ts'
import { isPipeline } from '../../pipelines/index.ts'
import { broken, endless } from './failures.ts'
import { guarded, TIME_UP } from './guard.ts'
import type { Job } from './messages.ts'
import { NotPlain, onlyPlainModules } from './plain.ts'
import { compiled, type Rendered, write } from './render.ts'

const require = createRequire(import.meta.url)

/**
 * Compiles what a plain module exports by default, in this thread: starting another takes longer than all the rest.
 * @returns `'not plain'` for a module that needs a thread of its own; nothing of it ran
 * @throws PressroomError as `compileInThread` does
 */
export async function compileHere(
  job: Job,
  timeoutSeconds: number,
): Promise<Rendered | 'no pipeline' | 'not plain'> {
  const result = runPlain(job, timeoutSeconds)
  if (typeof result === 'string') return result
  return { text: await write(result.documents, job.format), warnings: result.warnings }
}

function runPlain(job: Job, timeoutSeconds: number) {
  using _ = onlyPlainModules()
  try {
    const result = guarded(() => {
      // Unlike import(), at once: there is no top-level await in a plain module.
      const module: { readonly default?: unknown } = require(job.file)
      return isPipeline(module.default) ? compiled(module.default, job.target) : 'no pipeline'
    }, timeoutSeconds)
    if (result === TIME_UP) throw endless(job.file, timeoutSeconds)
    return result
  } catch (error) {
    if (error instanceof NotPlain) return 'not plain'
    if (error instanceof PressroomError) throw error
    if (!(error instanceof Error)) throw broken(job.file, messageOf(error))
    throw broken(job.file, `${error.name}: ${error.message}`, error.stack, error)
  }
}
