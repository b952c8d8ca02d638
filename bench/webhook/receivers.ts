import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { packageFile } from '../../cli/package-file.ts'
import { freePort } from '../../test/support/free-port.ts'
import { cleanEnvironment } from '../measure.ts'
import { SECRET, send, signedEvent } from './events.ts'

/** A program that receives events at `/webhook` of the port that it is told. */
export interface ReceiverProgram {
  readonly program: string
  readonly args: (port: number) => readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** A receiver that answers. Disposing it ends its process. */
export interface RunningReceiver extends AsyncDisposable {
  readonly url: string
  /** Milliseconds from the start of its process to the end of its first 202. */
  readonly firstAnswer: number
  /** Milliseconds of processor time that its process has used; undefined where there is no Linux /proc. */
  processorTime(): number | undefined
}

const LONGEST_START_MS = 30_000

/** The deployer from a checkout or a bundle, by its main script. */
export function ours(script: string, env: NodeJS.ProcessEnv, args: readonly string[] = []): ReceiverProgram {
  return { program: process.execPath, args: () => [script, ...args], env }
}

/** FastAPI on uvicorn with its fast parts (uvloop, httptools), one worker. */
export function fastapi(python: string): ReceiverProgram {
  return {
    program: python,
    args: port => [
      ...['-m', 'uvicorn', 'peer:app', '--app-dir', packageFile('bench/webhook'), '--no-access-log'],
      ...['--workers', '1', '--host', '127.0.0.1', '--port', String(port)],
    ],
    // Compiled once, as in an image; not into the checkout.
    env: { PYTHONPYCACHEPREFIX: `${python}-cache` },
  }
}

/**
 * Starts a receiver on the first core alone, where the system can bind a process, and waits until it acknowledges an event.
 * @throws Error with what it printed, when it ends or is silent
 */
export async function startReceiver({ program, args, env }: ReceiverProgram): Promise<RunningReceiver> {
  const port = await freePort()
  const bound = existsSync('/usr/bin/taskset') ? ['/usr/bin/taskset', '-c', '0'] : []
  const [command = program, ...rest] = [...bound, program, ...args(port)]
  const url = `http://127.0.0.1:${port}/webhook`
  const begun = performance.now()
  const child = spawn(command, rest, {
    env: {
      ...cleanEnvironment(),
      ...env,
      PORT: String(port),
      PRESSROOM_HOST: '127.0.0.1',
      MLFLOW_WEBHOOK_SECRET: SECRET,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => (said = (said + text).slice(-4000)))
  }
  while ((await send(url, signedEvent()).catch(() => 0)) !== 202) {
    if (child.exitCode !== null || performance.now() - begun > LONGEST_START_MS) {
      await end(child)
      throw new Error(`${command} ${rest.join(' ')} does not receive\n${said}`)
    }
    await sleep(1)
  }
  return {
    url,
    firstAnswer: performance.now() - begun,
    processorTime: () => processorTimeOf(child.pid!),
    [Symbol.asyncDispose]: () => end(child),
  }
}

/** Linux counts in hundredths of a second (USER_HZ), whatever the kernel's own clock. */
const TICK_MS = 10

/** User and system time: the 14th and 15th field of /proc/PID/stat, counted behind the name, which may hold anything (proc(5)). */
function processorTimeOf(pid: number): number | undefined {
  const file = `/proc/${pid}/stat`
  if (!existsSync(file)) return undefined
  const fields = readFileSync(file, 'utf8').split(') ').at(-1)!.split(' ')
  return TICK_MS * (Number(fields[11]) + Number(fields[12]))
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}
