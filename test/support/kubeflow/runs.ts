import type { PipelineSpec } from '../../../pipelines/specification.ts'
import { type ListKind, listPage } from './lists.ts'
import { invalid, missing, ok, protoJson, type Reply, refused } from './replies.ts'
import type { Asked } from './routes.ts'
import { checkParameters, faultOf } from './specs.ts'
import type { Store, StoredRun } from './store.ts'

type Fields = Readonly<Record<string, unknown>>

const EXPERIMENTS: ListKind = {
  what: 'list experiments',
  field: 'experiments',
  id: 'experiment_id',
  type: 'Experiment',
  keys: [
    'id',
    'experiment_id',
    'name',
    'display_name',
    'created_at',
    'description',
    'namespace',
    'storage_state',
  ],
}

const RUNS: ListKind = {
  what: 'list runs',
  field: 'runs',
  id: 'run_id',
  type: 'Run',
  keys: [
    'id',
    'run_id',
    'name',
    'display_name',
    'created_at',
    'scheduled_at',
    'finished_at',
    'description',
    'state',
    'storage_state',
    'experiment_id',
  ],
}

const RECURRING: ListKind = {
  what: 'list recurring runs',
  field: 'recurringRuns',
  id: 'recurring_run_id',
  type: 'Job',
  keys: ['id', 'recurring_run_id', 'name', 'display_name', 'created_at', 'updated_at', 'description'],
}

/** Fields of the messages, as in the swagger. */
export const RUN_FIELDS = [
  'experiment_id',
  'run_id',
  'display_name',
  'storage_state',
  'description',
  'pipeline_version_id',
  'pipeline_spec',
  'pipeline_version_reference',
  'runtime_config',
  'service_account',
  'created_at',
  'scheduled_at',
  'finished_at',
  'state',
  'error',
  'run_details',
  'recurring_run_id',
  'state_history',
  'plugins_input',
  'plugins_output',
]
export const RECURRING_FIELDS = [
  'recurring_run_id',
  'display_name',
  'description',
  'pipeline_version_id',
  'pipeline_spec',
  'pipeline_version_reference',
  'runtime_config',
  'service_account',
  'max_concurrency',
  'trigger',
  'mode',
  'created_at',
  'updated_at',
  'status',
  'error',
  'no_catchup',
  'namespace',
  'experiment_id',
  'plugins_input',
]
const EXPERIMENT_FIELDS = [
  'experiment_id',
  'display_name',
  'description',
  'created_at',
  'namespace',
  'storage_state',
  'last_run_created_at',
]

export function listExperiments(store: Store, { query }: Asked): Reply {
  return ok(listPage(EXPERIMENTS, [...store.experiments.values()], query))
}

export function createExperiment(store: Store, { body }: Asked): Reply {
  const item = protoJson(body, EXPERIMENT_FIELDS)
  const name = item.display_name
  if (typeof name !== 'string' || name === '') {
    const context =
      '[ExperimentServer]: Failed to create a experiment due to conversion error: InternalServerError'
    throw refused(
      13,
      `${context}: Invalid input error: Experiment must have a non-empty name`,
      'Experiment must have a non-empty name',
    )
  }
  if ([...store.experiments.values()].some(each => each.display_name === name)) {
    const message = `Failed to create a new experiment. The name ${name} already exists. Please specify a new name`
    throw refused(6, `Failed to create a experiment: Already exist error: ${message}`, message)
  }
  return ok(store.addExperiment(item))
}

function experimentOf(store: Store, id: string, context: string): Record<string, unknown> {
  const found = store.experiments.get(id)
  if (found === undefined) throw missing(context, 'Experiment', id)
  return found
}

export function getExperiment(store: Store, _: Asked, id = ''): Reply {
  return ok(experimentOf(store, id, 'Failed to fetch experiment'))
}

export function storeExperiment(store: Store, id: string, state: string): Reply {
  experimentOf(store, id, 'Failed to archive experiment').storage_state = state
  return ok()
}

export function removeExperiment(store: Store, _: Asked, id = ''): Reply {
  experimentOf(store, id, `Failed to delete experiment ${id} due to error fetching it`)
  store.experiments.delete(id)
  return ok()
}

export function list(store: Store, { query }: Asked): Reply {
  const experiment = query.get('experiment_id')
  if (experiment !== null)
    experimentOf(store, experiment, 'Failed to list runs due to error fetching namespace for experiment')
  const items = [...store.runs.values()]
    .map(({ item }) => item)
    .filter(item => experiment === null || item.experiment_id === experiment)
  return ok(listPage(RUNS, items, query))
}

