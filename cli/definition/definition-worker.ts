import { registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf, PressroomError } from '../../core/errors.ts'
import { isPipeline } from '../../pipelines/index.ts'
import type { Answer, Job, Outcome } from './messages.ts'

/**
 * The thread that a definition runs in: it may throw, end the process or never end without harm. Posts one answer.
 */
const job = workerData as Job
const modules = new Set<string>([job.file])
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    if (resolved.url.startsWith('file:') && !resolved.url.includes('/node_modules/')) {
      modules.add(fileURLToPath(resolved.url))
    }
    return resolved
  },
})

// Emitted when nothing is left to wait for, never after process.exit().
process.once('beforeExit', () => answer({ type: 'unsettled' }))
process.once('unhandledRejection', reason => answer(failureOf(reason)))
// A promise that was rejected meanwhile is told of before this turn of the loop ends.
outcomeOf().then(outcome => setImmediate(answer, outcome))

/** The first answer counts. */
function answer(outcome: Outcome): void {
  parentPort!.postMessage({ outcome, modules: [...modules] } satisfies Answer)
}

async function outcomeOf(): Promise<Outcome> {
  try {
    const module: { default?: unknown } = await import(pathToFileURL(job.file).href)
    if (!isPipeline(module.default)) return { type: 'no-pipeline' }
    const { render } = await import('./render.ts')
    return { type: 'compiled', ...(await render(module.default, job)) }
  } catch (error) {
    return failureOf(error)
  }
}

function failureOf(error: unknown): Outcome {
  if (error instanceof PressroomError) {
    const { code, what, where, fix } = error
    return { type: 'refused', code, what, where, fix }
  }
  if (!(error instanceof Error)) return { type: 'threw', reason: messageOf(error), stack: undefined }
  return { type: 'threw', reason: `${error.name}: ${error.message}`, stack: error.stack }
}
