import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { chown, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from '../support/free-port.ts'

const exec = promisify(execFile)

/** A program that was started, and what it says. */
interface Started extends AsyncDisposable {
  readonly printed: () => string
  readonly ended: () => boolean
}

/** A real tracking server, on loopback. */
export interface RealMlflow extends AsyncDisposable {
  readonly url: string
}

/**
 * Starts `mlflow server` on a free port. It may call webhooks on loopback, and looks at its list of them once a second.
 * @param python of an environment with mlflow
 * @param folder for what it keeps
 * @throws Error with what it printed when it does not come up
 */
export async function startMlflow(
  python: string,
  folder: string,
  {
    store = `sqlite:///${join(folder, 'mlflow.db')}`,
    artifacts = ['--artifacts-destination', join(folder, 'artifacts')],
    env = {},
  }: {
    readonly store?: string
    readonly artifacts?: readonly string[]
    readonly env?: Readonly<Record<string, string>>
  } = {},
): Promise<RealMlflow> {
  const port = String(await freePort())
  const args = [
    'server',
    '--host',
    '127.0.0.1',
    '--port',
    port,
    '--workers',
    '1',
    '--backend-store-uri',
    store,
  ]
  const server = start(join(python, '..', 'mlflow'), [...args, ...artifacts], {
    cwd: folder,
    env: {
      ...process.env,
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      MLFLOW_WEBHOOK_ALLOWED_SCHEMES: 'http,https',
      MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: 'true',
      MLFLOW_WEBHOOK_CACHE_TTL: '1',
      ...env,
    },
  })
  const url = `http://127.0.0.1:${port}`
  try {
    await answers(server, async () => (await fetch(`${url}/health`)).ok)
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
  return { url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

/** A PostgreSQL server on a loopback port, with an empty database. */
export interface Postgres extends AsyncDisposable {
  readonly uri: string
}

/** The folder of PostgreSQL's programs as Debian has them, or why there is none. */
export function findPostgres(): { readonly programs: string } | { readonly reason: string } {
  const [programs] = globSync('/usr/lib/postgresql/*/bin')
  if (programs === undefined || !existsSync(join(programs, 'initdb'))) {
    return { reason: 'PostgreSQL is not installed (apt-get install postgresql)' }
  }
  return { programs }
}

/**
 * Starts PostgreSQL; root, as whom it does not run, runs it as the user that Debian's package makes.
 * @param folder empty, for it alone
 */
export async function startPostgres(programs: string, folder: string): Promise<Postgres> {
  const data = join(folder, 'postgres')
  await mkdir(data, { mode: 0o700 })
  const root = process.getuid?.() === 0
  const ids = root ? await idsOf('postgres') : undefined
  // A temporary folder lets nobody but its owner in.
  if (ids !== undefined) for (const each of [folder, data]) await chown(each, ids.uid, ids.gid)
  await exec(join(programs, 'initdb'), ['-D', data, '-U', 'mlflow', '-A', 'trust', '-N'], {
    ...ids,
    cwd: '/',
  })
  const port = String(await freePort())
  const quick = ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-c', `port=${port}`]
  const server = start(join(programs, 'postgres'), ['-D', data, '-k', data, ...quick], { ...ids, cwd: '/' })
  const ask = (sql: string) =>
    exec(join(programs, 'psql'), ['-h', '127.0.0.1', '-p', port, '-U', 'mlflow', '-d', 'postgres', '-c', sql])
  try {
    await answers(server, async () => Boolean(await ask('create database mlflow')))
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
  return {
    uri: `postgresql://mlflow@127.0.0.1:${port}/mlflow`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function idsOf(user: string): Promise<{ readonly uid: number; readonly gid: number }> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async flag => Number((await exec('id', [flag, user])).stdout)),
  )
  return { uid: uid!, gid: gid! }
}

/** In a process group of its own, so that workers end with it. */
function start(command: string, args: readonly string[], options: object): Started {
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', text => (printed += text))
  const exited = once(child, 'exit')
  return {
    printed: () => printed,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    async [Symbol.asyncDispose]() {
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {
        // It has ended.
      }
      await exited
    },
  }
}

/** Until it answers; a minute and a half is twice what MLflow takes on two busy cores. */
async function answers(server: Started, probe: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 450; i++) {
    if (server.ended()) break
    if (await probe().catch(() => false)) return
    await sleep(200)
  }
  throw new Error(`it did not come up\n${server.printed().slice(-3000)}`)
}
