import type { Job } from './types.ts'
import { type Ending, type LineListener, type WorkerOptions, WorkerProcess } from './worker-process.ts'

/** What a stage has to stop in after it was asked to; then its process is killed. */
const GRACE_MS = 2000

/**
 * Workers, kept from one job to the next so that their start is paid once. How many there are at a time is for the caller
 * to bound; a worker that crashed or was stopped is never used again.
 */
export class WorkerPool implements AsyncDisposable {
  readonly #start: () => WorkerProcess
  readonly #idle: WorkerProcess[] = []
  readonly #busy = new Set<WorkerProcess>()

  constructor(options: WorkerOptions) {
    this.#start = () => new WorkerProcess(options)
  }

  /** Starts a worker before there is a job for it. */
  warm(): void {
    this.#idle.push(this.#start())
  }

  /**
   * Runs one job.
   * @param signal stops the job; the ending is then whatever came of it, and the worker is gone
   * @throws the signal's reason when it aborted before the job
   */
  async run(job: Job, onLine: LineListener, signal: AbortSignal): Promise<Ending> {
    signal.throwIfAborted()
    const worker = this.#take()
    let deadline: NodeJS.Timeout | undefined
    const stop = () => {
      worker.abort()
      deadline = setTimeout(() => worker.kill(), GRACE_MS)
    }
    signal.addEventListener('abort', stop, { once: true })
    try {
      const ending = await worker.run(job, onLine)
      if (signal.aborted) await worker.kill()
      return ending
    } finally {
      signal.removeEventListener('abort', stop)
      clearTimeout(deadline)
      this.#busy.delete(worker)
      if (worker.alive) this.#idle.push(worker)
    }
  }

  #take(): WorkerProcess {
    let worker = this.#idle.pop()
    while (worker !== undefined && !worker.alive) worker = this.#idle.pop()
    worker ??= this.#start()
    this.#busy.add(worker)
    return worker
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#idle, ...this.#busy].map(worker => worker.kill()))
  }
}
