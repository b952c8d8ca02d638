import { PressroomError } from '../../../core/errors.ts'
import { cronFault, NICKNAMES, readCron } from '../cron.ts'

/**
 * A cron expression as Vertex AI reads it: five fields, after `TZ=ZONE ` when it has a time zone (schedule.proto). Without
 * one, times are UTC.
 * @throws PressroomError `invalid-setting` for what is no cron expression or time zone, has seconds, or never fires
 */
export function toVertexCron(text: string): string {
  const [, zone, rest = ''] = /^(?:(?:CRON_)?TZ=(\S*)\s+)?(.*)$/s.exec(text.trim()) ?? []
  if (zone !== undefined) checkZone(zone)
  const expression = Object.hasOwn(NICKNAMES, rest) ? (NICKNAMES[rest] ?? rest) : rest
  if (expression.split(/\s+/).length === 6) {
    throw cronFault(text, 'it has six fields; Vertex AI knows no seconds')
  }
  // The question mark is Quartz's and robfig's word for any.
  const fields = readCron(expression).slice(1).join(' ').replaceAll('?', '*')
  return zone === undefined ? fields : `TZ=${zone} ${fields}`
}

function checkZone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
  } catch (cause) {
    throw new PressroomError('invalid-setting', `"${zone}" is not a time zone`, {
      fix: 'give one of the IANA database: TZ=Europe/Amsterdam 0 2 * * *',
      cause,
    })
  }
}
