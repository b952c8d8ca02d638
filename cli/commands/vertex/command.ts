import { boolean, choice, integer, list, text } from '../../../components/definition/index.ts'
import type { Command } from '../../command.ts'
import { submissionInputs, waitInputs } from '../server-inputs.ts'
import { jobInputs, placeInputs } from './inputs.ts'

export const ACTIONS = [
  'jobs',
  'show',
  'wait',
  'cancel',
  'delete',
  'schedule',
  'schedules',
  'pause',
  'resume',
  'unschedule',
] as const

export const vertex: Command = {
  name: 'vertex',
  description: 'Watches, cancels, lists and schedules pipeline jobs on Vertex AI.',
  inputs: {
    action: choice(ACTIONS, { default: 'jobs', help: 'What to do.' }),
    of: text({ optional: true, help: 'A pipeline to schedule; a job by its id; a schedule by its name.' }),
    ...placeInputs,
    ...submissionInputs,
    ...jobInputs,
    ...waitInputs,
    set: list({ default: [], help: 'Inputs of a scheduled pipeline, as key=value; may be repeated.' }),
    most: integer({ default: 20, min: 1, help: 'For jobs and schedules: how many.' }),
    filter: text({
      optional: true,
      help: 'For jobs: which, in Google\'s words: state="PIPELINE_STATE_FAILED".',
    }),
    cron: text({
      optional: true,
      help: 'For schedule: "0 2 * * *" is 02:00 UTC every day, "TZ=Europe/Oslo 0 2 * * *" is 02:00 there.',
    }),
    concurrency: integer({ default: 1, min: 1, help: 'For schedule: most runs at a time.' }),
    queue: boolean({
      default: false,
      help: 'For schedule: a start beyond that number waits, and is not left out.',
    }),
    start: text({ optional: true, help: 'For schedule: from when, 2027-01-31T02:00:00Z.' }),
    end: text({ optional: true, help: 'For schedule: until when.' }),
  },
  positions: ['action', 'of'],
  verbatim: ['set', 'label'],
  notes:
    'pressroom run --on vertex runs a pipeline.\n\n  jobs   show JOB   wait JOB   cancel JOB   delete JOB\n  schedule PIPELINE --cron CRON   schedules   pause NAME   resume NAME   unschedule NAME',
  run: async () => (await import('./run.ts')).vertexCommand,
}
