/** How a registry is opened, and waited for where it is a server. */
export interface RegistryOptions {
  /** Ends a call under way, whose error is then the signal's reason. */
  readonly signal?: AbortSignal
  /** Told, in a line for a person, of a server that does not answer: after two seconds, then at each try that fails. */
  readonly onWait?: (line: string) => void
  /** Told, in a line for a person, of a folder that had no registry: one that was mistyped looks like an empty one. */
  readonly onNew?: (line: string) => void
}

/**
 * The registry as the rest of Pressroom sees it. Names and meanings are MLflow's, so that its REST API and
 * the embedded registry can both stand behind this interface and pass the same test suite.
 */
export interface Registry {
  /** Where it is, as a person would write it: a folder or a URL. */
  readonly location: string
  /** Events that wait for a webhook; undefined where the registry sends its own, as MLflow does. */
  readonly outbox: Outbox | undefined

  /**
   * Stores a sealed model folder as a new version of `name`, creating the model when there is none.
   * A folder whose digest is already registered under that name returns the version it has.
   */
  registerVersion(
    request: RegisterRequest,
  ): Promise<{ readonly version: ModelVersion; readonly reused: boolean }>

  getModel(name: string): Promise<RegisteredModel | undefined>
  searchModels(): Promise<readonly RegisteredModel[]>
  getVersion(name: string, version: string): Promise<ModelVersion | undefined>
  /** Newest first. */
  searchVersions(name: string): Promise<readonly ModelVersion[]>
  /**
   * A local folder with the version's files, its digest checked where the version has one. Whoever calls decides first
   * whether the place that `getDownloadUri` names is one to take files from.
   */
  download(name: string, version: string): Promise<string>
  /** Where the version's files lie: `file:`, `mlflow-artifacts:`, `gs:` or `s3:`. A `source` may refer to it indirectly. */
  getDownloadUri(name: string, version: string): Promise<string>
  /** The registry's own bucket and folder (`gs://mlflow/artifacts`), when it keeps artifacts in one and says so. */
  artifactRoot?(): Promise<string | undefined>

  /**
   * Points the alias at the version; repeating it changes nothing, but tells the webhook again, as MLflow
   * does. Returns the version it pointed at before.
   */
  setAlias(name: string, alias: string, version: string): Promise<string | undefined>
  deleteAlias(name: string, alias: string): Promise<void>
  setVersionTag(name: string, version: string, key: string, value: string): Promise<void>
  deleteVersionTag(name: string, version: string, key: string): Promise<void>

  /**
   * Moves a version to a stage, MLflow's older way to say what serves. With `archiveExisting`, versions that were in
   * Staging or Production before it become Archived. It tells no webhook, as in MLflow.
   */
  transitionStage(
    name: string,
    version: string,
    stage: VersionStage,
    archiveExisting?: boolean,
  ): Promise<ModelVersion>

  /**
   * Begins a run. Where MLFLOW_RUN_ID names the run that this process is part of, as in a task of Kubeflow, the MLflow
   * registry continues that one, and leaves it to whoever began it to finish it.
   */
  createRun(run: RunRequest): Promise<Run>
  getRun(runId: string): Promise<Run | undefined>
  /** Adds to the metrics' histories, as many at once as one likes; the same step of a metric again replaces its value. */
  logMetrics(runId: string, values: readonly MetricValue[]): Promise<void>
  /** By step. */
  getMetricHistory(runId: string, key: string): Promise<readonly MetricPoint[]>
  /**
   * Stores files with a run, by their path there (`/` between parts); a file of the same path is replaced.
   * @param files path in the run -> a file on this machine
   */
  logArtifacts(runId: string, files: Readonly<Record<string, string>>): Promise<void>
  finishRun(runId: string, status: 'FINISHED' | 'FAILED' | 'KILLED'): Promise<void>
  /** Newest first. */
  searchRuns(query?: RunQuery): Promise<readonly Run[]>

  [Symbol.asyncDispose](): Promise<void>
}

