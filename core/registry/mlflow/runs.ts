import { aString, objectWith } from '../../decode.ts'
import { PressroomError } from '../../errors.ts'
import { own } from '../../object.ts'
import { doOnce } from '../../once.ts'
import type { MetricPoint, MetricValue, Run, RunQuery, RunRequest } from '../types.ts'
import { faultOf, isOk, refusal } from './answer.ts'
import type { MlflowApi } from './api.ts'
import { experimentName, findExperiment, listExperiments, makeExperiment } from './experiments.ts'
import { allOf, keyed, leastFilter, textFilter } from './filters.ts'
import { aMetricRecord, aRunRecord, pairs, type RunRecord } from './records.ts'

const aRun = objectWith({ run: aRunRecord })

/** What one request may hold: 100 params, 100 tags, and 1000 of all kinds together (3.17.2 refuses more). */
const METRICS_A_BATCH = 800
const PARAMS_A_BATCH = 100
const TAGS_A_BATCH = 100

/** A run of a hundred classes has six hundred metrics, and all of them come along. */
const RUNS_A_PAGE = 250
const POINTS_A_PAGE = 25_000

/** The tag that MLflow's pages read as "belongs to that run". */
const PARENT_TAG = 'mlflow.parentRunId'
/** MLflow keeps a run's name here too. */
const NAME_TAG = 'mlflow.runName'

/** What MLflow's pages show as the source of a run or logged model. */
export const ORIGIN_TAGS = { 'mlflow.source.name': 'pressroom', 'mlflow.source.type': 'LOCAL' } as const

/** Tags that MLflow's pages know otherwise, and that nobody gave. */
const OWN_TAGS: ReadonlySet<string> = new Set([NAME_TAG, ...Object.keys(ORIGIN_TAGS)])

/**
 * Times that no two changes of this process share, in milliseconds since the epoch: MLflow orders runs, and values of one
 * step, by them alone.
 */
let last = 0
function now(): number {
  last = Math.max(last + 1, Date.now())
  return last
}

/**
 * Begins a run, or continues `current`. Where that one already has another value for a param, which MLflow never
 * changes, the run becomes a child of it.
 */
export async function beginRun(api: MlflowApi, request: RunRequest, current?: string): Promise<RunRecord> {
  const parent = current === undefined ? undefined : await findRun(api, current)
  const known = parent?.data.params ?? {}
  const differing = Object.entries(request.params ?? {}).some(
    ([key, value]) => (own(known, key) ?? value) !== value,
  )
  const run =
    parent !== undefined && !differing
      ? parent
      : await makeRun(api, request, parent && { [PARENT_TAG]: parent.info.run_id })
  const id = run.info.run_id
  const { params = {}, tags = {}, metrics = {} } = request
  const values = Object.entries(metrics).map(([key, value]) => ({ key, step: 0, value }))
  await logBatch(api, id, { params, tags, metrics: values })
  if (request.datasets !== undefined && request.datasets.length > 0) {
    await api.send('POST', 'runs/log-inputs', { run_id: id, datasets: request.datasets.map(datasetOf) })
  }
  return requireRun(api, id)
}

function makeRun(api: MlflowApi, { name, experiment }: RunRequest, more: Record<string, string> = {}) {
  const tags = { ...ORIGIN_TAGS, ...more }
  const start_time = now()
  return doOnce(
    api.transport,
    async () => {
      const experiment_id = await makeExperiment(api, experiment)
      const body = { experiment_id, run_name: name, start_time, tags: pairs(tags) }
      return (await api.post('runs/create', body, aRun, { safety: 'once' })).run
    },
    async () => {
      // Nobody else began a run of that name in that millisecond.
      const experiment_id = await makeExperiment(api, experiment)
      const filter = `attributes.start_time = ${start_time}`
      const query = { experiment_ids: [experiment_id], filter, max_results: 10 }
      for await (const found of api.list('POST', 'runs/search', 'runs', query, aRunRecord)) {
        if (found.info.run_name === name) return found
      }
      return undefined
    },
  )
}

/** Adds params, tags and metrics to a run, the metrics all as of now. */
export async function logBatch(
  api: MlflowApi,
  runId: string,
  {
    params = {},
    tags = {},
    metrics = [],
  }: Pick<RunRequest, 'params' | 'tags'> & { readonly metrics?: readonly MetricValue[] },
): Promise<void> {
  const timestamp = now()
  const dated = metrics.map(({ key, value, step }) => ({ key, value, timestamp, step }))
  await sendBatches(api, runId, { params: pairs(params), tags: pairs(tags), metrics: dated })
}

/** In as many requests as it takes. Sending one twice does no harm. */
export async function sendBatches(
  api: MlflowApi,
  runId: string,
  { params = [], tags = [], metrics = [] }: Readonly<Record<string, readonly object[]>>,
): Promise<void> {
  const rounds = Math.ceil(
    Math.max(params.length / PARAMS_A_BATCH, tags.length / TAGS_A_BATCH, metrics.length / METRICS_A_BATCH),
  )
  for (let i = 0; i < rounds; i++) {
    const part = (list: readonly object[], most: number) => list.slice(i * most, (i + 1) * most)
    const answer = await api.answer('POST', 'runs/log-batch', {
      run_id: runId,
      params: part(params, PARAMS_A_BATCH),
      tags: part(tags, TAGS_A_BATCH),
      metrics: part(metrics, METRICS_A_BATCH),
    })
    if (isOk(answer)) continue
    if (faultOf(answer)?.code === 'RESOURCE_DOES_NOT_EXIST') throw noRun(runId)
    throw refusal(answer)
  }
}

