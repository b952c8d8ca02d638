import { own } from '../../object.ts'
import { eachOf } from '../../storage/object-folders.ts'
import { requireFiles } from '../artifacts.ts'
import { checkArtifactPaths, checkMetricValues, checkRegistration, checkRun } from '../checks.ts'
import { checkAlias, checkKeys } from '../names.ts'
import type {
  MetricValue,
  RegisterRequest,
  Registry,
  RegistryOptions,
  Run,
  RunQuery,
  RunRequest,
  VersionStage,
} from '../types.ts'
import { MlflowApi } from './api.ts'
import { openArtifacts } from './artifacts.ts'
import { type MlflowConnection, readConnection } from './connection.ts'
import { bucketOfServer } from './experiments.ts'
import { cacheFolder, fetchVersion } from './fetching.ts'
import {
  change,
  findModel,
  findVersion,
  listModels,
  listVersions,
  moveToStage,
  notRegistered,
  requireVersion,
} from './models.ts'
import { registerFolder } from './registering.ts'
import { beginRun, endRun, findRun, logBatch, metricHistory, requireRun, runOf, searchRuns } from './runs.ts'
import { placeOf } from './sources.ts'

/**
 * The registry of an MLflow tracking server. Nothing is asked of it before the first call.
 * @param location its address
 * @throws PressroomError `usage`, `invalid-setting` for an address or a sign-in that cannot be meant
 */
export function openMlflow(location: string, options: RegistryOptions = {}): Registry {
  return new MlflowRegistry(readConnection(location), cacheFolder(process.env), options)
}

export class MlflowRegistry implements Registry {
  readonly location: string
  /** MLflow sends its own events. */
  readonly outbox = undefined
  readonly #api: MlflowApi
  readonly #cache: string
  readonly #runId: string | undefined
  readonly #closed = new AbortController()
  #root: Promise<string | undefined> | undefined

  constructor(connection: MlflowConnection, cache: string, { signal, onWait }: RegistryOptions = {}) {
    this.location = connection.endpoint
    const ends = signal === undefined ? [this.#closed.signal] : [this.#closed.signal, signal]
    this.#api = new MlflowApi(connection, AbortSignal.any(ends), onWait)
    this.#cache = cache
    this.#runId = connection.runId
  }

  async registerVersion(request: RegisterRequest) {
    checkRegistration(request)
    return registerFolder(this.#api, request)
  }

  async getModel(name: string) {
    return findModel(this.#api, name)
  }

  async searchModels() {
    return listModels(this.#api)
  }

  async getVersion(name: string, version: string) {
    return findVersion(this.#api, name, version)
  }

  async searchVersions(name: string) {
    return listVersions(this.#api, name)
  }

  async download(name: string, version: string): Promise<string> {
    const found = await requireVersion(this.#api, name, version)
    const artifacts = await openArtifacts(this.#api.transport, await placeOf(this.#api, found))
    return fetchVersion(artifacts, found, this.#cache)
  }

  async getDownloadUri(name: string, version: string): Promise<string> {
    return placeOf(this.#api, await requireVersion(this.#api, name, version))
  }

  async artifactRoot(): Promise<string | undefined> {
    this.#root ??= bucketOfServer(this.#api).catch(error => {
      this.#root = undefined
      throw error
    })
    return this.#root
  }

  async transitionStage(name: string, version: string, stage: VersionStage, archiveExisting = false) {
    await moveToStage(this.#api, name, version, stage, archiveExisting)
    return requireVersion(this.#api, name, version)
  }

  async setAlias(name: string, alias: string, version: string): Promise<string | undefined> {
    checkAlias(alias)
    const model = await findModel(this.#api, name)
    if (model === undefined) throw await notRegistered(this.#api, name)
    await change(this.#api, 'POST', 'registered-models/alias', { name, alias, version })
    return own(model.aliases, alias)
  }

  async deleteAlias(name: string, alias: string): Promise<void> {
    checkAlias(alias)
    await change(this.#api, 'DELETE', 'registered-models/alias', { name, alias })
  }

  async setVersionTag(name: string, version: string, key: string, value: string): Promise<void> {
    checkKeys([key])
    await change(this.#api, 'POST', 'model-versions/set-tag', { name, version, key, value })
  }

  async deleteVersionTag(name: string, version: string, key: string): Promise<void> {
    checkKeys([key])
    await change(this.#api, 'DELETE', 'model-versions/delete-tag', { name, version, key })
  }

  async createRun(run: RunRequest): Promise<Run> {
    checkRun(run)
    return runOf(this.#api, await beginRun(this.#api, run, this.#runId))
  }

  async getRun(runId: string): Promise<Run | undefined> {
    const found = await findRun(this.#api, runId)
    return found && runOf(this.#api, found)
  }

  async logMetrics(runId: string, values: readonly MetricValue[]): Promise<void> {
    checkMetricValues(values)
    await logBatch(this.#api, runId, { metrics: values })
  }

  async getMetricHistory(runId: string, key: string) {
    return metricHistory(this.#api, runId, key)
  }

  async logArtifacts(runId: string, files: Readonly<Record<string, string>>): Promise<void> {
    checkArtifactPaths(Object.keys(files))
    await requireFiles(Object.values(files))
    const { info } = await requireRun(this.#api, runId)
    const artifacts = await openArtifacts(this.#api.transport, info.artifact_uri)
    await eachOf(Object.entries(files), ([path, from]) => artifacts.write(path, from))
  }

  async finishRun(runId: string, status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void> {
    // The run that this process is part of is finished by whoever began it.
    if (runId !== this.#runId) await endRun(this.#api, runId, status)
  }

  async searchRuns(query: RunQuery = {}) {
    return searchRuns(this.#api, query)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort()
  }
}
