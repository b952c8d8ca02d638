import { type ChildProcess, fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { ERROR_CODES, type ErrorCode, PressroomError } from '../../core/errors.ts'
import type {
  ServiceAnswer,
  ServiceCommand,
  ServiceFailed,
  ServiceReady,
} from '../../core/service-protocol.ts'

export interface ServiceProcessOptions {
  /** The service's main module: an absolute path or a file URL. It speaks core/service-protocol.ts. */
  readonly main: string | URL
  /** Its arguments, `--port` for one. Default none. */
  readonly args?: readonly string[]
  /** Its environment. Default that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Milliseconds from its start until it must listen. Default 20,000. */
  readonly startTimeout?: number
  /** Milliseconds until it must have answered a command; loading a model is one. Default 60,000. */
  readonly answerTimeout?: number
  /** Milliseconds that it has to answer its last requests and end, before it is killed. Default 10,000. */
  readonly stopTimeout?: number
  /** Gets each line that it prints, its errors too. Default: they are dropped. */
  readonly onOutput?: (line: string) => void
  /** Gets its address each time that it starts: with `--port 0` nobody else knows it. */
  readonly onListening?: (url: string) => void
}

/** A command without its id. */
type Command = ServiceCommand extends infer C ? (C extends ServiceCommand ? Omit<C, 'id'> : never) : never

/** A service that listens. Disposing it stops it, gently first. */
export interface ServiceProcess extends AsyncDisposable {
  readonly url: string
  /** Settles when the process has ended, with how. */
  readonly ended: Promise<PressroomError>
  /**
   * Sends a command and waits for its answer. A late answer is dropped.
   * @throws PressroomError `deployment-failed`: the service refused, did not answer in time, or ended.
   */
  ask(command: Command): Promise<Extract<ServiceAnswer, { ok: true }>>
}

/** Lines of its output that an error about its end may quote. */
const LAST_LINES = 5

/**
 * Starts the service as a child process and waits until it listens.
 * @throws PressroomError what the service reports (`port-in-use`, say); `deployment-failed` when it ends or is silent.
 */
export async function startService(options: ServiceProcessOptions): Promise<ServiceProcess> {
  const { main, args = [], env = process.env, startTimeout = 20_000, answerTimeout = 60_000 } = options
  const child = fork(main, args, {
    env,
    // The caller's own flags (a debugger's port, a test runner's) are not for the service.
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // In a process group of its own, Ctrl-C reaches the deployer only, which then stops the service in order. Should the
    // deployer be killed instead, the closing channel tells the service.
    detached: true,
  })
  const ended = watchEnd(child, options.onOutput)
  const stop = () => stopProcess(child, ended, options.stopTimeout ?? 10_000)
  try {
    const url = await within(
      startTimeout,
      Promise.race([firstMessage(child), ended.then(rethrow)]),
      `the service did not listen within ${startTimeout / 1000} s`,
    )
    options.onListening?.(url)
    return { url, ended, ask: createAsk(child, ended, answerTimeout), [Symbol.asyncDispose]: stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Resolves, never rejects, once the process is gone, with its exit and the last it printed. */
function watchEnd(
  child: ChildProcess,
  onOutput: ((line: string) => void) | undefined,
): Promise<PressroomError> {
  const last: string[] = []
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', line => {
      last.push(line)
      if (last.length > LAST_LINES) last.shift()
      onOutput?.(line)
    })
  }
  const { promise, resolve } = Promise.withResolvers<PressroomError>()
  const settle = (how: string, cause?: unknown) =>
    resolve(new PressroomError('deployment-failed', how, { where: last.join('\n  ') || undefined, cause }))
  child.once('error', error => settle(`the service could not be started: ${error.message}`, error))
  // `close` comes after `exit`, when the output has been read to its end.
  child.once('close', (code, signal) => settle(`the service ended (${signal ?? `exit code ${code}`})`))
  return promise
}

async function firstMessage(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  child.once('message', resolve)
  const message = (await promise) as ServiceReady | ServiceFailed
  if ('ready' in message) return message.ready.url
  const { code, message: text } = message.failed
  const known = (ERROR_CODES as readonly string[]).includes(code)
  throw new PressroomError(known ? (code as ErrorCode) : 'deployment-failed', text)
}

function createAsk(
  child: ChildProcess,
  ended: Promise<PressroomError>,
  timeout: number,
): ServiceProcess['ask'] {
  const waiting = new Map<number, PromiseWithResolvers<ServiceAnswer>>()
  let lastId = 0
  let end: PressroomError | undefined
  child.on('message', (answer: ServiceAnswer) => waiting.get(answer.id)?.resolve(answer))
  void ended.then(reason => {
    end = reason
    for (const { reject } of waiting.values()) reject(reason)
  })

  return async command => {
    if (end !== undefined) throw end
    const id = ++lastId
    const pending = Promise.withResolvers<ServiceAnswer>()
    waiting.set(id, pending)
    // That the channel is closed is no news: the service has ended, and `ended` says how.
    child.send({ id, ...command }, () => {})
    const late = `the service did not answer "${command.command}" within ${timeout / 1000} s`
    try {
      const answer = await within(timeout, pending.promise, late)
      if (answer.ok) return answer
      throw new PressroomError('deployment-failed', answer.error)
    } finally {
      waiting.delete(id)
    }
  }
}

async function stopProcess(child: ChildProcess, ended: Promise<unknown>, timeout: number): Promise<void> {
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), timeout)
  await ended
  clearTimeout(force)
}

async function within<T>(timeout: number, work: Promise<T>, late: string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new PressroomError('deployment-failed', late)), timeout)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

function rethrow(error: PressroomError): never {
  throw error
}
