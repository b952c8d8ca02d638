import { setTimeout as sleep } from 'node:timers/promises'
import { backOff } from '../../../core/back-off.ts'
import { aString, type Decoder, listOf, objectWith, orAbsent } from '../../../core/decode.ts'
import { messageOf, PressroomError, systemCode } from '../../../core/errors.ts'
import { retryAfterOf } from '../../../core/http-faults.ts'
import { type KubeconfigSettings, readKubeconfig } from '../../../core/kubernetes/kubeconfig.ts'
import { type Send, sendAs } from '../../../core/kubernetes/send.ts'
import { parsedJson } from '../../../core/parsed-json.ts'
import { conflicts, isStatus, refused } from './explain.ts'
import { FIELD_MANAGER, LABEL } from './names.ts'
import type { KubernetesObject } from './objects.ts'
import { RECORDS, type RecordOf } from './records.ts'

/** Kinds that the target makes or reads, with the group and the plural that their addresses have. */
const RESOURCES = {
  Deployment: ['apis/apps/v1', 'deployments'],
  HorizontalPodAutoscaler: ['apis/autoscaling/v2', 'horizontalpodautoscalers'],
  PodDisruptionBudget: ['apis/policy/v1', 'poddisruptionbudgets'],
  HTTPRoute: ['apis/gateway.networking.k8s.io/v1', 'httproutes'],
  Service: ['api/v1', 'services'],
  Pod: ['api/v1', 'pods'],
  Event: ['api/v1', 'events'],
} as const

export type Kind = keyof typeof RESOURCES

/** Where the API server is and how it is asked; a kubeconfig says it. */
export interface Connection {
  readonly server: string
  readonly send: Send
}

export interface ApiOptions {
  readonly namespace: string
  readonly signal?: AbortSignal | undefined
  /** Tries of a request when the server is busy or away. Default 4. */
  readonly attempts?: number | undefined
  /** Seconds before the second try. Default .5. */
  readonly pauseSeconds?: number | undefined
}

/** Objects a list gives at a time; more come with the next page. */
const PAGE = 500
/** Half a million objects, those begun again counted. */
const MOST_PAGES = 1000
const TIMEOUT_MS = 30_000
/** By which people edit objects: kubectl names itself after its command (`kubectl-edit`). */
const BY_HAND = /^kubectl-(edit|patch|set|scale|label|annotate|replace|autoscale|expose|create|run)$/

/** @throws PressroomError `package-missing`, `file-not-found`, `not-readable`, `invalid-setting` */
export async function connect(settings: KubeconfigSettings): Promise<Connection> {
  const credentials = await readKubeconfig(settings)
  return { server: credentials.server, send: sendAs(credentials, () => readKubeconfig(settings)) }
}

/**
 * The calls that the target makes, in one namespace. All of them may be repeated: an apply, a delete and a read leave the
 * same behind. They throw PressroomErrors: `server-unreachable`, `server-answer`, `not-signed-in`, `deployment-conflict`, `deployment-failed`.
 */
export class KubernetesApi {
  readonly #connection: Connection
  readonly #options: ApiOptions
  readonly signal: AbortSignal

  constructor(connection: Connection, options: ApiOptions) {
    this.#connection = connection
    this.#options = options
    this.signal = options.signal ?? new AbortController().signal
  }

