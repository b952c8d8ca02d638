import * as core from '@actions/core'
import { asPressroomError } from '../../core/errors.ts'

/** Fails the step with one annotation that holds the whole message; the stack shows with debug logging on. */
export function fail(thrown: unknown): void {
  const error = asPressroomError(thrown)
  core.setFailed(error.message)
  if (error.stack !== undefined) core.debug(error.stack)
}
