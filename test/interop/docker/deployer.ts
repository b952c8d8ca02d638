import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { ClassicScene } from '../../support/classic-receiver.ts'
import { freePort } from '../../support/free-port.ts'
import type { DockerEngine } from './engine.ts'

const exec = promisify(execFile)

/** The image of the deployer, as the suite builds it. */
export const DEPLOYER = 'pressroom-interop/deployer:1'

/** A container of the deployer. */
export interface DeployerContainer extends AsyncDisposable {
  readonly id: string
  readonly url: string
  /** `docker inspect`'s State. */
  state(): Promise<{ readonly Pid: number; readonly ExitCode: number }>
  /** All that it printed, its log parsed line by line. */
  printed(): Promise<{
    readonly text: string
    readonly lines: readonly { severity: string; message: string }[]
  }>
}

/** As Kubernetes and the Containerfile's head run it: no root, no capability, nothing to write but /tmp, a home that is not there. */
export async function createDeployer(
  engine: DockerEngine,
  variables: Readonly<Record<string, string>>,
  ...more: readonly string[]
): Promise<DeployerContainer> {
  const port = await freePort()
  const env = { HOME: '/nowhere', PRESSROOM_HOST: '127.0.0.1', PORT: String(port), ...variables }
  const id = await engine.docker(
    ...['create', '--network', 'host', '--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL'],
    ...['--security-opt', 'no-new-privileges'],
    ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...more,
    DEPLOYER,
  )
  return {
    id,
    url: `http://127.0.0.1:${port}`,
    state: async () => JSON.parse(await engine.docker('inspect', id))[0].State,
    async printed() {
      const { stdout: text, stderr } = await exec('docker', ['logs', id], { env: engine.env })
      // Cloud Logging reads what is no JSON as an entry without severity.
      assert.equal(stderr, '')
      return {
        text,
        lines: text
          .split('\n')
          .filter(Boolean)
          .map(line => JSON.parse(line)),
      }
    },
    async [Symbol.asyncDispose]() {
      await engine.docker('rm', '--force', id)
    },
  }
}

/** Milliseconds from the start of a new container's process to its first 202, to some ten of them. */
export async function coldStart(engine: DockerEngine, scene: ClassicScene): Promise<number> {
  await using container = await createDeployer(engine, { ...scene.variables, ...scene.places })
  const [at] = await Promise.all([answered(container, scene), engine.docker('start', container.id)])
  const { Pid } = await container.state()
  const [uptime, stat] = await Promise.all([
    readFile('/proc/uptime', 'utf8'),
    readFile(`/proc/${Pid}/stat`, 'utf8'),
  ])
  // Field 22, counted after the name, which may have spaces: ticks of 10 ms since the machine's start (proc(5)).
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  const began = Date.now() - (1000 * Number.parseFloat(uptime) - 10 * ticks)
  return Math.round(at - began)
}

/** When a delivery was answered with 202, sent again and again until somebody listens. */
export async function answered({ url }: DeployerContainer, scene: ClassicScene): Promise<number> {
  for (let left = 20_000; left > 0; left--) {
    const answer = await fetch(`${url}/webhook`, scene.delivery(1)).catch(() => undefined)
    if (answer !== undefined) {
      assert.equal(answer.status, 202)
      return Date.now()
    }
    await sleep(2)
  }
  throw new Error(`nobody listens at ${url}`)
}
