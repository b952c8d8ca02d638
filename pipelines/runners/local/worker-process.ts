import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { createInterface } from 'node:readline'
import type { Answer, Command } from './messages.ts'
import type { Job, LogLevel } from './types.ts'

export type LineListener = (level: LogLevel, line: string) => void

/** How a job ended: with the worker's last answer, or with the worker itself. */
export type Ending =
  | Exclude<Answer, { type: 'log' }>
  | { readonly type: 'exit'; readonly how: string; readonly cause?: Error }

// .ts in the checkout, .js in the published package.
const WORKER = new URL(`./worker${extname(import.meta.url)}`, import.meta.url)

export interface WorkerOptions {
  /** Default: the one beside this file. */
  readonly worker?: URL
  readonly stageModules: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** The folder for Node's compile cache, absolute. */
  readonly compileCache: string
}

/** One forked worker. What it prints beside its log belongs to the job it has. */
export class WorkerProcess {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  #onLine: LineListener = () => {}
  #onEnd: (ending: Ending) => void = () => {}

  constructor({ worker = WORKER, stageModules, env, compileCache }: WorkerOptions) {
    this.#child = fork(worker, [JSON.stringify(stageModules)], {
      // Starting takes a third of the time when the sources need not be stripped and compiled again.
      env: { NODE_COMPILE_CACHE: compileCache, ...env },
      // Not this process's own flags: a second --inspect, say, would ask for the same port.
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#closed = once(this.#child, 'close').catch(() => {})
    this.#child.on('message', message => this.#receive(message as Answer))
    this.#child.on('close', (code, signal) => {
      this.#onEnd({ type: 'exit', how: signal === null ? `exit code ${code}` : `signal ${signal}` })
    })
    this.#child.on('error', cause => this.#onEnd({ type: 'exit', how: cause.message, cause }))
    for (const [stream, level] of [
      [this.#child.stdout, 'info'],
      [this.#child.stderr, 'warn'],
    ] as const) {
      if (stream !== null) createInterface({ input: stream }).on('line', line => this.#onLine(level, line))
    }
  }

  get alive(): boolean {
    return this.#child.connected && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Gives it a job; it must have none. */
  run(job: Job, onLine: LineListener): Promise<Ending> {
    return new Promise(resolve => {
      this.#onLine = onLine
      this.#onEnd = resolve
      this.#send({ type: 'run', ...job })
    })
  }

  abort(): void {
    this.#send({ type: 'abort' })
  }

  /** Ends it at once, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    if (this.#child.pid !== undefined) await this.#closed
  }

  #receive(message: Answer): void {
    if (message.type === 'log') this.#onLine(message.level, message.line)
    // What the stage printed before came by other pipes, readable by now but perhaps not read yet.
    else setImmediate(() => this.#onEnd(message))
  }

  #send(command: Command): void {
    // A worker that is gone ends its job by its 'close' event; a failed send has nothing to add.
    this.#child.send(command, () => {})
  }
}
