import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { LineListener } from './worker-process.ts'

/** What a container has to stop in after it was asked to; then the engine kills it. */
const GRACE_SECONDS = 2
/** An engine that takes longer to list its containers is taken for none. */
const ANSWER_MS = 10_000

/** A container engine's command, and the environment to call it in. */
export interface Engine {
  readonly command: 'docker' | 'podman'
  readonly env: NodeJS.ProcessEnv
}

/** One container to run. */
export interface ContainerJob {
  /** Unique on this machine. */
  readonly name: string
  readonly image: string
  /** The first word is the program, whatever the image's own entry point is; none leaves that to the image. */
  readonly words: readonly string[]
  readonly env: readonly { readonly name: string; readonly value: string }[]
  /** Absolute paths, the same inside. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}

/** The first engine on PATH that answers, docker before podman; undefined when there is none. */
export async function findEngine(env: NodeJS.ProcessEnv): Promise<Engine | undefined> {
  for (const command of ['docker', 'podman'] as const) {
    try {
      await promisify(execFile)(command, ['ps', '--quiet'], { env, timeout: ANSWER_MS })
      return { command, env }
    } catch {
      // Not there, or its daemon is not: the next may be.
    }
  }
  return undefined
}

/**
 * Runs a container to its end and removes it.
 * @returns the exit code: the container's, or 125 to 127 when the engine could not start it
 * @throws Error when the engine itself could not be started
 */
export async function runContainer(
  engine: Engine,
  job: ContainerJob,
  onLine: LineListener,
  stop: AbortSignal,
): Promise<number> {
  stop.throwIfAborted()
  const child = spawn(engine.command, runArguments(engine, job), {
    env: engine.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C reaches every process of the terminal, but what it means here the runner decides.
    detached: true,
  })
  const closed = once(child, 'close') as Promise<[number | null]>
  for (const input of [child.stdout, child.stderr]) {
    // Programs write all kinds of things to standard error: it does not make them warnings.
    createInterface({ input }).on('line', line => onLine('info', line))
  }
  let removal: Promise<void> | undefined
  const remove = () => {
    // An engine that does not answer any more must not keep the run from ending.
    removal = removeContainer(engine, job.name).finally(() => child.kill('SIGKILL'))
  }
  stop.addEventListener('abort', remove, { once: true })
  try {
    const [code] = await closed
    return code ?? 137
  } finally {
    stop.removeEventListener('abort', remove)
    await removal
  }
}

/** What is wrong with an image's name, as the end of a sentence that begins with its task, or undefined. */
export function faultOfImage(image: string): string | undefined {
  // The engine would take it for an option: one that mounts the whole machine, say.
  return /^[A-Za-z0-9]/.test(image) ? undefined : `its image "${image}" is not the name of one`
}

/**
 * The engine's arguments for a job. Inputs cannot be written to; the container gets no rights that it does not need.
 * @param user the numbers of user and group; undefined where there are none
 */
export function runArguments(
  { command }: Pick<Engine, 'command'>,
  job: ContainerJob,
  user = process.getuid && process.getgid && ([process.getuid(), process.getgid()] as const),
): string[] {
  const { name, image, words, env, reads, writes } = job
  const [program, ...rest] = words
  return [
    'run',
    ...['--rm', '--init', '--name', name],
    ...['--security-opt', 'no-new-privileges', ...userArguments(command, user)],
    ...reads.flatMap(path => ['--mount', mount(path, 'readonly')]),
    ...writes.flatMap(path => ['--mount', mount(path)]),
    ...env.flatMap(({ name, value }) => ['--env', `${name}=${value}`]),
    ...(program === undefined ? [] : ['--entrypoint', program]),
    image,
    ...rest,
  ]
}

/** This user, so that what the container writes is ours to read and to remove. Root leaves it to the image. */
function userArguments(command: Engine['command'], user: readonly [number, number] | undefined): string[] {
  if (user === undefined || user[0] === 0) return []
  // The image knows no home for a user of this number.
  const home = ['--env', 'HOME=/tmp']
  return command === 'podman' ? ['--userns', 'keep-id', ...home] : ['--user', user.join(':'), ...home]
}

/** A bind mount, whose fields are CSV: those with a comma or a quote stand in quotes. */
function mount(path: string, ...options: string[]): string {
  const fields = ['type=bind', `source=${path}`, `target=${path}`, ...options]
  return fields.map(field => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',')
}

/** Asks a container to stop, then makes it. One that is gone already is no failure. */
async function removeContainer({ command, env }: Engine, name: string): Promise<void> {
  const call = promisify(execFile)
  await call(command, ['stop', '-t', String(GRACE_SECONDS), name], { env }).catch(() => {})
  await call(command, ['rm', '--force', name], { env }).catch(() => {})
}
