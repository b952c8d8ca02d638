import { type Decoder, listOf, maybe } from '../../decode.ts'
import { PressroomError } from '../../errors.ts'
import { type Answer, isAbsent, isOk, readJson, refusal } from './answer.ts'
import type { MlflowConnection } from './connection.ts'
import { type ApiRequest, Transport } from './transport.ts'

const PREFIX = '/api/2.0/mlflow/'
/** A million models, at the pages we ask for. */
const MOST_PAGES = 1000

type Query = NonNullable<ApiRequest['query']>

/** What a request of {@link MlflowApi} may be told beside its body. */
interface Manner {
  /** Default `repeat`: MLflow carries most requests out twice without harm. */
  readonly safety?: ApiRequest['safety']
}

/**
 * MLflow's REST API 2.0. Every method throws PressroomErrors: `server-unreachable` when no answer came, `not-signed-in`,
 * `server-refused` with the server's message, `server-answer` for an answer that is not MLflow's.
 */
export class MlflowApi {
  readonly transport: Transport
  #version: Promise<ServerVersion> | undefined

  constructor(connection: MlflowConnection, signal: AbortSignal, onWait?: (line: string) => void) {
    this.transport = new Transport(connection, signal, onWait)
  }

  get endpoint(): string {
    return this.transport.endpoint
  }

  /** A GET; undefined where MLflow says that there is none. */
  async find<T>(path: string, query: Query, decoder: Decoder<T>): Promise<T | undefined> {
    const answer = await this.#ask('GET', path, { query })
    return isAbsent(answer) ? undefined : readJson(answer, decoder)
  }

  async get<T>(path: string, query: Query, decoder: Decoder<T>): Promise<T> {
    return readJson(await this.#ask('GET', path, { query }), decoder)
  }

  async post<T>(path: string, json: object, decoder: Decoder<T>, manner: Manner = {}): Promise<T> {
    return readJson(await this.#ask('POST', path, { json, ...manner }), decoder)
  }

  /** For what answers `{}`. */
  async send(method: 'POST' | 'PATCH' | 'DELETE', path: string, json: object): Promise<void> {
    const answer = await this.answer(method, path, json)
    if (!isOk(answer)) throw refusal(answer)
  }

  /** The whole answer, for what may be refused for a reason that is looked into. */
  answer(method: 'POST' | 'PATCH' | 'DELETE', path: string, json: object): Promise<Answer> {
    return this.#ask(method, path, { json })
  }

  /** All pages of a list. An empty one has no list field at all. */
  async *list<T>(
    method: 'GET' | 'POST',
    path: string,
    field: string,
    query: Readonly<Record<string, unknown>>,
    decoder: Decoder<T>,
  ): AsyncGenerator<T> {
    let page: string | undefined
    // A page may be met again later than next, and a list may have no end.
    const met = new Set<string>()
    do {
      const wanted = page === undefined ? query : { ...query, page_token: page }
      const form = method === 'GET' ? { query: wanted as Query } : { json: wanted }
      const { items, next } = readJson(await this.#ask(method, path, form), pageOf(field, decoder))
      yield* items
      if (next !== undefined && (met.has(next) || met.size >= MOST_PAGES)) {
        throw new PressroomError('server-answer', `${this.endpoint} does not end its list of ${field}`, {
          where: met.has(next) ? `${path} gives a page again` : `${path} has more than ${MOST_PAGES} pages`,
          fix: 'check the address; it must be an MLflow tracking server',
        })
      }
      if (next !== undefined) met.add(next)
      page = next
    } while (page !== undefined)
  }

  /** The server's version, asked once. @throws PressroomError `server-refused` for one that is too old. */
  version(): Promise<ServerVersion> {
    this.#version ??= this.#askVersion().catch(error => {
      this.#version = undefined
      throw error
    })
    return this.#version
  }

  async #askVersion(): Promise<ServerVersion> {
    const answer = await this.transport.request({ method: 'GET', path: '/version', safety: 'repeat' })
    if (!isOk(answer)) throw refusal(answer)
    return parseVersion(answer.text.trim(), this.endpoint)
  }

  #ask(
    method: ApiRequest['method'],
    path: string,
    { safety = 'repeat', ...rest }: Partial<Pick<ApiRequest, 'query' | 'json' | 'safety'>>,
  ): Promise<Answer> {
    return this.transport.request({ method, path: PREFIX + path, safety, ...rest })
  }
}

/** What depends on a server's version. */
export interface ServerVersion {
  readonly text: string
  /** From 3.15 on: webhooks whose targets are checked (CVE-2026-64849), and logged models that versions can refer to. */
  readonly modern: boolean
}

/** Aliases came with 2.3. */
const OLDEST = [2, 3] as const
const MODERN = [3, 15] as const

/** @throws PressroomError `server-refused`, `server-answer` */
export function parseVersion(text: string, endpoint: string): ServerVersion {
  const [, major, minor] = /^(\d+)\.(\d+)[\w.+-]*$/.exec(text) ?? []
  if (major === undefined) {
    throw new PressroomError('server-answer', `${endpoint} does not say which version of MLflow it is`, {
      where: 'GET /version gave no version',
      fix: 'check the address; it must be an MLflow tracking server',
    })
  }
  const since = ([first, second]: readonly [number, number]) =>
    Number(major) > first || (Number(major) === first && Number(minor) >= second)
  if (!since(OLDEST)) {
    throw new PressroomError('server-refused', `${endpoint} is MLflow ${text}, which has no aliases`, {
      fix: `Pressroom needs ${OLDEST.join('.')} or later, and ${MODERN.join('.')} or later for webhooks and logged models`,
    })
  }
  return { text, modern: since(MODERN) }
}

function pageOf<T>(
  field: string,
  decoder: Decoder<T>,
): Decoder<{ readonly items: T[]; readonly next: string | undefined }> {
  return (value, at) => {
    const { [field]: items, next_page_token: next } = (value ?? {}) as Record<string, unknown>
    if (next !== undefined && typeof next !== 'string') {
      throw new Error(`${at}.next_page_token must be a string`)
    }
    return { items: maybe(listOf(decoder))(items, `${at}.${field}`) ?? [], next: next || undefined }
  }
}