  /** Every object of a kind that is ours, or that a selector names, page by page. */
  async list<K extends keyof typeof RECORDS>(
    kind: K,
    query: Readonly<Record<string, string>> = {},
  ): Promise<RecordOf<K>[]> {
    const selected = { labelSelector: `${LABEL.manager}=${FIELD_MANAGER}`, ...query, limit: String(PAGE) }
    const aList = objectWith({
      items: orAbsent(listOf<RecordOf<K>>(RECORDS[kind] as Decoder<RecordOf<K>>)),
      metadata: orAbsent(objectWith({ continue: orAbsent(aString) })),
    })
    let items: RecordOf<K>[] = []
    let token = ''
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = { ...selected, ...(token !== '' && { continue: token }) }
      const { status, body } = await this.#ask('GET', this.#path(kind), page)
      // A page that came too late (410, reason Expired) takes the earlier ones along: from the start again.
      if (status === 410 && token !== '') {
        items = []
        token = ''
        continue
      }
      const list = this.#read(status, body, aList)
      for (const item of list.items ?? []) items.push(item)
      token = list.metadata?.continue ?? ''
      if (token === '') return items
    }
    throw this.#strange(`its list of ${RESOURCES[kind][1]} has no end`)
  }

  /** One object; undefined when there is none. */
  async get<K extends keyof typeof RECORDS>(kind: K, name: string): Promise<RecordOf<K> | undefined> {
    const { status, body } = await this.#ask('GET', this.#path(kind, name))
    if (status === 404 && isStatus(body, 'NotFound')) return undefined
    return this.#read(status, body, RECORDS[kind] as Decoder<RecordOf<K>>)
  }

  /** Creates an object; one that is there already stays as it is. */
  async create(object: KubernetesObject): Promise<void> {
    const kind = object.kind as Kind
    const query = { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' }
    const { status, body } = await this.#ask('POST', this.#path(kind), query, object)
    if (!(status === 409 && isStatus(body, 'AlreadyExists'))) this.#requireGood(status, body)
  }

  /**
   * Server-side apply. Fields that a person changed by kubectl are taken back; those of another controller are not.
   * @throws PressroomError `deployment-conflict` when `metadata.resourceVersion` is old; `deployment-failed` when another manager
   *   owns a field
   */
  async apply(object: KubernetesObject): Promise<void> {
    const path = this.#path(object.kind as Kind, object.metadata.name)
    const query = { fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' }
    const type = 'application/apply-patch+yaml'
    const first = await this.#ask('PATCH', path, query, object, type)
    const managers = conflicts(first.body).map(({ manager }) => manager)
    const ours = managers.every(manager => manager === FIELD_MANAGER || BY_HAND.test(manager))
    if (managers.length === 0 || !ours) return this.#requireGood(first.status, first.body)
    const { status, body } = await this.#ask('PATCH', path, { ...query, force: 'true' }, object, type)
    this.#requireGood(status, body)
  }

  /** Deletes an object, a Deployment after its pods; one that is not there is deleted already. */
  async remove(kind: Kind, name: string): Promise<void> {
    // As a query: Node's client gives a DELETE's body no length, and the server cannot read it.
    const query = { propagationPolicy: kind === 'Deployment' ? 'Foreground' : 'Background' }
    const { status, body } = await this.#ask('DELETE', this.#path(kind, name), query)
    if (!(status === 404 && isStatus(body, 'NotFound'))) this.#requireGood(status, body)
  }

  /** Asks what runs behind a Service, through the API server; the answer is the service's own. */
  async throughService(name: string, path: string, json: unknown): Promise<{ status: number; text: string }> {
    const address = `${this.#path('Service', `${name}:http`)}/proxy${path}`
    const { status, text, body } = await this.#ask('POST', address, {}, json)
    if (isStatus(body)) this.#requireGood(status, body)
    return { status, text }
  }

  /** Resolves after so many seconds; rejects with the signal's reason. */
  async pause(seconds: number): Promise<void> {
    await sleep(1000 * seconds, undefined, { signal: this.signal }).catch(() => this.signal.throwIfAborted())
  }

  #path(kind: Kind, name?: string): string {
    const [group, plural] = RESOURCES[kind]
    const place = `/${group}/namespaces/${encodeURIComponent(this.#options.namespace)}/${plural}`
    return name === undefined ? place : `${place}/${encodeURIComponent(name).replace('%3A', ':')}`
  }

  #requireGood(status: number, body: unknown): void {
    if (status < 200 || status >= 300) throw refused(status, body, this.#options.namespace)
  }

  #read<T>(status: number, body: unknown, decoder: Decoder<T>): T {
    this.#requireGood(status, body)
    try {
      return decoder(body, 'it')
    } catch (cause) {
      throw this.#strange((cause as Error).message)
    }
  }

  #strange(why: string): PressroomError {
    return new PressroomError('server-answer', `the answer is not one of Kubernetes: ${why}`, {
      where: this.#connection.server,
      fix: 'check the address in the kubeconfig: another server, or a page to sign in at, may answer there',
    })
  }

  async #ask(
    method: string,
    path: string,
    query: Readonly<Record<string, string>> = {},
    json?: unknown,
    type = 'application/json',
  ): Promise<{ status: number; text: string; body: unknown }> {
    const { attempts = 4, pauseSeconds = 0.5 } = this.#options
    const pause = backOff(pauseSeconds, this.signal)
    const url = new URL(`${this.#connection.server.replace(/\/$/, '')}${path}`)
    url.search = new URLSearchParams(query).toString()
    const headers = { accept: 'application/json', ...(json !== undefined && { 'content-type': type }) }
    for (let attempt = 0; ; attempt++) {
      const last = attempt + 1 >= attempts
      try {
        const answer = await this.#connection.send(url, {
          method,
          headers,
          ...(json !== undefined && { body: JSON.stringify(json) }),
          signal: AbortSignal.any([this.signal, AbortSignal.timeout(TIMEOUT_MS)]),
        })
        const text = await answer.text()
        const busy = answer.status === 429 || answer.status === 503 || answer.status === 504
        if (!busy || last)
          return { status: answer.status, text, body: (parsedJson(text) ?? { value: text }).value }
        await pause(attempt, retryAfterOf(answer.headers))
      } catch (error) {
        this.signal.throwIfAborted()
        if (error instanceof PressroomError) throw error
        if (last) throw unreachable(url, error)
        await pause(attempt)
      }
    }
  }
}

function unreachable(url: URL, cause: unknown): PressroomError {
  const why = systemCode(cause) ?? messageOf(cause)
  return new PressroomError(
    'server-unreachable',
    `the cluster's API server does not answer at ${url.origin}`,
    {
      where: why,
      fix: 'check the kubeconfig and the network: kubectl get --raw /readyz',
      cause,
    },
  )
}
