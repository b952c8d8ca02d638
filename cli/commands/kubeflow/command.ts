import { choice, integer, list, text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'
import { logInputs, submissionInputs, waitInputs } from '../server-inputs.ts'
import { connectionInputs, experimentInputs } from './inputs.ts'

export const ACTIONS = [
  'upload',
  'runs',
  'wait',
  'logs',
  'terminate',
  'retry',
  'schedule',
  'unschedule',
] as const

export const kubeflow: Command = {
  name: 'kubeflow',
  description: 'Uploads, watches, ends, retries and schedules on Kubeflow Pipelines.',
  inputs: {
    action: choice(ACTIONS, { default: 'runs', help: 'What to do.' }),
    of: text({ optional: true, help: 'A pipeline to upload or schedule; the id of a run for the rest.' }),
    ...connectionInputs,
    ...experimentInputs,
    ...submissionInputs,
    ...logInputs,
    ...waitInputs,
    set: list({ default: [], help: 'Inputs of a scheduled pipeline, as key=value; may be repeated.' }),
    task: text({ optional: true, help: 'For logs: one task, by its path.' }),
    most: integer({ default: 20, min: 1, help: 'For runs: how many.' }),
    cron: text({ optional: true, help: 'For schedule: "0 2 * * *" is 02:00 every day, in UTC as a rule.' }),
    concurrency: integer({ default: 1, min: 1, max: 10, help: 'For schedule: most runs at a time.' }),
    retries: integer({
      default: 0,
      min: 0,
      help: 'For schedule: further attempts of a task whose pod is lost.',
    }),
    retryDelay: integer({ default: 300, min: 0, help: 'For schedule: seconds before each of them.' }),
  },
  positions: ['action', 'of'],
  notes:
    'pressroom run --on kubeflow runs a pipeline.\n\n  upload PIPELINE   wait RUN   logs RUN   terminate RUN   retry RUN\n  schedule PIPELINE --cron CRON   unschedule NAME',
  run: async () => (await import('./run.ts')).kubeflowCommand,
}
