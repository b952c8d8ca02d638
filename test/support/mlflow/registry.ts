import { Fault, invalid, taken } from './fault.ts'
import { fits } from './filter.ts'
import type { Routes } from './routes.ts'
import { pairsOf, type Store, type StoredName, type StoredVersion } from './store.ts'

const STAGES = ['None', 'Staging', 'Production', 'Archived']
const VERSION_KEYS = ['name', 'version_number', 'run_id', 'source_path', 'tags']

/** Registered models, versions, aliases, tags, stages. */
export const REGISTRY: Routes = {
  'POST registered-models/create': (store, { name }) => {
    if (!name || /[/:]/.test(name)) throw invalid(`Invalid model name: '${name}'`)
    if (store.names.has(name)) throw taken(`Registered Model (name=${name}) already exists.`)
    store.names.set(name, { name, created: Date.now(), versions: new Map(), aliases: new Map() })
    return { registered_model: modelOf(store.name(name)) }
  },
  'GET registered-models/get': (store, { name }) => ({ registered_model: modelOf(store.name(name)) }),
  'GET registered-models/search': (store, _, page) =>
    page(
      'registered_models',
      [...store.names.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(modelOf),
    ),
  'POST model-versions/create': (store, { name, source, run_id, model_id, tags = [], description = '' }) => {
    const model = store.name(name)
    requireSource(store, source, run_id, model_id)
    const version = Math.max(0, ...model.versions.keys()) + 1
    model.versions.set(version, {
      name,
      version,
      source,
      run_id: run_id ?? (model_id === undefined ? '' : (store.loggedModel(model_id).source_run_id ?? '')),
      description,
      tags: new Map(tags.map(({ key, value }: { key: string; value: string }) => [key, value])),
      created: Date.now(),
      stage: 'None',
    })
    return { model_version: versionOf(store.version(name, `${version}`)) }
  },
  'GET model-versions/get': (store, { name, version }) => ({
    model_version: { ...versionOf(found(store, name, version)), ...aliasesOf(store.name(name), version) },
  }),
  'GET model-versions/get-download-uri': (store, { name, version }) => {
    const { source } = found(store, name, version)
    const [, id] = /^models:\/(m-.*)$/.exec(source) ?? []
    return { artifact_uri: id === undefined ? source : store.loggedModel(id).artifact_uri }
  },
  // Without aliases, as MLflow has it.
  'GET model-versions/search': (store, { filter = '' }, page) => {
    const versions = [...store.names.values()].flatMap(({ versions }) => [...versions.values()])
    const wanted = versions.filter(version =>
      fits(filter, VERSION_KEYS, (kind, key) => {
        if (kind === 'tags') return version.tags.get(key ?? '')
        return { name: version.name, run_id: version.run_id, source_path: version.source }[kind]
      }),
    )
    return page('model_versions', wanted.sort((a, b) => b.version - a.version).map(versionOf))
  },
  'DELETE model-versions/delete': (store, { name, version }) => {
    found(store, name, version)
    const model = store.name(name)
    model.versions.delete(Number(version))
    for (const [alias, of] of model.aliases) if (of === Number(version)) model.aliases.delete(alias)
    return {}
  },
  'POST model-versions/set-tag': (store, { name, version, key, value }) => {
    found(store, name, version).tags.set(key, value)
    return {}
  },
  'DELETE model-versions/delete-tag': (store, { name, version, key }) => {
    found(store, name, version).tags.delete(key)
    return {}
  },
  'POST registered-models/alias': (store, { name, alias, version }) => {
    if (!/^[\w-]+$/.test(alias)) throw invalid(`Invalid alias name: '${alias}'.`)
    found(store, name, version)
    store.name(name).aliases.set(alias, Number(version))
    return {}
  },
  'DELETE registered-models/alias': (store, { name, alias }) => {
    store.name(name).aliases.delete(alias)
    return {}
  },
  'POST model-versions/transition-stage': (store, { name, version, stage, archive_existing_versions }) => {
    const canonical = STAGES.find(known => known.toLowerCase() === String(stage).toLowerCase())
    if (canonical === undefined) throw invalid(`Invalid Model Version stage: ${stage}.`)
    const target = found(store, name, version)
    // As on PostgreSQL; SQLite compares the two.
    if (archive_existing_versions) {
      throw new Fault(
        400,
        'BAD_REQUEST',
        '(psycopg.errors.UndefinedFunction) operator does not exist\n[SQL: UPDATE …]',
      )
    }
    target.stage = canonical
    return { model_version: versionOf(target) }
  },
}

/** "03" is 3; what the database cannot hold is its fault. */
function found(store: Store, name: string, version: string): StoredVersion {
  if (typeof version !== 'string') throw invalid("Parameter 'version' must be a string.")
  if (!/^\d+$/.test(version)) throw invalid(`Parameter 'version' must be an integer, got '${version}'.`)
  if (version.length > 18)
    throw new Fault(500, 'INTERNAL_ERROR', 'Python int too large to convert to SQLite INTEGER')
  return store.version(name, version)
}

/** A source must be inside what the request names; buckets are not looked at. */
function requireSource(store: Store, source: string, runId?: string, modelId?: string): void {
  if (source.includes('..')) throw invalid(`Invalid model version source: '${source}'.`)
  if (/^(s3|gs|oci):\/\//.test(source)) return
  const [, model] = /^models:\/(m-.*)$/.exec(source) ?? []
  if (model !== undefined) {
    if (model !== modelId) throw invalid(`Invalid model version source: '${source}'.`)
    if (!store.loggedModels.has(model)) {
      throw new Fault(500, 'INTERNAL_ERROR', 'Unable to fetch model from model URI source artifact location')
    }
    return
  }
  const [, run] = /^runs:\/([^/]+)\//.exec(source) ?? []
  if (run !== undefined && run === runId) return
  const root = runId === undefined ? undefined : store.run(runId).artifact_uri
  if (root === undefined || !source.startsWith(`${root}/`)) {
    throw invalid(
      `Invalid model version source: '${source}'. The run_id request parameter must identify the resource that contains the source.`,
    )
  }
}

function versionOf({ name, version, source, run_id, description, tags, created, stage }: StoredVersion) {
  return {
    name,
    version: `${version}`,
    creation_timestamp: created,
    last_updated_timestamp: created,
    current_stage: stage,
    description,
    source,
    run_id,
    status: 'READY',
    ...(tags.size > 0 && { tags: pairsOf(tags) }),
    run_link: '',
  }
}

function aliasesOf({ aliases }: StoredName, version: string) {
  const own = [...aliases].flatMap(([alias, of]) => (of === Number(version) ? [alias] : []))
  return own.length === 0 ? {} : { aliases: own }
}

function modelOf({ name, created, versions, aliases }: StoredName) {
  const latest = new Map<string, StoredVersion>()
  for (const version of versions.values()) latest.set(version.stage, version)
  return {
    name,
    creation_timestamp: created,
    last_updated_timestamp: created,
    ...(latest.size > 0 && { latest_versions: [...latest.values()].map(versionOf) }),
    ...(aliases.size > 0 && {
      aliases: [...aliases].map(([alias, version]) => ({ alias, version: `${version}` })),
    }),
  }
}
