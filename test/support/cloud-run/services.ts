import type { Operations } from '../vertex/operations.ts'
import { Refusal, Violations } from '../vertex/refusal.ts'
import { checkLabels, checkPlace, found, type Home } from '../vertex/resources.ts'

interface Traffic {
  readonly type: string
  readonly revision: string
  readonly percent: number
  readonly tag: string
}

interface Template {
  readonly revision: string
  readonly containers: readonly {
    readonly image: string
    readonly env: readonly { readonly name: string; readonly value: string }[]
    readonly ports: readonly { readonly containerPort: number }[]
  }[]
  readonly volumes: readonly { readonly name: string; readonly gcs: { readonly bucket: string } | null }[]
}

export interface Service {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly template: Template
  readonly traffic: readonly Traffic[]
  readonly trafficStatuses: readonly (Traffic & { readonly uri: string })[]
  readonly terminalCondition: { readonly state: string; readonly message: string }
  readonly invokerIamDisabled: boolean
  readonly reconciling: boolean
  readonly uri: string
  readonly etag: string
}

interface Named {
  readonly name: string
}

/** `Services` and `Revisions` of Cloud Run's v2 API, as their protos and the guides have them. */
export class CloudRunServices {
  readonly services = new Map<string, Service>()
  /** Revisions that were made, ready or not, by their short names; each with its version, as its container was told. */
  readonly revisions = new Map<string, { readonly template: Template; ready: boolean }>()
  /** What the container of a version answers. */
  labelOf = (version: string, text: string) => `${version}: ${text}`
  /** Where the tags' addresses are. */
  address = ''
  readonly #home: Home
  readonly #operations: Operations
  #etag = 0

  constructor(home: Home, operations: Operations) {
    this.#home = home
    this.#operations = operations
  }

  readonly handlers = {
    CreateService: (request: { parent: string; service: Service | null; serviceId: string }) => {
      const { parent, service: sent, serviceId } = request
      checkPlace(this.#home, parent, 'run.services.create')
      const faults = new Violations()
      faults.check(
        /^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$/.test(serviceId),
        'service_id',
        `Invalid: ${serviceId}.`,
      )
      faults.throwIfAny()
      const name = `${parent}/services/${serviceId}`
      if (this.services.has(name))
        throw new Refusal('ALREADY_EXISTS', `Resource '${serviceId}' already exists.`)
      const service = {
        ...(sent as Service),
        name,
        uri: `${this.address}/${serviceId}`,
        trafficStatuses: [],
      }
      return this.#reconcile('CreateService', service)
    },

    GetService: ({ name }: Named) => {
      checkPlace(this.#home, name, 'run.services.get')
      this.#operations.advance(name)
      return found(this.services, 'Service', name)
    },

    ListServices: ({
      parent,
      pageSize,
      pageToken,
    }: {
      parent: string
      pageSize: number
      pageToken: string
    }) => {
      checkPlace(this.#home, parent, 'run.services.list')
      const all = [...this.services.values()]
      const start = Number(pageToken || 0)
      const end = start + Math.min(pageSize || 100, 100)
      return { services: all.slice(start, end), nextPageToken: end < all.length ? String(end) : '' }
    },

    UpdateService: ({
      service: sent,
      updateMask,
    }: {
      service: Service
      updateMask: { paths: string[] } | null
    }) => {
      checkPlace(this.#home, sent.name, 'run.services.update')
      const there = found(this.services, 'Service', sent.name)
      if (sent.etag !== '' && sent.etag !== there.etag)
        throw new Refusal('ABORTED', `Conflict for resource '${sent.name}': version was '${sent.etag}'.`)
      const has = (path: string) => updateMask === null || updateMask.paths.includes(path)
      return this.#reconcile('UpdateService', {
        ...there,
        ...(has('labels') && { labels: sent.labels }),
        ...(has('annotations') && { annotations: sent.annotations }),
        ...(has('template') && { template: sent.template }),
        ...(has('traffic') && { traffic: sent.traffic }),
        ...(has('invoker_iam_disabled') && { invokerIamDisabled: sent.invokerIamDisabled }),
      })
    },

    DeleteService: ({ name, etag }: { name: string; etag: string }) => {
      checkPlace(this.#home, name, 'run.services.delete')
      const there = found(this.services, 'Service', name)
      if (etag !== '' && etag !== there.etag) throw new Refusal('ABORTED', `Conflict for resource '${name}'.`)
      return this.#operations.start(name, {
        method: 'DeleteService',
        effect: () => void this.services.delete(name),
      })
    },
  }

  readonly revisionHandlers = {
    DeleteRevision: ({ name }: Named) => {
      checkPlace(this.#home, name, 'run.revisions.delete')
      const [service = '', short = ''] = name.split('/revisions/')
      const { template, traffic } = found(this.services, 'Service', service)
      if (!this.revisions.has(short)) throw new Refusal('NOT_FOUND', `Resource '${short}' was not found.`)
      if (template.revision === short || traffic.some(({ revision }) => revision === short))
        throw new Refusal('FAILED_PRECONDITION', `Revision ${short} is the latest, or has traffic or a tag.`)
      return this.#operations.start(name, {
        method: 'DeleteRevision',
        effect: () => void this.revisions.delete(short),
      })
    },
  }

