import { styleText } from 'node:util'
import type { Log } from '../components/definition/index.ts'
import type { PressroomError } from '../core/errors.ts'
import { messageOf } from '../core/errors.ts'

type Style = Parameters<typeof styleText>[0]

/** Text in a style where standard output is a terminal that wants colour (NO_COLOR and FORCE_COLOR are honoured). */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream })
}

/** A log whose lines go to standard error, so that standard output stays the result. */
export const stderrLog: Log = {
  info: line => {
    process.stderr.write(`${line}\n`)
  },
  warn: line => {
    process.stderr.write(`${styled('yellow', 'warning:', process.stderr)} ${line}\n`)
  },
}

/** Says what went wrong: one clear message, the stack only with --debug, one JSON object with --json. */
export function showError(
  error: PressroomError,
  options: { command: string; debug: boolean; json: boolean },
): void {
  if (options.json) {
    const { code, where, fix } = error
    const what = error.message.split('\n')[0]
    process.stdout.write(`${JSON.stringify({ error: { code, what, where, fix } })}\n`)
  } else {
    process.stderr.write(`${styled('red', `${options.command}:`, process.stderr)} ${error.message}\n`)
  }
  if (options.debug) process.stderr.write(`${stacks(error)}\n`)
}

function stacks(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error)
  const own = error.stack ?? messageOf(error)
  return error.cause === undefined ? own : `${own}\ncaused by ${stacks(error.cause)}`
}

/** `0.4 s`, `75 s`. */
export function seconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`
}
