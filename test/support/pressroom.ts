import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

const BIN = resolve(import.meta.dirname, '../../bin/pressroom.js')

/** How a command ended, and what it wrote. */
export interface Ended {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs. Disposing it kills it if it still does. */
export interface Running extends AsyncDisposable {
  readonly process: ChildProcess
  /** Everything written to standard output so far. */
  output(): string
  readonly ended: Promise<Ended>
}

/** Starts the real command line in a folder, with the environment of the tests less what would configure it. */
export function start(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const clean = Object.entries(process.env).filter(
    ([key]) => !/^(PRESSROOM_|MLFLOW_|NODE_OPTIONS|FORCE_COLOR)/.test(key),
  )
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { ...Object.fromEntries(clean), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', text => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', text => (stderr += text))
  const ended = once(child, 'close').then(([status, signal]) => ({ status, signal, stdout, stderr }))
  return {
    process: child,
    output: () => stdout,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Runs the real command line in a folder to its end. */
export function pressroom(cwd: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> {
  return start(cwd, args, env).ended
}