const CREATE = 'Failed to create a new run'

export function create(store: Store, { body }: Asked): Reply {
  const item = protoJson(body, RUN_FIELDS)
  oneSource(item, body)
  if (!item.display_name) {
    const context = 'CreateJob(job.ToV2())Failed to create a run due to conversion error: InternalServerError'
    throw refused(13, `${context}: Invalid input error: Run name cannot be empty`, 'Run name cannot be empty')
  }
  if (item.experiment_id !== undefined) {
    experimentOf(store, String(item.experiment_id), `${CREATE}: Failed to fetch namespace from experiment`)
  }
  const reference = item.pipeline_version_reference as Fields | undefined
  const spec = specOf(store, item, message => {
    const context = `${CREATE}: InternalServerError: Failed to create a run due to error fetching manifest`
    return refused(13, `${context}: ${message}`, message)
  })
  const { parameters = {} } = (item.runtime_config ?? {}) as { parameters?: Fields }
  if (spec.root !== undefined)
    checkParameters(
      spec,
      parameters,
      `${CREATE}: Failed to generate the ExecutionSpec: invalid pipeline job inputs`,
    )
  const run = store.addRun(
    reference === undefined ? item : { ...item, pipeline_version_reference: resolved(store, reference) },
    spec,
  )
  return ok(run.item)
}

function oneSource(item: Fields, body: string): void {
  if (item.pipeline_version_reference === undefined || item.pipeline_spec === undefined) return
  const at = body.indexOf('"pipeline_spec"') + 1
  throw refused(
    3,
    `proto: (line 1:${at}): error parsing "pipeline_spec", oneof kubeflow.pipelines.backend.api.v2beta1.Run.pipeline_source is already set`,
  )
}

/** The newest version is taken when none is named. */
function resolved(store: Store, { pipeline_id: pipeline, pipeline_version_id: version }: Fields): Fields {
  const newest = store.versionsOf(String(pipeline)).at(-1)?.item.pipeline_version_id
  return { pipeline_id: pipeline, pipeline_version_id: version ?? newest }
}

function specOf(store: Store, item: Fields, refuse: (message: string) => Error): PipelineSpec {
  const reference = item.pipeline_version_reference as Fields | undefined
  if (reference !== undefined) {
    const id = resolved(store, reference).pipeline_version_id
    const version = store.versions.get(String(id))
    if (version === undefined)
      throw refuse(
        `Failed to fetch a pipeline version and its manifest from pipeline ${reference.pipeline_id}`,
      )
    return version.content.spec
  }
  const sent = item.pipeline_spec as Fields | undefined
  if (sent === undefined)
    throw refuse('Invalid input error: Failed to fetch a template with an empty pipeline spec manifest')
  // A platform document alone passes too.
  if ('platforms' in sent) return {} as PipelineSpec
  const spec = (sent.pipeline_spec ?? sent) as Fields
  const fault = faultOf(spec)
  if (fault !== undefined) throw refuse(`InvalidInputError: ${fault}: pipeline spec is invalid`)
  return spec as unknown as PipelineSpec
}

function runOf(store: Store, id: string, context: string): StoredRun {
  const found = store.runs.get(id)
  if (found === undefined) throw missing(`${context}: Failed to fetch run ${id}`, 'Run', id)
  return found
}

export function get(store: Store, _: Asked, id = ''): Reply {
  return ok(store.look(runOf(store, id, 'Failed to get a run')))
}

export function terminate(store: Store, _: Asked, id = ''): Reply {
  const run = runOf(
    store,
    id,
    `Failed to terminate a run: Failed to terminate run ${id} due to error fetching the run`,
  )
  if (!['PENDING', 'RUNNING'].includes(String(run.item.state))) {
    throw invalid(
      `Failed to terminate a run: Failed to terminate run ${id}`,
      `Failed to terminate a run ${id}. Row not found`,
    )
  }
  run.terminated = run.tick
  run.item.state = 'CANCELING'
  return ok()
}

export function retry(store: Store, _: Asked, id = ''): Reply {
  const run = runOf(store, id, 'Failed to retry a run')
  if (run.item.state !== 'FAILED') {
    const message = 'Workflow must be Failed/Error to retry: workflow cannot be retried'
    throw refused(
      10,
      `Failed to retry a run: Failed to retry run ${id}: BadRequestError: ${message}`,
      message,
    )
  }
  run.item.state = 'RUNNING'
  run.tick = 0
  delete run.terminated
  return ok()
}

