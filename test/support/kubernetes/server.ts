import { createServer, type IncomingMessage } from 'node:http'
import { type Listening, listening } from '../listening.ts'
import { type Fate, settle } from './controller.ts'
import { copy, type Json } from './fields.ts'
import { failure, type Reply } from './status.ts'
import { named, notFound, RESOURCES, Store, type Stored } from './store.ts'

/** A call, as RBAC sees it. */
export interface Call {
  readonly verb: string
  readonly resource: string
  readonly group: string
}

/** An API server of Kubernetes with its controllers, in one process: what `webhook/targets/kubernetes` asks of one. */
export interface FastKubernetes extends Listening {
  readonly store: Store
  /** The calls so far. */
  readonly calls: Call[]
  /** What becomes of a Deployment. Default: it becomes ready. */
  fate: (deployment: Stored) => Fate | undefined
  /** What a pod's service answers. */
  answer: (service: Json, body: Json) => { status: number; body: unknown }
  /** Refuses a call, or says how. */
  refuse: (call: Call) => Reply | undefined
  /** Objects in a page of a list, whatever limit is asked for. */
  pageSize: number
}

const USER = 'system:serviceaccount:models:pressroom-deployer'
const NAMESPACE = 'models'

export async function fastKubernetes(): Promise<FastKubernetes> {
  const server = createServer(async (incoming, response) => {
    const { status, body } = await handle(incoming)
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const type = typeof body === 'string' ? 'text/plain' : 'application/json'
    response.writeHead(status, { 'content-type': type }).end(text)
  })
  const self: FastKubernetes = {
    ...(await listening(server)),
    store: new Store(),
    calls: [],
    fate: () => undefined,
    answer: () => ({ status: 404, body: 'nobody answers' }),
    refuse: () => undefined,
    pageSize: 500,
  }

  async function handle(incoming: IncomingMessage): Promise<Reply> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const url = new URL(incoming.url ?? '/', self.url)
    const [, group, namespace, plural, name, rest] =
      /^\/(api\/v1|apis\/[^/]+\/[^/]+)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+)(\/.*)?)?$/.exec(
        url.pathname,
      ) ?? []
    const resource = RESOURCES[`${group}/${plural}`]
    if (resource === undefined || plural === undefined) {
      return failure(404, 'NotFound', 'the server could not find the requested resource')
    }
    const method = incoming.method ?? 'GET'
    const proxied = rest?.startsWith('/proxy') === true
    const call = {
      verb: verbOf(method, name),
      resource: proxied ? 'services/proxy' : plural,
      group: resource.group,
    }
    self.calls.push(call)
    const refused = self.refuse(call)
    if (refused !== undefined) return refused
    const body = text === '' ? {} : (JSON.parse(text) as Json)
    if (proxied) return proxy(String(name).replace(/:.*/, ''), body)
    const path = `${group}/${plural}`
    if (method === 'GET')
      return name === undefined ? list(plural, url.searchParams) : read(plural, resource.group, name)
    if (namespace !== NAMESPACE) return failure(404, 'NotFound', `namespaces "${namespace}" not found`)
    const manager = url.searchParams.get('fieldManager') ?? ''
    const force = url.searchParams.get('force') === 'true'
    const done =
      method === 'POST'
        ? self.store.create(path, resource, body, `${manager} Update`)
        : method === 'PATCH'
          ? self.store.apply(path, resource, name!, body, manager, force)
          : self.store.remove(plural, name!)
    // What the answer says was true before the controllers looked at it.
    const answered = copy(done)
    settle(self.store, self.fate)
    return answered
  }

  function read(plural: string, group: string, name: string): Reply {
    const found = self.store.find(plural, name)
    return found === undefined ? notFound(plural, group, name) : { status: 200, body: found.object }
  }

  function list(plural: string, query: URLSearchParams): Reply {
    const wanted = selector(query.get('labelSelector') ?? '')
    const failing = [...self.store.objects.values()].flatMap(stored =>
      stored.kind === 'Deployment' ? [{ stored, fate: self.fate(stored) }] : [],
    )
    const all =
      plural === 'pods'
        ? failing.flatMap(({ stored, fate }) =>
            (fate?.pods ?? []).map(pod => ({
              ...pod,
              metadata: { ...(pod.metadata as Json), labels: podLabels(stored) },
            })),
          )
        : plural === 'events'
          ? failing.flatMap(({ fate }) => fate?.events ?? [])
          : [...self.store.objects.values()]
              .filter(each => each.plural === plural)
              .map(({ object }) => object)
    const items = all.filter(each =>
      wanted((each.metadata as { labels?: Record<string, string> }).labels ?? {}),
    )
    const start = Number(query.get('continue') ?? 0)
    const end = start + Math.min(self.pageSize, Number(query.get('limit') ?? 500))
    const more = end < items.length
    return {
      status: 200,
      body: {
        kind: 'List',
        apiVersion: 'v1',
        metadata: { resourceVersion: self.store.revision, ...(more && { continue: String(end) }) },
        items: items.slice(start, end),
      },
    }
  }

  function proxy(name: string, body: Json): Reply {
    const service = self.store.find('services', name)
    return service === undefined ? notFound('services', '', name) : self.answer(service.object, body)
  }
  return self
}

/** RBAC's refusal, word for word. */
export function forbidden({ verb, resource, group }: Call): Reply {
  const message = `${named(resource, group)} is forbidden: User "${USER}" cannot ${verb} resource "${resource}" in API group "${group}" in the namespace "${NAMESPACE}"`
  return failure(403, 'Forbidden', message)
}

function podLabels({ object }: Stored): unknown {
  return (object.spec.template as { metadata: { labels: unknown } }).metadata.labels
}

function verbOf(method: string, name: string | undefined): string {
  if (method === 'GET') return name === undefined ? 'list' : 'get'
  return { POST: 'create', PATCH: 'patch', DELETE: 'delete' }[method] ?? method
}

function selector(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const terms = text
    .split(',')
    .filter(Boolean)
    .map(term => term.split('='))
  return labels => terms.every(([key = '', value]) => labels[key] === value)
}
