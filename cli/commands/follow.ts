import type { PressroomError } from '../../core/errors.ts'
import type { RunEvent } from '../../pipelines/runners/local/index.ts'
import type { CommandContext } from '../command.ts'
import { showProgress } from '../progress.ts'

/** What every wait for a run on a server has from the command line. */
export interface Watching {
  readonly signal: AbortSignal
  readonly terminateOnCancel: boolean
  readonly logs: boolean
  readonly onWarning: (text: string) => void
  readonly onEvent: (event: RunEvent) => void
}

interface Followed {
  readonly id: string
  readonly url: string
  readonly state: string
  readonly error?: PressroomError
}

/** Follows a run as `act` does, its events shown as they come, and tells how it ended. */
export async function follow(
  context: CommandContext,
  act: (watching: Watching) => Promise<Followed>,
): Promise<void> {
  const { signal, settings, json, print, log } = context
  let result: Followed
  {
    const logs = settings.logs === true
    using progress = showProgress(process.stdout, { logs })
    try {
      result = await act({
        signal,
        terminateOnCancel: settings.terminateOnCancel === true,
        logs,
        onWarning: text => log.warn(text),
        onEvent: event => (json ? print(JSON.stringify(event)) : progress.onEvent(event)),
      })
    } catch (error) {
      // The entry shows only that the user stopped; what became of the run is said here.
      if (signal.aborted && error instanceof Error) log.warn(error.message)
      throw error
    }
  }
  if (result.error !== undefined) throw result.error
  const { id, url, state } = result
  print(json ? JSON.stringify({ type: 'result', id, url, state }) : `  ${url}`)
}
