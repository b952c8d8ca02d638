import { randomUUID } from 'node:crypto'
import { copy, get, type Json, type Leaf, leavesOf, remove, same, set } from './fields.ts'
import { failure, type Reply } from './status.ts'

export interface Stored {
  readonly kind: string
  readonly plural: string
  readonly group: string
  readonly object: Json & { metadata: Json; spec: Json; status?: Json }
  /** Who owns which fields: by manager and operation (`tool-a Apply`), the leaves by path. */
  readonly owners: Map<string, Map<string, Leaf>>
}

export interface Resource {
  readonly kind: string
  readonly group: string
  readonly version: string
  /** Top fields of its spec, for those who ask for strict decoding. */
  readonly fields: readonly string[]
}

export const RESOURCES: Readonly<Record<string, Resource>> = {
  'apis/apps/v1/deployments': {
    kind: 'Deployment',
    group: 'apps',
    version: 'apps/v1',
    fields:
      'replicas selector template strategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds'.split(
        ' ',
      ),
  },
  'apis/autoscaling/v2/horizontalpodautoscalers': {
    kind: 'HorizontalPodAutoscaler',
    group: 'autoscaling',
    version: 'autoscaling/v2',
    fields: 'scaleTargetRef minReplicas maxReplicas metrics behavior'.split(' '),
  },
  'apis/policy/v1/poddisruptionbudgets': {
    kind: 'PodDisruptionBudget',
    group: 'policy',
    version: 'policy/v1',
    fields: 'minAvailable maxUnavailable selector unhealthyPodEvictionPolicy'.split(' '),
  },
  'apis/gateway.networking.k8s.io/v1/httproutes': {
    kind: 'HTTPRoute',
    group: 'gateway.networking.k8s.io',
    version: 'gateway.networking.k8s.io/v1',
    fields: 'parentRefs hostnames rules'.split(' '),
  },
  'api/v1/services': {
    kind: 'Service',
    group: '',
    version: 'v1',
    fields: 'selector ports type clusterIP sessionAffinity externalTrafficPolicy'.split(' '),
  },
  'api/v1/pods': { kind: 'Pod', group: '', version: 'v1', fields: ['containers'] },
  'api/v1/events': { kind: 'Event', group: '', version: 'v1', fields: [] },
}

/** Objects of one namespace, as the API server keeps them. */
export class Store {
  readonly objects = new Map<string, Stored>()
  #revision = 1000

  find(plural: string, name: string): Stored | undefined {
    return this.objects.get(`${plural}/${name}`)
  }

