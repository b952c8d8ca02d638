import { setTimeout as sleep } from 'node:timers/promises'
import { asPressroomError } from '../../core/errors.ts'
import type { Log } from '../log.ts'
import type { ReconcileEvent } from '../reconcile.ts'
import { createNotices, type Notice } from './notices.ts'

/** Somebody who is told. */
export interface Notifier {
  /** For the log: `Slack`. */
  readonly name: string
  /** @throws an error whose message holds no secret */
  send(notice: Notice, signal: AbortSignal): Promise<void>
}

/** Tells all notifiers. Disposing it waits a moment for what is on its way. */
export interface Notifications extends AsyncDisposable {
  happened(event: ReconcileEvent): void
}

const TIMEOUT_MS = 10_000
const LAST_MOMENT_MS = 1500
/** While somebody does not answer, notices wait for one another; more than so many are dropped. */
const MOST_WAITING = 100

/**
 * Tells notifiers of deployments, each in order and apart from the others. Nothing that a notifier does reaches the deployer: one that
 * fails or hangs leaves a warning in the log.
 */
export function createNotifications(notifiers: readonly Notifier[], log: Log): Notifications {
  const pick = createNotices()
  const stop = new AbortController()
  const queues = notifiers.map(notifier => ({ notifier, waiting: 0, last: Promise.resolve() }))

  async function tell(notifier: Notifier, notice: Notice): Promise<void> {
    if (stop.signal.aborted) return
    try {
      await notifier.send(notice, AbortSignal.any([stop.signal, AbortSignal.timeout(TIMEOUT_MS)]))
    } catch (error) {
      log('WARNING', `${notifier.name} could not be told: ${asPressroomError(error).what}`, {
        model: notice.model,
      })
    }
  }

  return {
    happened(event) {
      const notice = pick(event)
      if (notice === undefined || stop.signal.aborted) return
      for (const queue of queues) {
        if (queue.waiting === MOST_WAITING) continue
        queue.waiting += 1
        queue.last = queue.last
          .then(() => tell(queue.notifier, notice))
          .finally(() => {
            queue.waiting -= 1
          })
      }
    },
    async [Symbol.asyncDispose]() {
      const sent = Promise.all(queues.map(({ last }) => last))
      await Promise.race([sent, sleep(LAST_MOMENT_MS, undefined, { ref: false })])
      stop.abort()
      await sent
    },
  }
}
