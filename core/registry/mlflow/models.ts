import { aString, objectWith } from '../../decode.ts'
import { PressroomError } from '../../errors.ts'
import type { ModelVersion, RegisteredModel, VersionStage } from '../types.ts'
import { faultOf, isAbsent, isOk, refusal } from './answer.ts'
import type { MlflowApi } from './api.ts'
import { allOf, keyed, textFilter } from './filters.ts'
import { aModelRecord, aVersionRecord } from './records.ts'

/*
 * Registered models and their versions, as MLflow has them.
 */

/** The tag that says which folder a version is; see `ModelVersion.digest`. */
export const DIGEST_TAG = 'pressroom.digest'

/** The most that MLflow gives at a time. */
const MODELS_A_PAGE = 1000
const VERSIONS_A_PAGE = 1000

export async function findModel(api: MlflowApi, name: string): Promise<RegisteredModel | undefined> {
  if (!isName(name)) return undefined
  const model = objectWith({ registered_model: aModelRecord })
  const found = await api.find('registered-models/get', { name }, model)
  return found && toModel(found.registered_model)
}

/** By name. */
export async function listModels(api: MlflowApi): Promise<RegisteredModel[]> {
  const query = { max_results: MODELS_A_PAGE }
  const models: RegisteredModel[] = []
  for await (const found of api.list(
    'GET',
    'registered-models/search',
    'registered_models',
    query,
    aModelRecord,
  )) {
    models.push(toModel(found))
  }
  return models.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Makes the model when there is none. */
export async function makeModel(api: MlflowApi, name: string): Promise<void> {
  const answer = await api.answer('POST', 'registered-models/create', { name })
  if (!isOk(answer) && faultOf(answer)?.code !== 'RESOURCE_ALREADY_EXISTS') throw refusal(answer)
}

export async function findVersion(
  api: MlflowApi,
  name: string,
  version: string,
): Promise<ModelVersion | undefined> {
  if (!isName(name) || !isVersion(version)) return undefined
  const decoder = objectWith({ model_version: aVersionRecord })
  const found = await api.find('model-versions/get', { name, version }, decoder)
  return found && toVersion(found.model_version)
}

/** Newest first, with their aliases, which the search leaves out. `digest`: only those of that folder. */
export async function listVersions(api: MlflowApi, name: string, digest?: string): Promise<ModelVersion[]> {
  if (!isName(name)) return []
  const wanted = digest === undefined ? [] : textFilter(keyed('tags', DIGEST_TAG), digest)
  const query = {
    max_results: VERSIONS_A_PAGE,
    order_by: 'version_number DESC',
    ...allOf([...textFilter('name', name), ...wanted]),
  }
  const versions: ModelVersion[] = []
  for await (const found of api.list(
    'GET',
    'model-versions/search',
    'model_versions',
    query,
    aVersionRecord,
  )) {
    const version = toVersion(found)
    if (version.name === name && (digest === undefined || version.digest === digest)) versions.push(version)
  }
  if (versions.length === 0) return []
  const aliases = Object.entries((await findModel(api, name))?.aliases ?? {})
  return versions
    .map(version => ({
      ...version,
      aliases: aliases.flatMap(([alias, of]) => (of === version.version ? [alias] : [])).sort(),
    }))
    .sort((a, b) => Number(b.version) - Number(a.version))
}

/** @throws PressroomError `not-registered`, naming what there is. */
export async function requireVersion(api: MlflowApi, name: string, version: string): Promise<ModelVersion> {
  const found = await findVersion(api, name, version)
  if (found !== undefined) return found
  throw await notRegistered(api, name, version)
}

/** The error for a model or version that is not there, naming what is. */
export async function notRegistered(api: MlflowApi, name: string, version?: string): Promise<PressroomError> {
  const versions = (await listVersions(api, name)).map(other => other.version)
  if (version === undefined || (versions.length === 0 && (await findModel(api, name)) === undefined)) {
    const names = (await listModels(api)).map(other => other.name)
    return new PressroomError('not-registered', `no model ${JSON.stringify(name)} is registered`, {
      where: names.length === 0 ? 'the registry is empty' : `it has: ${names.join(', ')}`,
      fix: 'register it first, or name another registry',
    })
  }
  return new PressroomError('not-registered', `${name} has no version ${JSON.stringify(version)}`, {
    where: versions.length === 0 ? 'it has none' : `it has: ${versions.join(', ')}`,
    fix: 'use one of these, or register the version first',
  })
}

/** Changes something of a model or version. @throws PressroomError `not-registered` when it is not there. */
export async function change(
  api: MlflowApi,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body: { readonly name: string; readonly version?: string } & Readonly<Record<string, unknown>>,
): Promise<void> {
  const known = isName(body.name) && (body.version === undefined || isVersion(body.version))
  const answer = known ? await api.answer(method, path, body) : undefined
  if (answer !== undefined && isOk(answer)) return
  if (answer === undefined || isAbsent(answer)) throw await notRegistered(api, body.name, body.version)
  throw refusal(answer)
}

/**
 * MLflow's own archive_existing_versions fails on PostgreSQL (3.17.2: integer <> character varying), so what was there is
 * archived one by one, last: at no time is the stage empty.
 */
export async function moveToStage(
  api: MlflowApi,
  name: string,
  version: string,
  stage: VersionStage,
  archiveExisting: boolean,
): Promise<void> {
  const move = (version: string, stage: VersionStage) => {
    const body = { name, version, stage, archive_existing_versions: false }
    return change(api, 'POST', 'model-versions/transition-stage', body)
  }
  await move(version, stage)
  if (!archiveExisting || (stage !== 'Staging' && stage !== 'Production')) return
  for (const other of await listVersions(api, name)) {
    if (other.stage === stage && other.version !== version) await move(other.version, 'Archived')
  }
}

export async function downloadUriOf(api: MlflowApi, name: string, version: string): Promise<string> {
  const uri = objectWith({ artifact_uri: aString })
  return (await api.get('model-versions/get-download-uri', { name, version }, uri)).artifact_uri
}

/** MLflow reads "03" as 3, and answers 500 to numbers that its database cannot hold. */
function isVersion(version: string): boolean {
  return /^[1-9]\d{0,8}$/.test(version)
}

/** What no model can be called is not asked for: MLflow refuses it in other ways than what it does not have. */
function isName(name: string): boolean {
  return name.length <= 256 && !/^$|^\.$|^\.\.|[/:\p{Cc}]/u.test(name)
}

function toModel({
  name,
  creation_timestamp,
  latest_versions = [],
  aliases = [],
}: ReturnType<typeof aModelRecord>) {
  const newest = Math.max(0, ...latest_versions.map(({ version }) => Number(version)))
  return {
    name,
    // Stages each have their latest.
    latestVersion: newest === 0 ? undefined : `${newest}`,
    aliases: Object.fromEntries(aliases.map(({ alias, version }) => [alias, version])),
    createdAt: creation_timestamp,
  }
}

function toVersion(found: ReturnType<typeof aVersionRecord>): ModelVersion {
  const { [DIGEST_TAG]: digest, ...tags } = found.tags
  return {
    name: found.name,
    version: found.version,
    // Anybody may write the tag; what is no digest is none.
    digest: digest !== undefined && /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : undefined,
    source: found.source ?? '',
    stage: found.current_stage ?? 'None',
    runId: found.run_id || undefined,
    tags,
    aliases: [...(found.aliases ?? [])].sort(),
    description: found.description ?? '',
    createdAt: found.creation_timestamp,
  }
}
