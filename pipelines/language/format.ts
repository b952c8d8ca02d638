import type {
  FormattedText,
  ParameterReference,
  UntypedReference,
} from '../../components/definition/index.ts'
import { TextValue } from './references.ts'

/** What may stand inside formatted text; a list or a struct is written as JSON. */
export type Formattable = ParameterReference | UntypedReference | string | number | boolean

/** Text made of constants and of values that the run brings: format`${rows} rows of ${name}`. */
export function format(constants: TemplateStringsArray, ...values: readonly Formattable[]): FormattedText {
  return new TextValue(constants, values) as unknown as FormattedText
}

/**
 * What the orchestrator knows about the run and the task that asks. The open-source back end fills them in only where
 * they are the whole of an input's text.
 */
export const run = {
  jobName: '{{$.pipeline_job_name}}',
  jobResourceName: '{{$.pipeline_job_resource_name}}',
  jobId: '{{$.pipeline_job_uuid}}',
  /** ISO 8601, UTC. */
  createTime: '{{$.pipeline_job_create_time_utc}}',
  /** ISO 8601, UTC; of a recurring run, the time it was due. */
  scheduleTime: '{{$.pipeline_job_schedule_time_utc}}',
  pipelineRoot: '{{$.pipeline_root}}',
  taskName: '{{$.pipeline_task_name}}',
  taskId: '{{$.pipeline_task_uuid}}',
  /** Where the pipeline's workspace is mounted. */
  workspacePath: '{{$.workspace_path}}',
} as const
