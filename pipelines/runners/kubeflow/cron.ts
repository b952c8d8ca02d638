import { NICKNAMES, readCron } from '../cron.ts'

/**
 * A cron expression as Kubeflow reads it, with six fields from seconds to day of week.
 *
 * The five fields of a crontab must be converted: Kubeflow takes them too, but as second, minute, hour, day and month
 * (robfig/cron 1.2, `Parse`), so that `0 2 * * *` would run every hour at two minutes past. Times are those of Kubeflow's
 * scheduler, UTC unless CRON_SCHEDULE_TIMEZONE says otherwise.
 * @throws PressroomError `invalid-setting` for what is no cron expression, or one that never fires
 */
export function toKubeflowCron(text: string): string {
  const trimmed = text.trim()
  return Object.hasOwn(NICKNAMES, trimmed) ? trimmed : readCron(text).join(' ')
}
