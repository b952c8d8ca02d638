import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { PressroomError } from '../../core/errors.ts'
import { broken, endless, unsettled } from './failures.ts'
import type { Answer, Job, Outcome } from './messages.ts'
import type { Rendered } from './render.ts'

// .ts in the checkout, .js in the published package.
const WORKER = new URL(`./definition-worker${extname(import.meta.url)}`, import.meta.url)

export interface ThreadOptions {
  /** The most that loading and compiling may take. */
  readonly timeoutSeconds: number
  readonly signal?: AbortSignal
  /** Called with the modules that the definition loaded, also when it failed. */
  readonly onModules?: (modules: readonly string[]) => void
}

/**
 * Compiles what a module exports by default, in a thread of its own: whatever the module does ends with it. What it
 * prints goes to standard error.
 * @returns `'no pipeline'` when the module exports none by default
 * @throws PressroomError `invalid-pipeline` for a definition that throws, does not end, ends the process or has no
 * pipeline; what the compiler throws; the signal's reason
 */
export async function compileInThread(
  job: Job,
  { timeoutSeconds, signal, onModules }: ThreadOptions,
): Promise<Rendered | 'no pipeline'> {
  signal?.throwIfAborted()
  const worker = new Worker(WORKER, { workerData: job, stdout: true, stderr: true, execArgv: [] })
  worker.stdout.pipe(process.stderr, { end: false })
  worker.stderr.pipe(process.stderr, { end: false })
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const abort = () => reject(signal?.reason)
  const timer = setTimeout(() => reject(endless(job.file, timeoutSeconds)), timeoutSeconds * 1000)
  signal?.addEventListener('abort', abort, { once: true })
  worker.once('message', resolve)
  worker.once('error', cause => reject(broken(job.file, `${cause}`, undefined, cause)))
  worker.once('exit', code => {
    reject(broken(job.file, `it ended the process with exit code ${code}`))
  })
  try {
    const { outcome, modules } = await promise
    onModules?.(modules)
    return resultOf(job.file, outcome)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
    await worker.terminate()
  }
}

function resultOf(file: string, outcome: Outcome): Rendered | 'no pipeline' {
  switch (outcome.type) {
    case 'compiled':
      return outcome
    case 'no-pipeline':
      return 'no pipeline'
    case 'unsettled':
      throw unsettled(file)
    case 'refused': {
      const { code, what, where, fix } = outcome
      throw new PressroomError(code, what, { where, fix })
    }
    case 'threw':
      throw broken(file, outcome.reason, outcome.stack)
  }
}
