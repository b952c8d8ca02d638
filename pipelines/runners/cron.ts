import { PressroomError } from '../../core/errors.ts'

interface Field {
  readonly name: string
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const FIELDS: readonly [Field, Field, Field, Field, Field, Field] = [
  { name: 'second', min: 0, max: 59 },
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  { name: 'day of week', min: 0, max: 6, names: DAYS },
]

/** Days of the months, leap years' February. */
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Names for common schedules; robfig/cron and crontab(5) give them the same meaning. */
export const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/**
 * The six fields of a cron expression, from seconds (0 where only the five of a crontab are given) to day of week. Sunday
 * as 7, which servers refuse, becomes 0.
 * @throws PressroomError `invalid-setting` for what is no cron expression, or one that never fires
 */
export function readCron(text: string): string[] {
  const trimmed = text.trim()
  const given = trimmed.split(/\s+/)
  if (given.length !== 5 && given.length !== 6) {
    const count = trimmed === '' ? 0 : given.length
    throw cronFault(text, `it has ${count === 0 ? 'no' : count} field${count === 1 ? '' : 's'}`)
  }
  const fields = given.length === 5 ? ['0', ...given] : given
  const values = fields.map((field, i) => valuesOf(text, field, FIELDS[i] as Field))
  const [, , , days = [], months = []] = values
  const anyDay = fields[5] === '*' || fields[5] === '?'
  if (anyDay && !months.some(month => days.some(day => day <= (LENGTHS[month - 1] ?? 0)))) {
    throw cronFault(text, 'no month of it has such a day: it would never run')
  }
  return [...fields.slice(0, 5), sundays(fields[5] ?? '*')]
}

/** Every value a field stands for. */
function valuesOf(text: string, field: string, { name, min, max, names = [] }: Field): number[] {
  const top = name === 'day of week' ? 7 : max
  return field.split(',').flatMap(part => {
    const [, from = '', to, step] = /^(\*|\?|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? []
    const every = from === '*' || from === '?'
    const low = every ? min : numberOf(from, min, names)
    const high =
      every || (to === undefined && step !== undefined)
        ? max
        : to === undefined
          ? low
          : numberOf(to, min, names)
    const stride = step === undefined ? 1 : Number(step)
    if (low === undefined || high === undefined || (every && to !== undefined) || stride === 0) {
      throw cronFault(text, `"${part}" is no ${name}`)
    }
    if (low < min || high > top || low > high)
      throw cronFault(text, `"${part}" is no ${name}: they go from ${min} to ${max}`)
    return Array.from({ length: Math.floor((high - low) / stride) + 1 }, (_, i) => low + i * stride)
  })
}

function numberOf(word: string, first: number, names: readonly string[]): number | undefined {
  if (/^\d+$/.test(word)) return Number(word)
  const index = names.indexOf(word.toLowerCase())
  return index === -1 ? undefined : index + first
}

/** Sunday as 7 written as 0: `5-7` is `5-6,0`. A range with a step is written out. */
function sundays(field: string): string {
  if (!field.includes('7')) return field
  const days = valuesOf(field, field, FIELDS[5]).map(day => day % 7)
  return [...new Set(days)].sort((a, b) => a - b).join(',')
}

/** The error for a text that is no cron expression. */
export function cronFault(text: string, where: string): PressroomError {
  return new PressroomError('invalid-setting', `"${text}" is not a cron expression`, {
    where,
    fix: 'give minute, hour, day of month, month and day of week: "0 2 * * *" is 02:00 every day',
  })
}
