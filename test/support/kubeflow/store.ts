import type { PipelineSpec } from '../../../pipelines/specification.ts'
import type { Timeline } from './argo.ts'
import type { Item } from './lists.ts'
import type { Package } from './specs.ts'

export interface StoredRun {
  item: Record<string, unknown>
  readonly timeline: Timeline
  tick: number
  /** The tick at which it was terminated. */
  terminated?: number
}

export interface StoredVersion {
  readonly item: Item
  readonly content: Package
}

/** What the server keeps. */
export class Store {
  readonly experiments = new Map<string, Record<string, unknown>>()
  readonly pipelines = new Map<string, Item>()
  readonly versions = new Map<string, StoredVersion>()
  readonly runs = new Map<string, StoredRun>()
  readonly recurringRuns = new Map<string, Record<string, unknown>>()
  /** How far a run goes on each time it is looked at. */
  pace = 1
  /** Logs that belong to no simulated run, by node. */
  readonly logs = new Map<string, string>()
  /** Kubernetes' own: pods and events that its API shows. */
  pods: unknown[] = []
  events: unknown[] = []
  readonly #simulate: (spec: PipelineSpec, workflow: string) => Timeline
  #clock = Date.UTC(2026, 10, 21, 8)

  constructor(simulate: (spec: PipelineSpec, workflow: string) => Timeline) {
    this.#simulate = simulate
  }

  /** Creation times differ, so that an order by them is one. */
  now(): string {
    this.#clock += 1000
    return new Date(this.#clock).toISOString().replace('.000', '')
  }

  addRun(item: Record<string, unknown>, spec: PipelineSpec): StoredRun {
    const id = crypto.randomUUID()
    const created = this.now()
    const run: StoredRun = {
      item: {
        experiment_id: this.defaultExperiment(),
        run_id: id,
        storage_state: 'AVAILABLE',
        ...item,
        ...(item.service_account === undefined && { service_account: 'pipeline-runner' }),
        created_at: created,
        scheduled_at: created,
        finished_at: '1970-01-01T00:00:00Z',
        state: 'PENDING',
        state_history: [{ update_time: created, state: 'PENDING' }],
      },
      timeline: this.#simulate(spec, `${spec.pipelineInfo?.name ?? 'workflow'}-${id.slice(0, 5)}`),
      tick: 0,
    }
    this.runs.set(id, run)
    return run
  }

  /** A run as it is now. Looking at it lets it go on. */
  look(run: StoredRun): Record<string, unknown> {
    const { timeline } = run
    run.tick += this.pace
    // Argo needs a moment to end what is terminated.
    const cut = run.terminated === undefined ? Number.POSITIVE_INFINITY : run.terminated + 2
    const ended = run.tick >= Math.min(timeline.end, cut)
    const state =
      run.tick >= timeline.end
        ? timeline.state
        : ended
          ? 'FAILED'
          : run.terminated !== undefined
            ? 'CANCELING'
            : 'RUNNING'
    const history = run.item.state_history as { state: string }[]
    if (history.at(-1)?.state !== state) history.push({ state })
    Object.assign(run.item, { state, ...(ended && { finished_at: this.now() }) })
    const details = timeline.details(run.tick, ended && run.tick < timeline.end ? run.terminated : undefined)
    for (const detail of details) detail.run_id = run.item.run_id
    return { ...run.item, run_details: { task_details: details } }
  }

  defaultExperiment(): string {
    const found = [...this.experiments].find(([, item]) => item.display_name === 'Default')
    return found?.[0] ?? String(this.addExperiment({ display_name: 'Default' }).experiment_id)
  }

  addExperiment(item: Item): Record<string, unknown> {
    const experiment = {
      experiment_id: crypto.randomUUID(),
      ...item,
      created_at: this.now(),
      storage_state: 'AVAILABLE',
      last_run_created_at: '1970-01-01T00:00:00Z',
    }
    this.experiments.set(experiment.experiment_id, experiment)
    return experiment
  }

  addPipeline(item: Item): Item {
    const pipeline = { pipeline_id: crypto.randomUUID(), ...item, created_at: this.now() }
    this.pipelines.set(pipeline.pipeline_id, pipeline)
    return pipeline
  }

  addVersion(item: Item, content: Package): Item {
    const { spec, platform } = content
    const version = {
      pipeline_version_id: crypto.randomUUID(),
      ...item,
      created_at: this.now(),
      pipeline_spec: platform === undefined ? spec : { pipeline_spec: spec, platform_spec: platform },
    }
    this.versions.set(version.pipeline_version_id, { item: version, content })
    return version
  }

  versionsOf(pipelineId: string): StoredVersion[] {
    return [...this.versions.values()].filter(({ item }) => item.pipeline_id === pipelineId)
  }
}
