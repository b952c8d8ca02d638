import { extname, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { PressroomError } from '../../core/errors.ts'
import type { Answer, Job, Outcome } from './messages.ts'
import type { Rendered } from './render.ts'

// .ts in the checkout, .js in the published package.
const WORKER = new URL(`./definition-worker${extname(import.meta.url)}`, import.meta.url)

/** A pipeline of 10,000 tasks takes one. */
const DEFAULT_SECONDS = 30

export interface DefinitionOptions {
  /** The most that loading and compiling may take. Default 30. */
  readonly timeoutSeconds?: number
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
export async function compileDefinition(
  job: Job,
  { timeoutSeconds = DEFAULT_SECONDS, signal, onModules }: DefinitionOptions = {},
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

/** The error for a module without a pipeline. */
export function withoutPipeline(file: string): PressroomError {
  return new PressroomError('invalid-pipeline', `${shown(file)} has no pipeline as its default export`, {
    fix: 'write: export default pipeline({ name: … }, inputs => { … })',
  })
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

function broken(file: string, reason: string, stack?: string, cause?: unknown): PressroomError {
  const line = stack?.split('\n').find(each => each.includes(pathToFileURL(file).href))
  const [, at] = /(:\d+:\d+)\)?$/.exec(line ?? '') ?? []
  return new PressroomError('invalid-pipeline', `${shown(file)} cannot be loaded`, {
    where: at === undefined ? reason : `${reason} (${shown(file)}${at})`,
    cause,
  })
}

function endless(file: string, seconds: number): PressroomError {
  return new PressroomError('invalid-pipeline', `${shown(file)} did not end within ${seconds} s`, {
    where: 'a definition only describes its pipeline; it waits for nothing',
    fix: 'look for an endless loop, a server or an await, or give it longer with --timeout',
  })
}

function unsettled(file: string): PressroomError {
  return new PressroomError('invalid-pipeline', `${shown(file)} waits for something that never happens`, {
    where: 'an await at its top level is never settled',
    fix: 'remove the await; a definition only describes its pipeline',
  })
}

/** A path as the user would write it. */
function shown(file: string): string {
  const path = relative(process.cwd(), file)
  return path.startsWith('..') ? file : path
}
