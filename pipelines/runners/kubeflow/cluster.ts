import { aString, type Decoder, listOf, maybe, objectWith } from '../../../core/decode.ts'
import { PressroomError } from '../../../core/errors.ts'
import { type KubeconfigSettings, readKubeconfig } from '../../../core/kubernetes/kubeconfig.ts'
import { aPod, aPodEvent, type Pod, type PodEvent, type PodFault } from '../../../core/kubernetes/pods.ts'
import { type Send, sendAs } from '../../../core/kubernetes/send.ts'
import { type Answer, isOk, readJson, refusal } from './answer.ts'
import { type ApiRequest, openTransport } from './transport.ts'
import { aWorkflowList, waitsOf } from './workflows.ts'

/** What the runner looks at in the cluster itself. */
export interface Cluster {
  /** The pods of a run: those with the label `pipeline/runid`. */
  pods(runId: string): Promise<readonly Pod[]>
  /** What Argo says of the steps of a run that wait, a quota that keeps their pods from being made, say. */
  waits(runId: string): Promise<readonly PodFault[]>
  /** Events about a pod, oldest first. */
  events(pod: string): Promise<readonly PodEvent[]>
  /** What a pod's main container printed; undefined when it is gone or has not started. */
  log(pod: string): Promise<string | undefined>
}

export interface ClusterSettings extends KubeconfigSettings {
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
 * @throws PressroomError `package-missing`, `file-not-found`, `not-readable`, `invalid-setting`
 */
export async function connectCluster(settings: ClusterSettings): Promise<ClusterConnection> {
  const { namespace = 'kubeflow', signal } = settings
  const credentials = await readKubeconfig(settings)
  const send = sendAs(credentials, () => readKubeconfig(settings))
  const { server } = credentials
  return {
    cluster: openCluster({ server, namespace, send, ...(signal && { signal }) }),
    // Kubeflow's own namespace, its service and its port as in its manifests; the Python SDK goes this way too.
    endpoint: `${server.replace(/\/$/, '')}/api/v1/namespaces/kubeflow/services/ml-pipeline:http/proxy`,
    send,
  }
}

/**
 * Pods, events and logs over the REST API of Kubernetes. Every method throws PressroomErrors: `server-unreachable`,
 * `not-signed-in` for what the account may not see, `server-refused`, `server-answer`.
 */
export function openCluster(options: {
  readonly server: string
  readonly namespace: string
  readonly send?: Send
  readonly signal?: AbortSignal
}): Cluster {
  const { server, namespace, ...rest } = options
  const transport = openTransport({ endpoint: server, attempts: 3, timeoutSeconds: 20, ...rest })
  const place = `/api/v1/namespaces/${encodeURIComponent(namespace)}`
  const workflows = `/apis/argoproj.io/v1alpha1/namespaces/${encodeURIComponent(namespace)}/workflows`
  const get = (path: string, query: ApiRequest['query'] = {}) =>
    transport.request({ method: 'GET', path, query, safety: 'repeat' })

  async function list<T>(kind: string, query: Readonly<Record<string, string>>, item: Decoder<T>) {
    const page = objectWith({
      items: listOf(item),
      metadata: maybe(objectWith({ continue: maybe(aString) })),
    })
    let items: T[] = []
    let token: string | undefined
    for (;;) {
      const answer = await get(`${place}/${kind}`, { ...query, limit: 500, continue: token })
      const expired = answer.status === 410 && token !== undefined
      const { items: more, metadata } = expired
        ? { items: [], metadata: undefined }
        : readJson(requireAllowed(answer, namespace), page)
      // An expired page (410, reason Expired) takes the ones before it along: from the start again.
      items = expired ? [] : [...items, ...more]
      token = metadata?.continue || undefined
      if (token === undefined && !expired) return items
    }
  }
  return {
    pods: runId => list('pods', { labelSelector: `pipeline/runid=${runId}` }, aPod),
    async waits(runId) {
      const answer = await get(workflows, { labelSelector: `pipeline/runid=${runId}` })
      // Who may see pods may often not see workflows; it is a second source.
      return isOk(answer) ? readJson(answer, aWorkflowList).items.flatMap(waitsOf) : []
    },
    events: pod => list('events', { fieldSelector: `involvedObject.name=${pod}` }, aPodEvent),
    async log(pod) {
      const answer = await get(`${place}/pods/${encodeURIComponent(pod)}/log`, { container: 'main' })
      if (isOk(answer)) return answer.text
      // 404: the pod is gone; 400: its container waits to start.
      if (answer.status === 404 || answer.status === 400) return undefined
      throw refusal(requireAllowed(answer, namespace))
    },
  }
}

/** What the account may not see, with the words of Kubernetes, which name account, verb and resource. */
function requireAllowed(answer: Answer, namespace: string): Answer {
  if (answer.status !== 401 && answer.status !== 403) return answer
  const { where, cause } = refusal(answer)
  const known = answer.status === 403
  throw new PressroomError(
    'not-signed-in',
    known ? 'Kubernetes does not let this account see the pods' : 'Kubernetes does not know who asks',
    {
      where,
      fix: known
        ? `let it get and list pods, pods/log and events in the namespace "${namespace}"`
        : "sign in again; the kubeconfig's token or certificate is not valid, or has expired",
      cause,
    },
  )
}
