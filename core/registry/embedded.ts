import { join, resolve } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { PressroomError } from '../errors.ts'
import { own } from '../object.ts'
import { artifactFolder, isSound, removeOrphans, storeArtifact, storeRunFiles } from './artifacts.ts'
import { checkArtifactPaths, checkMetricValues, checkRegistration, checkRun } from './checks.ts'
import { type Database, openDatabase } from './database.ts'
import { waitForLock } from './locks.ts'
import { checkAlias, checkKeys } from './names.ts'
import { createOutbox, emit } from './outbox-table.ts'
import { endRun, findRun, insertMetrics, insertRun, listMetric, requireRun, selectRuns } from './run-rows.ts'
import type {
  MetricValue,
  ModelVersion,
  Outbox,
  RegisterRequest,
  Registry,
  Run,
  RunQuery,
  RunRequest,
  VersionStage,
} from './types.ts'
import {
  findModel,
  findVersion,
  insertModel,
  insertVersion,
  listModels,
  listVersions,
  moveToStage,
  requireModel,
  requireVersion,
} from './version-rows.ts'

/** In the registry's folder. */
export const DATABASE = 'registry.db'
/** Copying a large model takes its time; a registration waits this long for another's. */
const REGISTRATION_WAIT_MS = 120_000

/**
 * The registry that needs no server: a folder with `registry.db` and the versions' files. Safe with several
 * processes.
 * @throws PressroomError `registry-damaged`, `not-writable`, `folder-locked`.
 */
export async function openEmbedded(folder: string): Promise<Registry> {
  const root = resolve(folder)
  return new EmbeddedRegistry(root, await openDatabase(join(root, DATABASE)))
}

class EmbeddedRegistry implements Registry {
  readonly location: string
  readonly outbox: Outbox
  readonly #db: Database

  constructor(root: string, database: Database) {
    this.location = root
    this.#db = database
    this.outbox = createOutbox(database, root)
  }

  async registerVersion(request: RegisterRequest): Promise<{ version: ModelVersion; reused: boolean }> {
    const { name, digest, folder } = request
    checkRegistration(request)
    await using _lock = await waitForLock(
      this.location,
      'registration',
      AbortSignal.timeout(REGISTRATION_WAIT_MS),
    )
    await storeArtifact(this.location, name, digest, folder)
    const result = this.#db.write(db => insertOrReuse(db, this.location, request))
    const versions = await this.searchVersions(name)
    await removeOrphans(this.location, name, new Set(versions.map(version => version.digest!)))
    return result
  }

  async getModel(name: string) {
    return this.#db.read(db => findModel(db, name))
  }

  async searchModels() {
    return this.#db.read(listModels)
  }

  async getVersion(name: string, version: string) {
    return this.#db.read(db => findVersion(db, this.location, name, version))
  }

  async searchVersions(name: string) {
    return this.#db.read(db => listVersions(db, this.location, name))
  }

  async download(name: string, version: string): Promise<string> {
    // Each version here has a digest: none is registered without.
    const digest = this.#db.read(db => requireVersion(db, this.location, name, version)).digest!
    const folder = artifactFolder(this.location, name, digest)
    if (await isSound(folder, digest)) return folder
    throw new PressroomError('model-damaged', `the files of ${name} ${version} are not those registered`, {
      where: folder,
      fix: 'register the same model folder again; its files are then stored anew',
    })
  }

  async getDownloadUri(name: string, version: string): Promise<string> {
    return this.#db.read(db => requireVersion(db, this.location, name, version)).source
  }

  async transitionStage(name: string, version: string, stage: VersionStage, archiveExisting = false) {
    return this.#db.write(db => {
      requireVersion(db, this.location, name, version)
      moveToStage(db, name, version, stage, archiveExisting)
      return requireVersion(db, this.location, name, version)
    })
  }

  async setAlias(name: string, alias: string, version: string): Promise<string | undefined> {
    checkAlias(alias)
    return this.#db.write(db => {
      requireVersion(db, this.location, name, version)
      const previous = own(findModel(db, name)?.aliases ?? {}, alias)
      db.prepare('insert or replace into aliases (model, alias, version) values (?, ?, ?)').run(
        name,
        alias,
        Number(version),
      )
      emit(db, 'model_version_alias.created', { name, alias, version }, Date.now())
      return previous
    })
  }

  async deleteAlias(name: string, alias: string): Promise<void> {
    checkAlias(alias)
    this.#db.write(db => {
      requireModel(db, name)
      db.prepare('delete from aliases where model = ? and alias = ?').run(name, alias)
      emit(db, 'model_version_alias.deleted', { name, alias }, Date.now())
    })
  }

  async setVersionTag(name: string, version: string, key: string, value: string): Promise<void> {
    checkKeys([key])
    this.#db.write(db => {
      requireVersion(db, this.location, name, version)
      db.prepare('insert or replace into version_tags (model, version, key, value) values (?, ?, ?, ?)').run(
        name,
        Number(version),
        key,
        value,
      )
      emit(db, 'model_version_tag.set', { name, version, key, value }, Date.now())
    })
  }

  async deleteVersionTag(name: string, version: string, key: string): Promise<void> {
    checkKeys([key])
    this.#db.write(db => {
      requireVersion(db, this.location, name, version)
      db.prepare('delete from version_tags where model = ? and version = ? and key = ?').run(
        name,
        Number(version),
        key,
      )
      emit(db, 'model_version_tag.deleted', { name, version, key }, Date.now())
    })
  }

  async createRun(run: RunRequest): Promise<Run> {
    checkRun(run)
    return this.#db.write(db => insertRun(db, run, Date.now()))
  }

  async getRun(runId: string) {
    return this.#db.read(db => findRun(db, runId))
  }

  async logMetrics(runId: string, values: readonly MetricValue[]): Promise<void> {
    checkMetricValues(values)
    this.#db.write(db => {
      requireRun(db, runId)
      insertMetrics(db, runId, values, Date.now())
    })
  }

  async getMetricHistory(runId: string, key: string) {
    return this.#db.read(db => {
      requireRun(db, runId)
      return listMetric(db, runId, key)
    })
  }

  async logArtifacts(runId: string, files: Readonly<Record<string, string>>): Promise<void> {
    checkArtifactPaths(Object.keys(files))
    this.#db.read(db => requireRun(db, runId))
    await storeRunFiles(this.location, runId, files)
  }

  async finishRun(runId: string, status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void> {
    this.#db.write(db => {
      requireRun(db, runId)
      endRun(db, runId, status, Date.now())
    })
  }

  async searchRuns(query: RunQuery = {}) {
    return this.#db.read(db => selectRuns(db, query))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db.close()
  }
}

function insertOrReuse(db: DatabaseSync, root: string, request: RegisterRequest) {
  const { name, digest } = request
  const known = listVersions(db, root, name).find(version => version.digest === digest)
  if (known !== undefined) return { version: known, reused: true }
  if (request.runId !== undefined) requireRun(db, request.runId)
  const now = Date.now()
  if (insertModel(db, name, now)) {
    emit(db, 'registered_model.created', { name, tags: {}, description: '' }, now)
  }
  const added = requireVersion(db, root, name, insertVersion(db, request, now))
  const { version, source, runId: run_id = null, tags } = added
  const description = request.description ?? null
  emit(db, 'model_version.created', { name, version, source, run_id, tags, description }, now)
  return { version: added, reused: false }
}
