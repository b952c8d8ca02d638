import {
  aBoolean,
  aString,
  type Decoded,
  type Decoder,
  listOf,
  maybe,
  objectWith,
} from '../../../core/decode.ts'

/**
 * What the API sends, as far as it is read here (`v2beta1` of kubeflow/pipelines 2.17.0). Fields without a value are left
 * out by the server, whole lists too.
 */

/** Any JSON; who uses it looks into it. */
const anything: Decoder<unknown> = value => value

/** States are not a closed list here: a newer server's new ones must not break the wait. */
const aTaskDetail = objectWith({
  /** Missing in the entries Argo makes for bookkeeping. */
  display_name: maybe(aString),
  /** Missing in a task that never started. */
  state: maybe(aString),
  start_time: maybe(aString),
  end_time: maybe(aString),
  /** `pod_name` is the id of an Argo node. */
  child_tasks: maybe(listOf(objectWith({ pod_name: maybe(aString) }))),
})

export const aRun = objectWith({
  run_id: aString,
  display_name: maybe(aString),
  experiment_id: maybe(aString),
  /** Missing between creation and the first report. */
  state: maybe(aString),
  created_at: maybe(aString),
  finished_at: maybe(aString),
  state_history: maybe(listOf(objectWith({ state: maybe(aString) }))),
  run_details: maybe(objectWith({ task_details: maybe(listOf(aTaskDetail)) })),
  pipeline_version_reference: maybe(
    objectWith({ pipeline_id: maybe(aString), pipeline_version_id: maybe(aString) }),
  ),
  pipeline_spec: maybe(anything),
})

export const aPipeline = objectWith({
  pipeline_id: aString,
  name: maybe(aString),
  display_name: maybe(aString),
})

export const aVersion = objectWith({
  pipeline_id: aString,
  pipeline_version_id: aString,
  name: maybe(aString),
  pipeline_spec: maybe(anything),
})

export const anExperiment = objectWith({
  experiment_id: aString,
  display_name: aString,
  storage_state: maybe(aString),
})

export const aRecurringRun = objectWith({
  recurring_run_id: aString,
  display_name: maybe(aString),
  status: maybe(aString),
  max_concurrency: maybe(aString),
  no_catchup: maybe(aBoolean),
  trigger: maybe(objectWith({ cron_schedule: maybe(objectWith({ cron: maybe(aString) })) })),
  pipeline_version_reference: maybe(objectWith({ pipeline_version_id: maybe(aString) })),
  runtime_config: maybe(objectWith({ parameters: maybe(anything), pipeline_root: maybe(aString) })),
})

export const aHealth = objectWith({ tag_name: maybe(aString), multi_user: maybe(aBoolean) })

export type TaskDetail = Decoded<typeof aTaskDetail>
export type Run = Decoded<typeof aRun>
export type Pipeline = Decoded<typeof aPipeline>
export type Version = Decoded<typeof aVersion>
export type RecurringRun = Decoded<typeof aRecurringRun>
