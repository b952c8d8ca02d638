import { absent, Fault, invalid, taken } from './fault.ts'
import { fits } from './filter.ts'
import type { Routes } from './routes.ts'
import { type Metric, newId, type Pair, pairsOf, type Store, type StoredRun } from './store.ts'

const RUN_KEYS = ['params', 'tags', 'metrics', 'start_time', 'run_name', 'run_id', 'status']

/** Experiments, runs and logged models. */
export const TRACKING: Routes = {
  'GET experiments/get-by-name': (store, { experiment_name: name }) => {
    const found = store.experiments.find(experiment => experiment.name === name)
    if (found === undefined) throw absent(`Could not find experiment with name '${name}'`)
    return { experiment: experimentOf(store, found) }
  },
  'GET experiments/get': (store, { experiment_id: id }) => ({
    experiment: experimentOf(store, experiment(store, id)),
  }),
  'POST experiments/create': (store, { name, artifact_location: artifactLocation }) => {
    if (store.experiments.some(experiment => experiment.name === name)) {
      throw taken(
        `Experiment(name=${name}) already exists. Error: (sqlite3.IntegrityError) …\n[SQL: INSERT …]`,
      )
    }
    const id = `${store.experiments.length}`
    store.experiments.push({ id, name, artifactLocation, deleted: false })
    return { experiment_id: id }
  },
  'POST experiments/search': (store, _, page) =>
    page(
      'experiments',
      store.experiments.filter(({ deleted }) => !deleted).map(each => experimentOf(store, each)),
    ),
  'POST runs/create': (store, { experiment_id, run_name, start_time, tags }) => {
    experiment(store, experiment_id)
    const run_id = newId()
    const run: StoredRun = {
      run_id,
      experiment_id,
      run_name,
      status: 'RUNNING',
      start_time: start_time ?? Date.now(),
      end_time: undefined,
      artifact_uri: `${store.artifactRoot}/${experiment_id}/${run_id}/artifacts`,
      params: new Map(),
      tags: new Map([...texts(tags), ['mlflow.runName', run_name]]),
      metrics: [],
      datasets: [],
      outputs: [],
    }
    store.runs.set(run_id, run)
    return { run: runOf(run) }
  },
  'GET runs/get': (store, { run_id }) => ({ run: runOf(store.run(run_id)) }),
  'POST runs/update': (store, { run_id, status, end_time }) => {
    const run = store.run(run_id)
    // Other words are dropped without a word.
    if (['RUNNING', 'FINISHED', 'FAILED', 'KILLED'].includes(status)) run.status = status
    run.end_time = end_time ?? run.end_time
    return { run_info: runOf(run).info }
  },
  'POST runs/log-batch': (store, { run_id, params = [], tags = [], metrics = [] }) => {
    const run = store.run(run_id)
    for (const [kind, list, most] of [
      ['metrics', metrics, 1000],
      ['params', params, 100],
      ['tags', tags, 100],
      ['metrics, params, and tags', [...metrics, ...params, ...tags], 1000],
    ] as const) {
      if (list.length > most) {
        throw invalid(
          `A batch logging request can contain at most ${most} ${kind}. Got ${list.length} ${kind}.`,
        )
      }
    }
    for (const [key, value] of texts(params)) {
      const old = run.params.get(key)
      if (old !== undefined && old !== value) throw invalid('Changing param values is not allowed.')
      run.params.set(key, value.slice(0, 6000))
    }
    for (const [key, value] of texts(tags)) run.tags.set(key, value)
    for (const [i, metric] of (metrics as Metric[]).entries()) {
      for (const part of ['key', 'value', 'timestamp'] as const) {
        if (metric[part] == null)
          throw invalid(`Missing value for required parameter 'metrics[${i}].${part}'.`)
      }
      const { key, value, timestamp, step = 0, model_id } = metric
      const same = run.metrics.find(
        other =>
          other.key === key && other.value === value && other.timestamp === timestamp && other.step === step,
      )
      if (same === undefined || model_id !== undefined) {
        run.metrics.push({ key, value, timestamp, step, ...(model_id && { model_id }) })
      }
    }
    return {}
  },
  'POST runs/log-inputs': (store, { run_id, datasets = [] }) => {
    store.run(run_id).datasets.push(...datasets)
    return {}
  },
  'POST runs/outputs': (store, { run_id, models = [] }) => {
    const { outputs } = store.run(run_id)
    for (const model of models) {
      if (outputs.some(({ model_id }) => model_id === model.model_id)) {
        throw new Fault(
          400,
          'BAD_REQUEST',
          '(sqlite3.IntegrityError) UNIQUE constraint failed\n[SQL: INSERT …]',
        )
      }
      outputs.push(model)
    }
    return {}
  },
  'GET metrics/get-history': (store, { run_id, metric_key }, page) => {
    const metrics = store.runs.get(run_id)?.metrics ?? []
    const points = metrics.filter(({ key, model_id }) => key === metric_key && model_id === undefined)
    return page(
      'metrics',
      points.sort((a, b) => a.timestamp - b.timestamp),
    )
  },
  'POST runs/search': (store, { experiment_ids = [], filter = '', max_results = 1000 }, page) => {
    if (max_results > 50_000) throw invalid(`Invalid value ${max_results} for parameter 'max_results'`)
    const runs = [...store.runs.values()].filter(
      run => experiment_ids.includes(run.experiment_id) && fits(filter, RUN_KEYS, fieldOf(run)),
    )
    return page('runs', runs.sort((a, b) => b.start_time - a.start_time).map(runOf))
  },
  'POST logged-models': (store, { experiment_id, name, source_run_id, params = [], tags = [] }) => {
    experiment(store, experiment_id)
    if (/[/:.%"']/.test(name)) throw invalid(`Invalid model name ('${name}') provided.`)
    const model_id = `m-${newId()}`
    const artifact_uri = `${store.artifactRoot}/${experiment_id}/models/${model_id}/artifacts`
    const status = 'LOGGED_MODEL_PENDING'
    const model = { model_id, experiment_id, name, status, artifact_uri, source_run_id, params, tags }
    store.loggedModels.set(model_id, model)
    return { model: { info: model, data: { params } } }
  },
  'PATCH logged-models/*': (store, { model_id, status }, _, id) => {
    if (model_id === undefined) throw invalid("Missing value for required parameter 'model_id'.")
    const model = store.loggedModel(id)
    const known = ['PENDING', 'READY', 'UPLOAD_FAILED'].map(word => `LOGGED_MODEL_${word}`)
    model.status = known.includes(status) ? status : 'LOGGED_MODEL_STATUS_UNSPECIFIED'
    return { model: { info: model } }
  },
}

function experiment(store: Store, id: string) {
  const found = store.experiments.find(experiment => experiment.id === id)
  if (found === undefined) throw absent(`No Experiment with id=${id} exists`)
  return found
}

function experimentOf(
  { artifactRoot }: Store,
  { id, name, artifactLocation, deleted }: Store['experiments'][number],
) {
  return {
    experiment_id: id,
    name,
    artifact_location: artifactLocation ?? `${artifactRoot}/${id}`,
    lifecycle_stage: deleted ? 'deleted' : 'active',
  }
}

/** What is no text becomes an empty one. */
function texts(pairs: readonly Pair[] = []): [string, string][] {
  return pairs.map(({ key, value }) => [key, typeof value === 'string' ? value : ''])
}

function runOf(run: StoredRun) {
  const { params, tags, metrics, datasets, outputs, ...info } = run
  const latest = [...latestOf(metrics).values()].map(({ model_id, ...metric }) => metric)
  return {
    info: { ...info, lifecycle_stage: 'active' },
    data: {
      ...(latest.length > 0 && { metrics: latest }),
      ...(params.size > 0 && { params: pairsOf(params) }),
      tags: pairsOf(tags),
    },
    inputs: datasets.length > 0 ? { dataset_inputs: datasets } : {},
    ...(outputs.length > 0 && { outputs: { model_outputs: outputs } }),
  }
}

function latestOf(metrics: readonly Metric[]): Map<string, Metric> {
  const latest = new Map<string, Metric>()
  for (const metric of metrics) {
    const known = latest.get(metric.key)
    const later =
      known === undefined ||
      metric.step > known.step ||
      (metric.step === known.step && metric.timestamp >= known.timestamp)
    if (later) latest.set(metric.key, metric)
  }
  return latest
}

const fieldOf = (run: StoredRun) => (kind: string, key?: string) => {
  if (kind === 'params') return run.params.get(key ?? '')
  if (kind === 'tags') return run.tags.get(key ?? '')
  if (kind === 'metrics') return latestOf(run.metrics).get(key ?? '')?.value
  return run[kind as 'start_time' | 'run_name' | 'run_id' | 'status']
}
