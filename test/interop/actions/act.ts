import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { text } from 'node:stream/consumers'

/** A line of `act --json`, as far as it is used here. */
interface ActEvent {
  readonly jobID?: string
  readonly stepID?: readonly string[]
  readonly msg?: string
  /** A workflow command, with its argument: `set-output`, `error`, `warning`, `summary`. */
  readonly command?: string
  readonly name?: string
  readonly arg?: string
  readonly content?: string
  readonly jobResult?: string
}

export interface ActOptions {
  /** The command. */
  readonly act: string
  /** A repository's folder; its work tree is what a checkout gets. */
  readonly repository: string
  /** A home of its own, so that nobody's settings count. */
  readonly home: string
  /** Folders by the `owner/name@ref` that workflows use. */
  readonly repositories?: Readonly<Record<string, string>>
  /** Visible to every step. */
  readonly env?: Readonly<Record<string, string>>
}

/** A finished run of workflows. */
export class ActRun {
  readonly status: number | null
  readonly #events: readonly ActEvent[]

  constructor(status: number | null, events: readonly ActEvent[]) {
    this.status = status
    this.#events = events
  }

  /** By job. */
  get results(): Record<string, string> {
    return Object.fromEntries(
      this.#events.flatMap(({ jobID, jobResult }) => (jobID && jobResult ? [[jobID, jobResult]] : [])),
    )
  }

  /** All that a person sees, secrets masked. */
  get log(): string {
    return this.#events.map(({ msg = '' }) => msg).join('\n')
  }

  outputs(step: string): Record<string, string> {
    const set = this.#of(step, 'set-output')
    return Object.fromEntries(set.map(({ name = '', arg = '' }) => [name, arg]))
  }

  /** The step's annotations of a kind. */
  annotations(step: string, kind: 'error' | 'warning'): string[] {
    return this.#of(step, kind).map(({ arg = '' }) => arg)
  }

  summary(step: string): string {
    return this.#of(step, 'summary')
      .map(({ content = '' }) => content)
      .join('')
  }

  /** What the step printed. */
  lines(step: string): string[] {
    return this.#events.flatMap(({ stepID, msg = '' }) => (stepID?.[0] === step ? [msg.trim()] : []))
  }

  #of(step: string, command: string): ActEvent[] {
    return this.#events.filter(event => event.stepID?.[0] === step && event.command === command)
  }
}

/**
 * Runs workflows on this machine as GitHub would, without containers. `node24` is the Node that runs this.
 * @param workflows a file or a folder
 */
export async function runAct(options: ActOptions, workflows: string): Promise<ActRun> {
  const { act, repository, home, repositories = {}, env = {} } = options
  const args = [
    ['push', '--json', '-W', workflows],
    ['-P', 'ubuntu-latest=-self-hosted', '--no-cache-server'],
    ...Object.entries(repositories).map(([name, path]) => ['--local-repository', `${name}=${path}`]),
    ...Object.entries(env).map(([name, value]) => ['--env', `${name}=${value}`]),
  ].flat()
  const child = spawn(act, args, {
    cwd: repository,
    env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}`, HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const [status, stdout, stderr] = await Promise.all([closed, text(child.stdout), text(child.stderr)])
  // What is not JSON is act's own complaint, about a workflow it cannot read for example.
  const events = `${stdout}\n${stderr}`.split('\n').filter(Boolean).map(parseEvent)
  return new ActRun(status, events)
}

function parseEvent(line: string): ActEvent {
  return line.startsWith('{') ? JSON.parse(line) : { msg: line }
}
