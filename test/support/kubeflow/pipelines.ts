import { type ListKind, listPage } from './lists.ts'
import {
  invalid,
  missing,
  ok,
  plain,
  protoJson,
  Refusal,
  type Reply,
  refused,
  uploadRefused,
} from './replies.ts'
import type { Asked } from './routes.ts'
import { type Package, readPackage } from './specs.ts'
import type { Store } from './store.ts'

const PIPELINES: ListKind = {
  what: 'list pipelines',
  field: 'pipelines',
  id: 'pipeline_id',
  type: 'Pipeline',
  keys: ['id', 'pipeline_id', 'name', 'display_name', 'created_at', 'description', 'namespace'],
}

const VERSIONS: ListKind = {
  what: 'list pipeline versions',
  field: 'pipeline_versions',
  id: 'pipeline_version_id',
  type: 'PipelineVersion',
  keys: ['id', 'pipeline_version_id', 'name', 'display_name', 'created_at', 'description'],
}

const LARGEST = 32 * 1024 * 1024

export function upload(store: Store, asked: Asked): Reply {
  const { content, names } = readUpload(asked)
  if ([...store.pipelines.values()].some(each => each.name === names.name)) {
    throw uploadRefused(409, 'Failed to create a pipeline and a pipeline version')
  }
  const pipeline = store.addPipeline({ ...names, ...tagsOf(asked) })
  store.addVersion({ pipeline_id: pipeline.pipeline_id, ...names }, content)
  return ok(pipeline)
}

export function uploadVersion(store: Store, asked: Asked): Reply {
  const pipelineId = asked.query.get('pipelineid') ?? ''
  if (!store.pipelines.has(pipelineId))
    throw uploadRefused(400, 'Failed to create a pipeline version', 'text')
  const { content, names } = readUpload(asked)
  if (store.versionsOf(pipelineId).some(({ item }) => item.name === names.name)) {
    throw uploadRefused(409, 'Failed to create a pipeline version')
  }
  return ok(store.addVersion({ pipeline_id: pipelineId, ...names }, content))
}

interface Names {
  readonly display_name: string
  readonly name: string
  readonly description?: string
}

function readUpload({ headers, body, query }: Asked): { readonly content: Package; readonly names: Names } {
  const boundary = /boundary=([^;]+)/.exec(String(headers['content-type'] ?? ''))?.[1]
  const [, head = '', text = ''] = /^--[^\r\n]+\r\n([\s\S]*?)\r\n\r\n([\s\S]*?)\r\n--/.exec(body) ?? []
  const file = /filename="([^"]*)"/.exec(head)?.[1]
  if (boundary === undefined || !head.includes('name="uploadfile"') || file === undefined) {
    throw uploadRefused(400, 'Failed to read pipeline from file', 'text')
  }
  if (!/\.(yaml|yml|json|zip|tar\.gz)$/.test(file) || body.length > LARGEST) {
    throw uploadRefused(400, 'Failed to read a pipeline spec file', 'text')
  }
  tagsOf({ query })
  const name = query.get('name') || file
  if (name.length > 128)
    throw new Refusal(plain(400, 'Invalid input error: Pipeline.Name length cannot exceed 128\n'))
  const description = query.get('description')
  const names = { display_name: query.get('display_name') || name, name, ...(description && { description }) }
  return { content: readPackage(text), names }
}

function tagsOf({ query }: Pick<Asked, 'query'>): { readonly tags?: unknown } {
  const tags = query.get('tags')
  if (tags === null) return {}
  try {
    return { tags: JSON.parse(tags) }
  } catch {
    throw uploadRefused(
      400,
      'Failed to parse tags query parameter. Expected JSON object with string keys and values',
      'text',
    )
  }
}

export function create(store: Store, { body }: Asked): Reply {
  const item = protoJson(body, [
    'pipeline_id',
    'display_name',
    'name',
    'description',
    'created_at',
    'namespace',
    'error',
    'tags',
  ])
  const name = item.name ?? item.display_name
  if (typeof name !== 'string')
    throw invalid('Failed to create a pipeline', "pipeline's name cannot be empty")
  if ([...store.pipelines.values()].some(each => each.name === name)) {
    throw refused(
      6,
      `Failed to create a pipeline: Already exist error: The name ${name} already exist`,
      `The name ${name} already exist`,
    )
  }
  return ok(store.addPipeline({ display_name: name, name, ...item }))
}

export function createWithVersion(): Reply {
  throw invalid('Failed to create a pipeline', 'Pipeline URL validation failed')
}

export function get(store: Store, _: Asked, id = ''): Reply {
  return ok(
    store.pipelines.get(id) ?? lost(`Failed to get a pipeline ${id}. Check error stack`, 'Pipeline', id),
  )
}

export function getByName(store: Store, _: Asked, name = ''): Reply {
  const found = [...store.pipelines.values()].find(each => each.name === name)
  return ok(found ?? lost(`Failed to get a pipeline with name ${name}`, 'Pipeline', name))
}

function lost(context: string, kind: string, id: string): never {
  throw missing(context, kind, id)
}

export function list(store: Store, { query }: Asked): Reply {
  return ok(listPage(PIPELINES, [...store.pipelines.values()], query))
}

export function remove(store: Store, { query }: Asked, id = ''): Reply {
  if (!store.pipelines.has(id)) throw missing(`Failed to delete pipeline ${id}`, 'Pipeline', id)
  const versions = store.versionsOf(id)
  if (versions.length > 0 && query.get('cascade') !== 'true') {
    throw invalid(
      `Failed to delete pipeline ${id}. Check error stack`,
      `Failed to delete pipeline with id ${id} as it has existing pipeline versions`,
    )
  }
  for (const { item } of versions) store.versions.delete(String(item.pipeline_version_id))
  store.pipelines.delete(id)
  return ok()
}

export function listVersions(store: Store, { query }: Asked, id = ''): Reply {
  if (!store.pipelines.has(id))
    throw missing(`Failed to list pipeline versions for pipeline ${id}`, 'Pipeline', id)
  const items = store.versionsOf(id).map(({ item }) => item)
  return ok(listPage(VERSIONS, items, query))
}

export function getVersion(store: Store, _: Asked, __ = '', id = ''): Reply {
  return ok(
    store.versions.get(id)?.item ?? lost(`Failed to get a pipeline version ${id}`, 'PipelineVersion', id),
  )
}

export function removeVersion(store: Store, _: Asked, __ = '', id = ''): Reply {
  if (!store.versions.delete(id))
    throw missing(`Failed to delete a pipeline version ${id}`, 'PipelineVersion', id)
  return ok()
}

/** Only by address, and none can be reached. */
export function createVersion(_: Store, { body }: Asked): Reply {
  const item = protoJson(body, [
    'pipeline_id',
    'name',
    'display_name',
    'description',
    'package_url',
    'pipeline_spec',
    'code_source_url',
    'tags',
  ])
  const message = 'Failed to create a pipeline version. '
  const wrong = item.package_url === undefined ? 'Package URL is nil' : 'Parent pipeline id is empty'
  if (item.package_url !== undefined && item.pipeline_id !== undefined) {
    throw invalid('Failed to create a pipeline version. Check error stack', 'Pipeline URL validation failed')
  }
  throw refused(3, `Invalid input error: ${message}${wrong}`, message + wrong)
}
