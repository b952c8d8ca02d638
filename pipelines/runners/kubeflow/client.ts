import { type Decoder, listOf, maybe } from '../../../core/decode.ts'
import { PressroomError } from '../../../core/errors.ts'
import { doOnce, LostAnswer } from '../../../core/once.ts'
import { type Answer, isOk, readJson, readLog, refusal } from './answer.ts'
import {
  aHealth,
  anExperiment,
  aPipeline,
  aRecurringRun,
  aRun,
  aVersion,
  type Pipeline,
  type RecurringRun,
  type Run,
  type Version,
} from './records.ts'
import { type ApiRequest, type Connection, openTransport, type Transport } from './transport.ts'

const API = '/apis/v2beta1'

/** The most the server takes (`v2_template.go`: 32 MiB, the form's frame included). */
const LARGEST_UPLOAD = 32 * 1024 * 1024 - 4096

/** What a run is made of. */
export interface NewRun {
  readonly displayName: string
  readonly description?: string
  readonly experimentId: string
  readonly pipelineId: string
  readonly versionId: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly pipelineRoot?: string | undefined
  readonly serviceAccount?: string | undefined
}

export interface NewRecurringRun extends NewRun {
  /** With seconds: six fields. */
  readonly cron: string
  readonly maxConcurrency: number
  readonly catchUp: boolean
}

/** A hundred thousand items, at the pages we ask for. */
const MOST_PAGES = 1000

type Query = NonNullable<ApiRequest['query']>

/**
 * The REST API of Kubeflow Pipelines, `v2beta1`. Every method throws PressroomErrors: `server-unreachable` when no answer
 * came, `not-signed-in`, `server-refused` with the server's message, `server-answer` for an answer that is not the API's.
 */
export class KubeflowClient {
  readonly #transport: Transport
  readonly #namespace: string | undefined

  /** @param namespace for deployments with several users: the profile in which experiments and pipelines live */
  constructor(connection: Connection, namespace?: string) {
    this.#transport = openTransport(connection)
    this.#namespace = namespace
  }

  get endpoint(): string {
    return this.#transport.endpoint
  }

  /** Whether the server is there, and whether it has several users. */
  async health(): Promise<{ readonly version: string | undefined; readonly multiUser: boolean }> {
    const { tag_name, multi_user } = await this.#get('/healthz', {}, aHealth)
    return { version: tag_name, multiUser: multi_user === true }
  }

  /** The experiment of that name, made when there is none. */
  async experiment(name: string): Promise<string> {
    const found = await this.#findExperiment(name)
    if (found !== undefined) return found
    const answer = await this.#post('/experiments', { display_name: name, ...this.#place() })
    // Somebody else, or an earlier try whose answer was lost.
    const existing = answer.status === 409 ? await this.#findExperiment(name) : undefined
    return existing ?? readJson(answer, anExperiment).experiment_id
  }

  async #findExperiment(name: string): Promise<string | undefined> {
    const query = { filter: equals('display_name', name), ...this.#place() }
    for await (const found of this.#list('/experiments', 'experiments', query, anExperiment)) {
      if (found.storage_state !== 'ARCHIVED') return found.experiment_id
    }
    return undefined
  }

  /** The pipeline of that name, or undefined. */
  async findPipeline(name: string): Promise<Pipeline | undefined> {
    const answer = await this.#ask('GET', `/pipelines/names/${encodeURIComponent(name)}`, this.#place())
    return answer.status === 404 && refusal(answer).code === 'server-refused'
      ? undefined
      : readJson(answer, aPipeline)
  }

