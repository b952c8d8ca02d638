import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'

/** A process to measure: its arguments, where it runs, and what its environment has beside ours. */
export interface Command {
  /** Default: this Node. */
  readonly program?: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
}

/** What would configure a command, or change how Node runs it. */
const CONFIGURING = /^(PRESSROOM_|MLFLOW_|NODE_)/

/**
 * Measures in turns (ours, peer, ours, peer, …), so that whatever else the machine does falls on both alike. The first
 * turn of each fills caches and compiles, and is dropped.
 * @param rounds how many turns of each count
 */
export async function inTurns<T>(
  rounds: number,
  ours: () => Promise<T>,
  peer: () => Promise<T>,
): Promise<{ readonly ours: T[]; readonly peer: T[] }> {
  const results = { ours: [] as T[], peer: [] as T[] }
  for (let round = 0; round <= rounds; round++) {
    results.ours.push(await ours())
    results.peer.push(await peer())
  }
  return { ours: results.ours.slice(1), peer: results.peer.slice(1) }
}

/** Measures one thing repeatedly; the first time is dropped. */
export async function repeatedly<T>(rounds: number, measure: () => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (let round = 0; round <= rounds; round++) results.push(await measure())
  return results.slice(1)
}

/**
 * Milliseconds from starting a process to its end.
 * @throws Error with what it printed when its exit status is not 0
 */
export async function timeProcess(command: Command): Promise<number> {
  const begun = performance.now()
  await ended(start(command), command)
  return performance.now() - begun
}

/** Most memory that a process and its descendants held, in bytes. */
export interface PeakMemory {
  /** Of the process that held most. */
  readonly largest: number
  /** Of all of them at one time; pages that they share, such as Node's own code, count in each. */
  readonly together: number
}

/** Often enough to see a process that lives 0.1 s, seldom enough to leave the processor to it. */
const SAMPLING_MS = 20

/**
 * Runs a process and watches its memory and that of every process it starts, through Linux's /proc: a process's own peak
 * (VmHWM) is the kernel's; what they hold together (VmRSS) is looked at every 20 ms. getrusage's `maxrss` would not do: after
 * fork and exec a child reports at least what its parent had.
 * @returns undefined where there is no such /proc
 * @throws Error with what it printed when its exit status is not 0
 */
export async function peakMemory(command: Command): Promise<PeakMemory | undefined> {
  if (!existsSync(`/proc/self/task/${process.pid}/children`)) return undefined
  const child = start(command)
  let largest = 0
  let together = 0
  const sampling = setInterval(() => {
    const family = descendants(child.pid!).map(pid => read(`/proc/${pid}/status`))
    largest = Math.max(largest, ...family.map(status => bytesIn(status, 'VmHWM')))
    together = Math.max(
      together,
      family.reduce((sum, status) => sum + bytesIn(status, 'VmRSS'), 0),
    )
  }, SAMPLING_MS)
  try {
    await ended(child, command)
  } finally {
    clearInterval(sampling)
  }
  return { largest, together }
}

function start({ program = process.execPath, args, cwd, env }: Command): ChildProcess {
  return spawn(program, args, {
    cwd,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

/** This process's environment without what would configure what is measured. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !CONFIGURING.test(key)))
}

async function ended(child: ChildProcess, { program = 'node', args }: Command): Promise<void> {
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', text => (said += text))
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with status ${status}\n${said}`)
}

function descendants(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return [pid, ...children.flatMap(descendants)]
}

function bytesIn(status: string, field: string): number {
  const [, kibibytes = '0'] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status) ?? []
  return Number(kibibytes) * 1024
}

/** Nothing once the process is gone. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Megabytes of the process that held most, of a command and all that it starts; not finite where the system does not tell. */
export async function peakMegabytes(command: Command): Promise<number> {
  return ((await peakMemory(command))?.largest ?? Number.NaN) / 2 ** 20
}