  /** What the container at an address answers: with its version before each text. */
  answer(path: string, instances: readonly string[]): object | undefined {
    const [, id = '', tag = '', route = ''] = /^\/([^/]+)\/tag\/([^/]+)(\/.*)$/.exec(path) ?? []
    const service = [...this.services.values()].find(({ name }) => name.endsWith(`/services/${id}`))
    const status = service?.trafficStatuses.find(each => each.tag === tag)
    const revision = this.revisions.get(status?.revision ?? '')
    if (revision === undefined || route !== '/predict') return undefined
    const { env } = revision.template.containers[0]!
    const version = env.find(({ name }) => name === 'PRESSROOM_MODEL_VERSION')?.value
    return { predictions: instances.map(text => ({ prediction: this.labelOf(version ?? '', text) })) }
  }

  #reconcile(method: string, wanted: Service) {
    const faults = new Violations()
    this.#check(wanted, faults)
    faults.throwIfAny()
    const isNew = !this.revisions.has(wanted.template.revision)
    if (isNew) this.revisions.set(wanted.template.revision, { template: wanted.template, ready: false })
    this.#keep({ ...wanted, reconciling: true })
    return this.#operations.start(wanted.name, {
      method,
      effect: () => this.#keep({ ...this.#effective(wanted.name), reconciling: false }),
      failed: message => {
        const there = found(this.services, 'Service', wanted.name)
        this.#keep({
          ...there,
          reconciling: false,
          terminalCondition: { state: 'CONDITION_FAILED', message },
        })
      },
    })
  }

  #effective(name: string): Service {
    const there = found(this.services, 'Service', name)
    this.revisions.get(there.template.revision)!.ready = true
    const id = name.slice(name.lastIndexOf('/') + 1)
    const trafficStatuses = there.traffic.map(each => ({
      ...each,
      uri: each.tag === '' ? '' : `${this.address}/${id}/tag/${each.tag}`,
    }))
    return { ...there, trafficStatuses, terminalCondition: { state: 'CONDITION_SUCCEEDED', message: '' } }
  }

  #keep(service: Service): Service {
    const kept = { ...service, etag: `"e${++this.#etag}"` }
    this.services.set(service.name, kept)
    return kept
  }

  #check({ name, labels, template, traffic }: Service, faults: Violations): void {
    const id = name.slice(name.lastIndexOf('/') + 1)
    checkLabels('service', labels, faults)
    const sum = traffic.reduce((total, { percent }) => total + percent, 0)
    faults.check(sum === 100, 'service.traffic', `Traffic adds up to ${sum}.`)
    const tags = traffic.map(({ tag }) => tag).filter(tag => tag !== '')
    faults.check(new Set(tags).size === tags.length, 'service.traffic', 'Two targets have one tag.')
    for (const { tag, revision } of traffic) {
      if (tag !== '') {
        const good = /^[a-z][a-z0-9-]{1,}[a-z0-9]$/.test(tag) && tag.length + id.length <= 46
        faults.check(good, 'service.traffic.tag', `Invalid: ${tag}.`)
      }
      const made = this.revisions.has(revision) || revision === template.revision
      faults.check(made, 'service.traffic.revision', `There is no revision ${revision}.`)
    }
    const { revision, containers, volumes } = template
    const short = revision.startsWith(`${id}-`) && /^[a-z0-9-]{1,62}[a-z0-9]$/.test(revision)
    faults.check(short, 'template.revision', `Invalid: ${revision}.`)
    const known = this.revisions.get(revision)
    const same = known === undefined || JSON.stringify(known.template) === JSON.stringify(template)
    faults.check(same, 'template.revision', `Revision ${revision} exists with a different configuration.`)
    for (const { env } of containers) {
      for (const { name } of env)
        faults.check(/^[A-Za-z_]\w*$/.test(name) && name !== 'PORT', 'template.containers.env', name)
    }
    for (const { gcs } of volumes)
      faults.check(/^[a-z0-9]/.test(gcs?.bucket ?? ''), 'volumes.gcs', 'No bucket.')
  }
}