  /** The next resourceVersion, and with a changed spec the next generation. */
  touch({ object }: Stored, specChanged = false): void {
    object.metadata.resourceVersion = String(++this.#revision)
    if (specChanged) object.metadata.generation = (Number(object.metadata.generation) || 0) + 1
  }

  get revision(): string {
    return String(this.#revision)
  }

  create(path: string, resource: Resource, body: Json, owner: string): Reply {
    const plural = path.split('/').at(-1)!
    const { name } = body.metadata as { name: string }
    if (this.find(plural, name) !== undefined) {
      return failure(409, 'AlreadyExists', `${named(plural, resource.group)} "${name}" already exists`)
    }
    const unknown = Object.keys(body.spec ?? {}).find(key => !resource.fields.includes(key))
    if (unknown !== undefined) {
      const version = resource.version.split('/').at(-1)
      return failure(
        400,
        'BadRequest',
        `${resource.kind} in version "${version}" cannot be handled as a ${resource.kind}: strict decoding error: unknown field "spec.${unknown}"`,
      )
    }
    const stored = this.#new(plural, resource, name)
    return { status: 201, body: this.#write(stored, leavesOf(ownPart(body)), owner) }
  }

  /** Server-side apply: the fields that a manager gives become its own, those that it gives no more are removed. */
  apply(path: string, resource: Resource, name: string, body: Json, manager: string, force: boolean): Reply {
    const plural = path.split('/').at(-1)!
    if (manager === '') {
      const message =
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'
      const cause = {
        reason: 'FieldValueRequired',
        message: 'Required value: is required for apply patch',
        field: 'fieldManager',
      }
      return failure(422, 'Invalid', message, [cause])
    }
    const unknown = Object.keys(body.spec ?? {}).find(key => !resource.fields.includes(key))
    if (unknown !== undefined) {
      const type = `(/${name}; ${resource.version}, Kind=${resource.kind})`
      return failure(
        500,
        undefined,
        `failed to create typed patch object ${type}: .spec.${unknown}: field not declared in schema`,
      )
    }
    const known = this.find(plural, name)
    const owner = `${manager} Apply`
    const leaves = leavesOf(ownPart(body))
    if (known === undefined) {
      const stored = this.#new(plural, resource, name)
      return { status: 201, body: this.#write(stored, leaves, owner) }
    }
    const { resourceVersion } = body.metadata as { resourceVersion?: string }
    if (resourceVersion !== undefined && resourceVersion !== known.object.metadata.resourceVersion) {
      return failure(
        409,
        'Conflict',
        `Operation cannot be fulfilled on ${named(plural, resource.group)} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
      )
    }
    const taken = leaves.flatMap(leaf =>
      [...known.owners].flatMap(([other, owned]) =>
        other !== owner && owned.has(leaf.path) && !same(get(known.object, leaf.steps), leaf.value)
          ? [{ leaf, other, owned }]
          : [],
      ),
    )
    if (taken.length > 0 && !force) return conflict(taken, resource)
    if (
      resource.kind === 'Deployment' &&
      !same(body.spec && (body.spec as Json).selector, known.object.spec.selector)
    ) {
      const value = JSON.stringify((body.spec as Json).selector)
      const message = `Invalid value: ${value}: field is immutable`
      const cause = { reason: 'FieldValueInvalid', message, field: 'spec.selector' }
      return failure(422, 'Invalid', `Deployment.apps "${name}" is invalid: spec.selector: ${message}`, [
        cause,
      ])
    }
    for (const { leaf, owned } of taken) owned.delete(leaf.path)
    return { status: 200, body: this.#write(known, leaves, owner) }
  }

  /** A change by another way than apply, as `kubectl edit` makes it: its fields change hands. */
  update(plural: string, name: string, body: Json, manager: string): void {
    const stored = this.find(plural, name)!
    const leaves = leavesOf(body)
    for (const owned of stored.owners.values()) for (const { path } of leaves) owned.delete(path)
    const owner = `${manager} Update`
    this.#write(stored, [...(stored.owners.get(owner)?.values() ?? []), ...leaves], owner)
  }

  /** Foreground: an object that owns others stays until they are gone. */
  remove(plural: string, name: string): Reply {
    const stored = this.find(plural, name)
    if (stored === undefined) {
      const resource = Object.entries(RESOURCES).find(([path]) => path.endsWith(`/${plural}`))![1]
      return notFound(plural, resource.group, name)
    }
    if (stored.kind === 'Deployment') {
      stored.object.metadata.deletionTimestamp ??= new Date().toISOString()
      this.touch(stored)
    } else {
      this.objects.delete(`${plural}/${name}`)
    }
    return { status: 200, body: stored.object }
  }

  #new(plural: string, { kind, group, version }: Resource, name: string): Stored {
    const metadata = { name, uid: randomUUID(), generation: 0, creationTimestamp: new Date().toISOString() }
    const object = {
      kind,
      apiVersion: version,
      metadata,
      spec: {},
      ...(kind === 'Deployment' && { status: {} }),
    }
    const stored = { kind, plural, group, object, owners: new Map() }
    this.objects.set(`${plural}/${name}`, stored)
    return stored
  }

  #write(stored: Stored, leaves: readonly Leaf[], owner: string): Json {
    const { object, owners } = stored
    const before = copy(object)
    const owned = new Map(leaves.map(leaf => [leaf.path, leaf]))
    for (const [path, { steps }] of owners.get(owner) ?? []) {
      const kept =
        owned.has(path) || [...owners].some(([other, theirs]) => other !== owner && theirs.has(path))
      if (!kept) remove(object, steps)
    }
    for (const { steps, value } of leaves) set(object, steps, value)
    owners.set(owner, owned)
    if (stored.kind === 'Deployment') object.spec.replicas ??= 1
    if (!same(before, object)) this.touch(stored, !same(before.spec, object.spec))
    return object
  }
}

export function notFound(plural: string, group: string, name: string): Reply {
  return failure(404, 'NotFound', `${named(plural, group)} "${name}" not found`)
}

export function named(plural: string, group: string): string {
  return group === '' ? plural : `${plural}.${group}`
}

/** What a manager owns of what it sends. */
function ownPart(body: Json): Json {
  const { labels, annotations } = body.metadata as Json
  const metadata = { ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) }
  return { ...(labels || annotations ? { metadata } : {}), spec: body.spec ?? {} }
}

function conflict(taken: readonly { leaf: Leaf; other: string }[], { version }: Resource): Reply {
  const causes = taken
    .map(({ leaf, other }) => {
      const [manager, operation] = other.split(' ')
      const how = operation === 'Update' ? ` using ${version}` : ''
      return { reason: 'FieldManagerConflict', message: `conflict with "${manager}"${how}`, field: leaf.path }
    })
    .sort((a, b) => (a.field < b.field ? -1 : 1))
  const one = causes.length === 1
  const told = [...Map.groupBy(causes, ({ message }) => message.replace('conflict with ', ''))].map(
    ([manager, fields]) =>
      `${manager}:${one ? ` ${fields[0]!.field}` : fields.map(({ field }) => `\n- ${field}`).join('')}`,
  )
  const message = `Apply failed with ${causes.length} conflict${one ? '' : 's'}: conflict${one ? '' : 's'} with ${told.join('\n')}`
  return failure(409, 'Conflict', message, causes)
}
