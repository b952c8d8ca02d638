import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { PressroomError, systemCode } from '../errors.ts'
import type { Job, World } from './jobs.ts'
import { type JobResult, type Reply, resultOf, runJob } from './messages.ts'

// .ts in the checkout, .js in the published package and beside every bundle.
const THREAD = new URL(`./search-thread${extname(import.meta.url)}`, import.meta.url)

/** Runs jobs, as many at a time as it has threads. Disposing of it ends them whatever they do. */
export interface Pool extends AsyncDisposable {
  readonly size: number
  /** @throws PressroomError `cancelled` when the signal aborts; `not-enough-memory`; the job's own */
  run<J extends Job>(job: J): Promise<JobResult<J>>
}

/** A pool of so many threads; one is the calling thread itself, which costs no start and no copy. */
export function openPool(world: World, threads: number, signal: AbortSignal | undefined): Pool {
  if (threads > 1) return threadPool(world, threads, signal)
  return {
    size: 1,
    run: job => runJob(world, job, { signal, shared: false }),
    async [Symbol.asyncDispose]() {},
  }
}

function threadPool(world: World, size: number, signal: AbortSignal | undefined): Pool {
  const all: Worker[] = []
  const idle: Worker[] = []
  let closed = false
  const start = () => {
    const worker = new Worker(THREAD, { workerData: world, execArgv: [] })
    all.push(worker)
    return worker
  }
  return {
    size,
    async run(job) {
      // A thread that is started now would keep the process alive for ever.
      if (closed) throw new Error('the threads of the search have ended')
      const worker = idle.pop() ?? start()
      const reply = await ask(worker, job, signal)
      idle.push(worker)
      return resultOf(reply) as JobResult<typeof job>
    },
    async [Symbol.asyncDispose]() {
      closed = true
      await Promise.all(all.map(worker => worker.terminate()))
    },
  }
}

async function ask(worker: Worker, job: Job, signal: AbortSignal | undefined): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const abort = () => reject(new PressroomError('cancelled', 'the search was cancelled'))
  const end = (code: number) => reject(new Error(`a thread of the search ended with exit code ${code}`))
  const fail = (cause: unknown) =>
    reject(systemCode(cause) === 'ERR_WORKER_OUT_OF_MEMORY' ? outOfMemory(cause) : cause)
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort, { once: true })
  worker.on('message', resolve).on('error', fail).on('exit', end)
  worker.postMessage(job)
  try {
    return await promise
  } finally {
    signal?.removeEventListener('abort', abort)
    worker.off('message', resolve).off('error', fail).off('exit', end)
  }
}

function outOfMemory(cause: unknown): PressroomError {
  return new PressroomError('not-enough-memory', 'a thread of the search ran out of memory', {
    fix: 'take fewer threads, or lower maxFeatures',
    cause,
  })
}
