import * as core from '@actions/core'
import { asPressroomError } from '../../core/errors.ts'
import { stopSignal } from '../../core/stop-signal.ts'

/**
 * Runs what an action does. An error fails the step with one annotation that holds the whole message; its stack shows
 * with debug logging on. When a workflow is cancelled, GitHub sends SIGINT, SIGTERM 7.5 s later, and kills 2.5 s after
 * that (docs.github.com/actions/reference/workflows-and-actions/workflow-cancellation): the first aborts the signal.
 */
export async function runAction(body: (signal: AbortSignal) => Promise<void>): Promise<void> {
  using stop = stopSignal()
  try {
    await body(stop.signal)
  } catch (thrown) {
    const error = asPressroomError(stop.signal.aborted ? stop.signal.reason : thrown)
    core.setFailed(error.message)
    if (error.stack !== undefined) core.debug(error.stack)
  }
}
