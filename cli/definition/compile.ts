import { compileHere } from './here.ts'
import type { Job } from './messages.ts'
import type { Rendered } from './render.ts'
import type { ThreadOptions } from './thread.ts'

/** A pipeline of 10,000 tasks takes one. */
const DEFAULT_SECONDS = 30

/**
 * Compiles what a module exports by default. A plain one runs in this thread, any other in a thread of its own, and so does each
 * whose modules are asked for: they are to be loaded anew each time.
 * @returns `'no pipeline'` when the module exports none by default
 * @throws PressroomError `invalid-pipeline` for a definition that throws, does not end, ends the process or has no
 * pipeline; what the compiler throws; the signal's reason
 */
export async function compileDefinition(
  job: Job,
  options: Partial<ThreadOptions> = {},
): Promise<Rendered | 'no pipeline'> {
  const { timeoutSeconds = DEFAULT_SECONDS, signal, onModules } = options
  signal?.throwIfAborted()
  if (onModules === undefined) {
    const result = await compileHere(job, timeoutSeconds)
    if (result !== 'not plain') return result
  }
  const { compileInThread } = await import('./thread.ts')
  return compileInThread(job, { ...options, timeoutSeconds })
}