/** By step; of several values of one step the one that was logged last. */
export async function metricHistory(api: MlflowApi, runId: string, key: string): Promise<MetricPoint[]> {
  // MLflow gives an empty history for a run that does not exist.
  await requireRun(api, runId)
  const query = { run_id: runId, metric_key: key, max_results: POINTS_A_PAGE }
  const points = new Map<number, MetricPoint>()
  for await (const found of api.list('GET', 'metrics/get-history', 'metrics', query, aMetricRecord)) {
    const known = points.get(found.step)
    if (known !== undefined && known.loggedAt > found.timestamp) continue
    points.set(found.step, { step: found.step, value: found.value, loggedAt: found.timestamp })
  }
  return [...points.values()].sort((a, b) => a.step - b.step)
}

/** Ends a run; the time it first ended stays. */
export async function endRun(api: MlflowApi, runId: string, status: Run['status']): Promise<void> {
  const { info } = await requireRun(api, runId)
  await api.send('POST', 'runs/update', { run_id: runId, status, end_time: info.end_time ?? now() })
}

export async function findRun(api: MlflowApi, runId: string): Promise<RunRecord | undefined> {
  if (!/^[\w-]{1,64}$/.test(runId)) return undefined
  return (await api.find('runs/get', { run_id: runId }, aRun))?.run
}

/** @throws PressroomError `not-registered`. */
export async function requireRun(api: MlflowApi, runId: string): Promise<RunRecord> {
  const found = await findRun(api, runId)
  if (found !== undefined) return found
  throw noRun(runId)
}

/** Newest first. */
export async function searchRuns(api: MlflowApi, query: RunQuery): Promise<Run[]> {
  const { experiment, limit = 100 } = query
  const experiments =
    experiment === undefined ? await listExperiments(api) : [await findExperiment(api, experiment)]
  const names = new Map(experiments.flatMap(found => (found ? [[found.id, found.name] as const] : [])))
  if (names.size === 0) return []
  const wanted = {
    experiment_ids: [...names.keys()],
    order_by: ['attributes.start_time DESC'],
    max_results: RUNS_A_PAGE,
    ...allOf(conditionsOf(query)),
  }
  const runs: Run[] = []
  for await (const found of api.list('POST', 'runs/search', 'runs', wanted, aRunRecord)) {
    const run = toRun(found, names.get(found.info.experiment_id) ?? '')
    if (!matches(run, query)) continue
    runs.push(run)
    if (runs.length === limit) break
  }
  return runs
}

function conditionsOf({ params = {}, tags = {}, minMetrics = {} }: RunQuery): string[] {
  return [
    ...Object.entries(params).flatMap(([key, value]) => textFilter(keyed('params', key), value)),
    ...Object.entries(tags).flatMap(([key, value]) => textFilter(keyed('tags', key), value)),
    ...Object.entries(minMetrics).flatMap(([key, least]) => leastFilter(keyed('metrics', key), least)),
  ]
}

function matches(run: Run, { params = {}, tags = {}, minMetrics = {} }: RunQuery): boolean {
  return (
    Object.entries(params).every(([key, value]) => own(run.params, key) === value) &&
    Object.entries(tags).every(([key, value]) => own(run.tags, key) === value) &&
    Object.entries(minMetrics).every(([key, least]) => (own(run.metrics, key) ?? Number.NaN) >= least)
  )
}

export async function runOf(api: MlflowApi, record: RunRecord): Promise<Run> {
  return toRun(record, await experimentName(api, record.info.experiment_id))
}

function toRun({ info, data, inputs }: RunRecord, experiment: string): Run {
  const named = data.tags[NAME_TAG]
  const tags = Object.fromEntries(Object.entries(data.tags).filter(([key]) => !OWN_TAGS.has(key)))
  const { status } = info
  return {
    id: info.run_id,
    experiment,
    name: info.run_name ?? named ?? '',
    // SCHEDULED is of MLflow's older projects; it has not ended.
    status: status === 'SCHEDULED' ? 'RUNNING' : status,
    params: data.params,
    metrics: Object.fromEntries((data.metrics ?? []).map(({ key, value }) => [key, value])),
    tags,
    datasets: (inputs?.dataset_inputs ?? []).map(({ dataset, tags }) => ({
      name: dataset.name,
      digest: dataset.digest,
      source: sourceOf(dataset.source),
      context: tags[CONTEXT_TAG] ?? '',
    })),
    startedAt: info.start_time,
    // Zero, where there is none, on some stores.
    endedAt: info.end_time || undefined,
  }
}

/** The tag that MLflow's pages show a data set's use by. */
const CONTEXT_TAG = 'mlflow.data.context'

/** MLflow's pages read the source as JSON. */
function datasetOf({ name, digest, source, context }: NonNullable<RunRequest['datasets']>[number]) {
  return {
    dataset: { name, digest, source_type: 'pressroom', source: JSON.stringify({ uri: source }) },
    tags: pairs({ [CONTEXT_TAG]: context }),
  }
}

function sourceOf(text: string): string {
  try {
    return objectWith({ uri: aString })(JSON.parse(text), 'source').uri
  } catch {
    return text
  }
}

function noRun(runId: string): PressroomError {
  return new PressroomError('not-registered', `there is no run ${JSON.stringify(runId)}`)
}
