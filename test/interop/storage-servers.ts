import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../support/free-port.ts'
import { goCommand } from './go.ts'
import { pythonWith } from './python.ts'

/** Made in every server. */
export const BUCKET = 'pressroom-models'

const ACCESS = { AWS_ACCESS_KEY_ID: 'interop', AWS_SECRET_ACCESS_KEY: 'interop-secret' }

/** A server that others wrote, with an empty bucket in it. */
export interface PeerServer extends AsyncDisposable {
  readonly scheme: 's3' | 'gs'
  /** What leads a client to it. */
  readonly env: Readonly<Record<string, string>>
}

interface Peer {
  readonly name: string
  readonly scheme: PeerServer['scheme']
  /** Its program, or why it cannot be had. */
  find(): Promise<{ command: string } | { reason: string }>
  /** @param folder empty, for what it keeps */
  args(port: string, folder: string): readonly string[]
  makeBucket(url: string, folder: string): Promise<unknown>
}

export const PEERS: readonly Peer[] = [
  {
    name: 'versitygw',
    scheme: 's3',
    find: () => goCommand('github.com/versity/versitygw/cmd/versitygw@v1.8.0'),
    args: (port, folder) => ['--port', `127.0.0.1:${port}`, 'posix', folder],
    makeBucket: (_, folder) => mkdir(join(folder, BUCKET)),
  },
  {
    name: 'moto',
    scheme: 's3',
    find: async () => {
      const found = await pythonWith('storage', ['moto[server]==5.2.5'])
      return 'reason' in found ? found : { command: join(found.python, '../moto_server') }
    },
    args: port => ['-H', '127.0.0.1', '-p', port],
    makeBucket: url => fetch(`${url}/${BUCKET}`, { method: 'PUT' }),
  },
  {
    name: 'fake-gcs-server',
    scheme: 'gs',
    find: () => goCommand('github.com/fsouza/fake-gcs-server@v1.56.1'),
    args: port => ['-scheme', 'http', '-host', '127.0.0.1', '-port', port, '-backend', 'memory'],
    makeBucket: url => {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ name: BUCKET })
      return fetch(`${url}/storage/v1/b?project=interop`, { method: 'POST', headers, body })
    },
  },
]

/**
 * Starts a peer on a free port of loopback.
 * @param folder empty
 * @throws Error with what it printed when it does not come up
 */
export async function startPeer(peer: Peer, command: string, folder: string): Promise<PeerServer> {
  const port = String(await freePort())
  const url = `http://127.0.0.1:${port}`
  const keys = { ROOT_ACCESS_KEY: ACCESS.AWS_ACCESS_KEY_ID, ROOT_SECRET_KEY: ACCESS.AWS_SECRET_ACCESS_KEY }
  const child = spawn(command, peer.args(port, folder), {
    env: { ...process.env, ...keys },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => (printed += text))
  const exited = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGKILL')
    await exited
  }
  try {
    await answers(url, () => child.exitCode !== null, 200)
    await peer.makeBucket(url, folder)
  } catch (cause) {
    await stop()
    throw new Error(`${peer.name} does not start: ${printed.slice(0, 1000)}`, { cause })
  }
  const env = peer.scheme === 'gs' ? { PRESSROOM_GCS_ENDPOINT: url } : { AWS_ENDPOINT_URL: url, ...ACCESS }
  return { scheme: peer.scheme, env, [Symbol.asyncDispose]: stop }
}

/** Waits until it gives any answer at all. */
async function answers(url: string, isOver: () => boolean, tries: number): Promise<void> {
  for (let left = tries; ; left--) {
    try {
      await fetch(url)
      return
    } catch (error) {
      if (left === 0 || isOver()) throw error
      await sleep(100)
    }
  }
}
