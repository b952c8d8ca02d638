import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Send } from '../../core/kubernetes/send.ts'
import { freePort } from '../support/free-port.ts'
import type { KubernetesPrograms } from './kubernetes-programs.ts'

export interface RealKubernetes extends AsyncDisposable {
  readonly url: string
  /** Signed in as one who may do everything. */
  readonly admin: Send
  /** Signed in as the service account `models/pressroom-deployer`, which has no rights of its own. */
  readonly deployer: Send
  /** Of the deployer. */
  readonly kubeconfig: string
}

const TOKENS = { admin: 'interop-admin', deployer: 'interop-deployer' }
const DEPLOYER = 'system:serviceaccount:models:pressroom-deployer'

/**
 * Starts etcd and kube-apiserver on free ports of loopback. There is no kubelet and there are no controllers.
 * @param folder empty, for what they keep
 * @throws Error with what they printed when they do not come up
 */
export async function startKubernetes(programs: KubernetesPrograms, folder: string): Promise<RealKubernetes> {
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()]
  const certificates = join(folder, 'certificates')
  await mkdir(certificates)
  const key = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const keyFile = join(folder, 'account.key')
  await writeFile(keyFile, key.privateKey)
  const tokens = join(folder, 'tokens.csv')
  await writeFile(tokens, `${TOKENS.admin},admin,1,"system:masters"\n${TOKENS.deployer},${DEPLOYER},2,""\n`)
  const store = `http://127.0.0.1:${client}`
  const etcd = start(programs.etcd, [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${store}`,
    `--advertise-client-urls=${store}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    '--unsafe-no-fsync',
  ])
  const apiserver = start(programs.apiserver, [
    `--etcd-servers=${store}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${certificates}`,
    `--token-auth-file=${tokens}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://interop.example',
    `--service-account-key-file=${keyFile}`,
    `--service-account-signing-key-file=${keyFile}`,
    '--disable-admission-plugins=ServiceAccount',
    '--endpoint-reconciler-type=none',
  ])
  const stop = async () => {
    for (const each of [apiserver, etcd]) await each.stop()
  }
  const url = `https://127.0.0.1:${port}`
  try {
    const ca = await until(() => readFile(join(certificates, 'apiserver.crt'), 'utf8'), apiserver)
    const admin = sendWith(TOKENS.admin, ca)
    await until(async () => {
      const answer = await admin(new URL(`${url}/readyz`), {
        method: 'GET',
        headers: {},
        signal: AbortSignal.timeout(5000),
      })
      if (answer.status !== 200) throw new Error(`/readyz answered ${answer.status}`)
    }, apiserver)
    const kubeconfig = join(folder, 'kubeconfig')
    await writeFile(kubeconfig, JSON.stringify(kubeconfigOf(url, ca)))
    return { url, admin, deployer: sendWith(TOKENS.deployer, ca), kubeconfig, [Symbol.asyncDispose]: stop }
  } catch (cause) {
    await stop()
    throw new Error(
      `kube-apiserver does not start: ${apiserver.printed().slice(-1500)}${etcd.printed().slice(-300)}`,
      { cause },
    )
  }
}

function kubeconfigOf(server: string, ca: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'interop',
    clusters: [
      {
        name: 'interop',
        cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: [{ name: 'deployer', user: { token: TOKENS.deployer } }],
    contexts: [{ name: 'interop', context: { cluster: 'interop', user: 'deployer' } }],
  }
}

function sendWith(token: string, ca: string): Send {
  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const options = { method, headers: { ...headers, authorization: `Bearer ${token}` }, ca, signal }
      const outgoing = request(url, options, response => {
        const chunks: Buffer[] = []
        response.on('data', chunk => chunks.push(chunk)).on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          const type = response.headers['content-type'] ?? ''
          resolve({
            status: response.statusCode ?? 0,
            headers: new Headers({ 'content-type': type }),
            text: async () => text,
          })
        })
      })
      outgoing.on('error', reject).end(body)
    })
}

interface Process {
  printed(): string
  over(): boolean
  stop(): Promise<void>
}

function start(command: string, args: readonly string[]): Process {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', text => (printed = `${printed}${text}`.slice(-20_000)))
  }
  const exited = once(child, 'exit')
  return {
    printed: () => printed,
    over: () => child.exitCode !== null,
    async stop() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function until<T>(work: () => Promise<T>, { over }: Process): Promise<T> {
  for (let left = 600; ; left--) {
    try {
      return await work()
    } catch (error) {
      if (left === 0 || over()) throw error
      await sleep(100)
    }
  }
}
