import { type ErrorCode, PressroomError } from '../../../core/errors.ts'

/** A PressroomError as JSON, for `run.json` and for the way out of a worker. */
export interface ErrorRecord {
  readonly code: ErrorCode
  readonly what: string
  readonly where?: string
  readonly fix?: string
  /** The stack of the error, or of its cause when it has one: what `--debug` shows. */
  readonly stack?: string
}

/** The error as plain data. */
export function recordError(error: PressroomError): ErrorRecord {
  const { code, what, where, fix, cause } = error
  const stack = cause instanceof Error ? cause.stack : error.stack
  return {
    code,
    what,
    ...(where !== undefined && { where }),
    ...(fix !== undefined && { fix }),
    ...(stack !== undefined && { stack }),
  }
}

/** The error again, with the stack it had where it was thrown. */
export function restoreError({ code, what, stack, ...details }: ErrorRecord): PressroomError {
  const error = new PressroomError(code, what, details)
  if (stack !== undefined) error.stack = stack
  return error
}

/** The first line of an error: what went wrong, without where and what to do. */
export function firstLine(error: Error): string {
  return error.message.split('\n', 1).join()
}