  /** The pipeline of that name, made without a version when there is none. */
  async pipeline(name: string, description?: string): Promise<Pipeline> {
    const found = await this.findPipeline(name)
    if (found !== undefined) return found
    const answer = await this.#post('/pipelines', {
      name,
      display_name: name,
      ...(description !== undefined && { description }),
      ...this.#place(),
    })
    const existing = answer.status === 409 ? await this.findPipeline(name) : undefined
    return existing ?? readJson(answer, aPipeline)
  }

  /**
   * Uploads a version; one of that name that is already there is taken instead.
   * @param content the compiled YAML
   * @throws PressroomError `invalid-pipeline` for a file the server would not take
   */
  async uploadVersion(
    pipelineId: string,
    name: string,
    content: string,
  ): Promise<Version & { readonly uploaded: boolean }> {
    if (Buffer.byteLength(content) > LARGEST_UPLOAD) {
      throw new PressroomError(
        'invalid-pipeline',
        'the compiled pipeline is over 32 MiB, more than Kubeflow takes',
        {
          fix: 'keep data out of constants: put it in a file that a task reads',
        },
      )
    }
    const answer = await this.#transport.request({
      method: 'POST',
      path: `${API}/pipelines/upload_version`,
      query: { pipelineid: pipelineId, name, display_name: name },
      file: { name: 'pipeline.yaml', content },
      safety: 'repeat',
    })
    if (answer.status === 409) {
      const found = await this.#findVersion(pipelineId, name)
      if (found !== undefined) return { ...found, uploaded: false }
    }
    return { ...readJson(answer, aVersion), uploaded: true }
  }

  async #findVersion(pipelineId: string, name: string): Promise<Version | undefined> {
    const path = `/pipelines/${encodeURIComponent(pipelineId)}/versions`
    for await (const version of this.#list(
      path,
      'pipeline_versions',
      { sort_by: 'created_at desc' },
      aVersion,
    )) {
      if (version.name === name) return version
    }
    return undefined
  }

  version(pipelineId: string, versionId: string): Promise<Version> {
    const ids = [pipelineId, versionId].map(encodeURIComponent)
    return this.#get(`/pipelines/${ids[0]}/versions/${ids[1]}`, {}, aVersion)
  }

  /**
   * Creates one run. The server lets names repeat, so the display name is what tells this run from others: when an answer
   * is lost, a run of that name is looked for before another try. It must therefore be unique.
   */
  createRun(run: NewRun): Promise<Run> {
    return doOnce(
      this.#transport,
      () => this.#create('/runs', bodyOf(run), aRun),
      async () => {
        // Oldest first: should a gateway deliver a first try after the second, all clients agree which counts.
        const query = {
          filter: equals('display_name', run.displayName),
          sort_by: 'created_at asc',
          experiment_id: run.experimentId,
        }
        for await (const found of this.#list('/runs', 'runs', query, aRun)) return found
        return undefined
      },
    )
  }

  run(id: string): Promise<Run> {
    return this.#get(`/runs/${encodeURIComponent(id)}`, {}, aRun)
  }

  /** Runs, newest first. */
  runs(experimentId?: string): AsyncGenerator<Run> {
    const place = experimentId === undefined ? this.#place() : { experiment_id: experimentId }
    return this.#list('/runs', 'runs', { sort_by: 'created_at desc', ...place }, aRun)
  }

  /** Asks the server to stop a run; one that is stopping already is left to it. */
  async terminate(id: string): Promise<void> {
    const answer = await this.#post(`/runs/${encodeURIComponent(id)}:terminate`)
    if (isOk(answer)) return
    // A finished run and one that was told before are refused alike: "Row not found".
    const state = answer.status === 400 ? (await this.run(id)).state : undefined
    if (state === 'CANCELING') return
    if (state === undefined) throw refusal(answer)
    throw new PressroomError('server-refused', `run ${id} has ended already: ${state}`, {
      where: `${answer.endpoint} answered ${answer.status} to ${answer.request}`,
    })
  }

  /** Runs what failed of a run once more. */
  async retry(id: string): Promise<void> {
    const path = `/runs/${encodeURIComponent(id)}:retry`
    await doOnce(
      this.#transport,
      async () => {
        const answer = await this.#ask('POST', path, {}, 'once')
        if (isOk(answer)) return true
        const error = refusal(answer)
        if (answer.status !== 409) throw error
        throw new PressroomError('server-refused', `run ${id} cannot be retried`, {
          where: `it is ${(await this.run(id)).state ?? 'not started'}; only a run that FAILED can be`,
          cause: error,
        })
      },
      async () => (['PENDING', 'RUNNING'].includes((await this.run(id)).state ?? '') ? true : undefined),
    )
  }

  /**
   * The log of a pod of a run, main container.
   * @param node Argo's node id, as tasks name it, or the pod's name
   * @returns undefined when the server has none: the pod never started, or it and the archive are gone
   */
  async log(runId: string, node: string): Promise<string | undefined> {
    const path = `/apis/v1alpha1/runs/${encodeURIComponent(runId)}/nodes/${encodeURIComponent(node)}/log`
    return readLog(await this.#transport.request({ method: 'GET', path, safety: 'repeat' }))
  }

  /** Creates a recurring run that is on at once; `known` are ids of older ones that may have its name. */
  createRecurringRun(run: NewRecurringRun, known: readonly string[]): Promise<RecurringRun> {
    const body = {
      ...bodyOf(run),
      mode: 'ENABLE',
      no_catchup: !run.catchUp,
      // int64, which proto JSON writes as a string.
      max_concurrency: String(run.maxConcurrency),
      trigger: { cron_schedule: { cron: run.cron } },
    }
    return doOnce(
      this.#transport,
      () => this.#create('/recurringruns', body, aRecurringRun),
      async () => {
        const all = await this.recurringRuns(run.experimentId)
        return all.find(
          found => found.display_name === run.displayName && !known.includes(found.recurring_run_id),
        )
      },
    )
  }

  async recurringRuns(experimentId: string): Promise<RecurringRun[]> {
    const all: RecurringRun[] = []
    // The one list of this API that is not in snake_case.
    const pages = this.#list(
      '/recurringruns',
      'recurringRuns',
      { experiment_id: experimentId },
      aRecurringRun,
    )
    for await (const found of pages) all.push(found)
    return all
  }

  /** Deletes a recurring run; one that is gone already is no error. Runs it started stay. */
  async deleteRecurringRun(id: string): Promise<void> {
    const answer = await this.#ask('DELETE', `/recurringruns/${encodeURIComponent(id)}`)
    if (!isOk(answer) && answer.status !== 404) throw refusal(answer)
  }

  async #create<T>(path: string, body: unknown, decoder: Decoder<T>): Promise<T> {
    const answer = await this.#transport.request({
      method: 'POST',
      path: API + path,
      json: body,
      safety: 'once',
    })
    try {
      return readJson(answer, decoder)
    } catch (cause) {
      // A good status over a broken body: something was made, and what it is called did not come through.
      const broken = isOk(answer) && cause instanceof PressroomError && cause.code === 'server-answer'
      throw broken ? new LostAnswer('half an answer', { cause }) : cause
    }
  }

  #ask(
    method: ApiRequest['method'],
    path: string,
    query: Query = {},
    safety: ApiRequest['safety'] = 'repeat',
  ) {
    return this.#transport.request({ method, path: API + path, query, safety })
  }

  /** For what the server itself refuses to do twice: repeating it is safe. */
  #post(path: string, json?: unknown): Promise<Answer> {
    return this.#transport.request({
      method: 'POST',
      path: API + path,
      safety: 'repeat',
      ...(json !== undefined && { json }),
    })
  }

  async #get<T>(path: string, query: Query, decoder: Decoder<T>): Promise<T> {
    return readJson(await this.#ask('GET', path, query), decoder)
  }

  /** All pages of a list. An empty one has no list field at all. */
  async *#list<T>(path: string, field: string, query: Query, decoder: Decoder<T>): AsyncGenerator<T> {
    let page = ''
    const met = new Set<string>()
    do {
      const answer = await this.#ask('GET', path, {
        page_size: 100,
        ...query,
        ...(page !== '' && { page_token: page }),
      })
      const { items, next } = readJson(answer, pageOf(field, decoder))
      yield* items
      if (met.has(next) || met.size >= MOST_PAGES) {
        throw new PressroomError('server-answer', `${this.endpoint} does not end its list of ${field}`, {
          where: met.has(next) ? `${path} gives a page again` : `${path} has more than ${MOST_PAGES} pages`,
          fix: 'check the address; it must be the API of Kubeflow Pipelines',
        })
      }
      met.add(next)
      page = next
    } while (page !== '')
  }

  #place(): { readonly namespace?: string } {
    return this.#namespace === undefined ? {} : { namespace: this.#namespace }
  }
}

function pageOf<T>(
  field: string,
  decoder: Decoder<T>,
): Decoder<{ readonly items: T[]; readonly next: string }> {
  return (value, at) => {
    const { [field]: items, next_page_token: next = '' } = (value ?? {}) as Record<string, unknown>
    if (typeof next !== 'string') throw new Error(`${at}.next_page_token must be a string`)
    return { items: maybe(listOf(decoder))(items, `${at}.${field}`) ?? [], next }
  }
}

function equals(key: string, value: string): string {
  return JSON.stringify({ predicates: [{ operation: 'EQUALS', key, string_value: value }] })
}

function bodyOf(run: NewRun) {
  return {
    display_name: run.displayName,
    ...(run.description !== undefined && { description: run.description }),
    experiment_id: run.experimentId,
    pipeline_version_reference: { pipeline_id: run.pipelineId, pipeline_version_id: run.versionId },
    runtime_config: {
      parameters: run.parameters,
      ...(run.pipelineRoot !== undefined && { pipeline_root: run.pipelineRoot }),
    },
    ...(run.serviceAccount !== undefined && { service_account: run.serviceAccount }),
  }
}
