import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerByVersion } from './bench.ts'
import type { Json } from './fields.ts'

/** Sends a request with whatever rights controllers have. */
export type Ask = (
  method: string,
  path: string,
  body?: unknown,
  type?: string,
) => Promise<{ status: number; body: Json }>

type Item = Json & {
  metadata: Json & { name: string; generation?: number; finalizers?: string[] }
  spec: Json
  status?: Json
}

const MERGE = 'application/merge-patch+json'

/**
 * Plays the controllers and the kubelet on an API server that has none, through its API: autoscalers bound replicas,
 * Deployments become ready, deleted ones go, and each version's Service leads to a server that answers with its name. An API
 * server proxies to no loopback address, so these listen on one of this machine's others.
 */
export function playControllers(
  ask: Ask,
  namespace: string,
): AsyncDisposable & { readonly failures: unknown[] } {
  const stopping = new AbortController()
  const failures: unknown[] = []
  const servers = new Map<string, Server>()
  const apps = `/apis/apps/v1/namespaces/${namespace}/deployments`
  const core = `/api/v1/namespaces/${namespace}`

  async function look(): Promise<void> {
    const scalers = await items(`/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`)
    for (const deployment of await items(apps)) {
      const { metadata, spec, status = {} } = deployment
      const path = `${apps}/${metadata.name}`
      if (metadata.deletionTimestamp !== undefined) {
        await ask('PATCH', path, { metadata: { finalizers: null } }, MERGE)
        continue
      }
      const scaler = scalers.find(each => each.metadata.name === metadata.name)?.spec
      const replicas = Number(spec.replicas)
      if (scaler !== undefined) {
        const bounded = Math.max(Number(scaler.minReplicas), Math.min(Number(scaler.maxReplicas), replicas))
        if (bounded !== replicas) {
          await ask('PATCH', `${path}/scale`, { spec: { replicas: bounded } }, MERGE)
          continue
        }
      }
      if (status.observedGeneration === metadata.generation && status.availableReplicas === replicas) continue
      const ready = {
        replicas,
        updatedReplicas: replicas,
        readyReplicas: replicas,
        availableReplicas: replicas,
      }
      await ask(
        'PATCH',
        `${path}/status`,
        { status: { ...ready, observedGeneration: metadata.generation } },
        MERGE,
      )
    }
    for (const service of await items(`${core}/services`)) await serve(service)
  }

  async function serve(service: Item): Promise<void> {
    const { name, annotations = {} } = service.metadata as {
      name: string
      annotations?: Record<string, string>
    }
    if (annotations['pressroom.dev/model-version'] === undefined || servers.has(name)) return
    const server = createServer(async (incoming, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of incoming) chunks.push(chunk as Buffer)
      const { status, body } = answerByVersion(service, JSON.parse(Buffer.concat(chunks).toString()))
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
    servers.set(name, server)
    const address = outerAddress()
    await new Promise<void>(done => server.listen(0, address, done))
    const { port } = server.address() as AddressInfo
    // The proxy asks only what is a pod's address (pkg/registry/core/service/storage/storage.go, isValidAddress).
    await make(`${core}/pods`, {
      metadata: { name },
      spec: { containers: [{ name: 'main', image: 'played' }] },
    })
    const running = { phase: 'Running', podIP: address, podIPs: [{ ip: address }] }
    await ask('PATCH', `${core}/pods/${name}/status`, { status: running }, MERGE)
    const targetRef = { kind: 'Pod', name, namespace }
    const subsets = [{ addresses: [{ ip: address, targetRef }], ports: [{ name: 'http', port }] }]
    await make(`${core}/endpoints`, { metadata: { name }, subsets })
  }

  async function make(path: string, object: Json): Promise<void> {
    const { status, body } = await ask('POST', path, object)
    if (status >= 300) throw new Error(`${path}: ${body.message}`)
  }

  async function items(path: string): Promise<Item[]> {
    const { body } = await ask('GET', path)
    return (body.items ?? []) as Item[]
  }

  const playing = (async () => {
    while (!stopping.signal.aborted) {
      await look().catch(error => failures.push(error))
      await sleep(20, undefined, { signal: stopping.signal }).catch(() => {})
    }
  })()
  return {
    failures,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await playing
      for (const server of servers.values()) {
        server.closeAllConnections()
        server.close()
      }
    },
  }
}

/** @throws Error on a machine that has loopback only */
function outerAddress(): string {
  const found = Object.values(networkInterfaces())
    .flat()
    .find(each => each !== undefined && each.family === 'IPv4' && !each.internal)
  if (found === undefined) throw new Error('this machine has no address beside loopback')
  return found.address
}
