import type { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { PressroomError } from '../errors.ts'
import { artifactFolder } from './artifacts.ts'
import type { ModelVersion, RegisteredModel, RegisterRequest, VersionStage } from './types.ts'

/*
 * Models and versions as rows. Every function runs inside the caller's read or transaction.
 */

const MODELS = `
  select name, last_version as latest, created_at as createdAt,
    (select json_group_object(alias, cast(version as text)) from aliases where model = name) as aliases
  from models`

const VERSIONS = `
  select model as name, version, digest, run_id as runId, description, stage, created_at as createdAt,
    (select json_group_object(key, value) from version_tags t where t.model = v.model and t.version = v.version) as tags,
    (select json_group_array(alias) from aliases a where a.model = v.model and a.version = v.version) as aliases
  from versions v`

interface ModelRow {
  readonly name: string
  readonly latest: number
  readonly createdAt: number
  readonly aliases: string
}

interface VersionRow {
  readonly name: string
  readonly version: number
  readonly digest: string
  readonly runId: string | null
  readonly description: string
  readonly stage: VersionStage
  readonly createdAt: number
  readonly tags: string
  readonly aliases: string
}

export function listModels(db: DatabaseSync): RegisteredModel[] {
  return (db.prepare(`${MODELS} order by name`).all() as unknown as ModelRow[]).map(toModel)
}

export function findModel(db: DatabaseSync, name: string): RegisteredModel | undefined {
  const row = db.prepare(`${MODELS} where name = ?`).get(name) as ModelRow | undefined
  return row && toModel(row)
}

/** Newest first. `root` is the registry's folder. */
export function listVersions(db: DatabaseSync, root: string, name: string): ModelVersion[] {
  const rows = db.prepare(`${VERSIONS} where model = ? order by version desc`).all(name)
  return (rows as unknown as VersionRow[]).map(row => toVersion(root, row))
}

export function findVersion(
  db: DatabaseSync,
  root: string,
  name: string,
  version: string,
): ModelVersion | undefined {
  const row = db
    .prepare(`${VERSIONS} where model = ? and cast(version as text) = ?`)
    .get(name, version) as unknown as VersionRow | undefined
  return row && toVersion(root, row)
}

/** @throws PressroomError `not-registered`, naming what there is. */
export function requireModel(db: DatabaseSync, name: string): RegisteredModel {
  const model = findModel(db, name)
  if (model !== undefined) return model
  const names = listModels(db).map(other => other.name)
  throw new PressroomError('not-registered', `no model "${name}" is registered`, {
    where: names.length === 0 ? 'the registry is empty' : `it has: ${names.join(', ')}`,
    fix: 'register it first, or name another registry',
  })
}

/** @throws PressroomError `not-registered`, naming what there is. */
export function requireVersion(db: DatabaseSync, root: string, name: string, version: string): ModelVersion {
  const found = findVersion(db, root, name, version)
  if (found !== undefined) return found
  requireModel(db, name)
  const versions = listVersions(db, root, name).map(other => other.version)
  throw new PressroomError('not-registered', `${name} has no version ${JSON.stringify(version)}`, {
    where: `it has: ${versions.join(', ')}`,
    fix: 'use one of these, or register the version first',
  })
}

/** Makes the model when there is none; says whether it did. */
export function insertModel(db: DatabaseSync, name: string, now: number): boolean {
  return (
    db.prepare('insert into models (name, created_at) values (?, ?) on conflict do nothing').run(name, now)
      .changes === 1
  )
}

/** Adds a version with the model's next number, which it returns. */
export function insertVersion(db: DatabaseSync, request: RegisterRequest, now: number): string {
  const { name, digest, runId, tags = {}, description = '' } = request
  const { version } = db
    .prepare(
      'update models set last_version = last_version + 1 where name = ? returning last_version as version',
    )
    .get(name) as { version: number }
  db.prepare(
    'insert into versions (model, version, digest, run_id, description, created_at) values (?, ?, ?, ?, ?, ?)',
  ).run(name, version, digest, runId ?? null, description, now)
  const insertTag = db.prepare('insert into version_tags (model, version, key, value) values (?, ?, ?, ?)')
  for (const [key, value] of Object.entries(tags)) insertTag.run(name, version, key, value)
  return `${version}`
}

/** Moves a version to a stage; those that are there are archived first where that is asked for. */
export function moveToStage(
  db: DatabaseSync,
  name: string,
  version: string,
  stage: VersionStage,
  archiveExisting: boolean,
): void {
  if (archiveExisting && (stage === 'Staging' || stage === 'Production')) {
    db.prepare("update versions set stage = 'Archived' where model = ? and stage = ?").run(name, stage)
  }
  db.prepare('update versions set stage = ? where model = ? and version = ?').run(
    stage,
    name,
    Number(version),
  )
}

function toModel({ latest, aliases, ...row }: ModelRow): RegisteredModel {
  return { ...row, aliases: JSON.parse(aliases), latestVersion: latest === 0 ? undefined : `${latest}` }
}

function toVersion(root: string, row: VersionRow): ModelVersion {
  return {
    ...row,
    version: `${row.version}`,
    source: pathToFileURL(artifactFolder(root, row.name, row.digest)).href,
    runId: row.runId ?? undefined,
    tags: JSON.parse(row.tags),
    aliases: (JSON.parse(row.aliases) as string[]).sort(),
  }
}