export interface RegisterRequest {
  readonly name: string
  /** A sealed model folder on this machine. */
  readonly folder: string
  /** What `digestFolder` of core/storage says of it (`sha256:…`); the stored copy must digest to the same. */
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

export type VersionStage = 'None' | 'Staging' | 'Production' | 'Archived'

export interface ModelVersion {
  readonly name: string
  /** A positive integer as a string, as MLflow has it. */
  readonly version: string
  /** What it was registered with; undefined for one that another program registered. */
  readonly digest: string | undefined
  readonly source: string
  readonly stage: VersionStage
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
  /** Finite, as those logged later. A `Run` tells each metric's value at its last step. */
  readonly metrics?: Readonly<Record<string, number>>
  readonly tags?: Readonly<Record<string, string>>
  readonly datasets?: readonly DatasetInput[]
}

/** Rows that a run worked on. */
export interface DatasetInput {
  readonly name: string
  /** At most 36 characters, as MLflow has it. */
  readonly digest: string
  /** Where they are, or what made them. */
  readonly source: string
  /** What for: `training`, `validation`, `test`. */
  readonly context: string
}

export interface Run extends Required<RunRequest> {
  readonly id: string
  readonly status: 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED'
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly endedAt: number | undefined
}

/** What a metric is after a step. */
export interface MetricValue {
  readonly key: string
  /** An integer; 0 for those that a run is created with. */
  readonly step: number
  /** Finite. */
  readonly value: number
}

export interface MetricPoint {
  readonly step: number
  readonly value: number
  /** Milliseconds since the epoch. */
  readonly loggedAt: number
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

/** Events of a registry in the order of their changes, each kept until its webhook has it. */
export interface Outbox {
  /** The event to send next: the oldest never tried, or the one whose next try comes first. */
  next(): PendingEvent | undefined
  /** Ends an event's wait; `detail` is kept for whoever asks what became of it. */
  settle(deliveryId: string, outcome: 'delivered' | 'dropped', detail: string): void
  /** Counts a failed try and sets the time of the next, in milliseconds since the epoch. */
  postpone(deliveryId: string, dueAt: number, detail: string): void
  /** Held around one try: no event goes out twice because two processes found it waiting. */
  lock(signal: AbortSignal): Promise<AsyncDisposable>
}

export interface PendingEvent {
  /** The same for every try, in this process or a later one. */
  readonly deliveryId: string
  /** JSON, as it is sent. */
  readonly body: string
  /** Tries that failed. */
  readonly tries: number
  /** Milliseconds since the epoch; 0 before the first try. */
  readonly dueAt: number
}

/** What each event tells, by `entity.action`. The entities, actions and keys are MLflow's; so is `run_id`. */
export interface EventData {
  'registered_model.created': {
    readonly name: string
    readonly tags: Readonly<Record<string, string>> | null
    readonly description: string | null
  }
  'model_version.created': {
    readonly name: string
    readonly version: string
    readonly source: string | null
    readonly run_id: string | null
    readonly tags: Readonly<Record<string, string>> | null
    readonly description: string | null
  }
  'model_version_tag.set': {
    readonly name: string
    readonly version: string
    readonly key: string
    readonly value: string
  }
  'model_version_tag.deleted': { readonly name: string; readonly version: string; readonly key: string }
  'model_version_alias.created': { readonly name: string; readonly alias: string; readonly version: string }
  'model_version_alias.deleted': { readonly name: string; readonly alias: string }
}

export type EventKind = keyof EventData

interface EventHead {
  readonly entity: string
  readonly action: string
  /** ISO 8601. */
  readonly timestamp: string
}

/** An event of a registry. What we do not know (prompts, budgets, what comes later) is kept, as `unknown`. */
export type RegistryEvent =
  | { [K in EventKind]: EventHead & { readonly kind: K; readonly data: EventData[K] } }[EventKind]
  | (EventHead & { readonly kind: 'unknown'; readonly data: Readonly<Record<string, unknown>> })
