import { request as httpRequest } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import { aString, type Decoder, listOf, maybe, objectWith } from '../../../core/decode.ts'
import { PressroomError, systemCode } from '../../../core/errors.ts'
import { readJson } from './answer.ts'
import { aPod, aPodEvent, type Pod, type PodEvent } from './pods.ts'
import { openTransport, type Send } from './transport.ts'

/** What the runner looks at in the cluster itself. */
export interface Cluster {
  /** The pods of a run: those with the label `pipeline/runid`. */
  pods(runId: string): Promise<readonly Pod[]>
  /** Events about a pod, oldest first. */
  events(pod: string): Promise<readonly PodEvent[]>
}

/** What of `@kubernetes/client-node` is used: it reads kubeconfigs, with all the ways of signing in that they know. */
interface KubeConfig {
  loadFromFile(file: string): void
  /** KUBECONFIG, else ~/.kube/config, else the service account of the pod we run in. */
  loadFromDefault(): void
  setCurrentContext(name: string): void
  getContexts(): readonly { readonly name: string }[]
  getCurrentCluster(): { readonly server: string } | null
  applyToHTTPSOptions(options: RequestOptions): Promise<void>
}

export interface ClusterSettings {
  /** Default: what kubectl would take. */
  readonly kubeconfig?: string
  readonly context?: string
  /** Where runs have their pods: the profile, where there are several users. Default `kubeflow`. */
  readonly namespace?: string
  readonly signal?: AbortSignal
}

/** A cluster, and a way to Kubeflow's API server through that of Kubernetes. */
export interface ClusterConnection {
  readonly cluster: Cluster
  readonly endpoint: string
  readonly send: Send
}

/**
 * Connects as a kubeconfig says.
 * @throws PressroomError `package-missing`, `not-readable`, `invalid-setting`
 */
export async function connectCluster(settings: ClusterSettings): Promise<ClusterConnection> {
  const { namespace = 'kubeflow' } = settings
  const config = await loadKubeconfig(settings)
  const server = config.getCurrentCluster()?.server
  if (server === undefined) {
    throw new PressroomError('invalid-setting', 'the kubeconfig names no cluster', {
      fix: 'name a context with --context, or choose one: kubectl config use-context NAME',
    })
  }
  const send = sendWith(config)
  return {
    cluster: openCluster({ server, namespace, send, ...(settings.signal && { signal: settings.signal }) }),
    // Kubeflow's own namespace, its service and its port as in its manifests; the Python SDK goes this way too.
    endpoint: `${server.replace(/\/$/, '')}/api/v1/namespaces/kubeflow/services/ml-pipeline:http/proxy`,
    send,
  }
}

/** Pods and events over the REST API of Kubernetes. */
export function openCluster(options: {
  readonly server: string
  readonly namespace: string
  readonly send?: Send
  readonly signal?: AbortSignal
}): Cluster {
  const { server, namespace, ...rest } = options
  const transport = openTransport({ endpoint: server, attempts: 3, timeoutSeconds: 20, ...rest })
  async function list<T>(
    kind: string,
    query: Readonly<Record<string, string>>,
    item: Decoder<T>,
  ): Promise<T[]> {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/${kind}`
    const items: T[] = []
    let token: string | undefined
    do {
      const answer = await transport.request({
        method: 'GET',
        path,
        query: { ...query, limit: 500, continue: token },
        safety: 'repeat',
      })
      const page = readJson(
        answer,
        objectWith({ items: listOf(item), metadata: maybe(objectWith({ continue: maybe(aString) })) }),
      )
      items.push(...page.items)
      token = page.metadata?.continue || undefined
    } while (token !== undefined)
    return items
  }
  return {
    pods: runId => list('pods', { labelSelector: `pipeline/runid=${runId}` }, aPod),
    events: pod => list('events', { fieldSelector: `involvedObject.name=${pod}` }, aPodEvent),
  }
}

async function loadKubeconfig({ kubeconfig, context }: ClusterSettings): Promise<KubeConfig> {
  const { KubeConfig } = await loadKubernetesClient()
  const config = new KubeConfig()
  try {
    if (kubeconfig === undefined) config.loadFromDefault()
    else config.loadFromFile(kubeconfig)
  } catch (cause) {
    throw new PressroomError('not-readable', `cannot read the kubeconfig ${kubeconfig ?? ''}`.trimEnd(), {
      where: cause instanceof Error ? cause.message.split('\n', 1).join() : undefined,
      cause,
    })
  }
  if (context === undefined) return config
  const names = config.getContexts().map(({ name }) => name)
  if (!names.includes(context)) {
    throw new PressroomError('invalid-setting', `the kubeconfig has no context "${context}"`, {
      where: `it has: ${names.join(', ')}`,
    })
  }
  config.setCurrentContext(context)
  return config
}

/** Loaded when a kubeconfig is used, and only then: it is large and most runs do without. */
async function loadKubernetesClient(): Promise<{ readonly KubeConfig: new () => KubeConfig }> {
  // In a variable, since an optional package must not be resolved when this file is checked or bundled.
  const name = '@kubernetes/client-node'
  try {
    return await import(name)
  } catch (cause) {
    const absent = systemCode(cause) === 'ERR_MODULE_NOT_FOUND'
    throw new PressroomError(
      'package-missing',
      `${name} ${absent ? 'is not installed' : 'cannot be loaded'}`,
      {
        where: absent ? 'a kubeconfig is read with it' : (cause as Error).message.split('\n', 1).join(),
        fix: `npm install ${name}`,
        cause,
      },
    )
  }
}

/** fetch cannot be given a kubeconfig's certificates; node:https can. */
function sendWith(config: KubeConfig): Send {
  return async (url, { method, headers, body, signal }) => {
    const options: RequestOptions = { method, headers: { ...headers }, signal }
    await config.applyToHTTPSOptions(options)
    return new Promise((resolve, reject) => {
      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, response => {
        const chunks: Buffer[] = []
        response.on('data', chunk => chunks.push(chunk)).on('error', reject)
        // `complete` is false when the connection went before the body's end.
        response.on('end', () => {
          if (!response.complete) return reject(new Error('half a body'))
          const { statusCode = 0, headers: received } = response
          const pairs = Object.entries(received).flatMap(([key, value]) =>
            value === undefined ? [] : [[key, String(value)]],
          )
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({
            status: statusCode,
            headers: new Headers(Object.fromEntries(pairs)),
            text: async () => text,
          })
        })
      })
      request.on('error', reject).end(body)
    })
  }
}