export function storeRun(store: Store, id: string, verb: string, state: string): Reply {
  runOf(store, id, `Failed to ${verb} a run`).item.storage_state = state
  return ok()
}

export function remove(store: Store, _: Asked, id = ''): Reply {
  runOf(store, id, `Failed to delete a run: Failed to delete run ${id} as it does not exist`)
  store.runs.delete(id)
  return ok()
}

export function listRecurring(store: Store, { query }: Asked): Reply {
  const experiment = query.get('experiment_id')
  const items = [...store.recurringRuns.values()].filter(
    item => experiment === null || item.experiment_id === experiment,
  )
  return ok(listPage(RECURRING, items, query))
}

export function createRecurring(store: Store, { body }: Asked): Reply {
  const item = protoJson(body, RECURRING_FIELDS)
  oneSource(item, body)
  const convert = 'Failed to create a recurring run due to conversion error'
  const concurrency = Number(item.max_concurrency ?? 0)
  if (concurrency < 1 || concurrency > 10) {
    throw invalid(
      convert,
      `Max concurrency of a recurring run must be at least 1 and at most 10. Received ${concurrency}`,
    )
  }
  checkTrigger((item.trigger ?? {}) as Fields, convert)
  const reference = item.pipeline_version_reference as Fields | undefined
  const pipeline = String(reference?.pipeline_id)
  if (reference !== undefined && !store.pipelines.has(pipeline))
    throw missing('Failed to create a recurring run', 'Pipeline', pipeline)
  const spec = specOf(store, item, message => refused(13, message, message))
  const { parameters = {} } = (item.runtime_config ?? {}) as { parameters?: Fields }
  checkParameters(spec, parameters, 'Failed to create a recurring run: invalid pipeline job inputs')
  const id = crypto.randomUUID()
  const created = store.now()
  const { mode = 'DISABLE', no_catchup: noCatchup, ...rest } = item
  const recurring = {
    recurring_run_id: id,
    service_account: 'pipeline-runner',
    experiment_id: store.defaultExperiment(),
    trigger: {},
    ...rest,
    // False is left out, as proto JSON has it.
    ...(noCatchup === true && { no_catchup: true }),
    max_concurrency: String(concurrency),
    mode,
    created_at: created,
    updated_at: created,
    status: mode === 'ENABLE' ? 'ENABLED' : 'DISABLED',
    namespace: 'kubeflow',
  }
  store.recurringRuns.set(id, recurring)
  return ok(recurring)
}

function checkTrigger(trigger: Fields, context: string): void {
  const { cron_schedule: cron, periodic_schedule: period } = trigger as {
    cron_schedule?: Fields
    periodic_schedule?: Fields
  }
  if (period !== undefined && Number(period.interval_second) < 1) {
    throw invalid(
      context,
      `Found invalid period schedule interval ${period.interval_second}. Set at interval to least 1 second`,
    )
  }
  if (cron === undefined || isCron(String(cron.cron))) return
  throw invalid(context, 'Schedule cron is not a supported format(https://godoc.org/github.com/robfig/cron)')
}

/** As robfig/cron 1.2 counts: seconds first, and the last field, the day of the week, may be missing. */
function isCron(text: string): boolean {
  const fields = text.split(' ')
  const most = [59, 59, 23, 31, 12, 6]
  const fit = (field: string, i: number) =>
    (field.match(/\d+/g) ?? []).every(number => Number(number) <= (most[i] ?? 0))
  return text === '@daily' || ((fields.length === 5 || fields.length === 6) && fields.every(fit))
}

function recurringOf(store: Store, id: string, context: string): Record<string, unknown> {
  const found = store.recurringRuns.get(id)
  if (found === undefined) throw missing(context, 'Job', id)
  return found
}

export function getRecurring(store: Store, _: Asked, id = ''): Reply {
  return ok(recurringOf(store, id, 'Failed to fetch a recurring run'))
}

export function switchRecurring(store: Store, id: string, mode: 'ENABLE' | 'DISABLE'): Reply {
  Object.assign(recurringOf(store, id, 'Failed to change a recurring run'), { mode, status: `${mode}D` })
  return ok()
}

export function removeRecurring(store: Store, _: Asked, id = ''): Reply {
  recurringOf(
    store,
    id,
    `Failed to delete a recurring run: Failed to delete recurring run ${id}. Check if exists`,
  )
  store.recurringRuns.delete(id)
  return ok()
}
