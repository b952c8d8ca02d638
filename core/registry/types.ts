/**
 * The registry as the rest of Pressroom sees it. Names and meanings are MLflow's, so that its REST API and the embedded
 * registry can both stand behind this interface and pass the same test suite.
 */
export interface Registry {
  /** Where it is, as a person would write it: a folder or a URL. */
  readonly location: string

  /**
   * Stores a sealed model folder as a new version of `name`, creating the model when there is none.
   * A folder whose digest is already registered under that name returns the version it has.
   */
  registerVersion(request: RegisterRequest): Promise<{ readonly version: ModelVersion; readonly reused: boolean }>

  getModel(name: string): Promise<RegisteredModel | undefined>
  searchModels(): Promise<readonly RegisteredModel[]>
  getVersion(name: string, version: string): Promise<ModelVersion | undefined>
  /** Newest first. */
  searchVersions(name: string): Promise<readonly ModelVersion[]>
  /** A local folder with the version's files, its digest checked. */
  download(name: string, version: string): Promise<string>

  /** Points the alias at the version; repeating it changes nothing. Returns the version it pointed at before. */
  setAlias(name: string, alias: string, version: string): Promise<string | undefined>
  deleteAlias(name: string, alias: string): Promise<void>
  setVersionTag(name: string, version: string, key: string, value: string): Promise<void>
  deleteVersionTag(name: string, version: string, key: string): Promise<void>

  createRun(run: RunRequest): Promise<Run>
  logMetrics(runId: string, metrics: Readonly<Record<string, number>>, step?: number): Promise<void>
  finishRun(runId: string, status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void>
  searchRuns(query?: RunQuery): Promise<readonly Run[]>

  [Symbol.asyncDispose](): Promise<void>
}

export interface RegisterRequest {
  readonly name: string
  /** A sealed model folder on this machine. */
  readonly folder: string
  /** What the folder's files digest to (`sha256:…`), as core/model computes it. */
  readonly digest: string
  readonly runId?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly description?: string
}

export interface RegisteredModel {
  readonly name: string
  /** alias -> version */
  readonly aliases: Readonly<Record<string, string>>
  readonly latestVersion: string | undefined
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export interface ModelVersion {
  readonly name: string
  /** A positive integer as a string, as MLflow has it. */
  readonly version: string
  readonly digest: string
  readonly source: string
  readonly runId: string | undefined
  readonly tags: Readonly<Record<string, string>>
  readonly aliases: readonly string[]
  readonly description: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export interface RunRequest {
  readonly experiment: string
  readonly name: string
  readonly params?: Readonly<Record<string, string>>
  readonly metrics?: Readonly<Record<string, number>>
  readonly tags?: Readonly<Record<string, string>>
}

export interface Run extends Required<RunRequest> {
  readonly id: string
  readonly status: 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED'
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly endedAt: number | undefined
}

export interface RunQuery {
  readonly experiment?: string
  /** Exact matches, all of which must hold. */
  readonly params?: Readonly<Record<string, string>>
  readonly tags?: Readonly<Record<string, string>>
  /** Least value of a metric, by name. */
  readonly minMetrics?: Readonly<Record<string, number>>
  /** Default 100. */
  readonly limit?: number
}

/** What the deployer must know of an event: that there is something to look at, and where. */
export interface RegistryEvent {
  readonly entity: string
  readonly action: string
  readonly timestamp: string
  readonly data: Readonly<Record<string, unknown>>
}
