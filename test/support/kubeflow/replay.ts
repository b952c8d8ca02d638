import { dump } from 'js-yaml'
import type { Exchange } from './recorded.ts'

/** Where the specification that a recording left out belongs. */
const PLACE = '<... pipeline spec as sent>'

const NEWEST = 'the newest page token'

const FORM = /multipart\/form-data, field (\w+), filename ([^,]+),/

export interface Replayed {
  readonly status: number
  readonly contentType: string
  readonly body: unknown
}

/**
 * Sends recorded requests to another server, in their order. Ids that a server chose are put in place of those that the
 * recorded one chose, as their answers bring them.
 */
export class Replay {
  readonly #url: string
  readonly #spec: object
  /** Own ids by recorded ones. */
  readonly #ids: Map<string, string>

  constructor(url: string, spec: object, ids: Map<string, string>) {
    this.#url = url
    this.#spec = spec
    this.#ids = ids
  }

  async send(exchange: Exchange): Promise<Replayed> {
    await this.#learnVersion(exchange)
    const url = new URL(this.#url + this.#own(exchange.path))
    for (const [key, value] of Object.entries(exchange.query ?? {}))
      url.searchParams.set(
        key,
        this.#own(key === 'page_token' && String(value).length > 36 ? NEWEST : String(value)),
      )
    const sent = this.#bodyOf(exchange)
    const response = await fetch(url, { method: exchange.method, ...sent })
    const text = await response.text()
    const contentType = response.headers.get('content-type') ?? ''
    const body = parsed(text)
    this.#learn(exchange.responseBody, body)
    return { status: response.status, contentType, body }
  }

  /** The answer to an upload does not say the id of the version that it made. */
  async #learnVersion({ path, requestBody }: Exchange): Promise<void> {
    const reference = /"pipeline_id":"([^"]+)","pipeline_version_id":"([^"]+)"/.exec(
      JSON.stringify(requestBody ?? ''),
    )
    const [, pipeline = '', version = ''] =
      reference ?? /pipelines\/([^/]+)\/versions\/([^/]+)$/.exec(path) ?? []
    const own = this.#ids.get(pipeline)
    if (own === undefined || this.#ids.has(version) || version.startsWith('00000000')) return
    const answer = await fetch(`${this.#url}/apis/v2beta1/pipelines/${own}/versions`)
    const { pipeline_versions: versions = [] } = (await answer.json()) as {
      readonly pipeline_versions?: readonly { readonly pipeline_version_id: string }[]
    }
    if (versions[0] !== undefined) this.#ids.set(version, versions[0].pipeline_version_id)
  }

  #own(text: string): string {
    // A page token is the whole of a value, an id may be a part of one.
    return (
      this.#ids.get(text) ??
      text.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, id => this.#ids.get(id) ?? id)
    )
  }

  #bodyOf(exchange: Exchange): RequestInit {
    const { note = '', requestBody } = exchange
    if (requestBody !== undefined) {
      const text = this.#own(JSON.stringify(requestBody)).replaceAll(
        `{"${PLACE}":true}`,
        JSON.stringify(this.#inlineFor(exchange.name)),
      )
      return { body: text, headers: { 'content-type': 'application/json' } }
    }
    const [, size] = /^multipart, valid YAML and a comment, (\d+) MiB$/.exec(note) ?? []
    if (size !== undefined) {
      const form = new FormData()
      form.set(
        'uploadfile',
        new Blob([contentOf('', this.#spec), `# ${'x'.repeat(Number(size) * 1024 * 1024)}`]),
        'pipeline.yaml',
      )
      return { body: form }
    }
    const [, field, file] = FORM.exec(note) ?? []
    if (field === undefined || file === undefined)
      return { ...(note.startsWith('body ') && { body: note.slice(5) }) }
    const form = new FormData()
    form.set(field, new Blob([contentOf(exchange.name, this.#spec)]), file)
    return { body: form }
  }

  #inlineFor(name: string): object {
    if (name === 'inline spec with an unknown field') return { ...this.#spec, zzz: 1 }
    if (name === 'platform_spec with an unknown field') return { platforms: { kubernetes: { zzz: 1 } } }
    return name === 'inline pipeline_spec and platform_spec' ? { platforms: { kubernetes: {} } } : this.#spec
  }

  #learn(theirs: unknown, ours: unknown): void {
    if (typeof theirs !== 'object' || theirs === null || typeof ours !== 'object' || ours === null) return
    for (const [key, value] of Object.entries(theirs)) {
      const own = (ours as Record<string, unknown>)[key]
      const chosen = typeof value === 'string' && typeof own === 'string' && /(_id|_token)$/.test(key)
      if (chosen && !this.#ids.has(value)) this.#ids.set(value, own)
      // Some page tokens are recorded without their end: any stands for the newest.
      if (chosen && key === 'next_page_token') this.#ids.set(NEWEST, own)
      // The items of two lists are not each other's.
      if (!Array.isArray(value)) this.#learn(value, own)
    }
  }
}

/** What the recorded uploads were, by their names. */
function contentOf(name: string, spec: object): string {
  const yaml = (value: object) => dump(value, { noRefs: true })
  const changed = (change: (copy: Tree) => void) => {
    // Not structuredClone, whose objects are of another realm under jest.
    const copy = JSON.parse(JSON.stringify(spec)) as Tree
    change(copy)
    return yaml(copy)
  }
  const platform = (content: object) => `${yaml(spec)}---\n${yaml({ platforms: content })}`
  const contents: Readonly<Record<string, () => string>> = {
    'empty file': () => '',
    'not YAML': () => 'a: [1, }',
    'YAML list': () => '- a\n- b\n',
    HTML: () => '<html><body>no</body></html>',
    'unknown field at top level': () => changed(copy => Object.assign(copy, { zzz: 1 })),
    'unknown field in a task': () =>
      changed(copy => Object.assign(Object.values(copy.root.dag.tasks)[0] as object, { zzz: 1 })),
    'unknown field in a container': () =>
      changed(copy =>
        Object.assign((Object.values(copy.deploymentSpec.executors)[0] as { container: object }).container, {
          zzz: 1,
        }),
      ),
    'schemaVersion 2.0.0': () => changed(copy => Object.assign(copy, { schemaVersion: '2.0.0' })),
    'no schemaVersion': () => changed(copy => Reflect.deleteProperty(copy, 'schemaVersion')),
    'no pipelineInfo': () => changed(copy => Reflect.deleteProperty(copy, 'pipelineInfo')),
    'no root': () => changed(copy => Reflect.deleteProperty(copy, 'root')),
    'pipelineInfo.name with capitals': () =>
      changed(copy => Object.assign(copy.pipelineInfo, { name: 'Two-Step' })),
    'task refers to a component that is not there': () =>
      changed(copy =>
        Object.assign(Object.values(copy.root.dag.tasks)[0] as object, {
          componentRef: { name: 'comp-none' },
        }),
      ),
    'two pipeline documents': () => `${yaml(spec)}---\n${yaml(spec)}`,
    'platform document with an unknown field': () => platform({ kubernetes: { zzz: 1 } }),
    'platform document of another platform': () => platform({ other: {} }),
    'valid platform document': () => platform({ kubernetes: {} }),
    'three documents': () => `${platform({ kubernetes: {} })}---\n{}\n`,
    'JSON instead of YAML': () => JSON.stringify(spec),
    'JSON content, file called .txt': () => JSON.stringify(spec),
    'YAML v1 Argo workflow': () => yaml({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', spec: {} }),
    'zip sent with file name .yaml': () => 'PK\u0003\u0004\u0000\u0001',
  }
  return (contents[name] ?? (() => yaml(spec)))()
}

interface Tree {
  readonly pipelineInfo: object
  readonly root: { readonly dag: { readonly tasks: Readonly<Record<string, unknown>> } }
  readonly deploymentSpec: { readonly executors: Readonly<Record<string, unknown>> }
}

/** What is compared of an exchange. Of a list, that it is one: what is in it and whether it goes on depends on all that the server holds. */
export function outline(
  exchange: Pick<Exchange, 'method' | 'status'>,
  { status, contentType, body }: Replayed,
): unknown {
  const list =
    typeof body === 'object' &&
    body !== null &&
    Object.values(body).some(Array.isArray) &&
    'total_size' in body
  if (exchange.method === 'GET' && list)
    return {
      status,
      contentType,
      list: Object.keys(body)
        .filter(key => key !== 'next_page_token')
        .toSorted(),
    }
  return { status, contentType, body: shapeOf(body) }
}

/** The shape of a body: its keys at every depth, and the kinds of its values. A list has the shape of its first item. */
function shapeOf(value: unknown, key = ''): unknown {
  // What was left out of the recording, and what users put in.
  if (['pipeline_spec', 'run_details', 'state_history', 'error_details', 'parameters'].includes(key))
    return key
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])]
  if (typeof value !== 'object' || value === null) return typeof value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, entry]) => [name, shapeOf(entry, name)]))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
